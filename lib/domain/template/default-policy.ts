import { textOf, UNKNOWN_ACCOUNT } from './unknown.ts';

/** KMS Developer Guide, "Default key policy": of a key that is created by a program without a policy. */
export const DEFAULT_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: {
        AWS: `arn:${textOf({ written: 'AWS::Partition', settledBy: '' })}:iam::${textOf(UNKNOWN_ACCOUNT)}:root`,
      },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});
