import { parseArn } from '../arn.ts';
import { logsEndpoint } from '../partition.ts';
import { REQUIRED_ACTIONS, type RequiredAction } from './actions.ts';
import { parseKeyPolicy } from './parse.ts';
import { patternsOf, type RepairScope, unionOf } from './repair-scope.ts';
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
 * that the subject is in. It replaces an earlier Allow of logseal's own and keeps the actions and the log groups of that one.
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
  const patterns = own.flatMap((each) => patternsOf(each.statement) ?? []);
  const statement = statementFor(service, scope, missing, patterns);
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
 * The statement that lets CloudWatch Logs use a key, or through it all principals of the account; by default with every
 * required action.
 * @param patterns of log groups that it is for already
 */
export function statementFor(
  { keyArn, regionalName }: LogsService,
  scope: RepairScope,
  actions: readonly RequiredAction[] = REQUIRED_ACTIONS,
  patterns: readonly string[] = [],
): RepairStatement {
  return {
    Sid: SIDS[scope.type],
    Effect: 'Allow',
    Principal: scope.type === 'readers-and-writers' ? { AWS: '*' } : { Service: regionalName },
    Action: scope.type === 'readers-and-writers' ? [...abbreviate(actions), 'kms:Describe*'] : abbreviate(actions),
    Resource: '*',
    Condition: conditionOf(scope, keyArn, patterns),
  };
}

/** One Sid for each, so that one repair never replaces what another one added. */
export const SIDS: Readonly<Record<RepairScope['type'], string>> = {
  'log-groups': 'LogsealLogGroups',
  'query-results': 'LogsealQueryResults',
  'readers-and-writers': 'LogsealReadersAndWriters',
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

/** CloudWatch Logs User Guide, "Encrypt log data" and "Encrypt query results"; the policies of AWS-managed keys have the third. */
function conditionOf(scope: RepairScope, keyArn: string, patterns: readonly string[]): RepairStatement['Condition'] {
  switch (scope.type) {
    case 'log-groups': {
      const [pattern = '', ...others] = unionOf(patterns, scope.pattern);
      return { ArnLike: { [LOGS_CONTEXT]: others.length === 0 ? pattern : [pattern, ...others] } };
    }
    case 'query-results': {
      const { partition = 'aws', region = '' } = parseArn(keyArn) ?? {};
      return {
        ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${scope.account}:query-result:*` },
        StringEquals: { 'aws:SourceAccount': scope.account },
      };
    }
    case 'readers-and-writers': {
      const { partition = 'aws', region = '', account = '' } = parseArn(scope.pattern) ?? {};
      return { StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': logsEndpoint(partition, region) } };
    }
  }
}
