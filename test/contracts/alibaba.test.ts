import { describe, expect, test } from 'vitest';
import { createAlibabaCloud } from '../../lib/alibaba/cloud.ts';
import type { FoundLogStore, LogStore } from '../../lib/domain/log-store.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { SERVICE_KEY } from '../../lib/domain/stores/logstore.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { answerOf, foundIn } from '../aws/builders.ts';
import { anAlibabaSandbox, lastHour, rpcClients, slsClient } from '../sandbox/alibaba-support.ts';
import { ACCOUNT, aLogstoreWorld, KEY, keyId, REGION, ROLE } from '../support/alibaba.ts';

/** What the adapters of Alibaba Cloud promise, shown with the unmodified SDKs against the sandbox. */

const storeOf = (name: string): LogStore => {
  const [project = '', logstore = ''] = name.split('/');
  return logStoreOf(
    'logstore',
    'acs',
    { provider: 'alibaba', account: ACCOUNT, region: REGION },
    `${project}/${logstore}`,
  );
};

function cloudOf({ url }: Pick<Sandbox, 'url'>, roleArn: string | null = ROLE, region = REGION) {
  const credentials = { accessKeyId: 'testAk', accessKeySecret: 'testSk' };
  const endpoints = { slsEndpoint: url, kmsEndpoint: url, ramEndpoint: url };
  return createAlibabaCloud(region, {
    credentials,
    account: ACCOUNT,
    roleArn,
    mayCallRam: true,
    maxAttempts: 2,
    ...endpoints,
  });
}

async function aCloud(...[stores, world, region]: Parameters<typeof aLogstoreWorld>) {
  const made = aLogstoreWorld(stores, world, region);
  const { sandbox } = await anAlibabaSandbox({}, made);
  const cloud = cloudOf(sandbox);
  const read = async (name: string) => answerOf((await cloud.logStores.read([storeOf(name)]))[0]);
  return { sandbox, cloud, read, sls: slsClient(sandbox), ...rpcClients(sandbox) };
}

async function list(cloud: ReturnType<typeof cloudOf>): Promise<FoundLogStore[][]> {
  const pages: FoundLogStore[][] = [];
  for await (const { readings } of cloud.logStores.pages(null)) pages.push(foundIn(readings));
  return pages;
}

describe('listing', () => {
  test('finds every Logstore once, beyond a page of the service', async () => {
    const bulk = [{ project: 'bulk-{n}', projects: 2, logstores: 501, key: 'mine' }];
    const { cloud, sandbox } = await aCloud({ never: 'off' }, {}, { bulk });

    const pages = await list(cloud);

    const names = pages.flat().map(({ store }) => store.name);
    expect(names).toHaveLength(1003);
    expect(new Set(names).size).toBe(1003);
    expect(pages.map((page) => page.length)).toEqual([...Array(20).fill(50), 3]);
    const calls = { 'log:ListProject': 1, 'log:ListLogStores': 5, 'log:GetLogStore': 1003 };
    expect(cloud.apiCalls()).toEqual(calls);
    expect(sandbox.calls()).toEqual(calls);
  });

  test('covers one Region', async () => {
    const { sandbox } = await aCloud({ never: 'off' });

    expect(await list(cloudOf(sandbox, ROLE, 'cn-shanghai'))).toEqual([]);
  });
});

describe('reading', () => {
  test('reports every state of the encryption', async () => {
    const { read } = await aCloud({
      never: 'off',
      sealed: 'mine',
      off: { key: 'mine', enabled: false },
      service: 'service-key',
    });
    const fixed = { keyArn: KEY, region: REGION };

    expect(await read('app-logs/never')).toEqual({ store: storeOf('app-logs/never'), keyArn: null });
    expect(await read('app-logs/sealed')).toMatchObject({ keyArn: KEY, fixed });
    expect(await read('app-logs/off')).toMatchObject({ keyArn: null, fixed });
    expect(await read('app-logs/service')).toMatchObject({
      keyArn: SERVICE_KEY,
      fixed: { keyArn: SERVICE_KEY, region: null },
    });
    expect(await read('app-logs/gone')).toBeUndefined();
    expect(await read('gone/never')).toBeUndefined();
  });
});

