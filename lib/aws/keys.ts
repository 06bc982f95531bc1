import { DescribeKeyCommand, GetKeyPolicyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Keys } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import { CloudError } from '../errors.ts';
import type { Calls } from './calls.ts';

/** The keys of KMS in the client's Region. */
export function createKeys(client: KMSClient, calls: Calls): Keys {
  return {
    async describe(key) {
      const command = new DescribeKeyCommand({ KeyId: key });
      const { KeyMetadata: answer } = await calls.make('kms:DescribeKey', () => client.send(command));
      if (!answer?.Arn) throw new CloudError('UNAVAILABLE', 'kms:DescribeKey', `KMS answered nothing of ${key}`);
      return {
        arn: answer.Arn,
        account: answer.AWSAccountId ?? parseArn(answer.Arn)?.account ?? '',
        state: answer.KeyState ?? null,
        spec: answer.KeySpec ?? answer.CustomerMasterKeySpec ?? null,
        usage: answer.KeyUsage ?? null,
      };
    },

    async policyText(keyArn) {
      const command = new GetKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default' });
      const { Policy } = await calls.make('kms:GetKeyPolicy', () => client.send(command));
      if (Policy !== undefined) return Policy;
      throw new CloudError('UNAVAILABLE', 'kms:GetKeyPolicy', `KMS answered no policy of ${keyArn}`);
    },
  };
}
