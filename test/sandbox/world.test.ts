import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssociateKmsKeyCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { aSandbox, clients, refusal } from './support.ts';

const DEMO = new URL('../../sandbox/worlds/demo.yaml', import.meta.url).pathname;

describe('the demo world', () => {
  it('has a key in every state and of every kind, and is the same every time', async () => {
    const [first, second] = [await aSandbox({ world: DEMO }), await aSandbox({ world: DEMO })];
    const all = async ({ logs }: typeof first) => (await logs.send(new DescribeLogGroupsCommand({}))).logGroups ?? [];
    const groups = await all(first);
    const arns = groups.map(({ kmsKeyId }) => kmsKeyId);
    expect((await all(second)).map(({ kmsKeyId }) => kmsKeyId)).toEqual(arns);
    const facts = new Set<string | undefined>();
    for (const KeyId of new Set(arns.filter((arn) => arn !== undefined))) {
      const described = await first.kms.send(new DescribeKeyCommand({ KeyId })).catch((error: Error) => error);
      if (described instanceof Error) facts.add(described.name);
      else
        facts
          .add(described.KeyMetadata?.KeyState)
          .add(described.KeyMetadata?.KeySpec)
          .add(described.KeyMetadata?.KeyManager);
    }
    const states = [
      'Enabled',
      'Disabled',
      'PendingDeletion',
      'PendingReplicaDeletion',
      'PendingImport',
      'Unavailable',
      'Creating',
    ];
    const others = [
      'NotFoundException',
      'AccessDeniedException',
      'RSA_4096',
      'HMAC_256',
      'ECC_NIST_P256',
      'SYMMETRIC_DEFAULT',
      'CUSTOMER',
      'AWS',
    ];
    expect([...facts].sort()).toEqual([...states, ...others].sort());
    expect(arns).toContain(undefined);
  });

  it.each([
    ['/app/api-v2', 'no error'],
    ['/restricted/audit', 'AccessDeniedException: The specified KMS key does not exist or is not allowed'],
    ['/ops/locked', 'AccessDeniedException: User: '],
    ['aws/reserved', 'InvalidParameterException'],
  ])('AssociateKmsKey of alias/logseal to %s: %s', async (logGroupName, expected) => {
    const { logs, kms } = await aSandbox({ world: DEMO });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/logseal' }));
    expect(
      await refusal(logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: KeyMetadata?.Arn }))),
    ).toContain(expected);
  });
});

