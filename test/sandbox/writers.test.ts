import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import * as Logs from '@aws-sdk/client-cloudwatch-logs';
import * as Kms from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, clientConfig, logsPolicy } from './support.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1, 12);
const viaLogs = { 'kms:ViaService': 'logs.eu-west-1.amazonaws.com' };
const context = { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111122223333:log-group:/a' };
const rights = ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey'];
const allow = (Action: string | string[], Condition: object) => ({ Effect: 'Allow', Action, Resource: '*', Condition });
const policyOf = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
/** The one statement that covers every reader and writer of the account. */
const EVERYBODY = {
  ...allow([...rights, 'kms:Encrypt', 'kms:ReEncrypt*'], {
    StringEquals: { ...viaLogs, 'kms:CallerAccount': '111122223333' },
  }),
  Principal: { AWS: '*' },
};

interface Given {
  /** The statements of the role that writes to /a; null: AWS does not check the writer. */
  readonly role?: object[] | null;
  /** Statements of the key's policy, beside those for its account and for CloudWatch Logs. */
  readonly ofKey?: object[];
  readonly perMinute?: number;
  readonly more?: World;
}

/** A world whose clock stands at 12:00 until it is moved, with a log group /a that has a writer and no key. */
async function aWriter({ role = [], ofKey = [], perMinute = 60, more = {} }: Given = {}) {
  let nowMs = START_MS;
  const Statement = [...logsPolicy().Statement, ...ofKey];
  const world: World = {
    keys: { key: { alias: 'alias/key', policy: { ...logsPolicy(), Statement } } },
    roles: { app: { policies: role?.length ? [policyOf(...role)] : [] } },
    groups: { '/a': { key: null, writer: { perMinute, ...(role && { role: 'app' }) } }, '/b': null },
    ...more,
  };
  const { sandbox, logs, kms } = await aSandbox({ world, now: () => new Date(nowMs) });
  const cloudwatch = new CloudWatchClient(clientConfig(sandbox));
  const { KeyMetadata } = await kms.send(new Kms.DescribeKeyCommand({ KeyId: 'alias/key' }));
  const kmsKeyId = KeyMetadata?.Arn;
  const metric = async (MetricName = 'IncomingLogEvents', group = '/a') => {
    const Metric = { Namespace: 'AWS/Logs', MetricName, Dimensions: [{ Name: 'LogGroupName', Value: group }] };
    const { MetricDataResults = [] } = await cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }],
        StartTime: new Date(START_MS - 2 * MINUTE_MS),
        EndTime: new Date(START_MS + 20 * MINUTE_MS),
        ScanBy: 'TimestampAscending',
      }),
    );
    const { Timestamps = [], Values } = MetricDataResults[0] ?? {};
    return Object.fromEntries(Timestamps.map((at, index) => [at.toISOString().slice(11, 16), Values?.[index]]));
  };
  return {
    ...{ logs, metric },
    wait: (minutes: number) => {
      nowMs += minutes * MINUTE_MS;
    },
    seal: () => logs.send(new Logs.AssociateKmsKeyCommand({ logGroupName: '/a', kmsKeyId })),
    unseal: () => logs.send(new Logs.DisassociateKmsKeyCommand({ logGroupName: '/a' })),
    putPolicy: (...more: object[]) => {
      const text = JSON.stringify({ ...logsPolicy(), Statement: [...logsPolicy().Statement, ...more] });
      const named = { partition: 'aws', account: '111122223333', home: '111122223333', region: 'eu-west-1' };
      const Policy = text.replace(/\{(\w+)\}/g, (_match, name: keyof typeof named) => named[name]);
      return kms.send(new Kms.PutKeyPolicyCommand({ KeyId: kmsKeyId, Policy }));
    },
    lastEvent: async () => {
      const { logStreams } = await logs.send(new Logs.DescribeLogStreamsCommand({ logGroupName: '/a' }));
      return logStreams?.[0]?.lastEventTimestamp;
    },
  };
}

