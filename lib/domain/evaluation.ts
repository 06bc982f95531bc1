import type { Severity } from './catalogue-entry.ts';
import { unreadFix } from './config-source.ts';
import type { Matched } from './configuration.ts';
import { earlierLogsWarnings } from './earlier-logs.ts';
import type { Exemption } from './exemption.ts';
import type { Failure } from './failure.ts';
import { type Finding, unreadable } from './finding.ts';
import type { KeyInspection } from './key.ts';
import type { FoundLogStore, LogStore, StoreReading } from './log-store.ts';
import {
  type ChangeStep,
  failed,
  leftAsItIs,
  type NoStep,
  type Outcome,
  refusedStep,
  type SealStep,
  type Step,
} from './plan-step.ts';
import { writersWarnings } from './readers-and-writers.ts';
import { type PolicyRefusal, problem, type Refusal } from './reasons.ts';
import type { Rules } from './rules.ts';
import { keyPolicyProblem } from './store-key-policy.ts';
import { kindOf } from './stores/index.ts';

/** A log store that exists, with what was found out about the key that is attached to it and what a scan says of it. */
export interface InspectedStore {
  readonly reading: Exclude<StoreReading, { readonly status: 'GONE' }>;
  /** null: no key is attached, or the store could not be read. */
  readonly attached: KeyInspection | null;
  readonly finding: Finding;
  /** The entries of the configuration that match it. */
  readonly matched: Matched;
  /** Why it is not known which entries match it; null: it is known. */
  readonly unreadConfiguration: Failure | null;
}

interface EvaluationFacts {
  readonly store: LogStore;
  /** null: no key is attached, or it is not known which. */
  readonly fromKeyArn: string | null;
  /** The key to seal with; null where it could not be found, or none is named. */
  readonly toKeyArn: string | null;
  /** The place of the rule that names `toKeyArn`. Absent: none does. */
  readonly keyRule?: number | undefined;
  /** The finding's; null: the store is compliant, or gone. */
  readonly severity: Severity | null;
}

/** What should happen to one log store under the rules. */
export type Evaluation = EvaluationFacts &
  (
    | { readonly kind: 'COMPLIANT' }
    | { readonly kind: 'EXEMPT'; readonly exemption: Exemption }
    | { readonly kind: 'SEAL'; readonly step: SealStep }
    | { readonly kind: 'REFUSED'; readonly refusal: Refusal }
    /** A fact that decides could not be read this time. `refusal` says so to a person, who will not wait. */
    | { readonly kind: 'RETRY_LATER'; readonly refusal: Refusal; readonly error: Failure }
    | { readonly kind: 'GONE' }
  );

/**
 * The key that a log store is switched on under instead of the configured one, since any healthy key of its owner will do
 * unless the rules require one; null: the configured key it is.
 */
export function fixedKeyOf({ reading }: InspectedStore, configured: KeyInspection | null, rules: Rules): string | null {
  if (reading.status === 'UNREADABLE' || rules.requiresKey) return null;
  const fixedKey = kindOf(reading.found.store).fixedKey(reading.found);
  // More was found out about the configured key: the role by which the service uses it.
  return fixedKey === configured?.keyArn ? null : fixedKey;
}

/**
 * Evaluates one log store under the key to seal with. Stops at the first check that this key fails.
 * @param configured what was found out about the key to seal with; null: none is configured for this store
 * @param fixedKey what was found out about the `fixedKeyOf` the store; null: use the configured key
 */
export function evaluate(
  inspected: InspectedStore,
  configured: KeyInspection | null,
  fixedKey: KeyInspection | null = null,
): Evaluation {
  const { reading, attached, finding, matched, unreadConfiguration } = inspected;
  const { provider, account, region, type, name, arn, severity, keyArn: fromKeyArn } = finding;
  const store: LogStore = { provider, account, region, type, name, arn };
  const key = fixedKey ?? configured;
  const { keyRule } = matched;
  const facts: EvaluationFacts = {
    ...{ store, fromKeyArn, toKeyArn: key?.keyArn ?? null, severity },
    ...(keyRule !== null && !fixedKey && { keyRule }),
  };
  const refused = (refusal: Refusal, error: Failure | null): Evaluation =>
    error ? { ...facts, kind: 'RETRY_LATER', refusal, error } : { ...facts, kind: 'REFUSED', refusal };

  if (finding.exemption) return { ...facts, kind: 'EXEMPT', exemption: finding.exemption };
  if (finding.status === 'COMPLIANT') return { ...facts, kind: 'COMPLIANT' };
  if (unreadConfiguration) {
    return refused(configUnreadable(store, unreadConfiguration), transientOnly(unreadConfiguration));
  }
  if (reading.status === 'UNREADABLE') {
    const { failure } = reading;
    return refused(unreadable(store, failure), transientOnly(failure));
  }
  const unknown = finding.reasons.find(({ code }) => code === 'KEY_UNREADABLE');
  if (unknown && finding.status === 'UNKNOWN') {
    // The attached key is healthy where it is the required key that could not be read.
    const unread = attached?.reasons.some(({ code }) => code === 'KEY_UNREADABLE') ? attached : configured;
    return refused(unknown, unread?.transientError ?? null);
  }
  if (!key) return refused(noKeyNamed(store), null);
  const own = fixedKey ?? attached;
  const isUnusable = fixedKey?.reasons.some(({ code }) => code !== 'KEY_UNREADABLE');
  const unchangeable = kindOf(store).whyUnchangeable(reading.found, isUnusable ? null : key.keyArn, own?.reasons ?? []);
  if (unchangeable) return refused(unchangeable, null);
  const unfit = preflight(key, store);
  if (unfit) return refused(unfit, retryError(unfit, key));
  if (key.keyArn === null) return refused(NO_SUCH_KEY, null);
  const irreversible = isFirstConfiguration(reading.found);
  const step: SealStep = {
    ...facts,
    action: 'SEAL',
    toKeyArn: key.keyArn,
    refusal: null,
    warnings: [...finding.warnings, ...writersWarnings(key, store), ...earlierLogsWarnings(store, attached)],
    ...(irreversible && { irreversible: true }),
  };
  return { ...facts, kind: 'SEAL', step };
}

