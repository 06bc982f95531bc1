import type { Severity } from './catalogue-entry.ts';
import { type Exemption, shown } from './exemption.ts';
import type { Failure } from './failure.ts';
import type { KeyInspection } from './key.ts';
import type { FixedEncryption, FoundLogStore, LogStore } from './log-store.ts';
import { problem, type Reason, type Warning, worstSeverity } from './reasons.ts';
import { keyPolicyProblem, keyPolicyWarnings } from './store-key-policy.ts';
import { kindOf } from './stores/index.ts';

/** `UNKNOWN`: a fact that decides could not be read. Nothing needs to be done about `COMPLIANT` and `EXEMPT`. */
export type FindingStatus = 'COMPLIANT' | 'NON_COMPLIANT' | 'EXEMPT' | 'UNKNOWN';

/** What a scan says of one log store. */
export interface Finding extends LogStore {
  readonly status: FindingStatus;
  /** Of the worst reason; null where there is none. */
  readonly severity: Severity | null;
  /** Every reason that holds, in the order of the catalogue; none when the store is compliant. */
  readonly reasons: readonly Reason[];
  /** What may stop the service from using the key; changes no status. */
  readonly warnings: readonly Warning[];
  /** As the cloud returned it. */
  readonly keyArn: string | null;
  /** Why an exempt store is left alone. */
  readonly exemption: Exemption | null;
  /** Only of a Logstore whose encryption was configured, whether it is on or off. */
  readonly fixed?: FixedEncryption | undefined;
}

/** Whether something is left to do about a log store. */
export function isOpen({ status }: Pick<Finding, 'status'>): boolean {
  return status === 'NON_COMPLIANT' || status === 'UNKNOWN';
}

/**
 * Evaluates one log store by the key that is attached to it.
 * @param attached what was found out about that key; null when the store has none
 * @param required what was found out about the key that the rules require; null: they require none
 * @param exemption the one of the configuration that covers the store; null: none does
 */
export function findingOf(
  found: FoundLogStore,
  attached: KeyInspection | null,
  required: KeyInspection | null,
  exemption: Exemption | null,
): Finding {
  const { store, keyArn, fixed } = found;
  const unsealed = kindOf(store).whyNotSealed(found);
  const reasons = unsealed ? [unsealed] : reasonsOf(attached, required);
  const warning = attached && keyPolicyProblem(attached, store);
  const others = attached ? keyPolicyWarnings(attached) : [];
  return {
    ...statusOf(store, reasons, exemption),
    warnings: warning ? [warning, ...others] : others,
    keyArn,
    ...(fixed && { fixed }),
  };
}

/** What is said of a log store whose key could not be read. */
export function unreadableFinding(store: LogStore, failure: Failure, exemption: Exemption | null): Finding {
  return { ...statusOf(store, [unreadable(store, failure)], exemption), warnings: [], keyArn: null };
}

/** Why nothing can be said of a log store, and which rights reading it takes. */
export function unreadable(store: LogStore, { message, isTransient, fix }: Failure): Reason {
  return problem(
    'KEY_UNREADABLE',
    `the key of ${store.name} could not be read: ${message}`,
    fix ?? (isTransient ? 'try again' : `allow the caller ${kindOf(store).readingRights}`),
  );
}

function statusOf(store: LogStore, reasons: readonly Reason[], configured: Exemption | null) {
  const exemption = reasons.length === 0 ? null : (builtInExemption(store) ?? configured);
  // What is known to be wrong with a key stays wrong, whatever else of it could not be read.
  const isUnknown = reasons.every(({ code }) => code === 'KEY_UNREADABLE');
  const open: FindingStatus = isUnknown ? 'UNKNOWN' : 'NON_COMPLIANT';
  const status: FindingStatus = exemption ? 'EXEMPT' : reasons.length === 0 ? 'COMPLIANT' : open;
  return { ...store, status, severity: worstSeverity(reasons), reasons, exemption };
}

/** The exemption that holds for a log store whatever the configuration says. */
export function builtInExemption(store: LogStore): Exemption | null {
  const exemption = kindOf(store).exemptions.find(({ covers }) => covers(store));
  return exemption ? shown(exemption) : null;
}

function reasonsOf(attached: KeyInspection | null, required: KeyInspection | null): readonly Reason[] {
  if (!attached) return [];
  if (attached.reasons.length > 0 || !required || attached.keyArn === required.keyArn) return attached.reasons;
  const unknown = required.keyArn === null && required.reasons.find(({ code }) => code === 'KEY_UNREADABLE');
  return [unknown || notConfigured(attached, required)];
}

function notConfigured(attached: KeyInspection, required: KeyInspection): Reason {
  const [trouble] = required.reasons;
  const name = required.keyArn ? ` ${required.keyArn}` : '';
  return problem(
    'KEY_NOT_CONFIGURED',
    `${attached.keyArn} works, but is not the configured key${name}${trouble ? ` (${trouble.message})` : ''}`,
    trouble?.fix ??
      'attach the configured key, where the log store can be given another: logseal plan shows where it can',
  );
}
