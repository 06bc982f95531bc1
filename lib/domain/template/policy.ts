import { documentProblems } from '../key-policy/document.ts';
import { evaluateKeyPolicy, type PolicyVerdict } from '../key-policy/evaluate.ts';
import { publicProblem } from '../key-policy/public.ts';
import type { ReadPolicy } from '../key-policy/read.ts';
import { wholeScope } from '../key-policy/repair-scope.ts';
import type { CallFacts, PolicySubject } from '../key-policy/service-call.ts';
import { type Verdict, verdictOf } from '../key-policy/verdict.ts';
import { problemOf } from '../key-policy/verdict-problem.ts';
import { type Problem, problem, type TemplateReasonCode, type TemplateWarningCode } from '../reasons.ts';
import { logGroupArn } from '../stores/log-group.ts';
import {
  type BoundDeclaration,
  bindPolicy,
  type Deployment,
  deployed,
  deploymentsOf,
  keyArnIn,
  SOME_ACCOUNT,
  SOME_REGION,
  withWords,
} from './bound-policy.ts';
import type { Declarations, DeclaredKey, DeclaredPolicy } from './model.ts';
import { shownText, textOf, UNKNOWN_ACCOUNT, UNKNOWN_REGION, unknownsIn } from './unknown.ts';

/** What the policy of a declared key means for one log group. */
export interface PolicyAnswer {
  /** null: the policy is not known. */
  readonly verdict: Verdict | null;
  /** null: CloudWatch Logs certainly may use the key. */
  readonly problem: Problem<TemplateReasonCode> | null;
  readonly warnings: readonly Problem<TemplateWarningCode>[];
}

type Place = Pick<Declarations, 'region' | 'account' | 'language'>;

/** KMS Developer Guide, "Default key policy": of a key that is created by a program without a policy. */
const DEFAULT_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: {
        AWS: `arn:${textOf({ written: 'AWS::Partition', settledBy: '' })}:iam::${textOf(UNKNOWN_ACCOUNT)}:root`,
      },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/** Evaluates the policies of declared keys. What is the same for all log groups of a key is done once. */
export function policyEvaluator(
  place: Place,
  facts: CallFacts,
): (key: DeclaredKey, logGroupName: string | null) => PolicyAnswer {
  const bound = new Map<DeclaredKey, readonly BoundDeclaration[]>();
  return (key, logGroupName) => {
    const { policy } = key;
    if (policy.kind === 'UNKNOWN') return { verdict: null, problem: unknownPolicy(key, policy), warnings: [] };
    const text = policy.kind === 'DEFAULT' ? DEFAULT_POLICY : policy.text;
    const name = logGroupName ?? textOf({ written: 'the log group', settledBy: 'the deployment' });
    const shared = new Set(unknownsIn(name).map(({ written }) => written));
    const isShared = unknownsIn(text).some(({ written }) => shared.has(written));
    const own =
      (!isShared && bound.get(key)) ||
      deploymentsOf(text, place.region, place.account).map((deployment) => ({
        ...deployment,
        policies: bindPolicy(deployed(text, deployment), keyArnIn(key, deployment), facts, shared),
      }));
    if (!isShared) bound.set(key, own);
    return answerOf(key, text, name, own, place);
  };
}

function unknownPolicy(
  { id }: DeclaredKey,
  { because, settledBy }: DeclaredPolicy & { kind: 'UNKNOWN' },
): Problem<TemplateReasonCode> {
  return problem(
    'KEY_POLICY_UNCERTAIN',
    `whether the key policy of ${id} lets CloudWatch Logs use the key is not known: ${because}`,
    `to settle it: ${settledBy.join('; ')}`,
  );
}

/** One deployment, with one of the names that the log group may have. */
interface Case extends BoundDeclaration {
  readonly subject: PolicySubject;
  readonly verdict: Verdict;
}

function answerOf(
  key: DeclaredKey,
  text: string,
  name: string,
  bound: readonly BoundDeclaration[],
  { language }: Place,
): PolicyAnswer {
  const cases = bound.flatMap((each): Case[] =>
    namesOf(name, text, each).map((logGroup) => {
      const subject: PolicySubject = {
        type: 'log-group',
        arn: logGroupArn(each.partition, { ...each, provider: 'aws' }, logGroup),
      };
      const [verdict = 'UNCERTAIN', ...others] = new Set(each.policies.map((policy) => verdictIn(policy, subject)));
      return { ...each, subject, verdict: others.length > 0 ? 'UNCERTAIN' : verdict };
    }),
  );
  const last = cases.at(-1);
  const policy = last?.policies[0];
  if (!last || !policy) throw new RangeError('a policy is evaluated for one deployment at least');
  const warnings = warningsOf(key, text, cases);
  const verdicts = new Set(cases.map(({ verdict }) => verdict));
  if (verdicts.size > 1) return { verdict: 'UNCERTAIN', problem: dependent(key, name, cases), warnings };
  if (last.verdict === 'ALLOWED') return { verdict: 'ALLOWED', problem: null, warnings };
  const evaluated = evaluateKeyPolicy(policy, last.subject, wholeScope(last.subject));
  const unknowns = unknownsIn(deployed(text, last));
  if (last.verdict === 'UNCERTAIN' && unknowns.length > 0) {
    return { verdict: 'UNCERTAIN', problem: unsettled(key, unknowns), warnings };
  }
  const { code, message, fix } = problemOf(policy, last.subject, evaluated);
  const own = fixOf(key, evaluated, policy, language) ?? fix;
  const text_ =
    key.policy.kind === 'DEFAULT'
      ? `${key.id} has no policy of its own, so KMS gives it the default one, which admits no service`
      : message;
  return {
    verdict: last.verdict,
    problem: problem(
      last.verdict === 'MALFORMED' ? 'MALFORMED_POLICY' : code,
      shown(text_, key, last),
      shown(own, key, last),
    ),
    warnings,
  };
}

