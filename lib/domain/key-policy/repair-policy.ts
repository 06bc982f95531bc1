import { parseArn } from '../arn.ts';
import { wrongRegion } from '../key.ts';
import { problemOf } from '../key-policy-problem.ts';
import type { Refusal } from '../reasons.ts';
import { type RepairStatement, SIDS, statementFor } from './build-statement.ts';
import { evaluateKeyPolicy } from './evaluate.ts';
import { parseKeyPolicy, type Statement } from './parse.ts';
import { logsService, type PolicyQuestion } from './service-call.ts';

/** What adding one statement to a key policy would make of it. */
export type PolicyRepair =
  | { readonly kind: 'NONE_NEEDED' }
  | { readonly kind: 'REFUSED'; readonly refusal: Refusal }
  | {
      readonly kind: 'REPAIR';
      readonly statement: RepairStatement /** The whole new policy. */;
      readonly text: string;
    };

/** KMS, `PutKeyPolicy`: in bytes of UTF-8. */
const MAX_BYTES = 32_768;

/**
 * Adds the one statement that a policy lacks, or puts it in the place of logseal's own. All else keeps its meaning, number
 * by number and in its order. A text that is not certainly ALLOWED, or that loses what somebody else wrote, is refused.
 */
export function repairKeyPolicy(text: string, question: PolicyQuestion): PolicyRepair {
  const { keyArn, subject, now } = question;
  const away = inAnotherRegion(question);
  if (away) return refused(away);
  const before = evaluateKeyPolicy(text, question);
  if (before.verdict === 'ALLOWED') return { kind: 'NONE_NEEDED' };
  const parsed = parseKeyPolicy(text);
  if (!parsed.ok || before.verdict === 'DENIED') return refused(problemOf(question, before));
  const { statements } = parsed.policy;
  const ambiguity = repeatedName(text) ?? repeatedSid(statements);
  if (ambiguity) return refused(unreadable(ambiguity.message, `${ambiguity.fix}, then repair it again`));
  const own = statements.find(({ sid }) => sid === SIDS[subject.type]);
  if (own && wouldBeLost(own, question)) {
    const message = `statement ${own.index} of the key policy has logseal's own Sid ${own.sid}, but does something else, which a repair would undo`;
    return refused(unreadable(message, `give statement ${own.index} of the key policy of ${keyArn} another Sid`));
  }

  // Where none fixes, the fullest statement shows what stands in its way.
  const statement = before.repair ?? statementFor(logsService(keyArn, now), subject);
  const repaired = write(text, statement, own?.index ?? statements.length);
  if (repaired === null) return refused(unreadable('the key policy is nested too deeply', `flatten that of ${keyArn}`));
  const after = evaluateKeyPolicy(repaired, question);
  if (after.verdict !== 'ALLOWED') return refused(problemOf(question, after));
  const bytes = bytesOf(repaired);
  if (bytes > MAX_BYTES) {
    return refused({
      code: 'KEY_POLICY_MISSING_ACTIONS',
      message: `the key policy has ${bytesOf(text)} bytes, and would have ${bytes} with the statement that it lacks: KMS takes at most ${MAX_BYTES}`,
      fix: `shorten other statements of the key policy of ${keyArn}`,
    });
  }
  return { kind: 'REPAIR', statement, text: repaired };
}

/** Whether two texts are the same policy in meaning, however they are spaced and their fields ordered. */
export function isSamePolicy(one: string, other: string): boolean {
  if (one === other) return true;
  const canonical = canonicalOf(one);
  return canonical !== null && canonical === canonicalOf(other);
}

function refused(refusal: Refusal): PolicyRepair {
  return { kind: 'REFUSED', refusal };
}

function unreadable(message: string, fix: string): Refusal {
  return { code: 'KEY_POLICY_UNREADABLE', message, fix };
}

/** No key policy makes a key work in another Region (docs/key-policy-rules.md#rule-20). */
function inAnotherRegion({ keyArn, subject }: PolicyQuestion): Refusal | null {
  const key = parseArn(keyArn);
  const region = subject.type === 'log-group' ? parseArn(subject.arn)?.region : key?.region;
  return !key || region === undefined || region === key.region ? null : wrongRegion(keyArn, key, region);
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
        const message = `an object of the key policy has two fields called ${string}, of which only the last counts`;
        return { message, fix: `take out one of the two fields called ${string}` };
      }
      open.at(-1)?.add(name);
    }
  }
  return null;
}

/** An empty Sid is no name: Terraform wrote one into every statement without. */
function repeatedSid(statements: readonly Statement[]): Ambiguity | null {
  const seen = new Set<string>();
  for (const { sid } of statements) {
    if (sid && seen.has(sid)) {
      return { message: `two statements have the Sid ${JSON.stringify(sid)}`, fix: 'give each statement its own Sid' };
    }
    if (sid) seen.add(sid);
  }
  return null;
}

const LOGS_PRINCIPAL = /^logs\.([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$/;

/** logseal's own statements are Allows for CloudWatch Logs in one account; whatever else bears their Sid is not its own. */
function wouldBeLost(
  { effect, principal: { not, names }, conditions }: Statement,
  { subject }: PolicyQuestion,
): boolean {
  const isForLogs =
    names !== '*' &&
    Object.entries(names).every(
      ([kind, named]) => kind === 'Service' && named.every((service) => LOGS_PRINCIPAL.test(service)),
    );
  if (effect === 'Deny' || not || !isForLogs) return true;
  const account = subject.type === 'log-group' ? parseArn(subject.arn)?.account : subject.account;
  const accounts = conditions.flatMap(({ values }) => values.map((value) => parseArn(value)?.account ?? value));
  return accounts.some((named) => /^\d{12}$/.test(named) && named !== account);
}

/** ECMAScript's "JSON.parse source text access", which Node.js has and TypeScript's library does not yet. */
const sourceJson = JSON as unknown as {
  parse(
    text: string,
    reviver: (name: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  rawJSON(source: string): object;
};

/** JSON in which every number stays as it is written, since a double may not hold it. */
function readExactly(text: string, arrange: (value: unknown) => unknown = (value) => value): unknown {
  return sourceJson.parse(text, (_name, value, { source }) =>
    typeof value === 'number' ? sourceJson.rawJSON(source) : arrange(value),
  );
}

/**
 * The policy with the statement at that index of its list, indented if it was and still fits.
 * @returns null for a text nested too deeply
 */
function write(text: string, statement: RepairStatement, index: number): string | null {
  return orNull(() => {
    const document = readExactly(text) as { readonly Statement: unknown };
    const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
    const repaired = { ...document, Statement: statements.toSpliced(index, 1, statement) };
    const indented = /[\r\n]/.test(text) ? JSON.stringify(repaired, null, 2) : null;
    return indented !== null && bytesOf(indented) <= MAX_BYTES ? indented : JSON.stringify(repaired);
  });
}

/** One text for all policies of the same meaning; null for what is not JSON. */
function canonicalOf(text: string): string | null {
  return orNull(() => JSON.stringify(readExactly(text, sorted)));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** JSON throws SyntaxError on what it is not, and RangeError on text nested too deeply. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
