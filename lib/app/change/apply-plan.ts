import {
  type Evaluation,
  type Resolution,
  refusedChange,
  resolutionOf,
  settled,
  storeChanged,
} from '../../domain/evaluation.ts';
import type { StoreReading } from '../../domain/log-store.ts';
import {
  type ChangeStep,
  failed,
  leftAsItIs,
  type Outcome,
  refusedStep,
  type Step,
  skipped,
} from '../../domain/plan-step.ts';
import { problem, type Refusal } from '../../domain/reasons.ts';
import { keyFor, type Rules } from '../../domain/rules.ts';
import { CloudError } from '../../errors.ts';
import type { TargetFacts } from '../inspect-stores.ts';
import { missingOnKey } from '../key/caller-check.ts';
import { type KeyCache, keyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { tagsNow } from '../store-tags.ts';
import { evaluateStores } from './evaluate-stores.ts';
import { type ChangeOptions, executeSteps } from './execute-steps.ts';
import { type FlappingCheck, refuseFlapping } from './refuse-flapping.ts';

export interface ApplyOptions extends ChangeOptions {
  /** Whether to ask IAM once which right on each key the caller lacks. A plan that was just made has asked already. */
  readonly checksCaller?: boolean;
  /** Default: no journal is asked whether somebody keeps removing the key. */
  readonly flapping?: FlappingCheck | undefined;
}

/**
 * Carries out the steps of one target: inspects the keys anew, reads each store again right before changing it, evaluates it
 * again, and changes what is still as planned. The key that a step names is compared, never used. An outcome keeps the severity
 * of its step, whatever was evaluated again.
 */
export async function applySteps(steps: readonly Step[], cloud: Cloud, options: ApplyOptions): Promise<Outcome[]> {
  const left = steps.flatMap((step) => (step.action === 'NONE' ? [leftAsItIs(step)] : []));
  left.forEach(options.onOutcome);
  const made = await applyChanges(
    steps.filter((step) => step.action !== 'NONE'),
    cloud,
    options,
  );
  const [nextLeft, nextMade] = [left.values(), made.values()];
  return steps.flatMap(({ action, severity }) => {
    const outcome = (action === 'NONE' ? nextLeft : nextMade).next().value;
    return outcome ? [severity === undefined ? outcome : { ...outcome, severity }] : [];
  });
}

async function applyChanges(steps: readonly ChangeStep[], cloud: Cloud, options: ApplyOptions): Promise<Outcome[]> {
  const { rules, checksCaller, flapping, clock, signal } = options;
  const [first] = steps;
  if (!first) return [];
  const keys = keyCache(first.store, cloud.keys, { ...rules, now: clock() });
  const facts: TargetFacts = { keys, tags: tagsNow(cloud, rules) };
  // IAM answers slowly, so it is asked before the stores are read, not between that and their change.
  const isAsked = checksCaller && !signal?.aborted;
  const refusals = isAsked ? await missingOnKeys(steps, keys, cloud, rules) : new Map<string, Refusal>();
  const resolve = async (some: readonly ChangeStep[]): Promise<Resolution[]> => {
    const resolutions = (await resolveAgain(some, cloud, facts, options)).map((resolution) => {
      const refusal = resolution.kind === 'CHANGE' && refusals.get(resolution.step.toKeyArn ?? '');
      return refusal ? refusedChange(resolution, refusal) : resolution;
    });
    return flapping ? refuseFlapping(resolutions, flapping, clock()) : resolutions;
  };
  return executeSteps(steps, { storeOf: ({ store }) => store, resolve, untried: skipped }, cloud, options);
}

/** Asks about the keys that the steps were planned with. A step only says which key rule of the configuration it was, never which key. */
async function missingOnKeys(
  steps: readonly ChangeStep[],
  keys: KeyCache,
  cloud: Cloud,
  rules: Rules,
): Promise<ReadonlyMap<string, Refusal>> {
  const refusals = new Map<string, Refusal>();
  const byKey = Map.groupBy(steps, ({ keyRule = null }) => keyFor(rules, { keyRule }));
  for (const [key, [first]] of byKey) {
    if (key === null || !first) continue;
    const inspected = await keys.configured(key);
    const refusal = await missingOnKey(inspected, first.store, cloud);
    if (refusal && inspected.keyArn !== null) refusals.set(inspected.keyArn, refusal);
  }
  return refusals;
}

/** Resolves each planned step again, with its store and its key as they are now. */
async function resolveAgain(
  steps: readonly ChangeStep[],
  cloud: Cloud,
  facts: TargetFacts,
  { rules, clock }: ApplyOptions,
): Promise<Resolution[]> {
  let readings: readonly StoreReading[];
  try {
    readings = await cloud.logStores.read(steps.map(({ store }) => store));
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return steps.map((step) => settled(failed(step, error)));
  }
  const evaluations = await evaluateStores(readings, facts, { ...rules, now: clock() });
  return steps.map((step, index) => resolveSeal(step, evaluations[index] as Evaluation, keyIn(readings[index])));
}

/** @param keyArn the key that is attached now; undefined: not known, or the store is gone */
function resolveSeal(step: ChangeStep, evaluation: Evaluation, keyArn: string | null | undefined): Resolution {
  const { store, fromKeyArn, toKeyArn } = step;
  if (evaluation.kind === 'SEAL' && evaluation.step.irreversible && !step.irreversible) {
    return refuse(step, NOT_COUNTED);
  }
  if (evaluation.kind === 'SEAL' && evaluation.step.toKeyArn !== toKeyArn) {
    return refuse(step, notPlanned(evaluation.step.toKeyArn, toKeyArn));
  }
  if (evaluation.kind === 'GONE') return resolutionOf({ ...evaluation, toKeyArn });
  // What is attached now could not be read, so the outcome repeats what the plan says.
  if (keyArn === undefined) return resolutionOf({ ...evaluation, fromKeyArn });
  if (keyArn === fromKeyArn || keyArn === toKeyArn) return resolutionOf(evaluation);
  return refuse(step, storeChanged(store, fromKeyArn, keyArn, 'when it was planned', 'plan again'));
}

function keyIn(reading: StoreReading | undefined): string | null | undefined {
  return reading?.status === 'FOUND' ? reading.found.keyArn : undefined;
}

function refuse(step: ChangeStep, refusal: Refusal): Resolution {
  return settled(leftAsItIs(refusedStep(step, refusal)));
}

function notPlanned(now: string, planned: string | null): Refusal {
  return problem(
    'STORE_CHANGED',
    `it would be sealed with ${now}, and the plan says ${planned ?? 'no key'}`,
    'plan again',
  );
}

const NOT_COUNTED: Refusal = problem(
  'STORE_CHANGED',
  'its encryption would be configured for the first time and for good, which the plan did not say',
  'plan again',
);
