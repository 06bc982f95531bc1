import pMap from 'p-map';
import { isOpen } from '../domain/finding.ts';
import type { KeyLook } from '../domain/key.ts';
import { type Outcome, planStep, type Step } from '../domain/plan.ts';
import type { Refusal } from '../domain/reason.ts';
import { CloudError } from '../errors.ts';
import { type KeyRing, keyRing } from './key-ring.ts';
import type { Cloud } from './ports.ts';
import { judgePage } from './scan.ts';
import { type ChangeRun, carryOut, storeGone } from './seal.ts';

export interface ApplyOptions extends ChangeRun {
  /** A healthy key other than the planned one is replaced too. */
  readonly requiresKey: boolean;
  readonly onOutcome: (outcome: Outcome) => void;
  /** Ends the work after the changes that are under way. */
  readonly signal?: AbortSignal;
}

/** `DescribeLogGroups` reads this many by name; at 5 changes a second no read is older than ten. */
const STORES_PER_READ = 50;
/** Enough to reach AssociateKmsKey's 5 requests/s at 600 ms a call; the SDK's adaptive retry keeps below it. */
const CONCURRENT_CHANGES = 3;

/**
 * Carries out the steps of one target: looks at the planned key anew, reads each store again right before changing it,
 * decides again, and changes what is still as planned. One store that fails never stops the others.
 */
export async function applyTarget(steps: readonly Step[], cloud: Cloud, options: ApplyOptions): Promise<Outcome[]> {
  const [first] = steps;
  if (!first) return [];
  const ring = keyRing(first.store, cloud.keys, options.clock());
  const chunks = Array.from({ length: Math.ceil(steps.length / STORES_PER_READ) }, (_, index) =>
    steps.slice(index * STORES_PER_READ, (index + 1) * STORES_PER_READ),
  );
  const settle = async (step: Step): Promise<Outcome> => {
    const isLate = options.signal?.aborted && step.action !== 'NONE';
    const outcome = isLate ? failed(step, INTERRUPTED) : await carryOut(step, cloud.logStores, options);
    options.onOutcome(outcome);
    return outcome;
  };
  const outcomes: Outcome[] = [];
  for (const chunk of chunks) {
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

const INTERRUPTED = { code: 'INTERRUPTED', message: 'not tried: the run was interrupted' };

function failed(step: Step, { code, message }: { code: string; message: string }): Outcome {
  return { ...step, outcome: step.refusal ? 'REFUSED' : 'FAILED', error: step.refusal ? null : { code, message } };
}

/** Each planned step as it stands now: the same, refused, or with nothing left to do. */
async function decideAgain(
  steps: readonly Step[],
  cloud: Cloud,
  ring: KeyRing,
  options: ApplyOptions,
): Promise<Step[]> {
  const open = steps.filter(({ action }) => action === 'SEAL');
  const found = await cloud.logStores.read(open.map(({ store }) => store));
  const now = options.clock();
  const looks = new Map<string, KeyLook>();
  for (const { toKeyArn } of open) if (toKeyArn !== null) looks.set(toKeyArn, await ring.configured(toKeyArn));
  return Promise.all(
    steps.map(async (step) => {
      const planned = looks.get(step.toKeyArn ?? '');
      if (step.action !== 'SEAL' || !planned) return step;
      const current = found.get(step.store.arn);
      if (!current) return refuse(step, storeGone(step.store));
      if (current.keyArn !== step.fromKeyArn && current.keyArn !== step.toKeyArn) {
        return refuse(step, storeChanged(step, current.keyArn));
      }
      const [finding] = await judgePage([current], ring, options.requiresKey ? planned : null, now);
      return finding && isOpen(finding) ? planStep(finding, planned, now) : { ...step, action: 'NONE' };
    }),
  );
}

function refuse(step: Step, refusal: Refusal): Step {
  return { ...step, action: 'NONE', refusal };
}

function storeChanged({ store, fromKeyArn }: Step, keyArn: string | null): Refusal {
  return {
    code: 'STORE_CHANGED',
    message: `${store.name} had ${fromKeyArn ?? 'no key'} when it was planned, and now has ${keyArn ?? 'no key'}`,
    cure: 'plan again',
  };
}
