import type { Verdict } from '../../domain/key-policy/verdict.ts';
import { printable } from '../../domain/printable.ts';
import type { ProblemCode } from '../../domain/reasons.ts';
import { allAtOnce } from '../all-at-once.ts';
import type { CheckedPolicy } from '../documents.ts';
import type { PolicyInput, WriterOf } from '../format.ts';
import { whyNotAllowed } from '../verdict-text.ts';
import { type SarifResult, sarifLog } from './log.ts';
import { type Region, statementRegions } from './regions.ts';

/** A key policy's verdict. No result where the policy is ALLOWED, KMS would accept it, and no warning is worse than LOW. */
export const verdictSarif: WriterOf<'policy-verdict'> = ({ policy }) => ({
  begin: () => '',
  page: () => '',
  end: (checked) => log([{ subject: policy?.subject ?? null, checked }], policy),
});

/** A key policy's verdicts for several log groups. What is the same for several is one result. */
export const verdictsSarif: WriterOf<'policy-verdicts'> = ({ policy }) =>
  allAtOnce((verdicts) =>
    log(
      verdicts.map((checked) => ({ subject: checked.logGroupArn, checked })),
      policy,
    ),
  );

interface Subject {
  readonly subject: string | null;
  readonly checked: CheckedPolicy;
}

interface Result {
  readonly code: ProblemCode;
  /** Of the statement; null: it is about no single one. */
  readonly statement: number | null;
  readonly message: string;
}

const VERDICT_CODES = {
  DENIED: 'KEY_POLICY_DENIES',
  MISSING_ACTIONS: 'KEY_POLICY_MISSING_ACTIONS',
  UNCERTAIN: 'KEY_POLICY_UNCERTAIN',
  MALFORMED: 'MALFORMED_POLICY',
} as const satisfies Readonly<Record<Exclude<Verdict, 'ALLOWED'>, ProblemCode>>;

function resultsOf(checked: CheckedPolicy): Result[] {
  const problems = checked.problems.map(({ code, statement, message, fix }) => ({
    code,
    statement: statement?.index ?? null,
    message: `${message}. Fix: ${fix}`,
  }));
  const warnings = checked.warnings
    .filter(({ code, severity }) => severity !== 'LOW' && code !== 'MALFORMED_POLICY')
    .map(({ code, message }) => ({ code, statement: null, message }));
  if (checked.verdict === 'ALLOWED') return [...problems, ...warnings];
  const { why, decisive } = whyNotAllowed(checked);
  const statement = decisive?.statement?.index ?? null;
  const fix = checked.repair ? '. Fix: add the statement that --format json has under "repair"' : '';
  const verdict = { code: VERDICT_CODES[checked.verdict], statement, message: `${why}${fix}` };
  return [...problems, verdict, ...warnings];
}

/** Names as many log groups as a person reads. */
const MAX_NAMED = 10;

function log(subjects: readonly Subject[], policy: PolicyInput | undefined): string {
  const regions = policy ? statementRegions(policy.text) : [];
  const all = subjects.flatMap(({ subject, checked }) => resultsOf(checked).map((result) => ({ subject, result })));
  const groups = Map.groupBy(all, ({ result: { code, statement, message } }) => `${code} ${statement} ${message}`);
  const results = [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const names = same.flatMap(({ subject }) => (subject === null ? [] : [subject]));
    return [sarifResult(first.result, names, policy?.file ?? null, regions)];
  });
  return sarifLog(results);
}

function sarifResult(
  { code, statement, message }: Result,
  names: readonly string[],
  file: string | null,
  regions: readonly Region[],
): SarifResult {
  const more = names.length > MAX_NAMED ? ` and ${(names.length - MAX_NAMED).toLocaleString('en')} more` : '';
  const about = names.length === 0 ? '' : ` For: ${names.slice(0, MAX_NAMED).join(', ')}${more}.`;
  const region = (statement === null ? undefined : regions[statement]) ?? { startLine: 1 };
  return { code, message: printable(`${message}.${about}`), file, region };
}
