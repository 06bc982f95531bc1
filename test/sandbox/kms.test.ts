import * as Kms from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { aSandbox, clients, refusal } from './support.ts';

const PREFIX = 'arn:aws:kms:eu-west-1:111122223333';
const UNKNOWN_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';

async function aKey(kms: Kms.KMSClient, input: Kms.CreateKeyCommandInput = {}) {
  const { KeyMetadata } = await kms.send(new Kms.CreateKeyCommand(input));
  return { KeyId: KeyMetadata?.KeyId ?? '', Arn: KeyMetadata?.Arn ?? '' };
}

async function stateOf(kms: Kms.KMSClient, KeyId: string) {
  return (await kms.send(new Kms.DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
}

describe('keys', () => {
  it('are described by id, ARN, alias and alias ARN', async () => {
    const { kms } = await aSandbox({ now: () => new Date(1_700_000_000_000) });
    const { KeyId, Arn } = await aKey(kms, { Description: 'mine' });
    await kms.send(new Kms.CreateAliasCommand({ AliasName: 'alias/x', TargetKeyId: KeyId }));
    for (const name of [KeyId, Arn, 'alias/x', `${PREFIX}:alias/x`]) {
      const { KeyMetadata } = await kms.send(new Kms.DescribeKeyCommand({ KeyId: name }));
      expect(KeyMetadata).toEqual({
        AWSAccountId: '111122223333',
        KeyId,
        Arn: `${PREFIX}:key/${KeyId}`,
        CreationDate: new Date(1_700_000_000_000),
        Enabled: true,
        Description: 'mine',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeyState: 'Enabled',
        Origin: 'AWS_KMS',
        KeyManager: 'CUSTOMER',
        CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
        KeySpec: 'SYMMETRIC_DEFAULT',
        EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
        MultiRegion: false,
      });
    }
  });

  it('can be of any kind', async () => {
    const { kms } = await aSandbox();
    expect((await aKey(kms, { MultiRegion: true })).KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(await stateOf(kms, (await aKey(kms, { Origin: 'EXTERNAL' })).KeyId)).toBe('PendingImport');
    const { Arn } = await aKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const { KeyMetadata } = await kms.send(new Kms.DescribeKeyCommand({ KeyId: Arn }));
    expect(KeyMetadata).toMatchObject({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    expect(KeyMetadata?.EncryptionAlgorithms).toBeUndefined();
  });

  it('are not found, with KMS’s own messages', async () => {
    const { kms } = await aSandbox();
    const ask = (KeyId: string) => refusal(kms.send(new Kms.DescribeKeyCommand({ KeyId })));
    const missing = `NotFoundException: Key '${PREFIX}:key/${UNKNOWN_ID}' does not exist`;
    expect(await ask(UNKNOWN_ID)).toBe(missing);
    expect(await ask(`${PREFIX}:key/${UNKNOWN_ID}`)).toBe(missing);
    expect(await ask('alias/none')).toBe(`NotFoundException: Alias ${PREFIX}:alias/none is not found.`);
    expect(await ask('nonsense')).toBe("NotFoundException: Invalid keyId 'nonsense'");
    expect(await ask(`arn:aws:kms:us-east-1:111122223333:key/${UNKNOWN_ID}`)).toBe(
      'NotFoundException: Invalid arn us-east-1',
    );
    expect(await ask('arn:aws:s3:::x')).toContain('InvalidArnException');
  });

  it('of another account are described if their policy allows it, and nothing else', async () => {
    const shared = {
      Statement: [{ Effect: 'Allow', Principal: { AWS: '{home}' }, Action: 'kms:Describe*', Resource: '*' }],
    };
    const keys = { shared: { account: '444455556666', policy: shared }, closed: { account: '444455556666' } };
    const { sandbox, kms } = await aSandbox({ world: { keys } });
    const { Keys = [] } = await clients(sandbox, { account: '444455556666' }).kms.send(new Kms.ListKeysCommand({}));
    const [open, closed] = Keys.map(({ KeyArn }) => KeyArn);
    expect(await stateOf(kms, open ?? '')).toBe('Enabled');
    expect(await refusal(kms.send(new Kms.DescribeKeyCommand({ KeyId: closed })))).toMatch(
      /^AccessDeniedException: User: arn:aws:iam::111122223333:user\/sandbox is not authorized to perform: kms:DescribeKey on resource: arn:aws:kms:eu-west-1:444455556666:key/,
    );
    expect(await refusal(kms.send(new Kms.GetKeyPolicyCommand({ KeyId: open })))).toContain('AccessDeniedException');
    const gone = `arn:aws:kms:eu-west-1:444455556666:key/${UNKNOWN_ID}`;
    expect(await refusal(kms.send(new Kms.DescribeKeyCommand({ KeyId: gone })))).toContain('NotFoundException');
  });

  it('change their state by the rules of KMS', async () => {
    const { kms } = await aSandbox({ now: () => new Date(0) });
    const { KeyId, Arn } = await aKey(kms);
    await kms.send(new Kms.DisableKeyCommand({ KeyId }));
    expect(await stateOf(kms, KeyId)).toBe('Disabled');
    await kms.send(new Kms.EnableKeyCommand({ KeyId }));
    expect(await stateOf(kms, KeyId)).toBe('Enabled');
    const schedule = (PendingWindowInDays: number) =>
      kms.send(new Kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
    expect(await refusal(schedule(6))).toContain('ValidationException');
    const notPending = `KMSInvalidStateException: ${Arn} is not pending deletion.`;
    expect(await refusal(kms.send(new Kms.CancelKeyDeletionCommand({ KeyId })))).toBe(notPending);
    const { DeletionDate } = await schedule(7);
    expect(DeletionDate).toEqual(new Date(7 * 24 * 60 * 60 * 1000));
    const pending = `KMSInvalidStateException: ${Arn} is pending deletion.`;
    expect(await refusal(schedule(7))).toBe(pending);
    expect(await refusal(kms.send(new Kms.EnableKeyCommand({ KeyId })))).toBe(pending);
    expect(await refusal(kms.send(new Kms.CreateAliasCommand({ AliasName: 'alias/x', TargetKeyId: KeyId })))).toBe(
      pending,
    );
    await kms.send(new Kms.CancelKeyDeletionCommand({ KeyId }));
    expect(await stateOf(kms, KeyId)).toBe('Disabled');
  });

  it('are listed in pages', async () => {
    const { kms } = await aSandbox({ world: { keys: { a: {}, b: {}, c: {} } } });
    const first = await kms.send(new Kms.ListKeysCommand({ Limit: 2 }));
    expect(first.Truncated).toBe(true);
    const second = await kms.send(new Kms.ListKeysCommand({ Limit: 2, Marker: first.NextMarker }));
    expect(second).toMatchObject({ Truncated: false });
    expect(new Set([...(first.Keys ?? []), ...(second.Keys ?? [])].map(({ KeyId }) => KeyId)).size).toBe(3);
    expect(await refusal(kms.send(new Kms.ListKeysCommand({ Marker: 'x' })))).toContain('InvalidMarkerException');
  });
});

describe('key policies', () => {
  it('are replaced as a whole, and listed as default', async () => {
    const { kms } = await aSandbox();
    const { KeyId } = await aKey(kms);
    const { Policy = '' } = await kms.send(new Kms.GetKeyPolicyCommand({ KeyId }));
    expect(JSON.parse(Policy).Statement[0].Principal.AWS).toBe('arn:aws:iam::111122223333:root');
    const next = Policy.replace('key-default-1', 'mine');
    await kms.send(new Kms.PutKeyPolicyCommand({ KeyId, Policy: next }));
    expect((await kms.send(new Kms.GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }))).Policy).toBe(next);
    expect((await kms.send(new Kms.ListKeyPoliciesCommand({ KeyId }))).PolicyNames).toEqual(['default']);
    expect(await refusal(kms.send(new Kms.GetKeyPolicyCommand({ KeyId, PolicyName: 'other' })))).toContain(
      'NotFoundException',
    );
  });

  it('are refused when malformed, too long or locking the account out, for a new key too', async () => {
    const { kms } = await aSandbox();
    const { KeyId } = await aKey(kms);
    const put = (Policy: string, bypass = false) =>
      refusal(kms.send(new Kms.PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: bypass })));
    const lockout = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:Get*', Resource: '*' },
    });
    const locked =
      'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.';
    expect(await put('{')).toContain('MalformedPolicyDocumentException');
    const open = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:*', Resource: '*' },
    });
    expect(await put(open.padEnd(32_769))).toContain('LimitExceededException');
    expect(await put(lockout)).toBe(locked);
    expect(await put(lockout, true)).toBe('no error');
    expect(await refusal(kms.send(new Kms.CreateKeyCommand({ Policy: lockout })))).toBe(locked);
  });

  it('of a key that AWS manages can be read, and not changed', async () => {
    const { kms } = await aSandbox({ world: { keys: { ssm: { alias: 'alias/aws/ssm', manager: 'AWS' } } } });
    const { KeyMetadata } = await kms.send(new Kms.DescribeKeyCommand({ KeyId: 'alias/aws/ssm' }));
    const KeyId = KeyMetadata?.Arn ?? '';
    const { Policy } = await kms.send(new Kms.GetKeyPolicyCommand({ KeyId }));

    expect(KeyMetadata?.KeyManager).toBe('AWS');
    expect(await refusal(kms.send(new Kms.PutKeyPolicyCommand({ KeyId, Policy })))).toBe(
      `AccessDeniedException: User: arn:aws:iam::111122223333:user/sandbox is not authorized to perform: kms:PutKeyPolicy on resource: ${KeyId} because no resource-based policy allows the kms:PutKeyPolicy action`,
    );
  });

  it('are not found by alias', async () => {
    const { kms } = await aSandbox({ world: { keys: { a: { alias: 'alias/a' } } } });
    const ask = (KeyId: string) => refusal(kms.send(new Kms.GetKeyPolicyCommand({ KeyId })));
    expect(await ask('alias/a')).toContain('NotFoundException');
    expect(await ask(`${PREFIX}:alias/a`)).toContain('InvalidArnException');
  });
});

