import pMap from 'p-map';
import type { Outcome, Step } from '../domain/plan.ts';
import { CloudError } from '../errors.ts';
import { decide } from './decide.ts';
import { type KeyRing, keyRing } from './key-ring.ts';
import type { Cloud } from './ports.ts';
import { type ChangeRun, CONCURRENT_CHANGES, carryOut } from './seal.ts';

export interface ApplyOptions extends ChangeRun {
  /** A healthy key other than the planned one is replaced too. */
  readonly requiresKey: boolean;
  readonly onOutcome: (outcome: Outcome) => void;
  /** Ends the work after the changes that are under way. */
  readonly signal?: AbortSignal;
}

/** `DescribeLogGroups` reads this many by name; at 5 changes a second no read is older than ten. */
const STORES_PER_READ = 50;

/**
 * Carries out the steps of one target: looks at the planned key anew, reads each store again right before changing it,
 * decides again, and changes what is still as planned. One store that fails never stops the others.
 */
export async function applyTarget(steps: readonly Step[], cloud: Cloud, options: ApplyOptions): Promise<Outcome[]> {
  const [first] = steps;
  if (!first) return [];
  const ring = keyRing(first.store, cloud.keys, options.clock());
  const settle = async (step: Step): Promise<Outcome> => {
    const isLate = options.signal?.aborted && step.action !== 'NONE';
    const outcome = isLate ? failed(step, INTERRUPTED) : await carryOut(step, cloud.logStores, options);
    options.onOutcome(outcome);
    return outcome;
  };
  const outcomes: Outcome[] = [];
  for (const chunk of chunksOf(steps)) {
    try {
      const decided = options.signal?.aborted ? chunk : await decideAgain(chunk, cloud, ring, options);
      outcomes.push(...(await pMap(decided, settle, { concurrency: CONCURRENT_CHANGES })));
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      outcomes.push(...chunk.map((step) => failed(step, error)));
    }
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

function failed(step: Step, { code, message }: { code: string; message: string }): Outcome {
  return { ...step, outcome: step.refusal ? 'REFUSED' : 'FAILED', error: step.refusal ? null : { code, message } };
}

/** Each planned step as it stands now: the same, refused, or with nothing left to do. */
async function decideAgain(
  steps: readonly Step[],
  cloud: Cloud,
  ring: KeyRing,
  { requiresKey, clock }: ApplyOptions,
): Promise<Step[]> {
  const open = steps.filter(({ action }) => action === 'SEAL');
  const key = open[0]?.toKeyArn;
  if (!key) return [...steps];
  const stores = open.map(({ store }) => store);
  const decided = await decide(stores, cloud, ring, { key, requiresKey, now: clock() });
  const byArn = new Map(decided.map((step) => [step.store.arn, step]));
  return steps.map((planned) => {
    const step = byArn.get(planned.store.arn);
    if (planned.action !== 'SEAL' || !step) return planned;
    const isAsPlanned = step.fromKeyArn === planned.fromKeyArn || step.fromKeyArn === planned.toKeyArn;
    return isAsPlanned || step.refusal?.code === 'STORE_GONE' ? step : storeChanged(planned, step.fromKeyArn);
  });
}

function storeChanged(planned: Step, keyArn: string | null): Step {
  const { store, fromKeyArn } = planned;
  const message = `${store.name} had ${fromKeyArn ?? 'no key'} when it was planned, and now has ${keyArn ?? 'no key'}`;
  return { ...planned, action: 'NONE', refusal: { code: 'STORE_CHANGED', message, cure: 'plan again' } };
}
