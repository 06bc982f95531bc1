import { parseArn } from '../arn.ts';
import { REQUIRED_ACTIONS, type RequiredAction } from './actions.ts';
import { parseKeyPolicy } from './parse.ts';
import { type LogsService, type PolicySubject, serviceCall } from './service-call.ts';
import { type BoundPolicy, bind } from './statement.ts';
import { effectsOf, verdictOf } from './verdict.ts';

/** A statement to add to a key policy, in the form that its JSON has. */
export interface RepairStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly Service: string };
  readonly Action: readonly string[];
  readonly Resource: '*';
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * The smallest statement that makes the verdict ALLOWED: the actions that the policy does not certainly allow, scoped to
 * the account's log groups in the Region, or to its query results. It replaces an earlier Allow of logseal's own and keeps
 * the actions of that one, because other log groups may depend on them.
 * @returns null if no added statement can help, because a Deny applies or may apply
 */
export function repairOf(policy: BoundPolicy, subject: PolicySubject): RepairStatement | null {
  const { service } = policy;
  const others = policy.statements.filter(({ sid, effect }) => sid !== SIDS[subject.type] || effect === 'Deny');
  const without = bind({ ...policy, statements: others }, service);
  const effects = effectsOf(without, serviceCall(service, subject), REQUIRED_ACTIONS);
  const own = policy.bound.filter((each) => !others.includes(each.statement));
  const missing = REQUIRED_ACTIONS.filter(
    (action) => effects[action].effect !== 'ALLOW' || own.some(({ reach }) => reach[action] === 'YES'),
  );
  if (missing.length === 0) return null;
  const statement = statementFor(service, subject, missing);
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

/** The statement that lets CloudWatch Logs use a key; by default with every required action. */
export function statementFor(
  { keyArn, regionalName }: LogsService,
  subject: PolicySubject,
  actions: readonly RequiredAction[] = REQUIRED_ACTIONS,
): RepairStatement {
  return {
    Sid: SIDS[subject.type],
    Effect: 'Allow',
    Principal: { Service: regionalName },
    Action: abbreviate(actions),
    Resource: '*',
    Condition: scopeOf(subject, keyArn),
  };
}

/** One Sid for each, so that a repair for query results never replaces one for log groups. */
export const SIDS: Record<PolicySubject['type'], string> = {
  'log-group': 'LogsealLogGroups',
  'query-results': 'LogsealQueryResults',
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

/** CloudWatch Logs User Guide, "Encrypt log data" and "Encrypt query results". */
function scopeOf(subject: PolicySubject, keyArn: string): RepairStatement['Condition'] {
  const { partition = 'aws', region = '' } = parseArn(keyArn) ?? {};
  switch (subject.type) {
    case 'log-group': {
      const arn = parseArn(subject.arn);
      const scope = `arn:${arn?.partition}:logs:${arn?.region}:${arn?.account}:log-group:*`;
      return { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': scope } };
    }
    case 'query-results':
      return {
        ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${subject.account}:query-result:*` },
        StringEquals: { 'aws:SourceAccount': subject.account },
      };
  }
}
