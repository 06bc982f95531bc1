import type { Outcome, Step } from '../domain/plan.ts';
import { CloudError } from '../errors.ts';
import { type Decided, decide, undecided } from './decide.ts';
import { type KeyRing, keyRing } from './key-ring.ts';
import type { Cloud } from './ports.ts';
import { type ChangeRun, carryOut, changeAll } from './seal.ts';

export interface ApplyOptions extends ChangeRun {
  /** A healthy key other than the planned one is replaced too. */
  readonly requiresKey: boolean;
  readonly onOutcome: (outcome: Outcome) => void;
  /** Ends the work after the changes that are under way. */
  readonly signal?: AbortSignal;
}

/** `DescribeLogGroups` reads this many by name; at 5 changes a second a read is at most ten seconds old. */
const STORES_PER_READ = 50;

/**
 * Carries out the steps of one target: looks at the planned key anew, reads each store again right before changing it,
 * decides again, and changes what is still as planned. One store that fails never stops the others.
 */
export async function applyTarget(steps: readonly Step[], cloud: Cloud, options: ApplyOptions): Promise<Outcome[]> {
  const [first] = steps;
  if (!first) return [];
  const ring = keyRing(first.store, cloud.keys, options.clock());
  const settle = async ({ step, passing }: Decided): Promise<Outcome> => {
    if (passing) return undecided(step, passing);
    const isLate = options.signal?.aborted && step.action !== 'NONE';
    return isLate ? undecided(step, INTERRUPTED) : carryOut(step, cloud.logStores, options);
  };
  const outcomes: Outcome[] = [];
  for (const chunk of chunksOf(steps)) {
    const decided = await decideAgain(chunk, cloud, ring, options);
    const settled = await changeAll(decided, async (each) => {
      const outcome = await settle(each);
      options.onOutcome(outcome);
      return outcome;
    });
    outcomes.push(...settled);
  }
  return outcomes;
}

/** Steps that are read together: with one key, in their order. */
function chunksOf(steps: readonly Step[]): Step[][] {
  const chunks: Step[][] = [];
  for (const step of steps) {
    const last = chunks.at(-1);
    if (last && last.length < STORES_PER_READ && last[0]?.toKeyArn === step.toKeyArn) last.push(step);
    else chunks.push([step]);
  }
  return chunks;
}

const INTERRUPTED = { code: 'INTERRUPTED', message: 'not tried: the run was interrupted' };

/** Each planned step as it stands now: the same, refused, undecided, or with nothing left to do. */
async function decideAgain(
  steps: readonly Step[],
  cloud: Cloud,
  ring: KeyRing,
  { requiresKey, clock, signal }: ApplyOptions,
): Promise<Decided[]> {
  const open = steps.filter(({ action }) => action === 'SEAL');
  const key = open[0]?.toKeyArn;
  if (!key || signal?.aborted) return steps.map((step) => ({ step, passing: null }));
  try {
    const stores = open.map(({ store }) => store);
    const decided = await decide(stores, cloud, ring, { key, requiresKey, now: clock() });
    const byArn = new Map(decided.map((each) => [each.step.store.arn, each]));
    return steps.map((planned) => {
      const now = byArn.get(planned.store.arn);
      if (planned.action !== 'SEAL' || !now) return { step: planned, passing: null };
      if (now.passing && !now.step.refusal) return { step: planned, passing: now.passing };
      const { fromKeyArn, refusal } = now.step;
      const isAsPlanned = fromKeyArn === planned.fromKeyArn || fromKeyArn === planned.toKeyArn;
      if (isAsPlanned || refusal?.code === 'STORE_GONE') return now;
      return { step: storeChanged(planned, fromKeyArn), passing: null };
    });
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return steps.map((step) => ({ step, passing: step.action === 'SEAL' ? error : null }));
  }
}

function storeChanged(planned: Step, keyArn: string | null): Step {
  const { store, fromKeyArn } = planned;
  const message = `${store.name} had ${fromKeyArn ?? 'no key'} when it was planned, and now has ${keyArn ?? 'no key'}`;
  return { ...planned, action: 'NONE', refusal: { code: 'STORE_CHANGED', message, cure: 'plan again' } };
}
