/** What CloudWatch Logs must be allowed to do with a key. Without ReEncrypt a key was refused in the field (rule 18). */
export const REQUIRED_ACTIONS = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:GenerateDataKey',
] as const;

/** What AWS's own policies for CloudWatch Logs also list; not required of the service. */
export const ADVISORY_ACTIONS = [
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyPairWithoutPlaintext',
] as const;

export const EVALUATED_ACTIONS = [...REQUIRED_ACTIONS, ...ADVISORY_ACTIONS, 'kms:DescribeKey'] as const;

export type RequiredAction = (typeof REQUIRED_ACTIONS)[number];
export type EvaluatedAction = (typeof EVALUATED_ACTIONS)[number];

/** `DescribeKey` carries none, so a condition on it never lets DescribeKey through (rules 2 and 3). */
export function carriesEncryptionContext(action: EvaluatedAction): boolean {
  return action !== 'kms:DescribeKey';
}
