import { parseArn } from '../arn.ts';
import { wrongRegion } from '../key-region.ts';
import { type PolicyRefusal, problem, type Refusal } from '../reasons.ts';
import { type RepairStatement, SIDS, statementFor } from './build-statement.ts';
import { bytesOf, documentProblems, MAX_POLICY_BYTES } from './document.ts';
import type { DocumentProblem } from './document-problem.ts';
import { withoutByteOrderMark } from './json-text.ts';
import { isOwnStatement } from './own-statement.ts';
import type { Statement } from './parse.ts';
import { type ReadPolicy, readKeyPolicy } from './read.ts';
import { repairGoal } from './repair-goal.ts';
import { type RepairNotes, repairNotes } from './repair-notes.ts';
import { type RepairScope, subjectIn } from './repair-scope.ts';
import { regionOf } from './service-call.ts';
import { statementQuote } from './statement-name.ts';

/** What `key repair` would do to a key policy. */
export type PolicyRepair =
  | { readonly kind: 'NONE_NEEDED'; readonly notes: RepairNotes }
  | { readonly kind: 'REFUSED'; readonly refusal: PolicyRefusal }
  | {
      readonly kind: 'REPAIR';
      readonly statement: RepairStatement;
      /** The whole new policy. */
      readonly text: string;
      readonly notes: RepairNotes;
    };

/**
 * Adds the one statement that a policy lacks for a scope, or replaces logseal's own earlier statement with it. Everything else
 * stays as it is written, numbers and order included. Refused where the new policy would not be certainly ALLOWED, where KMS
 * would not accept it, or where it would lose something that somebody else wrote. Never throws.
 */
export function repairKeyPolicy(policy: ReadPolicy, scope: RepairScope): PolicyRepair {
  const { text, service } = policy;
  const { keyArn } = service;
  // No key policy makes a key work in another Region (docs/key-policy-rules.md#rule-20).
  const elsewhere = wrongRegion(keyArn, parseArn(keyArn)?.region, regionOf(subjectIn(scope), keyArn));
  if (elsewhere) return refused(elsewhere);
  const before = repairGoal(policy, scope);
  if (policy.status === 'MALFORMED' || before.verdict === 'DENIED') return refused(before.problem());
  if (before.verdict === 'ALLOWED') return { kind: 'NONE_NEEDED', notes: repairNotes(policy, scope, null) };
  const { statements } = policy;
  const ambiguity = repeatedName(text) ?? repeatedSid(statements);
  if (ambiguity) return refused(ambiguous(ambiguity.message, `${ambiguity.fix}, then run the repair again`));
  const own = statements.find(({ sid }) => sid === SIDS[scope.type]);
  if (own && !isOwnStatement(own, service, scope)) {
    const message = `${statementQuote(own)} of the key policy has logseal's Sid, but logseal would not write such a statement, and a repair would overwrite it`;
    return refused(ambiguous(message, `give ${statementQuote(own)} of the key policy of ${keyArn} another Sid`));
  }

  // Where no statement fixes the policy, evaluating it with the fullest one shows why.
  const statement = before.repair ?? statementFor(service, scope);
  const repaired = write(text, statement, own?.index ?? statements.length);
  const after = readKeyPolicy(repaired, service);
  const reached = repairGoal(after, scope);
  if (after.status === 'MALFORMED' || reached.verdict !== 'ALLOWED') return refused(reached.problem());
  const refusal = documentRefusal(keyArn, documentProblems(after));
  if (refusal) return refused(refusal);
  return { kind: 'REPAIR', statement, text: repaired, notes: repairNotes(policy, scope, { statement, after }) };
}

/** What keeps KMS from accepting a policy, all of it in one; null: nothing. */
function documentRefusal(keyArn: string, problems: readonly DocumentProblem[]): PolicyRefusal | null {
  const [first] = problems;
  if (!first) return null;
  const message = problems.map((each) => each.message).join('; ');
  const fix = [...new Set(problems.map((each) => each.fix))].join('; ');
  return problem(
    first.code,
    `KMS would not accept the key policy with the missing statement: ${message}`,
    `in the key policy of ${keyArn}: ${fix}`,
  );
}

/** Whether two texts are the same policy: spacing, escapes and the order of fields do not matter. */
export function isSamePolicy(one: string, other: string): boolean {
  if (one === other) return true;
  const canonical = canonicalOf(one);
  return canonical !== null && canonical === canonicalOf(other);
}

function refused(refusal: PolicyRefusal): PolicyRepair {
  return { kind: 'REFUSED', refusal };
}

function ambiguous(message: string, fix: string): Refusal {
  return problem('KEY_POLICY_AMBIGUOUS', message, fix);
}

type Ambiguity = Pick<Refusal, 'message' | 'fix'>;

/** Where a field stands twice, only the last one counts (docs/key-policy-rules.md#rule-19): writing the policy would drop the first. */
function repeatedName(text: string): Ambiguity | null {
  const open: Set<unknown>[] = [];
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (string !== undefined && colon !== undefined) {
      const name: unknown = JSON.parse(string);
      if (open.at(-1)?.has(name)) {
        const message = `an object in the key policy has two fields called ${string}, and only the last one counts`;
        return { message, fix: `remove one of the two fields called ${string}` };
      }
      open.at(-1)?.add(name);
    }
  }
  return null;
}

/** An empty Sid does not count: Terraform writes one into every statement that has no Sid. */
function repeatedSid(statements: readonly Statement[]): Ambiguity | null {
  const seen = new Set<string>();
  for (const { sid } of statements) {
    if (sid && seen.has(sid)) {
      const names = statements.filter((each) => each.sid === sid).map(statementQuote);
      return { message: `${names.join(' and ')} have the same Sid`, fix: 'give each statement its own Sid' };
    }
    if (sid) seen.add(sid);
  }
  return null;
}

/** ECMAScript's "JSON.parse source text access", which Node.js has and TypeScript's library does not yet. */
const sourceJson = JSON as unknown as {
  parse(
    text: string,
    reviver: (name: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  rawJSON(source: string): object;
};

/** Reads JSON and keeps every number as it is written: a double may not be able to hold it. */
function readExactly(text: string, arrange: (value: unknown) => unknown = (value) => value): unknown {
  return sourceJson.parse(text, (_name, value, { source }) =>
    typeof value === 'number' ? sourceJson.rawJSON(source) : arrange(value),
  );
}

/** The policy with the statement at the index, indented if the original was and the result still fits. */
function write(text: string, statement: RepairStatement, index: number): string {
  const document = readExactly(withoutByteOrderMark(text)) as { readonly Statement: unknown };
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  const repaired = { ...document, Statement: statements.toSpliced(index, 1, statement) };
  const indented = /[\r\n]/.test(text) ? JSON.stringify(repaired, null, 2) : null;
  return indented !== null && bytesOf(indented) <= MAX_POLICY_BYTES ? indented : JSON.stringify(repaired);
}

/** The same text for all policies with the same meaning; null for text that is not JSON. */
function canonicalOf(text: string): string | null {
  try {
    return JSON.stringify(readExactly(text, sorted));
  } catch (error) {
    // RangeError: the text is nested too deeply.
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
