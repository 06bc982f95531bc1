/**
 * The findings as the file carries them and its script reads them. What many log stores have in common is written once, and
 * referred to by its place in a list. All text is already free of control and formatting characters.
 */
export interface ReportData {
  /** Of each log store, the worst first, its place in `facts` and its name. */
  readonly rows: { readonly facts: readonly number[]; readonly names: readonly string[] };
  readonly facts: readonly FactsData[];
  readonly targets: readonly TargetData[];
  readonly arnPrefixes: readonly string[];
  readonly keys: readonly string[];
  readonly problems: readonly ProblemData[];
  readonly exemptions: readonly ExemptionData[];
  /** By code. */
  readonly catalogue: Readonly<Record<string, { readonly title: string; readonly impact: string }>>;
}

/** All that a finding says, but for the name. A list, since there may be as many as findings. `-1`: none. */
export type FactsData = readonly [
  status: string,
  /** Empty: none. */
  severity: string,
  target: number,
  /** What comes before the name in the ARN; -1: the name is no part of it. */
  arnPrefix: number,
  key: number,
  reasons: readonly number[],
  warnings: readonly number[],
  exemption: number,
];

export interface TargetData {
  readonly provider: string;
  readonly account: string;
  readonly region: string;
}

/** `NAME_PLACE`, `ARN_PLACE` and `KEY_PLACE` in message and fix stand for the log store's own name, ARN and key. */
export interface ProblemData {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly fix: string;
}

export interface ExemptionData {
  readonly id: string;
  readonly reason: string;
  readonly owner: string;
  /** null: it never ends. */
  readonly expires: string | null;
}

/**
 * Text from outside has no control characters any more, so nothing else contains these. No literals, which would be control
 * characters in the bundled script.
 */
export const NAME_PLACE = String.fromCodePoint(1);
export const ARN_PLACE = String.fromCodePoint(2);
export const KEY_PLACE = String.fromCodePoint(3);
