import {
  type Evaluation,
  type Resolution,
  refusedChange,
  resolutionOf,
  settled,
  storeChanged,
} from '../../domain/evaluation.ts';
import type { LogStore, StoreReading } from '../../domain/log-store.ts';
import {
  type ChangeStep,
  failed,
  leftAsItIs,
  type Outcome,
  refusedStep,
  type SealStep,
  type Step,
} from '../../domain/plan-step.ts';
import { problem, type Refusal } from '../../domain/reasons.ts';
import { CloudError } from '../../errors.ts';
import { missingOnKey } from '../key/caller-check.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { evaluateStores } from './evaluate-stores.ts';
import { type ChangeOptions, chunksOf, executeSteps } from './execute-steps.ts';

export interface ApplyOptions extends ChangeOptions {
  /** The key to seal with, as the user named it. */
  readonly key: string;
  /** Whether to ask IAM once which right on the key the caller lacks. A plan that was just made has asked already. */
  readonly checksCaller?: boolean;
}

/**
 * Carries out the steps of one target: inspects the key anew, reads each store again right before changing it, evaluates it
 * again, and changes what is still as planned. The key that a step names is compared, never used.
 */
export async function applySteps(steps: readonly Step[], cloud: Cloud, options: ApplyOptions): Promise<Outcome[]> {
  const [first] = steps;
  if (!first) return [];
  const keys = keyCache(first.store, cloud.keys, { ...options.rules, now: options.clock() });
  let asked: Promise<Refusal | null> | undefined;
  return executeSteps(
    chunksOf(steps),
    async (chunk) => {
      const seal = chunk.find((step) => step.action === 'SEAL');
      const isAsked = options.checksCaller && !options.signal?.aborted;
      // IAM answers slowly, so it is asked before the stores are read, not between that and their change.
      if (seal && isAsked) {
        asked ??= keys.configured(options.key).then((key) => missingOnKey(key, seal.store, cloud));
      }
      const refusal = await asked;
      const resolutions = await resolveAgain(chunk, cloud, keys, options);
      return refusal ? resolutions.map((resolution) => refusedChange(resolution, refusal)) : resolutions;
    },
    cloud,
    options,
  );
}

/** Resolves each planned step again, with its store and its key as they are now. */
async function resolveAgain(
  steps: readonly Step[],
  cloud: Cloud,
  keys: KeyCache,
  { key, rules, clock, signal }: ApplyOptions,
): Promise<Resolution[]> {
  const seals = steps.filter((step) => step.action === 'SEAL');
  // Nothing is read for a change that would not be made any more.
  if (seals.length === 0 || signal?.aborted) return steps.map(untried);
  let readings: readonly StoreReading[];
  try {
    readings = await cloud.logStores.read(storesOf(seals));
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return steps.map((step) => (step.action === 'SEAL' ? settled(failed(step, error)) : untried(step)));
  }
  const evaluations = await evaluateStores(readings, keys, key, { ...rules, now: clock() });
  const byArn = new Map(evaluations.map((evaluation) => [evaluation.store.arn, evaluation]));
  const keyOf = new Map(readings.flatMap(attachedKey));
  return steps.map((step) => {
    const evaluation = byArn.get(step.store.arn);
    if (step.action !== 'SEAL' || !evaluation) return untried(step);
    return resolveSeal(step, evaluation, keyOf.get(step.store.arn));
  });
}

/** @param keyArn the key that is attached now; undefined: not known, or the store is gone */
function resolveSeal(step: SealStep, evaluation: Evaluation, keyArn: string | null | undefined): Resolution {
  const { store, fromKeyArn, toKeyArn } = step;
  if (evaluation.kind === 'SEAL' && evaluation.step.irreversible && !step.irreversible) {
    return refuse(step, NOT_COUNTED);
  }
  if (evaluation.kind === 'SEAL' && evaluation.step.toKeyArn !== toKeyArn) {
    return refuse(step, notPlanned(evaluation.step.toKeyArn, toKeyArn));
  }
  if (evaluation.kind === 'GONE') return resolutionOf(evaluation);
  // What is attached now could not be read, so the outcome repeats what the plan says.
  if (keyArn === undefined) return resolutionOf({ ...evaluation, fromKeyArn });
  if (keyArn === fromKeyArn || keyArn === toKeyArn) return resolutionOf(evaluation);
  return refuse(step, storeChanged(store, fromKeyArn, keyArn, 'when it was planned', 'plan again'));
}

function storesOf(steps: readonly Step[]): LogStore[] {
  return steps.map(({ store }) => store);
}

function attachedKey(reading: StoreReading): [arn: string, keyArn: string | null][] {
  return reading.status === 'FOUND' ? [[reading.found.store.arn, reading.found.keyArn]] : [];
}

function untried(step: Step): Resolution {
  return step.action === 'NONE' ? settled(leftAsItIs(step)) : { kind: 'CHANGE', step };
}

function refuse(step: ChangeStep, refusal: Refusal): Resolution {
  return settled(leftAsItIs(refusedStep(step, refusal)));
}

function notPlanned(now: string, planned: string): Refusal {
  return problem('STORE_CHANGED', `it would be sealed with ${now}, and the plan says ${planned}`, 'plan again');
}

const NOT_COUNTED: Refusal = problem(
  'STORE_CHANGED',
  'its encryption would be configured for the first time and for good, which the plan did not say',
  'plan again',
);
