import {
  AssociateKmsKeyCommand,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { aSandbox, clients, refusal } from './support.ts';

const describeGroups = () => new DescribeLogGroupsCommand({});

describe('the server', () => {
  it('takes the caller’s account from the access key id, or else its own', async () => {
    const { sandbox, sts } = await aSandbox({ account: '777788889999' });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '111122223333',
      Arn: 'arn:aws:iam::111122223333:user/sandbox',
      UserId: expect.any(String),
    });
    const other = clients(sandbox, { account: 'ASIA64FAKE', region: 'cn-north-1' });
    expect(await other.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '777788889999',
      Arn: 'arn:aws-cn:iam::777788889999:user/sandbox',
    });
  });

  it('keeps accounts and Regions apart', async () => {
    const { sandbox, logs } = await aSandbox({ world: { groups: { '/a': null } } });
    const names = async (client: typeof logs) => (await client.send(describeGroups())).logGroups?.length;
    expect(await names(logs)).toBe(1);
    expect(await names(clients(sandbox, { region: 'us-east-1' }).logs)).toBe(0);
    expect(await names(clients(sandbox, { account: '444455556666' }).logs)).toBe(0);
  });

  it('refuses unknown operations, missing signatures and bodies that are not JSON', async () => {
    const { sandbox } = await aSandbox();
    const authorization = 'AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/kms/aws4_request, Signature=x';
    const post = async (headers: Record<string, string>, body = '{}') => {
      const response = await fetch(sandbox.url, { method: 'POST', headers, body });
      return `${response.status} ${await response.text()}`;
    };
    expect(await post({ authorization, 'x-amz-target': 'TrentService.Encrypt' })).toContain(
      '400 {"__type":"UnknownOperationException"',
    );
    expect(await post({ authorization, 'x-amz-target': 'Nothing.Encrypt' })).toContain('UnknownOperationException');
    expect(await post({ authorization, 'x-amz-target': 'TrentService.toString' })).toContain(
      'UnknownOperationException',
    );
    expect(await post({ 'x-amz-target': 'TrentService.ListKeys' })).toContain(
      '403 {"__type":"MissingAuthenticationTokenException"',
    );
    expect(await post({ authorization, 'x-amz-target': 'TrentService.ListKeys' }, '[')).toContain(
      'SerializationException',
    );
    const sts = authorization.replace('/kms/', '/sts/');
    expect(await post({ authorization: sts }, 'Action=GetFederationToken&Version=2011-06-15')).toContain(
      '<Code>UnknownOperationException</Code>',
    );
  });

  it('provides the environment for its clients, and closes despite open connections', async () => {
    const { sandbox, logs } = await aSandbox();
    await logs.send(describeGroups());
    expect(sandbox.environment()).toMatchObject({
      AWS_ENDPOINT_URL: sandbox.url,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_REGION: 'eu-west-1',
    });
    await sandbox.close();
    expect(await refusal(logs.send(describeGroups()))).not.toBe('no error');
  });

  it('answers a page of 100,000 groups at once', async () => {
    const { logs } = await aSandbox({ world: { bulk: [{ name: '/bulk/{n}', count: 100_000 }] } });
    await logs.send(describeGroups());
    // Time on the processor: what else the machine does makes no difference.
    const before = process.cpuUsage();
    let nextToken: string | undefined;
    for (let page = 0; page < 100; page++)
      ({ nextToken } = await logs.send(new DescribeLogGroupsCommand({ nextToken })));
    expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
  });
});

describe('quotas', () => {
  it('throttle, count throttled calls separately, and can be lifted', async () => {
    const { sandbox, logs } = await aSandbox({ world: { quotas: { 'logs:DescribeLogGroups': 2 } } });
    const results = await Promise.all(Array.from({ length: 5 }, () => refusal(logs.send(describeGroups()))));
    expect(results.filter((result) => result === 'ThrottlingException: Rate exceeded')).toHaveLength(3);
    expect(sandbox.calls()).toEqual({ 'logs:DescribeLogGroups': 2, 'throttled:logs:DescribeLogGroups': 3 });
    const elsewhere = clients(sandbox, { region: 'us-east-1' });
    expect(await refusal(elsewhere.logs.send(describeGroups()))).toBe('no error');
    sandbox.setQuotas({});
    sandbox.resetCalls();
    expect(await refusal(logs.send(describeGroups()))).toBe('no error');
    expect(sandbox.calls()).toEqual({ 'logs:DescribeLogGroups': 1 });
  });

  it('can be AWS’s own, which the SDK’s retries overcome', async () => {
    const { sandbox } = await aSandbox({ world: { quotas: 'aws' } });
    const { logs } = clients(sandbox, { maxAttempts: 10 });
    await Promise.all(Array.from({ length: 12 }, () => logs.send(describeGroups())));
    expect(sandbox.calls()['logs:DescribeLogGroups']).toBe(12);
    expect(sandbox.calls()['throttled:logs:DescribeLogGroups']).toBeGreaterThan(0);
  });
});

