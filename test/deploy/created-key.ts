import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeKeyCommand, GetKeyPolicyCommand } from '@aws-sdk/client-kms';
import { expect, it } from 'vitest';
import { PROBE_GROUP } from '../../lib/config/functions.ts';
import { runProcess } from '../support/logseal.ts';
import { deploy, emulator, remove } from './deployment.ts';
import { ACCOUNT, REGION } from './place.ts';

const STACK = 'logseal-key';

/** Deploys a stack without a KeyId, and deletes it. */
export function describeCreatedKey(): void {
  it('creates a key that CloudWatch Logs may use for log groups and query results, and retains it and the log groups when the stack is deleted', async () => {
    const { kms, logs, endpoint } = emulator();
    const { ids } = await deploy(STACK, { KeyId: '', QueryResults: 'true' }, endpoint.url);
    const KeyId = ids['Key'] ?? '';

    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    const logGroupArn = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/web`;
    for (const subject of [
      ['--log-group-arn', logGroupArn],
      ['--query-results', ACCOUNT],
    ]) {
      const about = ['--key-arn', KeyMetadata?.Arn ?? '', ...subject];
      const checked = await runProcess(['policy', 'check', '--policy', '-', ...about, '--format', 'json'], {
        stdin: Policy ?? '',
      });
      expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'ALLOWED', warnings: [] });
      expect(checked.status).toBe(0);
    }

    const described = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: PROBE_GROUP }));
    expect(described.logGroups).toMatchObject([{ logGroupName: PROBE_GROUP, kmsKeyId: KeyMetadata?.Arn }]);

    await remove(STACK);

    const left = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(left.KeyMetadata).toMatchObject({ KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' });
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
    for (const name of [ids['ScanLogs'], ids['RemediateLogs']]) {
      expect(logGroups.find(({ logGroupName }) => logGroupName === name)?.kmsKeyId).toBe(KeyMetadata?.Arn);
    }
  });
}
