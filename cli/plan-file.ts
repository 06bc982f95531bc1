import { readFileSync } from 'node:fs';
import type { Step } from '../lib/domain/plan-step.ts';
import { DEFAULT_PROVIDER } from '../lib/domain/providers/index.ts';
import { type PlanTotals, scanStatusOf } from '../lib/report/documents.ts';
import type { Where } from './connect.ts';
import { type Host, pathFromUser } from './host.ts';
import { parseWith, planSchema } from './schemas.ts';

/** What `apply` needs of a plan. */
export interface Plan {
  readonly totals: PlanTotals;
  readonly steps: readonly Step[];
}

/** Reads what `logseal plan --format json --output FILE` wrote; what is wrong with it goes to `mistakes`. */
export function readPlanFile(path: string, host: Host, mistakes: string[]): Plan | undefined {
  try {
    const parsed = parseWith(planSchema, readFileSync(pathFromUser(path, host), 'utf8'));
    if ('value' in parsed) {
      const { run, key, targets, steps } = parsed.value;
      // The key is inspected anew where something is to be sealed; elsewhere what the plan says of it decides the exit status.
      return { steps, totals: { status: scanStatusOf(targets), run, key, targets } };
    }
    mistakes.push(...parsed.mistakes.map((mistake) => `--plan: ${path}: ${mistake}`));
  } catch (error) {
    mistakes.push(
      `--plan: expected a file that can be read, got ${path} (${error instanceof Error ? error.message : error})`,
    );
  }
  return undefined;
}

/** Where the log stores of a plan are. */
export function whereOfPlan({ steps, totals: { targets, key } }: Plan): Where {
  return {
    provider: steps[0]?.store.provider ?? targets[0]?.provider ?? DEFAULT_PROVIDER,
    regions: [...new Set(steps.map(({ store }) => store.region))],
    roleArn: key.roleArn ?? null,
  };
}