describe('sealing', () => {
  test('attaches a key of the owner, and can be repeated', async () => {
    const { cloud, read, sandbox } = await aCloud({ never: 'off' });

    await cloud.logStores.seal(storeOf('app-logs/never'), KEY, true);
    await cloud.logStores.seal(storeOf('app-logs/never'), KEY, true);

    expect(await read('app-logs/never')).toMatchObject({ keyArn: KEY, fixed: { keyArn: KEY, region: REGION } });
    expect(sandbox.calls()['log:UpdateLogStoreEncryption']).toBe(1);
  });

  test('can use the service key, without a role', async () => {
    const { sandbox, read } = await aCloud({ never: 'off' });

    await cloudOf(sandbox, null).logStores.seal(storeOf('app-logs/never'), SERVICE_KEY, true);

    expect(await read('app-logs/never')).toMatchObject({ keyArn: SERVICE_KEY });
  });

  test('is undone and redone without a role, and the configuration stays', async () => {
    const { sandbox, read } = await aCloud({ sealed: 'mine', service: 'service-key' });
    const { logStores } = cloudOf(sandbox, null);

    for (const [name, keyArn] of [
      ['app-logs/sealed', KEY],
      ['app-logs/service', SERVICE_KEY],
    ] as const) {
      await logStores.unseal(storeOf(name));
      await logStores.unseal(storeOf(name));
      expect(await read(name)).toMatchObject({ keyArn: null, fixed: { keyArn } });
      await logStores.seal(storeOf(name), keyArn, true);
      expect(await read(name)).toMatchObject({ keyArn, fixed: { keyArn } });
    }
    expect(sandbox.calls()['log:UpdateLogStoreEncryption']).toBe(4);
  });

  test.each([
    ['another key', 'app-logs/sealed', keyId('other')],
    ['the service key', 'app-logs/sealed', SERVICE_KEY],
    ['a key instead of the service key', 'app-logs/service', KEY],
    ['another key, even when it is off', 'app-logs/off', keyId('other')],
  ])('never changes to %s, and sends nothing', async (_, name, keyArn) => {
    const { cloud, sandbox } = await aCloud({
      sealed: 'mine',
      service: 'service-key',
      off: { key: 'mine', enabled: false },
    });

    await expect(cloud.logStores.seal(storeOf(name), keyArn, true)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('can never be changed'),
    });
    expect(sandbox.calls()['log:UpdateLogStoreEncryption']).toBeUndefined();
  });

  test.each([
    ['disabled', 'is Disabled'],
    ['dying', 'is PendingDeletion'],
    ['gone', 'does not exist'],
    ['rsa', 'is not symmetric'],
    ['signing', 'is not symmetric'],
  ])('fails for the key %s with SLS’s own message, and configures nothing', async (nickname, words) => {
    const { cloud, read } = await aCloud({ never: 'off' });

    await expect(cloud.logStores.seal(storeOf('app-logs/never'), keyId(nickname), true)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      call: 'log:UpdateLogStoreEncryption',
      message: expect.stringContaining(words),
    });
    expect(await read('app-logs/never')).toEqual({ store: storeOf('app-logs/never'), keyArn: null });
  });

  test('fails with NOT_FOUND for a Logstore that does not exist', async () => {
    const { cloud } = await aCloud({ never: 'off' });

    for (const name of ['app-logs/gone', 'gone/never']) {
      await expect(cloud.logStores.seal(storeOf(name), KEY, true)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  test('makes reads depend on the key', async () => {
    const { cloud, kms, sls } = await aCloud({ never: 'off' });
    await cloud.logStores.seal(storeOf('app-logs/never'), KEY, true);
    await kms('DisableKey', { KeyId: KEY });
    const logs = () => sls.getLogs('app-logs', 'never', lastHour);

    await expect(logs()).rejects.toMatchObject({ statusCode: 400 });
    await cloud.logStores.unseal(storeOf('app-logs/never'));
    await expect(logs()).resolves.toMatchObject({ statusCode: 200 });
  });
});

describe('a key', () => {
  const usable = { state: 'Enabled', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' };

  test.each([
    ['mine', usable],
    ['disabled', { ...usable, state: 'Disabled' }],
    ['dying', { ...usable, state: 'PendingDeletion', deletionDate: expect.any(Date) }],
    ['rsa', { ...usable, spec: 'RSA_2048' }],
    ['signing', { ...usable, usage: 'SIGN/VERIFY' }],
    ['sm4', usable],
  ])('called %s is described', async (nickname, facts) => {
    const { cloud } = await aCloud({}, {}, { keys: { sm4: { spec: 'Aliyun_SM4' } } });

    expect(await cloud.keys.describe(keyId(nickname))).toEqual({
      arn: keyId(nickname),
      account: '',
      region: 'cn-hangzhou',
      ...facts,
    });
  });

  test('that does not exist is NOT_FOUND', async () => {
    const { cloud } = await aCloud({});

    await expect(cloud.keys.describe(keyId('gone'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      call: 'kms:DescribeKey',
      message: expect.stringContaining('not found'),
    });
  });
});

describe('a role', () => {
  const roles = { 'other-trust': { trusts: ['ecs.aliyuncs.com'] }, bare: { policies: [] } };

  test('that lets SLS use keys has no problem', async () => {
    const { cloud } = await aCloud({});

    expect(await cloud.keys.roleProblem?.()).toBeNull();
    expect(cloud.apiCalls()).toEqual({ 'ram:GetRole': 1, 'ram:ListPoliciesForRole': 1 });
  });

  test.each([
    ['missing', 'does not exist'],
    ['other-trust', 'does not trust log.aliyuncs.com'],
    ['bare', 'lacks AliyunKMSReadOnlyAccess and AliyunKMSCryptoUserAccess'],
  ])('called %s %s, and the fix names it', async (name, message) => {
    const { sandbox } = await aCloud({}, { alibaba: { roles } });
    const problem = await cloudOf(sandbox, ROLE.replace('aliyunlogdefaultrole', name)).keys.roleProblem?.();

    expect(problem).toMatchObject({ code: 'KEY_POLICY_MISSING_ACTIONS', message: expect.stringContaining(message) });
    expect(problem?.fix).toContain(`--RoleName ${name}`);
  });

  test('that does not exist has no problem once the fix is carried out', async () => {
    const { sandbox, ram } = await aCloud({});
    const { keys } = cloudOf(sandbox, ROLE.replace('aliyunlogdefaultrole', 'fresh'));
    const commands = (await keys.roleProblem?.())?.fix.split(' && ') ?? [];
    for (const command of commands) {
      const [, action = ''] = /^aliyun ram (\w+)/.exec(command) ?? [];
      const fields = [...command.matchAll(/--(\w+) ('[^']*'|\S+)/g)].map(([, name, value = '']) => [
        name,
        value.replaceAll("'", ''),
      ]);
      await ram(action, Object.fromEntries(fields));
    }

    expect(commands).toHaveLength(3);
    expect(await keys.roleProblem?.()).toBeNull();
  });
});