describe('a world', () => {
  it('has replicas, bulk groups and other Regions', async () => {
    const keys = {
      a: { multiRegion: true, alias: 'alias/a' },
      b: { replicaOf: 'a', region: 'us-east-1', alias: 'alias/a', state: 'Disabled' as const },
    };
    const elsewhere = [{ region: 'us-east-1', groups: { '/x': 'b' } }];
    const { sandbox, logs, kms } = await aSandbox({
      world: { keys, elsewhere, bulk: [{ name: 'g{n}', count: 3, key: 'a' }] },
    });
    const there = clients(sandbox, { region: 'us-east-1' });
    const keyOf = async (client: typeof kms) =>
      (await client.send(new DescribeKeyCommand({ KeyId: 'alias/a' }))).KeyMetadata;
    const [here, replica] = [await keyOf(kms), await keyOf(there.kms)];
    expect(replica?.KeyId).toBe(here?.KeyId);
    expect([here?.KeyState, replica?.KeyState]).toEqual(['Enabled', 'Disabled']);
    const groups = async (client: typeof logs) =>
      (await client.send(new DescribeLogGroupsCommand({}))).logGroups?.map(({ logGroupName, kmsKeyId }) => [
        logGroupName,
        kmsKeyId,
      ]);
    expect(await groups(logs)).toEqual([1, 2, 3].map((n) => [`g${n}`, here?.Arn]));
    expect(await groups(there.logs)).toEqual([['/x', replica?.Arn]]);
  });

  it('says when a key is deleted, as KMS does for its state', async () => {
    const keys = {
      dying: { alias: 'alias/dying', state: 'PendingDeletion' as const },
      primary: { alias: 'alias/primary', state: 'PendingReplicaDeletion' as const, multiRegion: true },
    };
    const { kms } = await aSandbox({ world: { keys }, now: () => new Date(0) });
    const described = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
    const days30 = new Date('1970-01-31T00:00:00Z');
    expect(await described('alias/dying')).toMatchObject({ DeletionDate: days30 });
    const primary = await described('alias/primary');
    expect(primary?.DeletionDate).toBeUndefined();
    expect(primary?.PendingDeletionWindowInDays).toBe(30);
  });

  it('can belong to another account', async () => {
    const { sandbox } = await aSandbox({ world: DEMO, account: '000000000000' });
    const { kms } = clients(sandbox, { account: 'ASIA64FAKE' });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/logseal' }));
    expect(KeyMetadata?.AWSAccountId).toBe('000000000000');
  });

  it('is refused with every mistake at once', async () => {
    const path = join(tmpdir(), `world-${process.pid}.yaml`);
    writeFileSync(
      path,
      `
account: 111122223333
region: Europe
logsPrincipal: logs.amazonaws.com
colour: red
shape: round
keys:
  a: { state: Off, manager: Me, policy: nowhere, colour: red }
  b: { replicaOf: a }
groups:
  /x: nobody
  "/y z": null
  /z: { key: a, class: COLD }
  /w: { key: null, writer: { perMinute: 0, role: nobody, rate: 1 }, tags: { a: 1 } }
functions:
  "f 1": { role: nobody, logGroup: "a b" }
  g: {}
delays: { keyMinutes: -1, metricMinutes: soon, logMinutes: 1 }
bulk: [{ name: "/b/{n}", count: many }]
faults: [{ call: "logs:Nothing", kind: boom }]
quotas: { "logs:DescribeLogGroups": 0 }
policies:
`,
    );
    const mistakes = (await refusal(startSandbox({ world: path })))
      .split('\n')
      .map((line) => line.replace('UsageError: ', '').split(': '));
    expect(new Set(mistakes.map(([file]) => file))).toEqual(new Set([path]));
    expect(mistakes.find(([, field]) => field === 'groups./w.writer.rate')?.slice(2)).toEqual([
      'unknown field; known are perMinute, role',
    ]);
    expect(mistakes.map(([, field]) => field).sort()).toEqual(
      [
        'account',
        'region',
        'logsPrincipal',
        'colour',
        'shape',
        'keys.a.state',
        'keys.a.manager',
        'keys.a.policy',
        'keys.a.colour',
        'keys.b.replicaOf',
        'groups./x',
        'groups./y z',
        'groups./z.class',
        'groups./w.writer.perMinute',
        'groups./w.writer.role',
        'groups./w.writer.rate',
        'groups./w.tags.a',
        'functions.f 1',
        'functions.f 1.role',
        'functions.f 1.logGroup',
        'functions.g.role',
        'delays.keyMinutes',
        'delays.metricMinutes',
        'delays.logMinutes',
        'bulk.0.count',
        'faults.0.call',
        'faults.0.kind',
        'quotas.logs:DescribeLogGroups',
        'policies',
      ].sort(),
    );
  });

  it('is refused for a name that it does not declare, and the name is in the message', async () => {
    const world = {
      keys: { a: { replicaOf: 'b', policy: 'p' } },
      groups: { '/x': 'c', '/y': { key: 'd' } },
      alibaba: { regions: { 'cn-hangzhou': { projects: { logs: { one: 'e', two: { key: 'off' } } } } } },
    };

    expect((await refusal(startSandbox({ world }))).replace('UsageError: ', '').split('\n')).toEqual([
      'keys.a.replicaOf: no multi-Region key is named "b"',
      'keys.a.policy: no policy is named "p"',
      'groups./x: no key is named "c"',
      'groups./y.key: no key is named "d"',
      'alibaba.regions.cn-hangzhou.projects.logs.one: no key is named "e"',
      'alibaba.regions.cn-hangzhou.projects.logs.two.key: no key is named "off"',
    ]);
  });

  it('is refused for a document in the place of a name, of which the message has the beginning', async () => {
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: Array(50).fill({ Effect: 'Allow' }) });

    const message = await refusal(startSandbox({ world: { keys: { a: { policy } } } }));

    expect(message).toMatch(/^UsageError: keys\.a\.policy: no policy is named "\{.{1,70}…$/);
  });

  it('is refused with every mistake in its YAML, and when it is not a mapping', async () => {
    const path = join(tmpdir(), `world-${process.pid}-broken.yaml`);
    writeFileSync(path, 'keys: {a: {}}\nkeys: {b: {}}\ngroups: [');
    expect(await refusal(startSandbox({ world: path }))).toMatch(/^UsageError: .*line 2[\s\S]*line 3/);
    expect(await refusal(startSandbox({ world: 5 as never }))).toContain('world: ');
  });
});
