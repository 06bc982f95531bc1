import type { KeyInspection } from './key.ts';
import { keyPolicyProblem } from './key-policy-problem.ts';
import type { FixedEncryption, FoundLogStore, LogStore } from './log-store.ts';
import { REASON_CODES, type Reason, type ReasonCode, type Warning } from './reasons.ts';
import { whyNotSealed } from './stores/logstore.ts';

/** `UNKNOWN`: a fact that decides could not be read. Only `COMPLIANT` and `EXEMPT` ask for nothing. */
export type FindingStatus = 'COMPLIANT' | 'NON_COMPLIANT' | 'EXEMPT' | 'UNKNOWN';

/** What a scan says of one log store. */
export interface Finding extends LogStore {
  readonly status: FindingStatus;
  /** Every reason that holds, in the order of `REASON_CODES`; none when the store is compliant. */
  readonly reasons: readonly Reason[];
  /** What may stop CloudWatch Logs from using the key tomorrow; changes no status. */
  readonly warnings: readonly Warning[];
  /** As CloudWatch Logs gave it. */
  readonly keyArn: string | null;
  readonly exemption: null;
  /** Of a Logstore whose encryption was configured, be it on or off. */
  readonly fixed?: FixedEncryption | undefined;
}

/** Whether something is left to do about a log store. */
export function isOpen({ status }: Finding): boolean {
  return status === 'NON_COMPLIANT' || status === 'UNKNOWN';
}

/**
 * Judges one log store by the key that is attached to it.
 * @param attached what was found out about that key; null when the store has none
 * @param required the only key that will do (`--require-key`); null: any healthy key will
 */
export function judge(
  found: FoundLogStore,
  attached: KeyInspection | null,
  required: KeyInspection | null,
  now: Date,
): Finding {
  const unsealed = whyNotSealed(found);
  const reasons = unsealed ? [unsealed] : reasonsOf(found.store, attached, required);
  const warning = attached && keyPolicyProblem(attached, found.store, now);
  return {
    ...found.store,
    status: statusOf(reasons),
    reasons,
    warnings: warning ? [warning] : [],
    keyArn: found.keyArn,
    exemption: null,
    ...(found.fixed && { fixed: found.fixed }),
  };
}

/** Why something could not be read. */
export interface Failure {
  readonly message: string;
  /** Whether another try may do better. */
  readonly mayPass: boolean;
}

/** A log store whose key could not be read. */
export function unreadFinding(store: LogStore, failure: Failure): Finding {
  return {
    ...store,
    status: 'UNKNOWN',
    reasons: [unreadable(store, failure)],
    warnings: [],
    keyArn: null,
    exemption: null,
  };
}

/** Why nothing can be said of a log store, and what that takes. */
export function unreadable({ name, type }: LogStore, { message, mayPass }: Failure): Reason {
  const rights = {
    'log-group': 'logs:DescribeLogGroups',
    'query-results': 'logs:StartQuery on the log groups, logs:GetQueryResults, and that there is a log group to query',
    logstore: 'log:GetLogStore',
  }[type];
  return {
    code: 'KEY_UNREADABLE',
    message: `which key ${name} has could not be read: ${message}`,
    fix: mayPass ? 'try again' : `see to it that the caller has ${rights}`,
  };
}

function reasonsOf(
  { type }: LogStore,
  attached: KeyInspection | null,
  required: KeyInspection | null,
): readonly Reason[] {
  if (!attached) return [type === 'query-results' ? NO_KEY_FOR_RESULTS : NO_KEY];
  if (attached.reasons.length > 0 || !required || attached.keyArn === required.keyArn) return attached.reasons;
  const unreadable = required.keyArn === null && required.reasons.find(({ code }) => code === 'KEY_UNREADABLE');
  return [unreadable || notConfigured(attached, required)];
}

function statusOf(reasons: readonly Reason[]): FindingStatus {
  if (reasons.length === 0) return 'COMPLIANT';
  return reasons.some(({ code }) => code === 'KEY_UNREADABLE') ? 'UNKNOWN' : 'NON_COMPLIANT';
}

const NO_KEY: Reason = {
  code: 'NO_KEY',
  message: 'no KMS key is attached: the logs are encrypted with a key that AWS owns',
  fix: 'attach a key: logseal apply --key KEY',
};

const NO_KEY_FOR_RESULTS: Reason = { ...NO_KEY, fix: 'attach a key: logseal apply --query-results --key KEY' };

function notConfigured(attached: KeyInspection, required: KeyInspection): Reason {
  const [trouble] = required.reasons;
  return {
    code: 'KEY_NOT_CONFIGURED',
    message: `${attached.keyArn} works, but is not the configured key${required.keyArn ? ` ${required.keyArn}` : ''}${trouble ? ` (${trouble.message})` : ''}`,
    fix: trouble
      ? trouble.fix
      : 'attach the configured key, where the log store can be given another: logseal plan tells',
  };
}

/** How many findings there are of each kind. */
export interface Summary {
  readonly stores: number;
  readonly compliant: number;
  readonly nonCompliant: number;
  readonly exempt: number;
  readonly unknown: number;
  /** How often each reason was given; reasons never given are left out. */
  readonly byReason: Readonly<Partial<Record<ReasonCode, number>>>;
}

export const EMPTY_SUMMARY: Summary = { stores: 0, compliant: 0, nonCompliant: 0, exempt: 0, unknown: 0, byReason: {} };

const COUNTERS = {
  COMPLIANT: 'compliant',
  NON_COMPLIANT: 'nonCompliant',
  EXEMPT: 'exempt',
  UNKNOWN: 'unknown',
} as const;

export function summaryOf(findings: readonly Finding[]): Summary {
  const summary = { ...EMPTY_SUMMARY, stores: findings.length };
  const byReason: Partial<Record<ReasonCode, number>> = {};
  for (const { status, reasons } of findings) {
    summary[COUNTERS[status]]++;
    for (const { code } of reasons) byReason[code] = (byReason[code] ?? 0) + 1;
  }
  return { ...summary, byReason };
}

/** The summary of two sets of findings together. */
export function merge(one: Summary, other: Summary): Summary {
  const byReason = { ...one.byReason };
  for (const code of REASON_CODES) {
    const times = (one.byReason[code] ?? 0) + (other.byReason[code] ?? 0);
    if (times > 0) byReason[code] = times;
  }
  return {
    stores: one.stores + other.stores,
    compliant: one.compliant + other.compliant,
    nonCompliant: one.nonCompliant + other.nonCompliant,
    exempt: one.exempt + other.exempt,
    unknown: one.unknown + other.unknown,
    byReason,
  };
}
