import type { Step } from '../lib/domain/plan-step.ts';
import { DEFAULT_PROVIDER } from '../lib/domain/providers/index.ts';
import { type PlanWithoutCost, scanStatusOf } from '../lib/report/documents.ts';
import type { Where } from './connect.ts';
import type { Host } from './host.ts';
import { readInput } from './read-input.ts';
import { parseWith, planSchema } from './schemas.ts';

/** What `apply` needs of a plan. */
export interface Plan {
  readonly totals: PlanWithoutCost;
  readonly steps: readonly Step[];
}

/** A million steps have some 400 MiB, and Node.js cannot hold a text of 512 MiB. */
const MAX_PLAN_MIB = 511;

/** Reads what `logseal plan --format json --output FILE` wrote; what is wrong with it goes to `mistakes`. */
export async function readPlanFile(path: string, host: Host, mistakes: string[]): Promise<Plan | undefined> {
  const bytes = await readInput({ option: 'plan', path, maxMib: MAX_PLAN_MIB }, host, mistakes);
  if (!bytes) return undefined;
  const parsed = parseWith(planSchema, bytes.toString('utf8'));
  if ('mistakes' in parsed) {
    mistakes.push(...parsed.mistakes.map((mistake) => `--plan: ${path}: ${mistake}`));
    return undefined;
  }
  const { run, key, config, targets, filtered, steps } = parsed.value;
  // The key is inspected anew where something is to be sealed; elsewhere what the plan says of it decides the exit status.
  return { steps, totals: { status: scanStatusOf(targets), run, key, config, exemptions: [], targets, filtered } };
}

/** Where the log stores of a plan are. */
export function whereOfPlan({ steps, totals: { targets, key } }: Plan): Where {
  return {
    provider: steps[0]?.store.provider ?? targets[0]?.provider ?? DEFAULT_PROVIDER,
    regions: [...new Set(steps.map(({ store }) => store.region))],
    roleArn: key.roleArn ?? null,
  };
}
