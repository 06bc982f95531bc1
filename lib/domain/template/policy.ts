import { evaluateKeyPolicy, type PolicyVerdict } from '../key-policy/evaluate.ts';
import { UNRENDERED } from '../key-policy/near-miss.ts';
import type { ReadPolicy } from '../key-policy/read.ts';
import { wholeScope } from '../key-policy/repair-scope.ts';
import type { CallFacts } from '../key-policy/service-call.ts';
import type { Verdict } from '../key-policy/verdict.ts';
import { problemOf } from '../key-policy/verdict-problem.ts';
import { type Problem, problem, type TemplateReasonCode, type TemplateWarningCode } from '../reasons.ts';
import {
  type BoundDeclaration,
  bindPolicy,
  deployed,
  deploymentsOf,
  keyArnIn,
  withoutIdentities,
} from './bound-policy.ts';
import { type Case, casesOf, isUpToName } from './cases.ts';
import { DEFAULT_POLICY } from './default-policy.ts';
import { toSettle } from './facts.ts';
import type { Declarations, DeclaredKey, DeclaredPolicy } from './model.ts';
import { globalNameWarnings, mayNameGlobal, policyWarnings } from './policy-warnings.ts';
import { shown, shownFix } from './shown.ts';
import { AFTER_DEPLOYMENT, isKnown, textOf, UNKNOWN_ACCOUNT, UNKNOWN_REGION, unknownsIn } from './unknown.ts';

/** What the policy of a declared key means for one log group. */
export interface PolicyAnswer {
  readonly verdict: Verdict;
  /** null: CloudWatch Logs certainly may use the key. */
  readonly problem: Problem<TemplateReasonCode> | null;
  readonly warnings: readonly Problem<TemplateWarningCode>[];
}

type Place = Pick<Declarations, 'region' | 'account' | 'language'>;

export interface PolicyEvaluator {
  /** @param logGroupName null: AWS makes it up */
  answer(key: DeclaredKey, logGroupName: string | null): PolicyAnswer;
  /** Whether CloudWatch Logs certainly may use the key for the log group. Explains nothing, which takes longer. @param logGroupName null: for whichever */
  allows(key: DeclaredKey, logGroupName: string | null): boolean;
}

/** Evaluates the policies of declared keys. What is the same for all log groups of a key is done once. */
export function policyEvaluator(place: Place, facts: CallFacts): PolicyEvaluator {
  const read = new Map<DeclaredKey, { readonly unknowns: readonly string[]; readonly bound: Map<string, Bound> }>();
  const boundOf = (key: DeclaredKey, text: string, name: string) => {
    const { unknowns, bound } = read.get(key) ?? { unknowns: writtenIn(text), bound: new Map<string, Bound>() };
    read.set(key, { unknowns, bound });
    const shared = unknowns.length === 0 ? [] : writtenIn(name).filter((written) => unknowns.includes(written));
    const which = shared.join('\n');
    const own = bound.get(which) ?? boundTo(key, text, place, facts, new Set(shared));
    bound.set(which, own);
    return own;
  };
  return {
    answer(key, logGroupName) {
      const { policy } = key;
      if (policy.kind === 'UNKNOWN') return { verdict: 'UNCERTAIN', problem: unknownPolicy(key, policy), warnings: [] };
      const [text, name] = [textOfPolicy(policy), logGroupName ?? MADE_UP_NAME];
      return answerOf(key, text, name, boundOf(key, text, name), place);
    },
    allows(key, logGroupName) {
      const { policy } = key;
      if (policy.kind === 'UNKNOWN') return false;
      const [text, name] = [textOfPolicy(policy), logGroupName ?? ANY_NAME];
      const { deployments, isCut } = boundOf(key, text, name);
      return !isCut && casesOf(name, deployments).every(({ verdict }) => verdict === 'ALLOWED');
    },
  };
}

function textOfPolicy(policy: Exclude<DeclaredPolicy, { kind: 'UNKNOWN' }>): string {
  return policy.kind === 'DEFAULT' ? DEFAULT_POLICY : policy.text;
}

