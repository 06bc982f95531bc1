import { AssociateKmsKeyCommand } from '@aws-sdk/client-cloudwatch-logs';
import * as Kms from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, logsPolicy, refusal } from './support.ts';

const UNKNOWN_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const USER = 'arn:aws:iam::111122223333:user/someone';
const toUser = { GranteePrincipal: USER, Operations: ['Decrypt' as const] };
const toLogs = {
  GranteeServicePrincipal: 'logs.eu-west-1.amazonaws.com',
  RetiringPrincipal: USER,
  Constraints: { SourceArn: 'arn:aws:logs:eu-west-1:111122223333:log-group:/a' },
  Operations: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'] as Kms.GrantOperation[],
};

async function aKey(world: World = {}) {
  const cloud = await aSandbox({
    world: { keys: { k: {} }, groups: { '/a': null }, ...world },
    now: () => new Date(5000),
  });
  const { kms } = cloud;
  const { Keys } = await kms.send(new Kms.ListKeysCommand({}));
  const { KeyId = '', KeyArn = '' } = Keys?.[0] ?? {};
  const grant = (input: Partial<Kms.CreateGrantCommandInput>) =>
    kms.send(new Kms.CreateGrantCommand({ KeyId, Operations: [], ...input }));
  const list = (input: object = {}) => kms.send(new Kms.ListGrantsCommand({ KeyId, ...input }));
  return { ...cloud, KeyId, KeyArn, grant, list };
}

describe('grants', () => {
  it('are created, listed and revoked', async () => {
    const { kms, KeyId, KeyArn, grant, list } = await aKey();
    const { GrantId, GrantToken } = await grant({ ...toUser, Name: 'mine' });
    await grant(toLogs);
    expect(GrantToken).toBeTruthy();
    const made = { KeyId: KeyArn, CreationDate: new Date(5000), IssuingAccount: 'arn:aws:iam::111122223333:root' };
    const { Grants, Truncated } = await list();
    expect(Truncated).toBe(false);
    expect(Grants).toEqual([
      { GrantId, Name: 'mine', ...toUser, ...made },
      { GrantId: expect.stringMatching(/^[0-9a-f]{64}$/), ...toLogs, ...made },
    ]);
    expect((await list({ GranteePrincipal: USER })).Grants).toHaveLength(1);
    await kms.send(new Kms.RevokeGrantCommand({ KeyId, GrantId }));
    expect((await list()).Grants).toHaveLength(1);
    expect((await list({ GrantId })).Grants).toEqual([]);
    expect(await refusal(kms.send(new Kms.RevokeGrantCommand({ KeyId, GrantId })))).toContain('NotFoundException');
  });

  it('are listed in pages, by key', async () => {
    const { kms, grant, list } = await aKey({ keys: { a: {}, b: {} } });
    for (let n = 0; n < 3; n++) await grant(toUser);
    const { Keys = [] } = await kms.send(new Kms.ListKeysCommand({}));
    expect((await list({ KeyId: Keys[1]?.KeyArn })).Grants).toEqual([]);
    const first = await list({ Limit: 2 });
    expect(first.Truncated).toBe(true);
    const second = await list({ Limit: 2, Marker: first.NextMarker });
    expect(second.Truncated).toBe(false);
    const ids = [...(first.Grants ?? []), ...(second.Grants ?? [])].map(({ GrantId }) => GrantId);
    expect(new Set(ids).size).toBe(3);
    expect(await refusal(list({ Limit: 101 }))).toContain('ValidationException');
    expect(await refusal(list({ Marker: 'x' }))).toContain('InvalidMarkerException');
  });

  it('are refused without exactly one grantee, without operations, and on a key that cannot have grants', async () => {
    const { kms, KeyId, grant } = await aKey();
    expect(await refusal(grant({ Operations: ['Decrypt'] }))).toContain('ValidationException');
    expect(await refusal(grant({ ...toUser, ...toLogs }))).toContain('ValidationException');
    expect(await refusal(grant({ GranteePrincipal: USER }))).toContain('ValidationException');
    expect(await refusal(grant({ ...toLogs, Constraints: {} }))).toContain('ValidationException');
    expect(await refusal(grant({ ...toUser, KeyId: UNKNOWN_ID }))).toContain('NotFoundException');
    expect(await refusal(grant({ ...toUser, KeyId: 'alias/x' }))).toContain('NotFoundException');
    await kms.send(new Kms.DisableKeyCommand({ KeyId }));
    expect(await refusal(grant(toUser))).toContain('DisabledException');
    await kms.send(new Kms.ScheduleKeyDeletionCommand({ KeyId }));
    expect(await refusal(grant(toUser))).toContain('KMSInvalidStateException');
  });
});

describe('AssociateKmsKey with a key whose policy does not name CloudWatch Logs', () => {
  async function seal(world: World, grants: Partial<Kms.CreateGrantCommandInput>[]) {
    const { logs, KeyArn, grant } = await aKey(world);
    for (const input of grants) await grant(input);
    const result = await refusal(logs.send(new AssociateKmsKeyCommand({ logGroupName: '/a', kmsKeyId: KeyArn })));
    return result.split(':')[0];
  }
  const allow: World = { uncertain: 'allow' };

  it('is uncertain when a grant gives CloudWatch Logs everything that it needs', async () => {
    expect(await seal(allow, [toLogs])).toBe('no error');
    expect(await seal({}, [toLogs])).toBe('AccessDeniedException');
  });

  it('is refused with any other grant', async () => {
    const GranteeServicePrincipal = 'logs.us-east-1.amazonaws.com';
    const less = { ...toLogs, Operations: toLogs.Operations.slice(1) };
    expect(await seal(allow, [])).toBe('AccessDeniedException');
    expect(await seal(allow, [toUser, { ...toLogs, GranteeServicePrincipal }, less])).toBe('AccessDeniedException');
    const denial = { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' };
    const policy = { Statement: [...logsPolicy().Statement, { ...denial, Action: 'kms:Encrypt' }] };
    expect(await seal({ ...allow, keys: { k: { policy } } }, [toLogs])).toBe('AccessDeniedException');
  });
});
