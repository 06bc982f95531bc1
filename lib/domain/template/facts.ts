import { OWN_PART, type Problem, problem, type TemplateReasonCode } from '../reasons.ts';
import type { TemplateFinding } from './finding.ts';
import type { Declared, Open, TemplateLanguage } from './model.ts';

/** Where the files have no key to take. */
export const FIRST_A_KEY =
  'declare a key whose policy lets CloudWatch Logs use it, since no key in these files certainly works here (docs/infrastructure-as-code.md#the-key-policy has one to copy), and';

/** What is found out of one log group. */
export type Facts = Pick<TemplateFinding, 'key' | 'reasons' | 'warnings' | 'verdict'>;

/** A reason whose fix also says what to write in the source, where the file is made from one. */
export function inSource(
  declared: Declared,
  reason: Problem<TemplateReasonCode>,
  { inSource: lineFor }: TemplateLanguage,
): Problem<TemplateReasonCode> {
  const line = lineFor?.(declared, reason.code) ?? null;
  if (line === null) return reason;
  const own = reason[OWN_PART];
  return { ...reason, fix: `${reason.fix}\n${line}`, [OWN_PART]: own === undefined ? line : `${own}\n${line}` };
}

/** Of a log group without a key. */
export const NOTHING: Facts = { key: null, reasons: [], warnings: [], verdict: null };

/** @param what whether something is so */
export function undetermined(what: string, { because, settledBy }: Open): Problem<TemplateReasonCode> {
  return problem('KEY_UNDETERMINED', `${what} is not known: ${because}`, `to settle it: ${settledBy.join('; ')}`);
}
