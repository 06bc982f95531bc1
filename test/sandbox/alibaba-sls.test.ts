import { CreateLogStoreRequest, CreateProjectRequest, EncryptConf, EncryptUserCmkConf } from '@alicloud/sls20201230';
import { describe, expect, it } from 'vitest';
import { alibabaKeyId } from '../../sandbox/alibaba/state.ts';
import {
  aProject,
  PROJECT as P,
  pageFrom,
  REGION,
  ROLE,
  refused,
  SLS_AUTHORIZATION,
  send,
  slsClient,
} from './alibaba-support.ts';

const keyId = alibabaKeyId(REGION, 'mine');
const own = (more: object = {}) => ({ keyId, roleArn: ROLE, regionId: REGION, ...more });

describe('listing', () => {
  it('pages by offset and size, up to 500', async () => {
    const bulk = [{ project: 'p-{n}', projects: 3, logstores: 1200, key: 'mine' }];
    const { sls, sandbox } = await aProject({ projects: {}, bulk });
    const projects = (await sls.listProject(pageFrom(1, 1).projects)).body;
    expect([projects?.count, projects?.total, projects?.projects?.map((one) => one.projectName)]).toEqual([
      ...[1, 3, ['p-2']],
    ]);
    expect(projects?.projects?.[0]?.region).toBe(REGION);
    const names = new Set();
    for (let offset = 0; offset < 1200; offset += 500) {
      const { body } = await sls.listLogStores('p-3', pageFrom(offset).logstores);
      for (const name of body?.logstores ?? []) names.add(name);
    }
    expect(names.size).toBe(1200);
    expect((await sls.getLogStore('p-3', 'store-1200')).body?.encryptConf?.userCmkInfo?.cmkKeyId).toBe(keyId);
    expect(await refused(sls.listLogStores('p-3', pageFrom(0, 501).logstores))).toContain('400 ParameterInvalid');
    expect(sandbox.calls()).toEqual({ 'log:ListProject': 1, 'log:ListLogStores': 4, 'log:GetLogStore': 1 });
  });

  it('keeps Regions apart', async () => {
    const { sandbox } = await aProject();
    const there = slsClient(sandbox, { region: 'cn-shanghai' });
    expect((await there.listProject(pageFrom(0).projects)).body?.total).toBe(0);
    expect(await refused(there.getLogStore(P, 'fresh'))).toContain('404 ProjectNotExist');
  });
});

describe('names', () => {
  it.each(['App', 'a.b', 'x/y', '-ab', 'ab_', 'a', 'a'.repeat(64)])('%s is refused', async (name) => {
    const { sls } = await aProject();
    expect(await refused(sls.getLogStore(P, name))).toContain('400 ParameterInvalid');
    expect(await refused(sls.createProject(new CreateProjectRequest({ projectName: name })))).toContain(
      '400 ParameterInvalid',
    );
  });

  it('in the host are checked too, and found before every form of endpoint', async () => {
    const { sandbox, sls } = await aProject();
    expect(await refused(sls.getLogStore('APP', 'fresh'))).toContain('400 ParameterInvalid');
    expect(await refused(sls.getLogStore('a.b', 'fresh'))).toContain('400 ParameterInvalid');
    for (const host of [`${P}.localhost:1`, `${P}.${REGION}.log.aliyuncs.com`, `${P}.sls@127.0.0.1:1`]) {
      const headers = { authorization: SLS_AUTHORIZATION, host };
      expect((await send(sandbox, 'GET /logstores/fresh', headers)).status).toBe(200);
      expect((await send(sandbox, 'GET /', headers)).status).toBe(400);
    }
    for (const host of ['127.0.0.1:1', `${REGION}.log.aliyuncs.com`, 'sls@127.0.0.1:1']) {
      const headers = { authorization: SLS_AUTHORIZATION, host };
      expect((await send(sandbox, 'GET /logstores/fresh', headers)).status).toBe(400);
      expect((await send(sandbox, 'GET /', headers)).status).toBe(200);
    }
  });

  it('are unique', async () => {
    const { sandbox, sls } = await aProject();
    const there = slsClient(sandbox, { region: 'cn-shanghai' });
    const again = new CreateProjectRequest({ projectName: P, description: '' });
    expect(await refused(there.createProject(again))).toContain('400 ProjectAlreadyExist');
    const store = new CreateLogStoreRequest({ logstoreName: 'fresh', ttl: 30, shardCount: 2 });
    expect(await refused(sls.createLogStore(P, store))).toContain('400 LogStoreAlreadyExist');
  });
});

