import {
  AssociateKmsKeyCommand,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, logsPolicy, refusal } from './support.ts';

const KEYS = { main: { policy: logsPolicy() } };

async function keyArnOf(logs: Awaited<ReturnType<typeof aSandbox>>['logs'], group: string) {
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupIdentifiers: [group] }));
  return logGroups?.[0]?.kmsKeyId;
}

describe('log groups', () => {
  it('are created, described and deleted', async () => {
    const { logs } = await aSandbox({ now: () => new Date(5000) });
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/a', logGroupClass: 'INFREQUENT_ACCESS' }));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toEqual([
      {
        logGroupName: '/a',
        arn: 'arn:aws:logs:eu-west-1:111122223333:log-group:/a:*',
        logGroupArn: 'arn:aws:logs:eu-west-1:111122223333:log-group:/a',
        creationTime: 5000,
        storedBytes: 0,
        metricFilterCount: 0,
        logGroupClass: 'INFREQUENT_ACCESS',
      },
    ]);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: '/a' }));
    expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
  });

  it('are refused when they exist, do not exist, have a bad name or are reserved', async () => {
    const { logs } = await aSandbox({ world: { groups: { '/a': null, 'aws/x': null, 'aws/spans': null } } });
    const create = (logGroupName: string) => refusal(logs.send(new CreateLogGroupCommand({ logGroupName })));
    expect(await create('/a')).toBe('ResourceAlreadyExistsException: The specified log group already exists');
    expect(await create('a b')).toContain("InvalidParameterException: 1 validation error detected: Value 'a b'");
    expect(await create('aws/y')).toContain('InvalidParameterException: Log groups starting with AWS/');
    const remove = (logGroupName: string) => refusal(logs.send(new DeleteLogGroupCommand({ logGroupName })));
    expect(await remove('/b')).toBe('ResourceNotFoundException: The specified log group does not exist.');
    for (const name of ['aws/x', 'aws/spans']) expect(await remove(name)).toContain('InvalidParameterException');
  });

  it('are listed in order, page by page, each once', async () => {
    const { logs } = await aSandbox({ world: { bulk: [{ name: '/bulk/{n}', count: 120 }], groups: { '/a': null } } });
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new DescribeLogGroupsCommand({ nextToken, logGroupNamePrefix: '/bulk/' }));
      names.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(names).toHaveLength(120);
    expect(names).toEqual([...names].sort());
  });

  it('refuse a token that is broken, has expired or belongs to another request, and a page that is too large', async () => {
    let now = new Date(0);
    const { logs } = await aSandbox({ world: { bulk: [{ name: 'b{n}', count: 60 }] }, now: () => now });
    const ask = (input: object) => refusal(logs.send(new DescribeLogGroupsCommand(input)));
    const { nextToken } = await logs.send(new DescribeLogGroupsCommand({ limit: 10 }));
    const invalid = 'InvalidParameterException: The specified nextToken is invalid.';
    expect(await ask({ nextToken: 'x' })).toBe(invalid);
    expect(await ask({ nextToken, logGroupNamePrefix: 'b' })).toBe(invalid);
    expect(await ask({ nextToken })).toBe('no error');
    now = new Date(24 * 60 * 60 * 1000 + 1);
    expect(await ask({ nextToken })).toBe(invalid);
    expect(await ask({ limit: 51 })).toContain("InvalidParameterException: 1 validation error detected: Value '51'");
  });

  it('are found by prefix, class, pattern (without their key) and name', async () => {
    const groups = {
      '/app/api': 'main',
      '/app/api-v2': null,
      '/b': { key: null, class: 'INFREQUENT_ACCESS' as const },
    };
    const { logs } = await aSandbox({ world: { keys: KEYS, groups } });
    const ask = async (input: object) => (await logs.send(new DescribeLogGroupsCommand(input))).logGroups ?? [];
    const names = async (input: object) => (await ask(input)).map(({ logGroupName }) => logGroupName);
    expect(await names({ logGroupNamePrefix: '/app/api' })).toEqual(['/app/api', '/app/api-v2']);
    expect(await names({ logGroupClass: 'INFREQUENT_ACCESS' })).toEqual(['/b']);
    const [byPattern] = await ask({ logGroupNamePattern: 'api' });
    expect(Object.keys(byPattern ?? {}).sort()).toEqual(['arn', 'creationTime', 'logGroupName']);
    expect(await names({ logGroupIdentifiers: ['/b', '/gone', '/app/api'] })).toEqual(['/app/api', '/b']);
    expect((await ask({ logGroupNamePrefix: '/app/api' }))[0]?.kmsKeyId).toMatch(
      /^arn:aws:kms:eu-west-1:111122223333:key/,
    );
  });

  it('refuse filters that cannot be combined', async () => {
    const { logs } = await aSandbox();
    const ask = (input: object) => refusal(logs.send(new DescribeLogGroupsCommand(input)));
    expect(await ask({ logGroupNamePrefix: 'a', logGroupNamePattern: 'a' })).toContain('InvalidParameterException');
    expect(await ask({ logGroupIdentifiers: ['a'], limit: 5 })).toContain('InvalidParameterException');
    const tooMany = Array.from({ length: 51 }, (_, n) => `${n}`);
    expect(await ask({ logGroupIdentifiers: tooMany })).toContain('InvalidParameterException');
  });
});