const SOME_NAME = { written: 'the log group', settledBy: 'a name for the log group in the file' };
const ANY_NAME = textOf(SOME_NAME);
const MADE_UP_NAME = textOf({ ...SOME_NAME, isPlain: true });

function writtenIn(text: string): string[] {
  return unknownsIn(text).map(({ written }) => written);
}

/** A policy in every deployment that matters. */
interface Bound {
  readonly deployments: readonly BoundDeclaration[];
  /** Whether there are more of them. */
  readonly isCut: boolean;
  readonly warnings: readonly Problem<TemplateWarningCode>[];
  /** Whether the global service principal may be among its principals. */
  readonly mayNameGlobal: boolean;
}

function boundTo(key: DeclaredKey, text: string, place: Place, facts: CallFacts, shared: ReadonlySet<string>): Bound {
  const { all, isCut } = deploymentsOf(text, place.region, place.account);
  const deployments = all.map((deployment) => {
    const own = deployed(text, deployment);
    const policies = bindPolicy(own, keyArnIn(key, deployment), facts, shared);
    return { ...deployment, policies, isWhole: isKnown(own) };
  });
  return {
    deployments,
    isCut,
    warnings: key.policy.kind === 'DOCUMENT' ? policyWarnings(key, deployments) : [],
    mayNameGlobal: mayNameGlobal(text),
  };
}

function unknownPolicy(
  { id }: DeclaredKey,
  { because, settledBy }: DeclaredPolicy & { kind: 'UNKNOWN' },
): Problem<TemplateReasonCode> {
  return problem(
    'KEY_POLICY_UNCERTAIN',
    `whether the key policy of ${id} lets CloudWatch Logs use the key is not known: ${because}`,
    toSettle(settledBy),
  );
}

function answerOf(key: DeclaredKey, text: string, name: string, bound: Bound, { language }: Place): PolicyAnswer {
  const { warnings } = bound;
  const cases = casesOf(name, bound.deployments);
  const last = cases.at(-1);
  const policy = last?.policies[0];
  if (!last || !policy) throw new Error('a policy is evaluated for one deployment at least');
  const verdicts = new Set(cases.map(({ verdict }) => verdict));
  const mayBeAllowed = verdicts.has('ALLOWED') || verdicts.has('UNCERTAIN');
  if ((verdicts.size > 1 && mayBeAllowed) || cases.some(isUpToName))
    return { verdict: 'UNCERTAIN', problem: dependent(key, name, cases), warnings };
  if (last.verdict === 'ALLOWED' && bound.isCut) return { verdict: 'UNCERTAIN', problem: tooManyPlaces(key), warnings };
  if (last.verdict === 'ALLOWED')
    return {
      verdict: 'ALLOWED',
      problem: null,
      warnings: [...warnings, ...(bound.mayNameGlobal ? globalNameWarnings(key, last, policy, language) : [])],
    };
  const evaluated = evaluateKeyPolicy(policy, last.subject, wholeScope(last.subject));
  const unknowns = isKnown(text) ? [] : unknownsIn(deployed(withoutIdentities(text), last));
  if (last.verdict === 'UNCERTAIN' && unknowns.length > 0) {
    return { verdict: 'UNCERTAIN', problem: unsettled(key, unknowns), warnings };
  }
  const { code, fix } = problemOf(policy, last.subject, evaluated);
  const message = whyRefused(key, policy, cases, last);
  const own = renderingFix(key, message) ?? fixOf(key, evaluated, policy, language) ?? fix;
  return {
    verdict: last.verdict,
    problem: problem(last.verdict === 'MALFORMED' ? 'MALFORMED_POLICY' : code, message, shownFix(own, key, last)),
    warnings,
  };
}

/** The fix where the message is about a `${…}` that the language of the file can replace. */
function renderingFix({ policy }: DeclaredKey, message: string): string | undefined {
  const unrendered = policy.kind === 'DOCUMENT' ? policy.unrendered : undefined;
  return unrendered?.find(({ variable }) => message.includes(`${UNRENDERED}${variable}`))?.fix;
}

