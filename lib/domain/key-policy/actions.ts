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

/**
 * Whether CloudWatch Logs needs an action is not known: keys without it are deployed, and no source says that they work
 * (docs/key-policy-rules.md#rule-18).
 */
export function isNeedUncertain(action: RequiredAction): boolean {
  return action === 'kms:ReEncryptFrom' || action === 'kms:ReEncryptTo';
}

export const NEED_UNCERTAIN = 'AWS does not document whether CloudWatch Logs needs it';

export type RequiredAction = (typeof REQUIRED_ACTIONS)[number];
export type EvaluatedAction = (typeof EVALUATED_ACTIONS)[number];

/** Whether requests for the action carry an encryption context (docs/key-policy-rules.md#rule-2, #rule-3). */
export function carriesEncryptionContext(action: EvaluatedAction): boolean {
  return action !== 'kms:DescribeKey';
}
