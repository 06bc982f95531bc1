import { parseArn } from '../arn.ts';
import { logsEndpoint } from '../partition.ts';
import { REQUIRED_ACTIONS, type RequiredAction } from './actions.ts';
import { namesIn } from './names-in.ts';
import { parseKeyPolicy, type Statement } from './parse.ts';
import { patternsOf, type RepairScope, type Scopes, unionOf } from './repair-scope.ts';
import { LOGS_CONTEXT, type LogsService, type PolicySubject, serviceCall } from './service-call.ts';
import { type BoundPolicy, bind } from './statement.ts';
import { effectsOf, verdictOf } from './verdict.ts';

/** A statement to add to a key policy, in the form that its JSON has. */
export interface RepairStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly Service: string } | { readonly AWS: '*' };
  readonly Action: readonly string[];
  readonly Resource: '*';
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * The smallest statement that makes the verdict ALLOWED: the actions that the policy does not certainly allow, for a scope
 * that the subject is in. It replaces an earlier Allow of logseal's own and keeps its actions, log groups and accounts.
 * @returns null if no added statement can help, because a Deny applies or may apply
 */
export function repairOf(policy: BoundPolicy, subject: PolicySubject, scope: RepairScope): RepairStatement | null {
  const { service } = policy;
  const others = policy.statements.filter(({ sid, effect }) => sid !== SIDS[scope.type] || effect === 'Deny');
  const without = bind({ ...policy, statements: others }, service);
  const effects = effectsOf(without, serviceCall(service, subject), REQUIRED_ACTIONS);
  const own = policy.bound.filter((each) => !others.includes(each.statement));
  const missing = REQUIRED_ACTIONS.filter(
    (action) => effects[action].effect !== 'ALLOW' || own.some(({ reach }) => reach[action] === 'YES'),
  );
  if (missing.length === 0) return null;
  const earlier = own.map((each) => each.statement);
  const statement = statementFor(service, scope, missing, earlier);
  const added = parseKeyPolicy(JSON.stringify({ Statement: statement }));
  if (!added.ok) return null;
  // Indexes must stay unique, and the added statement comes last.
  const statements = [
    ...others,
    ...added.policy.statements.map((each) => ({ ...each, index: policy.statements.length })),
  ];
  const repaired = bind({ ...policy, statements }, service);
  return verdictOf(repaired, subject) === 'ALLOWED' ? statement : null;
}

/** The statement for one scope: as `statementForAll`. */
export function statementFor(
  service: LogsService,
  scope: RepairScope,
  actions?: readonly RequiredAction[],
  earlier?: readonly Statement[],
): RepairStatement {
  return statementForAll(service, [scope], actions, earlier);
}

/**
 * The statement that lets CloudWatch Logs use a key, or through it all principals of accounts or of an organization; by default
 * with every required action.
 * @param earlier logseal's own statements that it takes the place of: it is for all that they are for, too
 */
export function statementForAll(
  { keyArn, regionalName }: LogsService,
  scopes: Scopes,
  actions: readonly RequiredAction[] = REQUIRED_ACTIONS,
  earlier: readonly Statement[] = [],
): RepairStatement {
  const [{ type }] = scopes;
  const isForPrincipals = type === 'readers-and-writers' || type === 'organization';
  return {
    Sid: SIDS[type],
    Effect: 'Allow',
    Principal: isForPrincipals ? { AWS: '*' } : { Service: regionalName },
    Action: isForPrincipals ? [...abbreviate(actions), 'kms:Describe*'] : abbreviate(actions),
    Resource: '*',
    Condition: conditionOf(scopes, keyArn, earlier),
  };
}

/** One Sid for each, so that one repair never replaces what another one added. */
export const SIDS: Readonly<Record<RepairScope['type'], string>> = {
  'log-groups': 'LogsealLogGroups',
  'query-results': 'LogsealQueryResults',
  'readers-and-writers': 'LogsealReadersAndWriters',
  organization: 'LogsealOrganization',
};

/** Written as in AWS's example policies. */
function abbreviate(actions: readonly RequiredAction[]): string[] {
  return [
    ...new Set(
      actions.map((action) => {
        if (action.startsWith('kms:ReEncrypt')) return 'kms:ReEncrypt*';
        return action === 'kms:GenerateDataKey' ? 'kms:GenerateDataKey*' : action;
      }),
    ),
  ];
}

/**
 * CloudWatch Logs User Guide, "Encrypt log data" and "Encrypt query results"; the policies of AWS-managed keys have the third. For
 * the calls of CloudWatch Logs itself AWS documents no condition key that carries the id of an organization; for those of users
 * and roles it is `aws:PrincipalOrgID`.
 */
function conditionOf(scopes: Scopes, keyArn: string, earlier: readonly Statement[]): RepairStatement['Condition'] {
  const [{ type }] = scopes;
  const { partition = 'aws', region = '' } = parseArn(keyArn) ?? {};
  const known = earlier.flatMap((statement) => namesIn(statement, type)).filter((name) => NAME.test(name));
  const names = [...new Set([...known, ...scopes.map(nameOf)])];
  switch (type) {
    case 'log-groups': {
      const before = earlier.flatMap((statement) => patternsOf(statement) ?? []);
      const asked = scopes.flatMap((scope) => ('pattern' in scope ? [scope.pattern] : []));
      return { ArnLike: { [LOGS_CONTEXT]: oneOrAll(asked.reduce<readonly string[]>(unionOf, before)) } };
    }
    case 'query-results': {
      const arns = names.map((account) => `arn:${partition}:logs:${region}:${account}:query-result:*`);
      return { ArnLike: { 'aws:SourceArn': oneOrAll(arns) }, StringEquals: { 'aws:SourceAccount': oneOrAll(names) } };
    }
    case 'readers-and-writers':
    case 'organization': {
      const key = type === 'organization' ? 'aws:PrincipalOrgID' : 'kms:CallerAccount';
      return { StringEquals: { [key]: oneOrAll(names), 'kms:ViaService': logsEndpoint(partition, region) } };
    }
  }
}

const NAME = /^(\d{12}|o-[a-z0-9]{10,32})$/;

/** The account that a scope is for, or the organization. */
function nameOf(scope: RepairScope): string {
  switch (scope.type) {
    case 'query-results':
      return scope.account;
    case 'organization':
      return scope.orgId;
    default:
      return parseArn(scope.pattern)?.account ?? '';
  }
}

function oneOrAll(values: readonly string[]): string | readonly string[] {
  const [first = '', ...others] = values;
  return others.length === 0 ? first : values;
}
