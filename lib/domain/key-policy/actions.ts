/** The actions that a key policy must allow CloudWatch Logs. Why ReEncrypt is among them: docs/key-policy-rules.md#rule-18. */
export const REQUIRED_ACTIONS = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:GenerateDataKey',
] as const;

/** Listed in AWS's example policies for CloudWatch Logs as well, but not required. */
export const ADVISORY_ACTIONS = [
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyPairWithoutPlaintext',
] as const;

export const EVALUATED_ACTIONS = [...REQUIRED_ACTIONS, ...ADVISORY_ACTIONS, 'kms:DescribeKey'] as const;

export type RequiredAction = (typeof REQUIRED_ACTIONS)[number];
export type EvaluatedAction = (typeof EVALUATED_ACTIONS)[number];

/** Whether requests for the action carry an encryption context (docs/key-policy-rules.md#rule-2, #rule-3). */
export function carriesEncryptionContext(action: EvaluatedAction): boolean {
  return action !== 'kms:DescribeKey';
}
