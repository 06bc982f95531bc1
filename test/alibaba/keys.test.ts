import { describe, expect, test } from 'vitest';
import { whyUnusable } from '../../lib/domain/key.ts';
import { refusal, serve, type TinyAnswer } from './tiny-server.ts';

const METADATA = {
  KeyId: 'key-hzz1',
  Arn: 'acs:kms:cn-hangzhou:1:key/key-hzz1',
  KeyState: 'Enabled',
  KeySpec: 'Aliyun_AES_256',
  KeyUsage: 'ENCRYPT/DECRYPT',
};

describe('describe', () => {
  test.each([
    [{}, { state: 'Enabled', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' }, []],
    [{ KeySpec: 'Aliyun_AES_192' }, { spec: 'SYMMETRIC_DEFAULT' }, []],
    [{ KeySpec: 'Aliyun_AES_128' }, { spec: 'SYMMETRIC_DEFAULT' }, []],
    [{ KeySpec: 'Aliyun_SM4' }, { spec: 'SYMMETRIC_DEFAULT' }, []],
    [{ KeySpec: 'RSA_2048' }, { spec: 'RSA_2048' }, ['KEY_NOT_SYMMETRIC']],
    [{ KeyUsage: 'SIGN/VERIFY' }, { usage: 'SIGN/VERIFY' }, ['KEY_WRONG_USAGE']],
    [{ KeyState: 'Disabled' }, { state: 'Disabled' }, ['KEY_DISABLED']],
    [{ KeyState: 'PendingDeletion' }, { state: 'PendingDeletion' }, ['KEY_PENDING_DELETION']],
    [
      { KeyState: 'PendingDeletion', DeleteDate: '2026-12-21T10:00:00Z' },
      { deletionDate: new Date('2026-12-21T10:00:00Z') },
      ['KEY_PENDING_DELETION'],
    ],
    [{ KeyState: 'PendingDeletion', DeleteDate: 'soon' }, { deletionDate: undefined }, ['KEY_PENDING_DELETION']],
    [{ KeyState: 'PendingImport' }, { state: 'PendingImport' }, ['KEY_PENDING_IMPORT']],
    [{ KeyState: undefined, KeySpec: '' }, { state: null, spec: null }, ['KEY_UNREADABLE']],
  ])('%o', async (metadata, facts, reasons) => {
    const { cloud } = await serve(() => ({ KeyMetadata: { ...METADATA, ...metadata } }));
    const aliCloud = cloud();
    const key = await aliCloud.keys.describe('key-hzz1');
    expect(key).toMatchObject({ arn: 'key-hzz1', account: '', ...facts });
    expect(whyUnusable(key, 'alibaba', 'ATTACHED').map(({ code }) => code)).toEqual(reasons);
    expect(aliCloud.apiCalls()).toEqual({ 'kms:DescribeKey': 1 });
  });
});

test('key policies and grants are refused without a call', async () => {
  const { cloud, requests } = await serve(() => ({}));
  const { keys } = cloud();
  const expected = { code: 'INVALID_REQUEST', message: /does not read key policies/ };
  await expect(keys.policyText('key-1')).rejects.toMatchObject(expected);
  await expect(keys.putPolicy('key-1', '{}')).rejects.toMatchObject(expected);
  await expect(keys.grants('key-1')).rejects.toMatchObject(expected);
  expect(requests).toEqual([]);
});

describe('the role', () => {
  const trust = (statement: object = {}) => ({
    Version: '1',
    Statement: [
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: ['log.aliyuncs.com'] }, ...statement },
    ],
  });
  const ram =
    (policies: readonly string[], document: unknown = trust(), type = 'System'): TinyAnswer =>
    ({ action }) =>
      action === 'GetRole'
        ? { Role: { RoleName: 'sls-kms', AssumeRolePolicyDocument: JSON.stringify(document) } }
        : { Policies: { Policy: policies.map((PolicyName) => ({ PolicyName, PolicyType: type })) } };
  const BOTH = ['AliyunKMSReadOnlyAccess', 'AliyunKMSCryptoUserAccess'];
  const attach = (name: string) =>
    `aliyun ram AttachPolicyToRole --PolicyType System --PolicyName ${name} --RoleName sls-kms`;
  const problemOf = async (answer: TinyAnswer) => (await serve(answer)).cloud().keys.roleProblem?.();

  test.each<[string, TinyAnswer]>([
    ['has both policies', ram(BOTH)],
    ['is an administrator', ram(['AdministratorAccess'])],
    ['may do everything with keys', ram(['AliyunKMSFullAccess'])],
    ['may read everything', ram(['ReadOnlyAccess', 'AliyunKMSCryptoUserAccess'])],
    ['has custom policies, whose content is not read', ram(['mine'], trust(), 'Custom')],
    ['trusts SLS, given as a string', ram(BOTH, trust({ Principal: { Service: 'log.aliyuncs.com' } }))],
    ['trusts everybody', ram(BOTH, trust({ Action: ['sts:*'], Principal: '*' }))],
  ])('has no problem if it %s', async (_, answer) => {
    expect(await problemOf(answer)).toBeNull();
  });

  const policiesOnly =
    (answer: object): TinyAnswer =>
    (request, response) =>
      request.action === 'GetRole' ? ram([])(request, response) : answer;
  const statement = (action: string) =>
    `{"Effect":"Allow","Action":"${action}","Resource":"acs:ram::123456789012:role/sls-kms"}`;

  test.each<[string, TinyAnswer]>([
    ['ram:GetRole', () => refusal(403, 'NoPermission')],
    ['ram:ListPoliciesForRole', policiesOnly(refusal(403, 'Forbidden.RAM'))],
  ])('is unreadable without the right %s, which the fix names', async (action, answer) => {
    expect(await problemOf(answer)).toEqual({
      code: 'KEY_POLICY_UNREADABLE',
      severity: 'LOW',
      message: expect.stringMatching(
        new RegExp(
          `^whether SLS can use a key with the role .* is not known: ${action} failed: .*the words of the cloud`,
        ),
      ),
      fix: `the caller needs ${action} on the role: add this statement to a policy of the caller: ${statement(action)}`,
    });
  });

  test.each([
    [403, 'InvalidSecurityToken.Expired'],
    [400, 'InvalidParameter.RoleName.Length'],
    [409, 'SomethingElse'],
  ])('is unreadable where RAM answers %i %s', async (status, code) => {
    expect(await problemOf(() => refusal(status, code))).toMatchObject({
      code: 'KEY_POLICY_UNREADABLE',
      message: expect.stringContaining('the words of the cloud'),
      fix: expect.stringMatching(/^see what fails with: aliyun ram GetRole --RoleName sls-kms; .*"ram:GetRole"/),
    });
  });

  test.each<[string, TinyAnswer]>([
    ['GetRole', () => ({})],
    ['GetRole', () => ({ Role: 'sls-kms' })],
    ['GetRole', () => ({ Role: {} })],
    ['GetRole', () => ({ Role: { AssumeRolePolicyDocument: 'x' } })],
    ['GetRole', () => ({ Role: { AssumeRolePolicyDocument: 'null' } })],
    ['GetRole', () => ({ Role: { AssumeRolePolicyDocument: '{"Version":"1"}' } })],
    ['GetRole', () => ({ Role: { AssumeRolePolicyDocument: '{"Statement":["Allow"]}' } })],
    ['ListPoliciesForRole', policiesOnly({})],
    ['ListPoliciesForRole', policiesOnly({ Policies: { Policy: 'AdministratorAccess' } })],
    ['ListPoliciesForRole', policiesOnly({ Policies: { Policy: [{ PolicyName: 'AdministratorAccess' }] } })],
  ])('is unreadable where the answer to %s has an unknown form: %o', async (action, answer) => {
    expect(await problemOf(answer)).toMatchObject({
      code: 'KEY_POLICY_UNREADABLE',
      message: expect.stringContaining(`logseal does not understand RAM's response to ${action}`),
      fix: expect.stringContaining(`aliyun ram ${action} --RoleName sls-kms`),
    });
  });

  test.each<[string, TinyAnswer, string]>([
    ['fails', () => refusal(503, 'ServiceUnavailable'), 'UNAVAILABLE'],
    ['is throttled', () => refusal(400, 'Throttling.User'), 'THROTTLED'],
    ['breaks the connection', (_, response) => void response.destroy(), 'NETWORK'],
  ])('is to be read again where RAM %s', async (_, answer, code) => {
    await expect(problemOf(answer)).rejects.toMatchObject({ code, call: 'ram:GetRole' });
  });

  test('is created by the fix if it does not exist', async () => {
    const fix = [
      `aliyun ram CreateRole --RoleName sls-kms --AssumeRolePolicyDocument '{"Version":"1","Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":["log.aliyuncs.com"]}}]}'`,
      ...BOTH.map(attach),
    ].join(' && ');
    expect(await problemOf(() => refusal(404, 'EntityNotExist.Role'))).toEqual({
      code: 'KEY_POLICY_MISSING_ACTIONS',
      severity: 'HIGH',
      message: 'acs:ram::123456789012:role/sls-kms does not exist',
      fix,
    });
  });

  test.each([
    ['another service', trust({ Principal: { Service: ['ecs.aliyuncs.com'] } })],
    ['SLS in a Deny', trust({ Effect: 'Deny' })],
    ['nobody', { Version: '1', Statement: [] }],
    ['an account', trust({ Principal: { RAM: ["acs:ram::1:user/o'neil"] } })],
  ])('that trusts %s keeps its statements in the fix', async (_, document) => {
    const problem = await problemOf(ram(BOTH, document));
    expect(problem).toMatchObject({ code: 'KEY_POLICY_MISSING_ACTIONS', message: /does not trust log\.aliyuncs\.com/ });
    const [, json = ''] =
      /^aliyun ram UpdateRole --RoleName sls-kms --NewAssumeRolePolicyDocument '(.*)'$/.exec(problem?.fix ?? '') ?? [];
    expect(JSON.parse(json.replaceAll(`'\\''`, "'"))).toEqual({
      Version: '1',
      Statement: [...document.Statement, ...trust().Statement],
    });
  });

  test.each([
    [['AliyunKMSReadOnlyAccess'], ['AliyunKMSCryptoUserAccess']],
    [['AliyunKMSCryptoUserAccess', 'AliyunLogRolePolicy'], ['AliyunKMSReadOnlyAccess']],
    [[], BOTH],
  ])('that holds %j gets the missing policies in the fix', async (held, lacks) => {
    expect(await problemOf(ram(held))).toMatchObject({
      message: expect.stringContaining(`lacks ${lacks.join(' and ')}`),
      fix: lacks.map(attach).join(' && '),
    });
  });

  test('is not asked for where RAM may not be called, and without a role', async () => {
    const { cloud, requests } = await serve(() => refusal(503, 'ServiceUnavailable'));
    expect(await cloud({ mayCallRam: false }).keys.roleProblem?.()).toBeNull();
    expect(await cloud({ roleArn: null }).keys.roleProblem?.()).toBeNull();
    expect(requests).toEqual([]);
  });

  test('is unreadable, without a call, if its ARN is not the ARN of a role', async () => {
    const { cloud, requests } = await serve(() => refusal(503, 'ServiceUnavailable'));
    expect(await cloud({ roleArn: 'acs:ram::1:role/$(x)' }).keys.roleProblem?.()).toMatchObject({
      code: 'KEY_POLICY_UNREADABLE',
      fix: expect.stringContaining('--sls-role-arn'),
    });
    expect(requests).toEqual([]);
  });

  test('is asked for three times at most', async () => {
    const { cloud, requests } = await serve(() => refusal(503, 'ServiceUnavailable'));
    const aliCloud = cloud({ maxAttempts: 10 });
    await expect(aliCloud.keys.roleProblem?.()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(requests).toHaveLength(3);
    expect(aliCloud.apiCalls()).toEqual({ 'ram:GetRole': 1 });
  });
});