describe('a writer', () => {
  it('shows in the metrics of its log group, from before the sandbox began, and in no other', async () => {
    const { metric, wait } = await aWriter();
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60 });
    wait(1.5);
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60, '12:00': 60, '12:01': 30 });
    expect(await metric('IncomingBytes')).toEqual({ '11:58': 6000, '11:59': 6000, '12:00': 6000, '12:01': 3000 });
    expect(await metric('IncomingLogEvents', '/b')).toEqual({});
    expect(await metric('IncomingLogEvents', '/none')).toEqual({});
    expect(await metric('DeliveryErrors')).toEqual({});
  });

  it('may write less than once a minute: minutes without events have no data points', async () => {
    const { metric, wait } = await aWriter({ perMinute: 0.2 });
    wait(12);
    expect(await metric()).toEqual({ '12:00': 1, '12:05': 1, '12:10': 1 });
  });

  it('is silent under a key that its role may not use, and writes again without it', async () => {
    const { metric, wait, seal, unseal, lastEvent } = await aWriter();
    wait(1.5);
    await seal();
    expect(await lastEvent()).toBe(START_MS + 89_000);
    wait(3);
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60, '12:00': 60, '12:01': 30 });
    expect(await lastEvent()).toBe(START_MS + 89_000);
    await unseal();
    wait(1);
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60, '12:00': 60, '12:01': 30, '12:04': 30, '12:05': 30 });
    expect(await lastEvent()).toBe(START_MS + 5.5 * MINUTE_MS - 1000);
  });

  it('writes again when the policy of the key admits it, and falls silent when it no longer does', async () => {
    const { metric, wait, seal, putPolicy } = await aWriter();
    await seal();
    wait(1);
    await putPolicy(EVERYBODY);
    wait(1);
    await putPolicy();
    wait(1);
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60, '12:01': 60 });
  });

  it('without a role goes on writing under any key', async () => {
    const { metric, wait, seal } = await aWriter({ role: null });
    await seal();
    wait(1);
    expect(await metric()).toMatchObject({ '12:00': 60 });
  });

  it.each<[title: string, expected: boolean, given: Given]>([
    ['its role has no rights on the key', false, { role: [] }],
    ['its role may use the key through CloudWatch Logs', true, { role: [allow(rights, { StringLike: viaLogs })] }],
    [
      'its role may use the key as in CloudWatchLogsAPIKeyAccess',
      true,
      {
        role: [
          allow(rights.slice(0, 2), { StringLike: viaLogs, ArnLike: context }),
          allow('kms:DescribeKey', { StringLike: viaLogs }),
        ],
      },
    ],
    ['its role lacks kms:Decrypt', false, { role: [allow([rights[0] ?? '', rights[2] ?? ''], {})] }],
    ['its role lacks kms:DescribeKey', false, { role: [allow(rights.slice(0, 2), {})] }],
    [
      'its role may use the key for another log group',
      false,
      { role: [allow(rights, { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:*:*:log-group:/b' } })] },
    ],
    [
      'its role may use the key through another service',
      false,
      { role: [allow(rights, { StringLike: { 'kms:ViaService': 's3.*' } })] },
    ],
    ['the key policy admits everybody', true, { ofKey: [EVERYBODY] }],
    [
      'the key policy names its role',
      true,
      {
        ofKey: [{ ...allow(rights, {}), Principal: { AWS: 'arn:aws:iam::111122223333:role/app' } }],
      },
    ],
    [
      'the key policy denies it',
      false,
      {
        role: [allow(rights, {})],
        ofKey: [{ ...allow('kms:Decrypt', { StringLike: viaLogs }), Effect: 'Deny', Principal: '*' }],
      },
    ],
  ])('%s: writes under the key: %s', async (_title, expected, given) => {
    const { metric, wait, seal } = await aWriter(given);
    await seal();
    wait(1);
    expect('12:00' in (await metric())).toBe(expected);
  });

  it('has been silent from the beginning under a key that it may not use, or that does not exist', async () => {
    const writer = { perMinute: 60, role: 'app' };
    const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
    const closed = await aWriter({ more: { groups: { '/a': { key: 'key', writer } } } });
    const keys = { key: { alias: 'alias/key' }, gone: { exists: false } };
    const gone = await aWriter({
      more: { keys, groups: { '/a': { key: 'gone', writer } }, roles: { app: { policies: [everything] } } },
    });
    for (const { metric, lastEvent } of [closed, gone]) {
      expect(await metric()).toEqual({});
      expect(await lastEvent()).toBeUndefined();
    }
  });

  it('ends with its log group', async () => {
    const { logs, metric, wait } = await aWriter();
    await logs.send(new Logs.DeleteLogGroupCommand({ logGroupName: '/a' }));
    await logs.send(new Logs.CreateLogGroupCommand({ logGroupName: '/a' }));
    wait(1);
    expect(await metric()).toEqual({});
  });
});

describe('the delays of a world', () => {
  it('let a change of the key take effect later, and back', async () => {
    const { metric, wait, seal, unseal } = await aWriter({ more: { delays: { keyMinutes: 2 } } });
    wait(1);
    await seal();
    wait(4);
    await unseal();
    wait(3);
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60, '12:00': 60, '12:01': 60, '12:02': 60, '12:07': 60 });
  });

  it('let the events arrive later in metrics and log streams', async () => {
    const { metric, wait, seal, lastEvent } = await aWriter({ more: { delays: { metricMinutes: 1.5 } } });
    expect(await metric()).toEqual({ '11:58': 30 });
    expect(await lastEvent()).toBe(START_MS - 91_000);
    wait(2);
    await seal();
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60, '12:00': 30 });
    wait(5);
    expect(await metric()).toEqual({ '11:58': 60, '11:59': 60, '12:00': 60, '12:01': 60 });
  });
});
