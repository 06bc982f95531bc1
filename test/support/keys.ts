import {
  AssociateKmsKeyCommand,
  DescribeLogGroupsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetKeyPolicyCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { clients, refusal } from '../sandbox/support.ts';

/** What somebody else sees and does in a sandbox, by the unmodified SDK. */
export function keysOf(sandbox: Sandbox, { region = 'eu-west-1', account = '111122223333' } = {}) {
  const { kms, logs } = clients(sandbox, { region, account });
  const describe = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
  return {
    /** @param key what KMS takes: an alias, an ARN */
    arn: async (key = 'alias/logseal') => (await describe(key))?.Arn ?? '',
    policy: async (KeyId: string) => (await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? '',
    putPolicy: (KeyId: string, Policy: string) => kms.send(new PutKeyPolicyCommand({ KeyId, Policy })),
    disable: (KeyId: string) => kms.send(new DisableKeyCommand({ KeyId })),
    enable: (KeyId: string) => kms.send(new EnableKeyCommand({ KeyId })),
    /** The key of each log group, by its name. */
    async attached(): Promise<Record<string, string | null>> {
      const names: [string, string | null][] = [];
      let nextToken: string | undefined;
      do {
        const page = await logs.send(new DescribeLogGroupsCommand({ nextToken }));
        for (const { logGroupName = '', kmsKeyId = null } of page.logGroups ?? []) names.push([logGroupName, kmsKeyId]);
        nextToken = page.nextToken;
      } while (nextToken);
      return Object.fromEntries(names);
    },
    /** The key of the stored query results, seen by a query over a log group. */
    async ofQueryResults(logGroupName: string): Promise<string | null> {
      const range = { startTime: 0, endTime: 1, queryString: 'fields @timestamp' };
      const { queryId } = await logs.send(new StartQueryCommand({ logGroupName, ...range }));
      return (await logs.send(new GetQueryResultsCommand({ queryId }))).encryptionKey ?? null;
    },
    attach: (logGroupName: string, kmsKeyId: string) =>
      logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId })),
    /** What AWS answers to an attempt. */
    refusal: (logGroupName: string, kmsKeyId: string) =>
      refusal(logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId }))),
  };
}
