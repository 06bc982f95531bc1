import { parseArn } from '../arn.ts';
import { REQUIRED_ACTIONS, type RequiredAction } from './actions.ts';
import { parseKeyPolicy } from './parse.ts';
import { type LogsService, type PolicySubject, serviceCall } from './service-call.ts';
import { type BoundPolicy, bind } from './statement.ts';
import { effectsOf, verdictOf } from './verdict.ts';

/** A statement to add to a key policy, as JSON writes it. */
export interface RepairStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly Service: string };
  readonly Action: readonly string[];
  readonly Resource: '*';
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * The smallest statement that makes a verdict ALLOWED: the actions that the policy does not certainly allow, scoped to
 * the account's log groups in the Region, or to its query results. null when no added statement can: a Deny fires or
 * may fire. An Allow of logseal's own that is there already counts as replaced: what it gives is kept, since other log
 * groups may have it from nowhere else.
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
  // An index names one statement: the added one comes last.
  const statements = [
    ...others,
    ...added.policy.statements.map((each) => ({ ...each, index: policy.statements.length })),
  ];
  const repaired = bind({ ...policy, statements }, service);
  return verdictOf(repaired, subject) === 'ALLOWED' ? statement : null;
}

/** The statement that lets CloudWatch Logs use a key whose policy cannot be read: every required action. */
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

/** One each, so that a repair for query results never replaces one for log groups. */
export const SIDS: Record<PolicySubject['type'], string> = {
  'log-group': 'LogsealLogGroups',
  'query-results': 'LogsealQueryResults',
};

/** As AWS's own example writes them. */
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
  if (subject.type === 'log-group') {
    const arn = parseArn(subject.arn);
    const scope = `arn:${arn?.partition}:logs:${arn?.region}:${arn?.account}:log-group:*`;
    return { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': scope } };
  }
  return {
    ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${subject.account}:query-result:*` },
    StringEquals: { 'aws:SourceAccount': subject.account },
  };
}