function verdictIn(policy: ReadPolicy, subject: PolicySubject): Verdict {
  return policy.status === 'MALFORMED' ? 'MALFORMED' : verdictOf(policy, subject);
}

/** Choice. */
const MAX_NAMES = 6;

/** The names for which a policy may mean something else: of one that is not known, those that the policy names, too. */
function namesOf(name: string, policy: string, deployment: Deployment): string[] {
  const known = deployed(name, deployment);
  if (unknownsIn(known).length === 0) return [known];
  const parts = known.split(/\uE000[^\uE002]*\uE002/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const form = new RegExp(`^${parts.join('[.\\-_/#A-Za-z0-9]*')}$`);
  const named = [...policy.matchAll(/:log-group:([^":\\]+)/g)].map(([, pattern = '']) => pattern.replace(/[*?]/g, 'x'));
  const possible = [...new Set(named)].filter((each) => form.test(each)).slice(0, MAX_NAMES);
  return [...possible, withWords(known)];
}

/** The verdict is not the same in all deployments. */
function dependent({ id }: DeclaredKey, name: string, cases: readonly Case[]): Problem<TemplateReasonCode> {
  const varies = (part: (each: Case) => string) => {
    const others = Map.groupBy(cases, (each) =>
      JSON.stringify(PARTS.filter((other) => other !== part).map((other) => other(each))),
    );
    return [...others.values()].some((some) => new Set(some.map(({ verdict }) => verdict)).size > 1);
  };
  const onRegion = varies(regionOf);
  const onAccount = varies(accountOf);
  const onName = varies(nameOf) || !(onRegion || onAccount);
  const what = [onRegion && 'the Region', onAccount && 'the account', onName && 'the name of the log group'].filter(
    Boolean,
  );
  const settledBy = [
    ...(onRegion ? [UNKNOWN_REGION.settledBy] : []),
    ...(onAccount ? [UNKNOWN_ACCOUNT.settledBy] : []),
    ...(onName ? unknownsIn(name).map((unknown) => unknown.settledBy) : []),
  ];
  return problem(
    'KEY_POLICY_UNCERTAIN',
    `whether the key policy of ${id} lets CloudWatch Logs use the key depends on ${what.join(' and ')}, which is not known`,
    `to settle it: ${[...new Set(settledBy.length > 0 ? settledBy : ['the deployment'])].join(' ')}`,
  );
}

const regionOf = ({ region }: Case) => region;
const accountOf = ({ account }: Case) => account;
const nameOf = ({ subject }: Case) => (subject.type === 'log-group' ? (subject.arn.split(':').at(-1) ?? '') : '');
const PARTS = [regionOf, accountOf, nameOf];

/** The verdict depends on values in the policy that are not known. */
function unsettled({ id }: DeclaredKey, unknowns: ReturnType<typeof unknownsIn>): Problem<TemplateReasonCode> {
  const names = unknowns.map(({ written }) => `\${${written}}`).join(', ');
  return problem(
    'KEY_POLICY_UNCERTAIN',
    `whether the key policy of ${id} lets CloudWatch Logs use the key depends on ${names}, which is not known`,
    `to settle it: ${[...new Set(unknowns.map(({ settledBy }) => settledBy))].join('; ')}`,
  );
}

function fixOf(
  { id, policy }: DeclaredKey,
  { repair }: PolicyVerdict,
  read: ReadPolicy,
  language: Place['language'],
): string | null {
  if (!repair) return null;
  if (policy.kind === 'DEFAULT') return `add a key policy to ${id}:\n${language.policy(repair)}`;
  const own = read.status === 'READ' && read.statements.some(({ sid }) => sid === repair.Sid);
  const how = own ? `put this statement in the place of ${repair.Sid} in` : 'add this statement to';
  return `${how} the key policy of ${id}:\n${language.statement(repair)}`;
}

/** What holds wherever the key is deployed. */
function warningsOf(key: DeclaredKey, text: string, cases: readonly Case[]): Problem<TemplateWarningCode>[] {
  const last = cases.at(-1);
  if (key.policy.kind !== 'DOCUMENT' || !last) return [];
  return warningsIn(key, text, last).filter(({ code }) =>
    cases.every((each) => warningsIn(key, text, each).some((other) => other.code === code)),
  );
}

function warningsIn(key: DeclaredKey, text: string, deployment: Case): Problem<TemplateWarningCode>[] {
  const [read] = deployment.policies;
  if (read?.status !== 'READ') return [];
  const documents = unknownsIn(deployed(text, deployment)).length === 0 ? documentProblems(read) : [];
  const open = read.publicStatement ? [publicProblem(read.service.keyArn, read.publicStatement)] : [];
  const words = (own: string) => shown(own.replaceAll(read.service.keyArn, key.id), key, deployment);
  return [...open, ...documents].map(({ code, message, fix }) => problem(code, words(message), words(fix)));
}

/** What stands for an unknown value, as words. */
function shown(text: string, { id, arn }: DeclaredKey, { region, account, policies }: BoundDeclaration): string {
  const keyArn = arn === null ? policies[0]?.service.keyArn : undefined;
  const named = keyArn === undefined ? text : text.replaceAll(keyArn, id);
  const placed = region === SOME_REGION ? named.replaceAll(region, 'REGION') : named;
  return shownText(account === SOME_ACCOUNT ? placed.replaceAll(account, 'ACCOUNT') : placed);
}
