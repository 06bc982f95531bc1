import { SEVERITIES, type Severity } from './catalogue-entry.ts';
import { type Finding, type FindingStatus, isOpen } from './finding.ts';
import { REASON_CODES, type ReasonCode } from './reasons.ts';

/** How many findings there are of each kind. */
export interface Summary {
  readonly stores: number;
  readonly compliant: number;
  readonly nonCompliant: number;
  readonly exempt: number;
  readonly unknown: number;
  /** Log stores that were listed and, by the user's selection, not evaluated. */
  readonly filtered: number;
  /** How often each reason was given by what is not compliant or unknown; reasons never given are left out. */
  readonly byReason: Readonly<Partial<Record<ReasonCode, number>>>;
  /** How many findings that are not compliant or unknown have each severity; severities that none has are left out. */
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>;
}

export const EMPTY_SUMMARY: Summary = {
  stores: 0,
  compliant: 0,
  nonCompliant: 0,
  exempt: 0,
  unknown: 0,
  filtered: 0,
  byReason: {},
  bySeverity: {},
};

const COUNTERS = {
  COMPLIANT: 'compliant',
  NON_COMPLIANT: 'nonCompliant',
  EXEMPT: 'exempt',
  UNKNOWN: 'unknown',
} as const satisfies Record<FindingStatus, keyof Summary>;

/** Counts the findings of one page. */
export function summaryOf(findings: readonly Finding[]): Summary {
  const summary = { ...EMPTY_SUMMARY, stores: findings.length };
  const byReason: Partial<Record<ReasonCode, number>> = {};
  const bySeverity: Partial<Record<Severity, number>> = {};
  for (const finding of findings) {
    const { status, severity, reasons } = finding;
    summary[COUNTERS[status]]++;
    // An exempt log store keeps its reasons, and raises no alarm.
    if (!isOpen(finding)) continue;
    if (severity) bySeverity[severity] = (bySeverity[severity] ?? 0) + 1;
    for (const { code } of reasons) byReason[code] = (byReason[code] ?? 0) + 1;
  }
  return { ...summary, byReason, bySeverity };
}

/** The summary of two sets of findings together. */
export function merge(one: Summary, other: Summary): Summary {
  return {
    stores: one.stores + other.stores,
    compliant: one.compliant + other.compliant,
    nonCompliant: one.nonCompliant + other.nonCompliant,
    exempt: one.exempt + other.exempt,
    unknown: one.unknown + other.unknown,
    filtered: one.filtered + other.filtered,
    byReason: added(REASON_CODES, one.byReason, other.byReason),
    bySeverity: added(SEVERITIES, one.bySeverity, other.bySeverity),
  };
}

type Counts<Name extends string> = Readonly<Partial<Record<Name, number>>>;

function added<Name extends string>(names: readonly Name[], one: Counts<Name>, other: Counts<Name>): Counts<Name> {
  const sums = names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, sum]) => sum > 0)) as Counts<Name>;
}