describe('faults', () => {
  const call = 'logs:DescribeLogGroups';

  it.each([
    ['throttle', 'ThrottlingException: Rate exceeded'],
    ['unavailable', 'ServiceUnavailableException'],
    ['aborted', 'OperationAbortedException'],
    ['reset', 'ECONNRESET'],
    ['bad-gateway', 'Deserialization'],
    [
      'deny',
      'AccessDeniedException: User: arn:aws:iam::111122223333:user/sandbox is not authorized to perform: logs:DescribeLogGroups on resource: arn:aws:logs:eu-west-1:111122223333:log-group::log-stream: because no identity-based policy allows the logs:DescribeLogGroups action',
    ],
  ] as const)('%s', async (kind, expected) => {
    const { logs, kms } = await aSandbox({ world: { faults: [{ call, kind }] } });
    expect(await refusal(logs.send(describeGroups()))).toContain(expected);
    expect(await refusal(kms.send(new ListKeysCommand({})))).toBe('no error');
  });

  it('use the errors and the protocol of each service', async () => {
    const { kms, sts } = await aSandbox({ world: { faults: [{ call: '*', kind: 'unavailable' }] } });
    expect(await refusal(kms.send(new CreateKeyCommand({})))).toContain('KMSInternalException');
    expect(await refusal(sts.send(new GetCallerIdentityCommand({})))).toContain('ServiceUnavailable');
  });

  it('reset-after carries the call out first', async () => {
    const { logs } = await aSandbox({ world: { faults: [{ call: 'logs:CreateLogGroup', kind: 'reset-after' }] } });
    expect(await refusal(logs.send(new CreateLogGroupCommand({ logGroupName: '/a' })))).toContain('ECONNRESET');
    expect((await logs.send(describeGroups())).logGroups).toHaveLength(1);
  });

  it('latency delays', async () => {
    const { logs } = await aSandbox({ world: { faults: [{ call, kind: 'latency', latencyMs: 60 }] } });
    const startedAtMs = performance.now();
    await logs.send(describeGroups());
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(58);
  });

  it('skip requests, hit a number of them, and hit only one resource', async () => {
    const { sandbox, logs, kms } = await aSandbox({ world: { groups: { '/a': null }, keys: { k: {} } } });
    sandbox.setFaults([{ call, kind: 'throttle', skip: 1, times: 2 }]);
    const results = [];
    for (let n = 0; n < 4; n++) results.push((await refusal(logs.send(describeGroups()))).split(':')[0]);
    expect(results).toEqual(['no error', 'ThrottlingException', 'ThrottlingException', 'no error']);
    sandbox.setFaults([{ call: '*', kind: 'deny', resource: '/a' }]);
    const attach = (logGroupName: string) =>
      refusal(logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: 'x' })));
    expect(await attach('/a')).toContain('AccessDeniedException');
    expect(await attach('/b')).toContain('ResourceNotFoundException');
    sandbox.setFaults([{ call: 'kms:DescribeKey', kind: 'deny', resource: 'alias/x' }]);
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: 'alias/x' })))).toContain(
      'on resource: arn:aws:kms:eu-west-1:111122223333:alias/x because',
    );
  });

  it('are repeatable with the same seed', async () => {
    const succeeds = async (seed: number) => {
      const { logs } = await aSandbox({ world: { seed, faults: [{ call, kind: 'throttle', rate: 0.5 }] } });
      const results = [];
      for (let n = 0; n < 20; n++) results.push((await refusal(logs.send(describeGroups()))) === 'no error');
      return results;
    };
    const first = await succeeds(7);
    expect(first).toContain(true);
    expect(first).toContain(false);
    expect(await succeeds(7)).toEqual(first);
    expect(await succeeds(8)).not.toEqual(first);
  });

  it('are refused with every mistake', async () => {
    const { sandbox } = await aSandbox();
    const mistaken = [{ call: 'logs:AssociateKMSKey', kind: 'throttel', rate: 2 }] as never;
    expect(() => sandbox.setFaults(mistaken)).toThrow(/0\.call: .*\n0\.kind: .*\n0\.rate: /);
    expect(() => sandbox.setQuotas({ 'logs:Nothing': 1 })).toThrow('logs:Nothing');
  });
});