/** Where the policy names Regions, it says what is wrong in one of those: elsewhere more is. */
function whyRefused(key: DeclaredKey, ofLast: ReadPolicy, cases: readonly Case[], last: Case): string {
  if (key.policy.kind === 'DEFAULT')
    return `${key.id} has no policy of its own, so KMS gives it the default one, which admits no service`;
  const nearest = cases.find(({ verdict, isSomeAccount }) => verdict === last.verdict && isSomeAccount) ?? last;
  const { subject } = nearest;
  const [policy = ofLast] = nearest.policies;
  const { message } = problemOf(policy, subject, evaluateKeyPolicy(policy, subject, wholeScope(subject)));
  return shown(message.replace('the key policy', `the key policy of ${key.id}`), key, nearest);
}

/** The verdict is not the same in all deployments. */
function dependent({ id }: DeclaredKey, name: string, cases: readonly Case[]): Problem<TemplateReasonCode> {
  const varies = (part: (each: Case) => string, other: (each: Case) => string) =>
    [...Map.groupBy(cases, other).values()].some(
      (some) => new Set(some.map(part)).size > 1 && new Set(some.map(({ verdict }) => verdict)).size > 1,
    );
  const onRegion = varies(regionOf, accountOf);
  const onAccount = varies(accountOf, regionOf);
  const onName = cases.some(isUpToName);
  const what = [onRegion && 'the Region', onAccount && 'the account', onName && 'the name of the log group'].filter(
    Boolean,
  );
  const options = [onRegion && UNKNOWN_REGION.settledBy, onAccount && UNKNOWN_ACCOUNT.settledBy].filter(Boolean);
  const settledBy = [
    ...(options.length > 0 ? [options.join(' ')] : []),
    ...(onName ? unknownsIn(name).map((unknown) => unknown.settledBy) : []),
  ];
  return problem(
    'KEY_POLICY_UNCERTAIN',
    `whether the key policy of ${id} lets CloudWatch Logs use the key depends on ${what.join(' and ')}, which is not known`,
    toSettle(new Set(settledBy.length > 0 ? settledBy : [AFTER_DEPLOYMENT])),
  );
}

/** The policy allows it wherever it was evaluated. */
function tooManyPlaces({ id }: DeclaredKey): Problem<TemplateReasonCode> {
  return problem(
    'KEY_POLICY_UNCERTAIN',
    `whether the key policy of ${id} lets CloudWatch Logs use the key is not known: it names more Regions and accounts than are evaluated`,
    toSettle([UNKNOWN_REGION.settledBy, UNKNOWN_ACCOUNT.settledBy]),
  );
}

const regionOf = ({ region }: Case) => region;
const accountOf = ({ account }: Case) => account;

/** The verdict depends on values in the policy that are not known. */
function unsettled({ id }: DeclaredKey, unknowns: ReturnType<typeof unknownsIn>): Problem<TemplateReasonCode> {
  const names = unknowns.map(({ written }) => `\${${written}}`).join(', ');
  return problem(
    'KEY_POLICY_UNCERTAIN',
    `whether the key policy of ${id} lets CloudWatch Logs use the key depends on ${names}, which is not known`,
    toSettle(new Set(unknowns.map(({ settledBy }) => settledBy))),
  );
}

function fixOf(
  key: DeclaredKey,
  { repair }: PolicyVerdict,
  read: ReadPolicy,
  language: Place['language'],
): string | null {
  if (!repair) return null;
  const { id, policy, policyPlace } = key;
  const whose = policyPlace === undefined ? id : `${id}, ${policyPlace}`;
  const sids = read.status === 'READ' ? read.statements.map(({ sid }) => sid) : [];
  if (sids.includes(repair.Sid)) {
    return `put this statement in the place of ${repair.Sid} in the key policy of ${whose}:\n${language.statement(repair)}`;
  }
  const written = { ...repair, Sid: freeSid(sids) };
  if (policy.kind === 'DEFAULT') return `add a key policy to ${whose}:\n${language.policy(written, key)}`;
  return `add this statement to the key policy of ${whose}:\n${language.statement(written)}`;
}

/** Not the one of `key repair`, since `undo` may take such a statement out. */
function freeSid(taken: readonly (string | null | undefined)[]): string {
  let sid = 'CloudWatchLogs';
  for (let number = 2; taken.includes(sid); number++) sid = `CloudWatchLogs${number}`;
  return sid;
}