/** What an ARN pattern with fewer than six parts matches is not documented. */
const SHORT_PATTERN = { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:*' } };

/** Lets the account of the world use a key of another account. */
const OURS = { Effect: 'Allow', Principal: { AWS: '{home}' }, Action: 'kms:*', Resource: '*' };

describe('AssociateKmsKey', () => {
  const world: World = {
    keys: {
      main: { policy: logsPolicy(), alias: 'alias/main' },
      narrow: { policy: logsPolicy('/b') },
      vague: { policy: { ...logsPolicy(), Statement: [{ ...logsPolicy().Statement[1], Condition: SHORT_PATTERN }] } },
      managed: { manager: 'AWS', policy: logsPolicy() },
      foreign: { account: '444455556666', policy: { ...logsPolicy(), Statement: [...logsPolicy().Statement, OURS] } },
      gone: { exists: false },
      elsewhere: { region: 'us-east-1', policy: logsPolicy() },
      disabled: { state: 'Disabled', policy: logsPolicy() },
      updating: { state: 'Updating', policy: logsPolicy() },
      rsa: { spec: 'RSA_2048', policy: logsPolicy() },
      hmac: { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC', policy: logsPolicy() },
    },
    groups: { '/a': null, 'aws/x': 'main', 'aws/spans': null, '/#': null },
  };
  /** Log groups named after the keys, to look the keys' ARNs up. */
  const withArns = {
    ...world,
    groups: { ...world.groups, ...Object.fromEntries(Object.keys(world.keys ?? {}).map((k) => [`k/${k}`, k])) },
  };

  async function attach(nickname: string, options = {}) {
    const { logs } = await aSandbox({ world: { ...withArns, ...options } });
    const kmsKeyId = await keyArnOf(logs, `k/${nickname}`);
    const result = await refusal(logs.send(new AssociateKmsKeyCommand({ logGroupName: '/a', kmsKeyId })));
    return { result, kmsKeyId, attached: await keyArnOf(logs, '/a') };
  }

  it.each(['main', 'foreign', 'updating'])('attaches the usable key %s', async (nickname) => {
    const { result, attached, kmsKeyId } = await attach(nickname);
    expect(result).toBe('no error');
    expect(attached).toBe(kmsKeyId);
  });

  it.each([
    ['gone', 'does not exist'],
    ['elsewhere', 'is not in eu-west-1'],
    ['disabled', 'is in the state Disabled'],
    ['rsa', 'is not symmetric'],
    ['hmac', 'is not symmetric'],
  ])('refuses the key %s as a bad parameter', async (nickname, why) => {
    const { result, attached } = await attach(nickname);
    expect(result).toMatch(/^InvalidParameterException/);
    expect(result).toContain(why);
    expect(attached).toBeUndefined();
  });

  const denied =
    "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:eu-west-1:111122223333:log-group:/a'";

  it.each(['narrow', 'vague'])('refuses the key %s, whose policy does not certainly allow it', async (nickname) => {
    expect((await attach(nickname)).result).toBe(denied);
  });

  it('refuses a key that AWS manages, whatever its policy says', async () => {
    expect((await attach('managed', { uncertain: 'allow' })).result).toBe(denied);
  });

  it('accepts an uncertain policy in a world that says so', async () => {
    expect((await attach('vague', { uncertain: 'allow' })).result).toBe('no error');
    expect((await attach('narrow', { uncertain: 'allow' })).result).toBe(denied);
  });

  it('refuses anything but a key ARN', async () => {
    const { logs } = await aSandbox({ world });
    const notFound = 'InvalidParameterException: The specified KMS Key Id could not be found.';
    for (const kmsKeyId of [
      '1234abcd-12ab-34cd-56ef-1234567890ab',
      'alias/main',
      'arn:aws:kms:eu-west-1:111122223333:alias/main',
    ]) {
      expect(await refusal(logs.send(new AssociateKmsKeyCommand({ logGroupName: '/a', kmsKeyId })))).toBe(notFound);
    }
  });

  it('needs either a name or an identifier, as DisassociateKmsKey does', async () => {
    const { logs } = await aSandbox({ world: withArns });
    const kmsKeyId = await keyArnOf(logs, 'k/main');
    const prefix = 'arn:aws:logs:eu-west-1:111122223333';
    const both = { logGroupName: '/a', resourceIdentifier: `${prefix}:log-group:/a` };
    const ask = (input: object) => refusal(logs.send(new AssociateKmsKeyCommand({ kmsKeyId, ...input })));
    expect(await ask(both)).toContain('InvalidParameterException');
    expect(await ask({})).toContain('InvalidParameterException');
    expect(await ask({ resourceIdentifier: `${prefix}:log-group:/a:*` })).toContain('InvalidParameterException');
    expect(await ask({ resourceIdentifier: `${prefix}:log-group:/#` })).toContain('InvalidParameterException');
    expect(await ask({ resourceIdentifier: `${prefix}:log-group:/none` })).toContain('ResourceNotFoundException');
    expect(await ask({ logGroupName: 'aws/x' })).toContain('InvalidParameterException');
    expect(await ask({ resourceIdentifier: `${prefix}:log-group:/a` })).toBe('no error');
    expect(await keyArnOf(logs, '/a')).toBe(kmsKeyId);
    expect(await refusal(logs.send(new DisassociateKmsKeyCommand(both)))).toContain('InvalidParameterException');
    await logs.send(new DisassociateKmsKeyCommand({ logGroupName: '/a' }));
    expect(await keyArnOf(logs, '/a')).toBeUndefined();
  });

  it('sets the key of aws/spans, and of no other log group that belongs to AWS', async () => {
    const { logs } = await aSandbox({ world: withArns });
    const kmsKeyId = await keyArnOf(logs, 'k/main');
    const reserved = 'InvalidParameterException: Log groups starting with AWS/ are reserved for AWS.';

    for (const logGroupName of ['aws/x', 'aws/spans/x']) {
      expect(await refusal(logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId })))).toBe(reserved);
      expect(await refusal(logs.send(new DisassociateKmsKeyCommand({ logGroupName })))).toBe(reserved);
    }
    expect(await keyArnOf(logs, 'aws/x')).toBe(kmsKeyId);
    const resourceIdentifier = 'arn:aws:logs:eu-west-1:111122223333:log-group:aws/spans';
    await logs.send(new AssociateKmsKeyCommand({ resourceIdentifier, kmsKeyId }));
    expect(await keyArnOf(logs, 'aws/spans')).toBe(kmsKeyId);
    await logs.send(new DisassociateKmsKeyCommand({ logGroupName: 'aws/spans' }));
    expect(await keyArnOf(logs, 'aws/spans')).toBeUndefined();
  });

  it('evaluates a policy for query results with their own ARN', async () => {
    const queryResults = {
      Effect: 'Allow',
      Principal: { Service: 'logs.{region}.amazonaws.com' },
      Action: 'kms:*',
      Resource: '*',
    };
    const keys = { main: { policy: logsPolicy() }, results: { policy: { Statement: queryResults } } };
    const { logs } = await aSandbox({ world: { keys, groups: { '/m': 'main', '/r': 'results' } } });
    const resourceIdentifier = 'arn:aws:logs:eu-west-1:111122223333:query-result:*';
    const ask = async (group: string) =>
      refusal(logs.send(new AssociateKmsKeyCommand({ resourceIdentifier, kmsKeyId: await keyArnOf(logs, group) })));
    expect(await ask('/m')).toContain(`AccessDeniedException`);
    expect(await ask('/m')).toContain(`'${resourceIdentifier}'`);
    expect(await ask('/r')).toBe('no error');
    expect(await refusal(logs.send(new DisassociateKmsKeyCommand({ resourceIdentifier })))).toBe('no error');
  });

  it('makes the same checks in CreateLogGroup', async () => {
    const { logs } = await aSandbox({ world: withArns });
    const create = async (key: string) =>
      refusal(
        logs.send(
          new CreateLogGroupCommand({ logGroupName: `/new-${key}`, kmsKeyId: await keyArnOf(logs, `k/${key}`) }),
        ),
      );
    expect(await create('disabled')).toContain('InvalidParameterException');
    expect(await create('narrow')).toContain('AccessDeniedException');
    expect(await create('main')).toBe('no error');
    expect(await keyArnOf(logs, '/new-disabled')).toBeUndefined();
    expect(await keyArnOf(logs, '/new-main')).toBe(await keyArnOf(logs, 'k/main'));
  });
});
