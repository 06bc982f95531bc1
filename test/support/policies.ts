/** Parts of key policies, as a world writes them: {account}, {region} and {home} are filled in. */

type Statement = Readonly<Record<string, unknown>>;

/** The actions that CloudWatch Logs needs. */
export const ACTIONS = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];
const SERVICE = { Service: 'logs.{region}.amazonaws.com' };
const scopedTo = (arn: string) => ({ ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn } });

/** The account decides by IAM, for these actions. */
export const accountMay = (Action: string | string[] = 'kms:*'): Statement => ({
  Sid: 'Account',
  Effect: 'Allow',
  Principal: { AWS: 'arn:{partition}:iam::{account}:root' },
  Action,
  Resource: '*',
});
/** CloudWatch Logs may, for all log groups of the account and Region. */
export const LOG_GROUPS: Statement = {
  Sid: 'Logs',
  Effect: 'Allow',
  Principal: SERVICE,
  Action: ACTIONS,
  Resource: '*',
  Condition: scopedTo('arn:{partition}:logs:{region}:{home}:log-group:*'),
};
/** CloudWatch Logs may, for other log groups than those. */
export const logGroupsUnder = (arn: string): Statement => ({ ...LOG_GROUPS, Condition: scopedTo(arn) });
/** CloudWatch Logs may, for the stored results of queries. */
export const QUERY_RESULTS: Statement = {
  Sid: 'Results',
  Effect: 'Allow',
  Principal: SERVICE,
  Action: ACTIONS,
  Resource: '*',
  Condition: {
    ArnLike: { 'aws:SourceArn': 'arn:{partition}:logs:{region}:{home}:query-result:*' },
    StringEquals: { 'aws:SourceAccount': '{home}' },
  },
};
/** All principals of the account may, through CloudWatch Logs. */
export const READERS_AND_WRITERS: Statement = {
  Sid: 'ReadersAndWriters',
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: [...ACTIONS, 'kms:Describe*'],
  Resource: '*',
  Condition: { StringEquals: { 'kms:CallerAccount': '{account}', 'kms:ViaService': 'logs.{region}.amazonaws.com' } },
};
/** Nobody may whose request is not so. */
export const denyUnless = (Condition: Statement): Statement => ({
  Sid: 'Fence',
  Effect: 'Deny',
  Principal: '*',
  Action: ACTIONS,
  Resource: '*',
  Condition,
});

export function policyOf(...statements: readonly Statement[]) {
  return { Version: '2012-10-17', Statement: statements };
}

/** The account may do everything, and these hold. */
export function admitting(...statements: readonly Statement[]) {
  return policyOf(accountMay(), ...statements);
}