function transientOnly(failure: Failure): Failure | null {
  return failure.isTransient ? failure : null;
}

function configUnreadable({ name }: LogStore, failure: Failure): Refusal {
  const { call, message } = failure;
  return problem(
    'CONFIG_UNREADABLE',
    `whether an exemption or a key rule matches ${name} is not known: ${call}: ${message}`,
    unreadFix(failure),
  );
}

function noKeyNamed({ name }: LogStore): Refusal {
  return problem(
    'KEY_NOT_CONFIGURED',
    `no key rule of the configuration matches ${name}, and no other key is configured`,
    'add a key rule that matches it, or name a key for all others with --key',
  );
}

const NO_SUCH_KEY = problem(
  'KEY_NOT_FOUND',
  'the configured key could not be found, so nothing can be encrypted with it',
  'name a key that exists',
);

/** The first thing that keeps the configured key from sealing this very store; null: it may. */
export function preflight(configured: KeyInspection, store: LogStore): Refusal | null {
  return configured.reasons[0] ?? keyPolicyProblem(configured, store);
}

/** Why another try may get past a refusal; null: it is definite, whatever else of the key could not be read this time. */
export function retryError({ code }: PolicyRefusal, { transientError }: KeyInspection): Failure | null {
  return code === 'KEY_UNREADABLE' || code === 'KEY_POLICY_UNREADABLE' ? transientError : null;
}

/** Whether attaching a key now fixes type and key of the encryption for good. */
export function isFirstConfiguration(found: FoundLogStore): boolean {
  return kindOf(found.store).configuresForGood && !found.fixed;
}

/** The line of a plan; null for a store that a plan does not list, since nothing needs to be done about it. */
export function stepOf(evaluation: Evaluation): Step | null {
  switch (evaluation.kind) {
    case 'SEAL':
      return evaluation.step;
    case 'REFUSED':
    case 'RETRY_LATER':
      return noStep(evaluation, evaluation.refusal);
    case 'COMPLIANT':
    case 'EXEMPT':
    case 'GONE':
      return null;
  }
}

/** What remains to do about a step: its change, or nothing, since its outcome is already known. */
export type Resolution =
  | { readonly kind: 'CHANGE'; readonly step: ChangeStep }
  | { readonly kind: 'SETTLED'; readonly outcome: Outcome };

/** What remains to do about a store that was evaluated right before a change. */
export function resolutionOf(evaluation: Evaluation): Resolution {
  switch (evaluation.kind) {
    case 'SEAL':
      return { kind: 'CHANGE', step: evaluation.step };
    case 'COMPLIANT':
      return settled(leftAsItIs(noStep(evaluation, null)));
    case 'EXEMPT':
      return settled(leftAsItIs(noStep(evaluation, exempt(evaluation.store, evaluation.exemption))));
    case 'REFUSED':
      return settled(leftAsItIs(noStep(evaluation, evaluation.refusal)));
    case 'RETRY_LATER':
      return settled(failed(noStep(evaluation, null), evaluation.error));
    case 'GONE':
      return settled(leftAsItIs(noStep(evaluation, storeGone(evaluation.store))));
  }
}

/** The same, but for a change that something refuses. */
export function refusedChange(resolution: Resolution, refusal: Refusal): Resolution {
  if (resolution.kind === 'SETTLED') return resolution;
  return settled(leftAsItIs(refusedStep(resolution.step, refusal)));
}

/** An outcome that is known without a change. */
export function settled(outcome: Outcome): Resolution {
  return { kind: 'SETTLED', outcome };
}

function noStep({ store, fromKeyArn, toKeyArn, severity, keyRule }: EvaluationFacts, refusal: Refusal | null): NoStep {
  const rule = keyRule !== undefined && { keyRule };
  return { store, fromKeyArn, action: 'NONE', toKeyArn, refusal, severity, warnings: [], ...rule };
}

function exempt({ name }: LogStore, { id, reason, owner, expires }: Exemption): Refusal {
  if (expires === null) {
    return problem('EXEMPT', `${name} is exempt by ${id}: ${reason}`, 'nothing to do: the exemption is built in');
  }
  return problem(
    'EXEMPT',
    `${name} is exempt by ${id} until ${expires}: ${reason}`,
    `ask ${owner}, who answers for the exemption`,
  );
}

/** Why nothing is done about a store that was deleted meanwhile. */
export function storeGone({ name }: LogStore): Refusal {
  return problem('STORE_GONE', `${name} no longer exists`, 'nothing to do');
}

/** @param when when it had the key `before` */
export function storeChanged(
  { name }: LogStore,
  before: string | null,
  now: string | null,
  when: string,
  fix: string,
): Refusal {
  return problem('STORE_CHANGED', `${name} had ${before ?? 'no key'} ${when}, and now has ${now ?? 'no key'}`, fix);
}
