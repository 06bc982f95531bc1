import { parseArn } from '../arn.ts';
import { type DocumentProblem, placeOf } from './document-problem.ts';
import { identityValues } from './identity-call.ts';
import type { KeyValue } from './operators.ts';
import type { Statement } from './parse.ts';
import type { WellFormedPolicy } from './read.ts';
import { actionCovers, holdsForEach, isEverybody, resourceCovers } from './statement.ts';
import { statementQuote } from './statement-name.ts';
import { every, type Tri } from './tri.ts';

const ACTION = 'kms:PutKeyPolicy';

/**
 * Whether nobody could change a key policy again, which KMS does not let happen (AWS KMS Developer Guide, "Default key
 * policy", on the lockout safety check): no identity of the key's account may call PutKeyPolicy. An Allow under a condition
 * that may hold counts as one.
 */
export function lockout(policy: WellFormedPolicy): DocumentProblem[] {
  const { keyArn } = policy.service;
  const allows = policy.statements.filter((each) => each.effect === 'Allow' && identitiesIn(each, keyArn).length > 0);
  const admitted = mayCover(policy, 'Allow').flatMap((statement) => identitiesIn(statement, keyArn));
  const denialOf = certainDenials(policy);
  const denials = admitted.map(denialOf);
  if (denials.includes(undefined)) return [];
  const [deny] = denials;
  const closest = deny ?? allows.find((each) => actionCovers(each, ACTION) !== 'NO') ?? allows[0];
  const root = `{"Effect": "Allow", "Principal": {"AWS": "${rootOf(keyArn)}"}, "Action": "kms:*", "Resource": "*"}`;
  return [
    {
      code: 'LOCKS_OUT',
      statement: closest ? placeOf(closest) : null,
      message: `nobody could change this key policy again: ${whyNobody(policy, closest, deny)}`,
      fix: deny
        ? `exclude an administrator from ${statementQuote(deny)}`
        : `let the account of the key change the policy: ${root}`,
    },
  ];
}

/** The statements that may decide whether an identity of the key's account may change the policy. */
export function mayCover(policy: WellFormedPolicy, effect: Statement['effect']): Statement[] {
  const { statements, service } = policy;
  return statements.filter(
    (each) => each.effect === effect && reachOf(policy, each) !== 'NO' && identitiesIn(each, service.keyArn).length > 0,
  );
}

function whyNobody(policy: WellFormedPolicy, closest: Statement | undefined, deny: Statement | undefined): string {
  if (deny) return `${statementQuote(deny)} denies ${ACTION}`;
  if (!closest) return `no statement allows an identity of the account ${ACTION}`;
  const quote = statementQuote(closest);
  if (!closest.resource) return `${quote} has no Resource, so it has no effect (in a key policy, "*" means this key)`;
  if (resourceCovers(policy, closest, policy.service.keyArn) === 'NO') {
    return `${quote} names another resource, so it has no effect on this key (in a key policy, "*" means this key)`;
  }
  if (actionCovers(closest, ACTION) === 'NO') return `${quote} does not allow ${ACTION}, and no other statement does`;
  return `the conditions of ${quote} do not hold for ${ACTION}`;
}

function reachOf(policy: WellFormedPolicy, statement: Statement): Tri {
  const { keyArn } = policy.service;
  const conditions = every(statement.conditions, (condition) =>
    holdsForEach(policy, condition, valuesOf(condition.key, policy)),
  );
  return every(
    [actionCovers(statement, ACTION), resourceCovers(policy, statement, keyArn), conditions],
    (part) => part,
  );
}

/** PutKeyPolicy comes through no other service, and takes no encryption context. */
function valuesOf(key: string, { service }: WellFormedPolicy): readonly KeyValue[] {
  if (key === 'kms:viaservice' || key.startsWith('kms:encryptioncontext')) return [undefined];
  if (key === 'kms:bypasspolicylockoutsafetycheck') return [['false']];
  return identityValues(key, service);
}

/** Stands for whoever may call, where the names do not say it: federated users, everybody but some. */
const SOMEBODY = 'somebody';

/** The identities of the key's account that a statement is for: PutKeyPolicy does not work across accounts. */
function identitiesIn({ principal: { not: inverted, names } }: Statement, keyArn: string): string[] {
  if (inverted) return [SOMEBODY];
  if (names === '*') return ['*'];
  if (names.Federated?.length || names.CanonicalUser?.length) return [SOMEBODY];
  const own = parseArn(keyArn)?.account ?? '';
  return (names.AWS ?? []).filter((name) => name === '*' || name === own || parseArn(name)?.account === own);
}

/**
 * Finds the Deny that certainly applies to an identity. One for the account covers all of its identities; one with
 * NotPrincipal may exclude some of them.
 */
function certainDenials(policy: WellFormedPolicy): (identity: string) => Statement | undefined {
  const { keyArn } = policy.service;
  const own = [parseArn(keyArn)?.account ?? '', rootOf(keyArn)];
  let ofAll: Statement | undefined;
  let ofAccount: Statement | undefined;
  const byName = new Map<string, Statement>();
  for (const deny of policy.statements.filter((each) => each.effect === 'Deny' && reachOf(policy, each) === 'YES')) {
    const { not: inverted, names } = deny.principal;
    const excludesNobody = inverted && identitiesIn({ ...deny, principal: { not: false, names } }, keyArn).length === 0;
    if (excludesNobody || (!inverted && isEverybody(names))) ofAll ??= deny;
    if (inverted || names === '*') continue;
    for (const name of names.AWS ?? []) {
      if (own.includes(name)) ofAccount ??= deny;
      else if (!byName.has(name)) byName.set(name, deny);
    }
  }
  return (identity) => ofAll ?? (identity === SOMEBODY ? undefined : (ofAccount ?? byName.get(identity)));
}

function rootOf(keyArn: string): string {
  const { partition = 'aws', account = '' } = parseArn(keyArn) ?? {};
  return `arn:${partition}:iam::${account}:root`;
}
