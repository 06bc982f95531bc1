import { CATALOGUE } from './catalogue.ts';
import { type CatalogueEntry, SEVERITIES, type Severity } from './catalogue-entry.ts';

type Catalogue = typeof CATALOGUE;
export type ProblemCode = keyof Catalogue;
type CodeOf<Use extends CatalogueEntry['use']> = {
  [Code in ProblemCode]: Catalogue[Code]['use'] extends Use ? Code : never;
}[ProblemCode];

/** Why a log store is flagged, or a key cannot be attached. */
export type ReasonCode = CodeOf<'REASON' | 'KEY_STATE'>;
/** What somebody did to the configured key. */
export type KeyChangeCode = CodeOf<'KEY_CHANGE'>;
/** What a key policy, or the role in its place, does to CloudWatch Logs or SLS. */
export type KeyPolicyCode = CodeOf<'WARNING'>;
/** What to know before a log store is sealed. */
export type StepWarningCode = CodeOf<'STEP_WARNING'>;
/** What the verdict of a key policy depends on, or does not cover. No key makes up for another Region. */
export type VerdictCode = CodeOf<'VERDICT'> | 'KEY_WRONG_REGION' | 'KEY_POLICY_PUBLIC';
/** Why KMS would not accept a key policy. */
export type DocumentCode = CodeOf<'DOCUMENT'>;
/** Why a log store was not changed. */
export type RefusalCode = Exclude<
  ProblemCode,
  CodeOf<'KEY_CHANGE' | 'STEP_WARNING' | 'VERDICT' | 'DOCUMENT' | 'TEMPLATE'>
>;
/** Why a log group in a template is flagged: what is wrong with its key, or with the policy of that key, is a reason here. */
export type TemplateReasonCode = CodeOf<'REASON' | 'KEY_STATE' | 'WARNING' | 'TEMPLATE'> | 'MALFORMED_POLICY';
/** What else to know of the key of a log group in a template. */
export type TemplateWarningCode = CodeOf<'WARNING' | 'DOCUMENT'> | 'GLOBAL_SERVICE_PRINCIPAL';

const CODES = Object.keys(CATALOGUE) as ProblemCode[];
const used = <Use extends CatalogueEntry['use']>(...uses: readonly Use[]) =>
  CODES.filter((code): code is CodeOf<Use> => uses.some((use) => CATALOGUE[code].use === use));

/** In the order in which a finding lists them. */
export const REASON_CODES: readonly ReasonCode[] = used('REASON', 'KEY_STATE');
/** The reasons that hold as long as the key stays in its state. */
export const KEY_STATE_CODES: readonly ReasonCode[] = used('KEY_STATE');
export const KEY_CHANGE_CODES: readonly KeyChangeCode[] = used('KEY_CHANGE');
export const KEY_POLICY_CODES: readonly KeyPolicyCode[] = used('WARNING');
export const STEP_WARNING_CODES: readonly StepWarningCode[] = used('STEP_WARNING');
export const DOCUMENT_CODES: readonly DocumentCode[] = used('DOCUMENT');
export const TEMPLATE_REASON_CODES: readonly TemplateReasonCode[] = [
  ...used('REASON', 'KEY_STATE', 'WARNING', 'TEMPLATE'),
  'MALFORMED_POLICY',
];
export const REFUSAL_CODES: readonly RefusalCode[] = used('REASON', 'KEY_STATE', 'WARNING', 'REFUSAL');

/** Whether a warning is about sealing a log store, not about the key that is attached to it. */
export function isStepWarning(code: ProblemCode): boolean {
  return CATALOGUE[code].use === 'STEP_WARNING';
}

/** Whether nothing that anybody does, nor time, makes it go away. */
export function isPermanent(code: ProblemCode): boolean {
  return CATALOGUE[code].changedBy === 'NOBODY';
}

/** Whether a person can bring the key back into a state in which it works. */
export function isRevivable(code: ProblemCode): boolean {
  return CATALOGUE[code].use === 'KEY_STATE' && CATALOGUE[code].changedBy === 'PERSON';
}

/** Names a field that JSON leaves out: documents have what is in it as a part of the fix. */
export const OWN_PART = Symbol('own part');

/** What is wrong, how bad that is, and what a person can do about it. */
export interface Problem<Code extends ProblemCode> {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
  /** The right of the caller that the fix gives. Fixes that differ in its resource alone can become one. */
  readonly missingRight?: { readonly action: string; readonly resource: string };
  /** The part of the fix that is for this problem alone, such as what the cloud gave for one refusal. Fixes that differ in it alone can become one. */
  readonly [OWN_PART]?: string;
}

export type Reason = Problem<ReasonCode>;
export type Warning = Problem<KeyPolicyCode>;
export type StepWarning = Problem<KeyPolicyCode | StepWarningCode>;
export type Refusal = Problem<RefusalCode>;
/** Why a key policy was not changed. */
export type PolicyRefusal = Problem<RefusalCode | DocumentCode>;

/** A problem with the severity that the catalogue gives its code. */
export function problem<Code extends ProblemCode>(
  code: Code,
  message: string,
  fix: string,
  missingRight?: Problem<Code>['missingRight'],
): Problem<Code> {
  return { code, severity: CATALOGUE[code].severity, message, fix, ...(missingRight && { missingRight }) };
}

/** The worst of some problems; null where there is none. */
export function worstSeverity(problems: readonly Problem<ProblemCode>[]): Severity | null {
  return SEVERITIES.find((severity) => problems.some((each) => each.severity === severity)) ?? null;
}
