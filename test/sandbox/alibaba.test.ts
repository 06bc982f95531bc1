import { CreateProjectRequest } from '@alicloud/sls20201230';
import { describe, expect, it } from 'vitest';
import { alibabaKeyId } from '../../sandbox/alibaba/state.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { anAlibabaSandbox, pageFrom, REGION, ROLE, refused, rpcClients, send, slsClient } from './alibaba-support.ts';
import { refusal } from './support.ts';

const KeyId = alibabaKeyId(REGION, 'mine');
const projects = { 'app-logs': { fresh: 'off', service: 'service-key' } };

describe('KMS', () => {
  it('describes keys by id or ARN, in the Region of the request or else in any', async () => {
    const keys = {
      mine: {},
      signing: { spec: 'EC_P256', usage: 'SIGN/VERIFY', state: 'Disabled' },
      lost: { exists: false },
    } as const;
    const { kms, sandbox } = await anAlibabaSandbox({ keys });
    const Arn = `acs:kms:${REGION}:1234567890123456:key/${KeyId}`;
    const facts = { KeySpec: 'Aliyun_AES_256', KeyUsage: 'ENCRYPT/DECRYPT', KeyState: 'Enabled' };
    expect((await kms('DescribeKey', { KeyId })).KeyMetadata).toMatchObject({
      KeyId,
      Arn,
      ...facts,
      Creator: '1234567890123456',
    });
    expect((await kms('DescribeKey', { KeyId: Arn })).KeyMetadata.KeyId).toBe(KeyId);
    const signing = await kms('DescribeKey', { KeyId: alibabaKeyId(REGION, 'signing') });
    expect(signing.KeyMetadata).toMatchObject({ KeySpec: 'EC_P256', KeyUsage: 'SIGN/VERIFY', KeyState: 'Disabled' });
    const lost = refused(kms('DescribeKey', { KeyId: alibabaKeyId(REGION, 'lost') }));
    expect(await lost).toContain('404 Forbidden.KeyNotFound');
    for (const [region, answer] of [
      [REGION, 'no error'],
      ['cn-shanghai', 'Forbidden.KeyNotFound'],
    ] as const) {
      const there = rpcClients(sandbox, { region, endpoint: `kms.${region}@127.0.0.1:${sandbox.port}` });
      expect(await refused(there.kms('DescribeKey', { KeyId }))).toContain(answer);
      expect(await refused(kms('DescribeKey', { KeyId, RegionId: region }))).toContain(answer);
    }
  });

  it('creates and changes resources', async () => {
    const { kms } = await anAlibabaSandbox();
    const { KeyMetadata } = await kms('CreateKey', { KeySpec: 'Aliyun_SM4', Description: 'of mine' });
    const key = { KeyId: KeyMetadata.KeyId };
    const state = async () => (await kms('DescribeKey', key)).KeyMetadata.KeyState;
    expect([KeyMetadata.KeySpec, KeyMetadata.Description, await state()]).toEqual(['Aliyun_SM4', 'of mine', 'Enabled']);
    await kms('DisableKey', key);
    expect(await state()).toBe('Disabled');
    await kms('EnableKey', key);
    expect(await state()).toBe('Enabled');
    expect(await refused(kms('ScheduleKeyDeletion', { ...key, PendingWindowInDays: '6' }))).toContain(
      'InvalidParameter',
    );
    await kms('ScheduleKeyDeletion', { ...key, PendingWindowInDays: '7' });
    expect(await state()).toBe('PendingDeletion');
    expect(await refused(kms('EnableKey', key))).toContain('409 Rejected.PendingDeletion');
    expect(await refused(kms('CreateKey', { KeySpec: 'DES' }))).toContain('400 InvalidParameter');
    expect((await kms('CreateKey', { Origin: 'EXTERNAL' })).KeyMetadata.KeyState).toBe('PendingImport');
  });

  it('accepts the older signature too', async () => {
    const { sandbox } = await anAlibabaSandbox({ keys: { mine: {} } });
    const { kms } = rpcClients(sandbox, { signatureAlgorithm: 'v2', securityToken: 'token' });
    expect((await kms('DescribeKey', { KeyId })).KeyMetadata.KeyId).toBe(KeyId);
    const query = `Action=DescribeKey&Version=2016-01-20&AccessKeyId=ak&Signature=x&KeyId=${KeyId}`;
    expect((await send(sandbox, `GET /?${query}`)).status).toBe(200);
    expect((await send(sandbox, `GET /?${query.replace('AccessKeyId=ak&', '')}`)).body).toContain('MissingAccessKeyId');
  });

  it('refuses unknown operations and missing parameters', async () => {
    const { kms, sandbox } = await anAlibabaSandbox();
    expect(await refused(kms('Encrypt', { KeyId }))).toContain('404 InvalidAction.NotFound');
    expect(await refused(kms('toString'))).toContain('404 InvalidAction.NotFound');
    expect(await refused(kms('DescribeKey'))).toContain('400 MissingParameter');
    const headers = {
      'x-acs-action': 'DescribeKey',
      'x-acs-version': '1999-01-01',
      authorization: 'ACS3-HMAC-SHA256 Credential=ak,',
    };
    expect((await send(sandbox, 'POST /', headers)).body).toContain('InvalidAction.NotFound');
  });
});

