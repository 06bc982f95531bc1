import { SEVERITIES, type Severity } from './catalogue-entry.ts';
import { type FindingStatus, isOpen } from './finding.ts';
import { type Problem, type ReasonCode, TEMPLATE_REASON_CODES, type TemplateReasonCode } from './reasons.ts';

/** How many findings there are of each kind. */
export interface Summary<Code extends TemplateReasonCode = ReasonCode> {
  readonly stores: number;
  readonly compliant: number;
  readonly nonCompliant: number;
  readonly exempt: number;
  readonly unknown: number;
  /** Log stores that were listed and, by the user's selection, not evaluated. */
  readonly filtered: number;
  /** How often each reason was given by what is not compliant or unknown; reasons never given are left out. */
  readonly byReason: Readonly<Partial<Record<Code, number>>>;
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

/** What is counted of a finding. */
interface Counted<Code extends TemplateReasonCode> {
  readonly status: FindingStatus;
  readonly severity: Severity | null;
  readonly reasons: readonly Problem<Code>[];
}

/** Counts the findings of one page. */
export function summaryOf<Code extends TemplateReasonCode>(findings: readonly Counted<Code>[]): Summary<Code> {
  const summary = { ...EMPTY_SUMMARY, stores: findings.length };
  const byReason: Partial<Record<Code, number>> = {};
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
export function merge<Code extends TemplateReasonCode>(one: Summary<Code>, other: Summary<Code>): Summary<Code> {
  return {
    stores: one.stores + other.stores,
    compliant: one.compliant + other.compliant,
    nonCompliant: one.nonCompliant + other.nonCompliant,
    exempt: one.exempt + other.exempt,
    unknown: one.unknown + other.unknown,
    filtered: one.filtered + other.filtered,
    byReason: added<Code>(TEMPLATE_REASON_CODES as readonly Code[], one.byReason, other.byReason),
    bySeverity: added(SEVERITIES, one.bySeverity, other.bySeverity),
  };
}

type Counts<Name extends string> = Readonly<Partial<Record<Name, number>>>;

/** In the order of the names, whichever come first. */
function added<Name extends string>(names: readonly Name[], one: Counts<Name>, other: Counts<Name>): Counts<Name> {
  const sums = names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, sum]) => sum > 0)) as Counts<Name>;
}