describe('requests', () => {
  it('need an access key id, a JSON object and only known fields', async () => {
    const { sandbox } = await aProject();
    const host = `${P}.sls@127.0.0.1`;
    const post = async (line: string, headers: Record<string, string>, body = '') => {
      const { status, body: answer } = await send(sandbox, line, { host, ...headers }, body);
      return `${status} ${JSON.parse(answer).errorCode}`;
    };
    const signed = { authorization: SLS_AUTHORIZATION };
    const nobody = { authorization: SLS_AUTHORIZATION.replace('=ak/', '=/') };
    expect(await post('GET /logstores', nobody)).toBe('401 Unauthorized');
    expect(await post('GET /logstores', { 'x-log-apiversion': '0.6.0' })).toBe('401 Unauthorized');
    expect(await post('PUT /logstores/fresh/encryption', signed, '[')).toBe('400 PostBodyInvalid');
    expect(await post('PUT /logstores/fresh/encryption', signed, '{"enable":true,"x":1}')).toBe('400 ParameterInvalid');
    expect(await post('GET /logstores?offset=0&mode=x', signed)).toBe('400 ParameterInvalid');
    expect(await post('DELETE /logstores/fresh', signed)).toBe('400 ParameterInvalid');
  });

  it('fail for a project or Logstore that does not exist', async () => {
    const { sls, update } = await aProject();
    expect(await refused(sls.getLogStore('nothing', 'fresh'))).toContain('404 ProjectNotExist');
    expect(await refused(sls.getLogStore(P, 'nothing'))).toContain('404 LogStoreNotExist');
    expect(await update('nothing', { enable: false })).toContain('404 LogStoreNotExist');
  });
});

describe('encryption that was never configured', () => {
  it('can use SLS’s own key', async () => {
    const { update, conf } = await aProject();
    expect(await conf('fresh')).toBeUndefined();
    expect(await update('fresh', { enable: true, encryptType: 'default' })).toBe('no error');
    expect(await conf('fresh')).toMatchObject({ enable: true, encryptType: 'default', userCmkInfo: { cmkKeyId: '' } });
  });

  it('can use a CMK', async () => {
    const { update, conf, read, write } = await aProject();
    expect(await update('fresh', { enable: true, encryptType: 'sm4_gcm', userCmkInfo: own() })).toBe('no error');
    const userCmkInfo = { cmkKeyId: keyId, arn: ROLE, regionId: REGION };
    expect(await conf('fresh')).toMatchObject({ enable: true, encryptType: 'sm4_gcm', userCmkInfo });
    expect([await read('fresh'), (await write('fresh')).status]).toEqual(['no error', 200]);
  });

  it('is returned with the service’s own field names', async () => {
    const { sandbox } = await aProject();
    const headers = { authorization: SLS_AUTHORIZATION, host: `${P}.sls@127.0.0.1` };
    const { body } = await send(sandbox, 'GET /logstores/sealed', headers);
    const user_cmk_info = { cmk_key_id: keyId, arn: ROLE, region_id: REGION };
    expect(JSON.parse(body).encrypt_conf).toEqual({ enable: true, encrypt_type: 'default', user_cmk_info });
  });

  it.each([
    ['nothing', {}, 'ParameterInvalid'],
    ['no type', { enable: true }, 'ParameterInvalid'],
    ['no enable', { encryptType: 'default' }, 'ParameterInvalid'],
    ['another type', { enable: true, encryptType: 'rot13' }, 'ParameterInvalid'],
    ['no role', { enable: true, encryptType: 'default', userCmkInfo: { keyId, regionId: REGION } }, 'ParameterInvalid'],
    ['no Region', { enable: true, encryptType: 'default', userCmkInfo: { keyId, roleArn: ROLE } }, 'ParameterInvalid'],
    ['an empty key', { enable: true, encryptType: 'default', userCmkInfo: own({ keyId: '' }) }, 'ParameterInvalid'],
  ])('with %s is refused', async (_what, fields, code) => {
    const { update, conf } = await aProject();
    expect(await update('fresh', fields)).toContain(`400 ${code}`);
    expect(await conf('fresh')).toBeUndefined();
  });

  it.each([
    ['gone', { exists: false }, 'does not exist'],
    ['disabled', { state: 'Disabled' }, 'is Disabled'],
    ['pending deletion', { state: 'PendingDeletion' }, 'is PendingDeletion'],
    ['pending import', { state: 'PendingImport' }, 'is PendingImport'],
    ['rsa', { spec: 'RSA_2048' }, 'is not symmetric'],
    ['signing', { usage: 'SIGN/VERIFY' }, 'is not symmetric'],
  ] as const)('cannot use a key that is %s', async (_what, key, because) => {
    const { update } = await aProject({ keys: { bad: key } });
    const userCmkInfo = own({ keyId: alibabaKeyId(REGION, 'bad') });
    const answer = await update('fresh', { enable: true, encryptType: 'default', userCmkInfo });
    expect(answer).toContain('400 LogStoreInfoInvalid');
    expect(answer).toContain(because);
  });

  it('cannot use a key of another Region, or a role that does not exist or does not trust SLS', async () => {
    const regions = { 'cn-shanghai': { keys: { far: {} } } };
    const { update } = await aProject(
      {},
      { alibaba: { regions, roles: { others: { trusts: ['ecs.aliyuncs.com'] } } } },
    );
    const attempt = (more: object) => update('fresh', { enable: true, encryptType: 'default', userCmkInfo: own(more) });
    const far = alibabaKeyId('cn-shanghai', 'far');
    expect(await attempt({ keyId: far })).toContain('does not exist');
    expect(await attempt({ keyId: far, regionId: 'cn-shanghai' })).toContain('must be in the region cn-hangzhou');
    expect(await attempt({ roleArn: ROLE.replace('aliyunlogdefaultrole', 'others') })).toContain('does not trust');
    expect(await attempt({ roleArn: ROLE.replace('1234', '9999') })).toContain('does not exist');
  });

  it('can be set when the Logstore is created', async () => {
    const { sls, conf } = await aProject();
    const create = (logstoreName: string, cmkKeyId: string) => {
      const userCmkInfo = new EncryptUserCmkConf({ cmkKeyId, arn: ROLE, regionId: REGION });
      const encryptConf = new EncryptConf({ enable: true, encryptType: 'default', userCmkInfo });
      return refused(
        sls.createLogStore(P, new CreateLogStoreRequest({ logstoreName, ttl: 1, shardCount: 1, encryptConf })),
      );
    };
    expect(await create('made', keyId)).toBe('no error');
    expect((await conf('made'))?.userCmkInfo?.cmkKeyId).toBe(keyId);
    expect(await create('not-made', 'key-x')).toContain('400 LogStoreInfoInvalid');
    expect(await refused(sls.getLogStore(P, 'not-made'))).toContain('LogStoreNotExist');
  });
});