describe('RAM', () => {
  it('has one sound role unless the world says otherwise', async () => {
    const { ram } = await anAlibabaSandbox(
      {},
      { alibaba: { roles: { poor: { trusts: [], policies: [] }, fine: {} } } },
    );
    const { Role } = await ram('GetRole', { RoleName: 'aliyunlogdefaultrole' });
    expect(Role).toMatchObject({ Arn: ROLE, RoleName: 'aliyunlogdefaultrole' });
    const trusted = async (RoleName: string) =>
      JSON.parse((await ram('GetRole', { RoleName })).Role.AssumeRolePolicyDocument).Statement[0].Principal.Service;
    const policies = async (RoleName: string) =>
      (await ram('ListPoliciesForRole', { RoleName })).Policies.Policy.map(
        (one: { PolicyName: string }) => one.PolicyName,
      );
    expect([await trusted('fine'), await policies('fine')]).toEqual([
      ['log.aliyuncs.com'],
      ['AliyunKMSReadOnlyAccess', 'AliyunKMSCryptoUserAccess'],
    ]);
    expect([await trusted('poor'), await policies('poor')]).toEqual([[], []]);
    await ram('AttachPolicyToRole', { RoleName: 'poor', PolicyType: 'System', PolicyName: 'AliyunKMSReadOnlyAccess' });
    expect(await policies('poor')).toEqual(['AliyunKMSReadOnlyAccess']);
    expect(await refused(ram('GetRole', { RoleName: 'none' }))).toContain('404 EntityNotExist.Role');
  });

  it('creates and changes resources', async () => {
    const { ram } = await anAlibabaSandbox();
    const AssumeRolePolicyDocument = JSON.stringify({ Statement: [], Version: '1' });
    const create = (fields: Record<string, string>) =>
      ram('CreateRole', { RoleName: 'made', AssumeRolePolicyDocument, ...fields });
    expect((await create({ Description: 'for logs' })).Role.Description).toBe('for logs');
    expect((await ram('GetRole', { RoleName: 'made' })).Role.AssumeRolePolicyDocument).toBe(AssumeRolePolicyDocument);
    expect(await refused(create({}))).toContain('409 EntityAlreadyExists.Role');
    expect(await refused(create({ RoleName: 'new', AssumeRolePolicyDocument: '[' }))).toContain(
      'MalformedPolicyDocument',
    );
    expect(await refused(create({ RoleName: 'a/b' }))).toContain('InvalidParameter.RoleName');
  });
});

describe('faults and quotas', () => {
  it.each([
    ['throttle', '503 ServerBusy', '400 Throttling.User'],
    ['unavailable', '500 InternalServerError', '500 InternalServerError'],
    ['deny', '401 Unauthorized', '403 NoPermission'],
    ['bad-gateway', 'SyntaxError', 'SyntaxError'],
    ['reset', 'ECONNRESET', 'ECONNRESET'],
  ] as const)('%s', async (kind, ofSls, ofRpc) => {
    const { sls, kms, ram, sandbox } = await anAlibabaSandbox({ projects, keys: { mine: {} } });
    sandbox.setFaults([{ call: '*', kind }]);
    expect(await refused(sls.getLogStore('app-logs', 'fresh'))).toContain(ofSls);
    expect(await refused(kms('DescribeKey', { KeyId }))).toContain(ofRpc);
    expect(await refused(ram('GetRole', { RoleName: 'any' }))).toContain(ofRpc);
    const prefix = kind === 'throttle' ? 'throttled:' : '';
    const names = ['log:GetLogStore', 'acs-kms:DescribeKey', 'ram:GetRole'].map((name) => prefix + name);
    expect(sandbox.calls()).toEqual(Object.fromEntries(names.map((name) => [name, 1])));
  });

  it('bad-gateway is a page of HTML', async () => {
    const faults = [{ call: '*', kind: 'bad-gateway' }] as const;
    const { sandbox } = await anAlibabaSandbox({}, { faults: [...faults] });
    const headers = {
      'x-acs-action': 'GetRole',
      'x-acs-version': '2015-05-01',
      authorization: 'ACS3-HMAC-SHA256 Credential=ak,',
    };
    const { status, headers: answered, body } = await send(sandbox, 'POST /', headers);
    expect([status, answered['content-type'], body[0]]).toEqual([502, 'text/html', '<']);
  });

  it('hit one Logstore, one call, or only the answer', async () => {
    const { sls, sandbox } = await anAlibabaSandbox({ projects });
    sandbox.setFaults([
      { call: 'log:GetLogStore', kind: 'deny', resource: 'app-logs/service' },
      { call: 'log:CreateProject', kind: 'reset-after' },
    ]);
    expect(await refused(sls.getLogStore('app-logs', 'fresh'))).toBe('no error');
    expect(await refused(sls.getLogStore('app-logs', 'service'))).toContain('401 Unauthorized');
    expect(await refused(sls.createProject(new CreateProjectRequest({ projectName: 'made' })))).toContain('ECONNRESET');
    expect((await sls.listProject(pageFrom(0).projects)).body?.total).toBe(2);
  });

  it('count by call and Region', async () => {
    const { sls, kms, sandbox } = await anAlibabaSandbox(
      { keys: { mine: {} } },
      { quotas: { 'log:ListProject': 1, 'kms:DescribeKey': 1 } },
    );
    const list = (client = sls) => refused(client.listProject(pageFrom(0).projects));
    expect([await list(), await list()]).toEqual(['no error', expect.stringContaining('503 ServerBusy')]);
    expect(await list(slsClient(sandbox, { region: 'cn-shanghai' }))).toBe('no error');
    for (let n = 0; n < 3; n++) await kms('DescribeKey', { KeyId });
    expect(sandbox.calls()).toEqual({ 'log:ListProject': 2, 'throttled:log:ListProject': 1, 'acs-kms:DescribeKey': 3 });
  });

  it('latency delays', async () => {
    const { sls } = await anAlibabaSandbox(
      {},
      { faults: [{ call: 'log:ListProject', kind: 'latency', latencyMs: 60 }] },
    );
    const startedAtMs = performance.now();
    await sls.listProject(pageFrom(0).projects);
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(58);
  });
});

