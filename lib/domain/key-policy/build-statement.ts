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

/**
 * The statement that lets CloudWatch Logs use a key, or through it all principals of an account or an organization; by default
 * with every required action.
 * @param earlier logseal's own statements that it takes the place of: it is for all that they are for, too
 */
export function statementFor(
  { keyArn, regionalName }: LogsService,
  scope: RepairScope,
  actions: readonly RequiredAction[] = REQUIRED_ACTIONS,
  earlier: readonly Statement[] = [],
): RepairStatement {
  const isForPrincipals = scope.type === 'readers-and-writers' || scope.type === 'organization';
  return {
    Sid: SIDS[scope.type],
    Effect: 'Allow',
    Principal: isForPrincipals ? { AWS: '*' } : { Service: regionalName },
    Action: isForPrincipals ? [...abbreviate(actions), 'kms:Describe*'] : abbreviate(actions),
    Resource: '*',
    Condition: conditionOf(scope, keyArn, earlier),
  };
}

/** The one statement for several scopes, with every required action. */
export function statementForAll(service: LogsService, [first, ...others]: Scopes): RepairStatement {
  return others.reduce(
    (statement, scope) => {
      const parsed = parseKeyPolicy(JSON.stringify({ Statement: statement }));
      return statementFor(service, scope, REQUIRED_ACTIONS, parsed.ok ? parsed.policy.statements : []);
    },
    statementFor(service, first),
  );
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
function conditionOf(scope: RepairScope, keyArn: string, earlier: readonly Statement[]): RepairStatement['Condition'] {
  const { partition = 'aws', region = '' } = parseArn(keyArn) ?? {};
  const known = earlier.flatMap((statement) => namesIn(statement, scope.type));
  const withKnown = (name: string) => [...new Set([...known.filter((each) => /^(\d{12}|o-\w+)$/.test(each)), name])];
  switch (scope.type) {
    case 'log-groups': {
      const patterns = earlier.flatMap((statement) => patternsOf(statement) ?? []);
      return { ArnLike: { [LOGS_CONTEXT]: oneOrAll(unionOf(patterns, scope.pattern)) } };
    }
    case 'query-results': {
      const accounts = withKnown(scope.account);
      const arns = accounts.map((account) => `arn:${partition}:logs:${region}:${account}:query-result:*`);
      return {
        ArnLike: { 'aws:SourceArn': oneOrAll(arns) },
        StringEquals: { 'aws:SourceAccount': oneOrAll(accounts) },
      };
    }
    case 'readers-and-writers': {
      const accounts = withKnown(parseArn(scope.pattern)?.account ?? '');
      return {
        StringEquals: { 'kms:CallerAccount': oneOrAll(accounts), 'kms:ViaService': logsEndpoint(partition, region) },
      };
    }
    case 'organization': {
      const ids = withKnown(scope.orgId);
      return {
        StringEquals: { 'aws:PrincipalOrgID': oneOrAll(ids), 'kms:ViaService': logsEndpoint(partition, region) },
      };
    }
  }
}

function oneOrAll(values: readonly string[]): string | readonly string[] {
  const [first = '', ...others] = values;
  return others.length === 0 ? first : values;
}