describe('encryption that is configured', () => {
  it.each(['service', 'sealed'])('of %s can be switched off and on', async (name) => {
    const { update, conf } = await aProject();
    const before = await conf(name);
    expect(await update(name, { enable: false })).toBe('no error');
    expect(await conf(name)).toEqual({ ...before, enable: false });
    expect(await update(name, { enable: true })).toBe('no error');
    expect(await conf(name)).toEqual(before);
  });

  it('can be set again unchanged', async () => {
    const { update } = await aProject();
    expect(await update('sealed', { enable: true, encryptType: 'default', userCmkInfo: own() })).toBe('no error');
    expect(await update('service', { enable: true, encryptType: 'default' })).toBe('no error');
  });

  it.each([
    ['service', 'a CMK', { enable: true, encryptType: 'default', userCmkInfo: own() }],
    ['service', 'another type', { enable: true, encryptType: 'sm4_gcm' }],
    ['sealed', 'another type', { enable: false, encryptType: 'sm4_gcm' }],
    ['sealed', 'another key', { enable: true, userCmkInfo: own({ keyId: alibabaKeyId(REGION, 'other') }) }],
    ['sealed', 'another role', { enable: true, userCmkInfo: own({ roleArn: `${ROLE}2` }) }],
    ['off', 'a CMK', { enable: true, encryptType: 'default', userCmkInfo: own() }],
  ])('of %s cannot become %s', async (name, _what, fields) => {
    const off = { key: 'service-key', enabled: false };
    const { update, conf } = await aProject({ projects: { [P]: { service: 'service-key', sealed: 'mine', off } } });
    const before = await conf(name);
    expect(await update(name, fields)).toContain('400 LogStoreInfoInvalid');
    expect(await conf(name)).toEqual(before);
  });

  it('stops all reads and writes while its CMK is not usable, and cannot be enabled then', async () => {
    const { update, read, write, kms, conf } = await aProject();
    await kms('DisableKey', { KeyId: keyId });
    expect(await read('sealed')).toContain('400 LogStoreInfoInvalid');
    expect((await write('sealed')).status).toBe(400);
    expect([await read('fresh'), await read('service')]).toEqual(['no error', 'no error']);
    expect(await update('sealed', { enable: false })).toBe('no error');
    expect([await read('sealed'), (await write('sealed')).status]).toEqual(['no error', 200]);
    expect(await update('sealed', { enable: true })).toContain('400 LogStoreInfoInvalid');
    expect((await conf('sealed'))?.enable).toBe(false);
    await kms('EnableKey', { KeyId: keyId });
    expect(await update('sealed', { enable: true })).toBe('no error');
    await kms('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: '7' });
    expect(await read('sealed')).toContain('400 LogStoreInfoInvalid');
  });
});
