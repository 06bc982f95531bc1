import type { ProblemCode } from '../../domain/reasons.ts';
import { kindOf, LOG_STORE_TYPES } from '../../domain/stores/index.ts';
import type { FixGroup } from './fix-groups.ts';

/** Reasons that go away when another key is attached. */
const NEEDS_KEY: ReadonlySet<ProblemCode> = new Set([
  'NO_KEY',
  'KEY_NOT_FOUND',
  'KEY_NOT_SYMMETRIC',
  'KEY_WRONG_USAGE',
  'KEY_WRONG_REGION',
  'KEY_AWS_MANAGED',
  'KEY_NOT_CONFIGURED',
]);

/** The commands that show and do what all log stores of a group need, where another key is all they need; else none. */
export function sealingCommands({ code, provider, regions, fixes }: FixGroup): string[] {
  const canChange = LOG_STORE_TYPES.map((type) => kindOf({ type })).some(
    (kind) => kind.provider === provider && !kind.configuresForGood,
  );
  if (!canChange || !NEEDS_KEY.has(code)) return [];
  const extra = fixes.some(({ text }) => text.includes(' --query-results ')) ? ' --query-results' : '';
  const where = regions.filter((region) => /^[a-z0-9-]+$/.test(region)).map((region) => ` --region ${region}`);
  return ['plan', 'apply'].map((verb) => `logseal ${verb} --key KEY${where.join('')}${extra}`);
}
