import { readFileSync } from 'node:fs';
import type { ConfiguredKey, PlanDocument } from '../lib/report/documents.ts';
import { type Host, pathFromUser } from './host.ts';
import { parseWith, planSchema } from './schemas.ts';

/** What `apply` needs of a plan. */
export type ApplicablePlan = Pick<PlanDocument, 'steps' | 'targets'> & {
  readonly run: { readonly id: string };
  readonly key: ConfiguredKey;
};

/** Reads what `logseal plan --format json --output FILE` wrote; what is wrong with it goes to `mistakes`. */
export function readPlanFile(path: string, host: Host, mistakes: string[]): ApplicablePlan | undefined {
  try {
    const parsed = parseWith(planSchema, readFileSync(pathFromUser(path, host), 'utf8'));
    if ('value' in parsed) return parsed.value;
    mistakes.push(...parsed.mistakes.map((mistake) => `--plan: ${path}: ${mistake}`));
  } catch (error) {
    mistakes.push(
      `--plan: expected a file that can be read, got ${path} (${error instanceof Error ? error.message : error})`,
    );
  }
  return undefined;
}
