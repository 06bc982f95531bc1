import type { DocumentProblem } from '../domain/key-policy/document-problem.ts';
import type { Colors } from './colors.ts';

/** As many as a person reads. */
const MAX_SHOWN = 10;

/** Why KMS would refuse a key policy, as a person reads it; empty where it would not. */
export function documentProblemsText(
  title: string,
  problems: readonly DocumentProblem[],
  { bold, red }: Colors,
): string {
  if (problems.length === 0) return '';
  const lines = problems
    .slice(0, MAX_SHOWN)
    .map(({ code, message, fix }) => `${red(code)}: ${message}\n  ${bold('fix:')} ${fix}\n`);
  const omitted = problems.length - lines.length;
  const more = omitted === 0 ? '' : `${omitted} more: --format json has them all\n`;
  return `\n${bold(title)}\n${lines.join('')}${more}`;
}

/** For a key that has the policy already, and keeps it. */
export const NEXT_CHANGE = 'The key keeps this policy, but KMS would refuse the next change to it';
