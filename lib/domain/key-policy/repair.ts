import { parseArn } from '../arn.ts';
import { REQUIRED_ACTIONS, type RequiredAction } from './actions.ts';
import { type ParsedKeyPolicy, parseKeyPolicy } from './parse.ts';
import { type PolicyQuestion, type PolicySubject, serviceCall } from './service-call.ts';
import { effectOf, verdictOf } from './verdict.ts';

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
 * may fire, or the document is malformed. A statement of logseal's own that is there already counts as replaced.
 */
export function repairOf(policyText: string, question: PolicyQuestion): RepairStatement | null {
  const parsed = parseKeyPolicy(policyText);
  if (!parsed.ok) return null;
  const call = serviceCall(question);
  const sid = SIDS[question.subject.type];
  const others = parsed.policy.statements.filter((statement) => statement.sid !== sid);
  const without = { ...parsed.policy, statements: others };
  const missing = REQUIRED_ACTIONS.filter((action) => effectOf(without, call, action).effect !== 'ALLOW');
  if (missing.length === 0) return null;
  const statement: RepairStatement = {
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: call.regionalName },
    Action: abbreviate(missing),
    Resource: '*',
    Condition: scopeOf(question.subject, question.keyArn),
  };
  const added = parseKeyPolicy(JSON.stringify({ Statement: [statement] }));
  if (!added.ok) return null;
  const repaired: ParsedKeyPolicy = {
    ok: true,
    policy: { ...without, statements: [...others, ...added.policy.statements] },
  };
  return verdictOf(repaired, call) === 'ALLOWED' ? statement : null;
}

/** One each, so that a repair for query results never replaces one for log groups. */
const SIDS: Record<PolicySubject['type'], string> = {
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
