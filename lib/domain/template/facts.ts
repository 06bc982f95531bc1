import { OWN_PART, type Problem, problem, type TemplateReasonCode } from '../reasons.ts';
import type { TemplateFinding } from './finding.ts';
import type { Declared, Open, TemplateLanguage } from './model.ts';

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

/** A fix: what would settle what is not known. */
export function toSettle(settledBy: Iterable<string>): string {
  return `to settle it: ${[...settledBy].join('; ')}`;
}

/** @param what whether something is so */
export function undetermined(what: string, { because, settledBy }: Open): Problem<TemplateReasonCode> {
  return problem('KEY_UNDETERMINED', `${what} is not known: ${because}`, toSettle(settledBy));
}
