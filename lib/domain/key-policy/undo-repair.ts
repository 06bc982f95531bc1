import { parseArn } from '../arn.ts';
import { type PolicyRefusal, problem } from '../reasons.ts';
import { ambiguityOf } from './ambiguity.ts';
import { namesIn } from './names-in.ts';
import { OWN_KINDS, type OwnKind } from './own-kinds.ts';
import type { Statement } from './parse.ts';
import { partsOf, withStatements } from './policy-text.ts';
import { type ReadPolicy, readKeyPolicy, type WellFormedPolicy } from './read.ts';
import { repairCommand } from './repair-command.ts';
import { documentRefusal } from './repair-policy.ts';
import type { LogsService } from './service-call.ts';
import { statementQuote } from './statement-name.ts';

/** What undo would do to a key policy as it is now. */
export type PolicyUndo =
  | { readonly kind: 'NOTHING_TO_DO' }
  | { readonly kind: 'REFUSED'; readonly refusal: PolicyRefusal }
  /** `text`: the whole new policy. */
  | { readonly kind: 'REPLACE'; readonly text: string };

/** What a run changed, as its journal has it: whole policy texts. */
interface Change {
  readonly runId: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Takes back a change of a key policy in the policy as it is now: takes the statement with logseal's own Sid out if the change
 * added it, or puts back the one that the change took out or replaced. Everything else stays as it is now. **The texts of the
 * change are compared, never copied**: what is put back is what `key repair` would write now, and only if it equals what was
 * there. Refused where the change is none of logseal's, where the statement has changed since, and where KMS would not accept
 * the new policy. Never throws.
 * @param later what later runs changed of the same key policy
 */
export function undoRepair(policy: ReadPolicy, change: Change, later: readonly Change[]): PolicyUndo {
  const { service } = policy;
  if (policy.status === 'MALFORMED') return refused(malformed(policy.mistakes, service));
  const changed = ownChange(change, service);
  if (!changed) return refused(notOfLogseal(change, service));
  const { kind, was, became } = changed;
  const now = ownStatement(policy, kind);
  if (now?.text === was?.text) return { kind: 'NOTHING_TO_DO' };
  const ambiguity = ambiguityOf(policy);
  if (ambiguity) return refused(ambiguous(ambiguity.message, `${ambiguity.fix}, then undo again`));
  if (now?.text !== became?.text) return refused(changedSince({ kind, now, change, later, service }));
  if (now && !kind.isOwn(now.statement, service)) return refused(notOwn(now.statement, service));
  return was ? putBack(policy, kind, was, now) : takeOut(policy, now);
}

interface OwnStatement {
  readonly statement: Statement;
  /** The same for all statements with the same meaning. */
  readonly text: string;
}

/** The statement with the Sid of a kind; null: there is none. */
function ownStatement({ statements, text }: WellFormedPolicy, { sid }: OwnKind): OwnStatement | null {
  const statement = statements.find((each) => each.sid === sid);
  return statement ? { statement, text: partsOf(text).statements[statement.index] ?? '' } : null;
}

interface OwnChange {
  readonly kind: OwnKind;
  readonly was: OwnStatement | null;
  readonly became: OwnStatement | null;
}

/** The one statement of logseal's own that a change is about; null: it is about something else, or about more. */
function ownChange({ from, to }: Change, service: LogsService): OwnChange | null {
  const [before, after] = [readKeyPolicy(from, service), readKeyPolicy(to, service)];
  if (before.status === 'MALFORMED' || after.status === 'MALFORMED') return null;
  const changes = OWN_KINDS.map((kind) => ({
    kind,
    was: ownStatement(before, kind),
    became: ownStatement(after, kind),
  })).filter(({ was, became }) => was?.text !== became?.text);
  const [change, ...others] = changes;
  if (!change || others.length > 0) return null;
  return allBut(from, change.was) === allBut(to, change.became) ? change : null;
}

function allBut(text: string, own: OwnStatement | null): string {
  const { statements, rest } = partsOf(text);
  return JSON.stringify([rest, own ? statements.toSpliced(own.statement.index, 1) : statements]);
}

function takeOut(policy: WellFormedPolicy, now: OwnStatement | null): PolicyUndo {
  return replaced(without(policy, now), "without logseal's statement", policy.service);
}

function without({ text }: WellFormedPolicy, own: OwnStatement | null): string {
  return own ? withStatements(text, (all) => all.toSpliced(own.statement.index, 1)) : text;
}

function putBack(policy: WellFormedPolicy, kind: OwnKind, was: OwnStatement, now: OwnStatement | null): PolicyUndo {
  const { service, statements } = policy;
  const strangers = strangersIn(kind, was, now, service);
  if (strangers.length > 0) return refused(ofStrangers(kind, strangers, service));
  const repair = kind.repairAgain(readKeyPolicy(without(policy, now), service), was.statement);
  if (repair?.kind === 'REFUSED') return repair;
  if (repair?.kind !== 'REPAIR' || ownText(repair.text, kind, service) !== was.text) {
    return refused(notRepairedSo(kind, service));
  }
  const index = now?.statement.index ?? statements.length;
  const text = withStatements(policy.text, (all) => all.toSpliced(index, 1, repair.statement));
  return replaced(text, "with logseal's earlier statement", service);
}

/**
 * Accounts other than the key's own, and organizations, that an earlier statement names and the key policy does not name now.
 * Whoever can write into the journal could name one of their own.
 */
function strangersIn(
  { type }: OwnKind,
  was: OwnStatement,
  now: OwnStatement | null,
  { keyArn }: LogsService,
): readonly string[] {
  const known = [parseArn(keyArn)?.account, ...(now ? namesIn(now.statement, type) : [])];
  return namesIn(was.statement, type).filter((name) => !known.includes(name));
}

function ownText(text: string, kind: OwnKind, service: LogsService): string | undefined {
  const policy = readKeyPolicy(text, service);
  return policy.status === 'READ' ? ownStatement(policy, kind)?.text : undefined;
}

function replaced(text: string, how: string, service: LogsService): PolicyUndo {
  const after = readKeyPolicy(text, service);
  if (after.status === 'MALFORMED') return refused(malformed(after.mistakes, service));
  const refusal = documentRefusal(after, how);
  return refusal ? refused(refusal) : { kind: 'REPLACE', text };
}

function refused(refusal: PolicyRefusal): PolicyUndo {
  return { kind: 'REFUSED', refusal };
}

function malformed(mistakes: readonly string[], { keyArn }: LogsService): PolicyRefusal {
  return problem('KEY_POLICY_UNREADABLE', mistakes.join('; '), `replace the key policy of ${keyArn} with a valid one`);
}

function ambiguous(message: string, fix: string): PolicyRefusal {
  return problem('KEY_POLICY_AMBIGUOUS', message, fix);
}

function notOfLogseal({ runId }: Change, { keyArn }: LogsService): PolicyRefusal {
  const sids = OWN_KINDS.map(({ sid }) => `"${sid}"`).join(' or ');
  return problem(
    'JOURNAL_NOT_TRUSTED',
    `what the journal has of run ${runId} is not a change that logseal makes: that would be of the statement ${sids}, and of nothing else`,
    `find out who wrote this into the journal; if the key policy of ${keyArn} must change, change it by hand`,
  );
}

function notRepairedSo({ sid, type }: OwnKind, { keyArn }: LogsService): PolicyRefusal {
  return problem(
    'JOURNAL_NOT_TRUSTED',
    `the journal has an earlier statement "${sid}" that key repair would not write now, so it is not put back: either the key policy has changed since, or somebody has forged the journal`,
    `find out who wrote this into the journal; if the key needs the statement, run: ${repairCommand(keyArn, type)}`,
  );
}

function ofStrangers({ sid, type }: OwnKind, strangers: readonly string[], { keyArn }: LogsService): PolicyRefusal {
  const [named, option] = type === 'organization' ? ['an organization', 'org-id'] : ['another account', 'account'];
  return problem(
    'JOURNAL_NOT_TRUSTED',
    `the journal has an earlier statement "${sid}" for ${named}, which the key policy does not name now, so it is not put back: ${strangers.join(', ')}`,
    `if you know that the key is for ${strangers.length === 1 ? 'it' : 'them'}, name each with --${option}: ${repairCommand(keyArn, type)}`,
  );
}

function notOwn(statement: Statement, { keyArn }: LogsService): PolicyRefusal {
  return ambiguous(
    `${statementQuote(statement)} of the key policy has logseal's Sid, but logseal would not write such a statement`,
    `check ${statementQuote(statement)} of the key policy of ${keyArn}, and change it by hand`,
  );
}

interface Since {
  readonly kind: OwnKind;
  readonly now: OwnStatement | null;
  readonly change: Change;
  readonly later: readonly Change[];
  readonly service: LogsService;
}

function changedSince({ kind, now, change, later, service }: Since): PolicyRefusal {
  const { keyArn } = service;
  const by = later.findLast((each) => {
    const changed = ownChange(each, service);
    return changed?.kind === kind && changed.became?.text === now?.text;
  });
  if (by) {
    return problem(
      'KEY_POLICY_CHANGED',
      `run ${by.runId} of logseal changed the statement "${kind.sid}" after run ${change.runId}`,
      `take run ${by.runId} back first`,
    );
  }
  const what = now ? 'changed the statement' : 'taken out the statement';
  const fix = now
    ? `take the statement "${kind.sid}" out of the key policy of ${keyArn} by hand, or change it there`
    : `nothing to do, unless the key needs the statement: then run: ${repairCommand(keyArn, kind.type)}`;
  return problem('KEY_POLICY_CHANGED', `somebody else has ${what} "${kind.sid}" since run ${change.runId}`, fix);
}