describe('a world of Alibaba Cloud', () => {
  it('is empty by default, and can be filled by calls', async () => {
    const { sls, sandbox } = await anAlibabaSandbox();
    expect((await sls.listProject(pageFrom(0).projects)).body?.total).toBe(0);
    await sls.createProject(new CreateProjectRequest({ projectName: 'made', description: '' }));
    expect((await sls.listProject(pageFrom(0).projects)).body?.projects?.[0]?.projectName).toBe('made');
    expect(sandbox.environment()).toMatchObject({
      LOGSEAL_SLS_ENDPOINT: sandbox.url,
      LOGSEAL_ALIBABA_KMS_ENDPOINT: sandbox.url,
      LOGSEAL_ALIBABA_RAM_ENDPOINT: sandbox.url,
      ALIBABA_CLOUD_ACCESS_KEY_ID: 'sandbox',
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'sandbox',
    });
  });

  it('attaches keys without checks, even keys of another Region', async () => {
    const stores = { lost: 'lost', far: 'far', off: { key: 'lost', enabled: false } };
    const regions = { 'cn-shanghai': { keys: { far: {} } } };
    const { sls } = await anAlibabaSandbox(
      { keys: { lost: { exists: false } }, projects: { 'app-logs': stores } },
      { alibaba: { regions } },
    );
    const conf = async (name: string) => (await sls.getLogStore('app-logs', name)).body?.encryptConf;
    expect((await conf('lost'))?.userCmkInfo?.cmkKeyId).toBe(alibabaKeyId(REGION, 'lost'));
    expect((await conf('far'))?.userCmkInfo?.regionId).toBe('cn-shanghai');
    expect((await conf('off'))?.enable).toBe(false);
  });

  it('is refused with every mistake at once', async () => {
    const alibaba = {
      account: 12345,
      colour: 'red',
      regions: {
        Hangzhou: {},
        [REGION]: {
          keys: { a: { spec: 'DES', state: 'Off', shape: 'round' }, off: {} },
          projects: { 'app-logs': { fresh: 'nobody', Upper: 'off', odd: { key: 'nothing', enabled: 1 } }, 'a.b': {} },
          bulk: [{ project: 'p-{n}', projects: 'many', logstores: 1 }],
        },
        'cn-shanghai': null,
      },
      roles: { 'a/b': {}, fine: { trusts: 'log', rights: [] } },
    };
    const mistakes = (await refusal(startSandbox({ world: { alibaba } as never })))
      .split('\n')
      .map((line) => line.replace('UsageError: ', '').split(': ')[0]);
    const here = `alibaba.regions.${REGION}`;
    expect(mistakes.sort()).toEqual(
      [
        ...['alibaba.account', 'alibaba.colour', 'alibaba.regions.Hangzhou', 'alibaba.regions.cn-shanghai'],
        ...['spec', 'state', 'shape'].map((field) => `${here}.keys.a.${field}`),
        ...[`${here}.keys.off`, `${here}.projects.app-logs.fresh`, `${here}.projects.app-logs.Upper`],
        ...[`${here}.projects.app-logs.odd.key`, `${here}.projects.app-logs.odd.enabled`, `${here}.projects.a.b`],
        ...[`${here}.bulk.0.projects`, 'alibaba.roles.a/b', 'alibaba.roles.fine.trusts', 'alibaba.roles.fine.rights'],
      ].sort(),
    );
    expect(await refusal(startSandbox({ world: { alibaba: 5 } as never }))).toContain('alibaba: ');
  });
});