describe('aliases', () => {
  it('are created, moved, listed in pages and deleted', async () => {
    const { kms } = await aSandbox({ world: { keys: { a: { alias: 'alias/a' }, b: { alias: 'alias/b' } } } });
    const first = await kms.send(new Kms.ListAliasesCommand({ Limit: 1 }));
    expect(first.Aliases?.[0]).toMatchObject({ AliasName: 'alias/a', AliasArn: `${PREFIX}:alias/a` });
    const second = await kms.send(new Kms.ListAliasesCommand({ Limit: 1, Marker: first.NextMarker }));
    const TargetKeyId = second.Aliases?.[0]?.TargetKeyId;
    await kms.send(new Kms.UpdateAliasCommand({ AliasName: 'alias/a', TargetKeyId }));
    const ofB = await kms.send(new Kms.ListAliasesCommand({ KeyId: TargetKeyId }));
    expect(ofB.Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/a', 'alias/b']);
    await kms.send(new Kms.DeleteAliasCommand({ AliasName: 'alias/a' }));
    expect(await refusal(kms.send(new Kms.DeleteAliasCommand({ AliasName: 'alias/a' })))).toContain(
      'NotFoundException',
    );
    const create = (AliasName: string) => refusal(kms.send(new Kms.CreateAliasCommand({ AliasName, TargetKeyId })));
    expect(await create('alias/b')).toBe(
      `AlreadyExistsException: An alias with the name ${PREFIX}:alias/b already exists`,
    );
    expect(await create('alias/aws/x')).toContain('ValidationException');
    expect(await create('x')).toContain('ValidationException');
  });
});
