import { expect, test } from 'vitest';
import { KEY_ARN } from './builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

test('describe returns what KMS says about a key', async () => {
  await serve(() => ({
    KeyMetadata: {
      Arn: KEY_ARN,
      AWSAccountId: '111122223333',
      KeyState: 'Disabled',
      KeySpec: 'RSA_2048',
      KeyUsage: 'SIGN_VERIFY',
      KeyManager: 'AWS',
    },
  }));

  expect(await aCloud().keys.describe('alias/logseal')).toEqual({
    arn: KEY_ARN,
    account: '111122223333',
    state: 'Disabled',
    spec: 'RSA_2048',
    usage: 'SIGN_VERIFY',
    manager: 'AWS',
  });
});

test('describe returns when KMS deletes a key', async () => {
  const answers = [
    { KeyState: 'PendingDeletion', DeletionDate: 1_797_811_200 },
    { KeyState: 'PendingReplicaDeletion', PendingDeletionWindowInDays: 7 },
  ];
  await serve(() => ({ KeyMetadata: { Arn: KEY_ARN, ...answers.shift() } }));
  const { keys } = aCloud();

  expect(await keys.describe(KEY_ARN)).toMatchObject({ deletionDate: new Date('2026-12-21T00:00:00Z') });
  expect(await keys.describe(KEY_ARN)).toMatchObject({ waitingPeriodDays: 7 });
});

test('older servers return CustomerMasterKeySpec', async () => {
  await serve(() => ({ KeyMetadata: { Arn: KEY_ARN, CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' } }));

  expect(await aCloud().keys.describe(KEY_ARN)).toMatchObject({ spec: 'SYMMETRIC_DEFAULT' });
});

test('what KMS leaves out is null, and never taken for usable', async () => {
  await serve(() => ({ KeyMetadata: { Arn: KEY_ARN } }));

  expect(await aCloud().keys.describe(KEY_ARN)).toEqual({
    arn: KEY_ARN,
    account: '111122223333',
    state: null,
    spec: null,
    usage: null,
  });
});

test('policyText reads the policy named default', async () => {
  const { requests } = await serve(() => ({ Policy: '{ }' }));

  expect(await aCloud().keys.policyText(KEY_ARN)).toBe('{ }');
  expect(requests.map(({ input }) => input)).toEqual([{ KeyId: KEY_ARN, PolicyName: 'default' }]);
});

test('an empty response is an error', async () => {
  await serve(() => ({}));

  await expect(aCloud().keys.describe(KEY_ARN)).rejects.toMatchObject({ code: 'UNAVAILABLE', call: 'kms:DescribeKey' });
  await expect(aCloud().keys.policyText(KEY_ARN)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    call: 'kms:GetKeyPolicy',
  });
});

test('the message of AWS is kept', async () => {
  await serve(() => refusal('NotFoundException', `Key '${KEY_ARN}' does not exist`));

  await expect(aCloud().keys.describe(KEY_ARN)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: `Key '${KEY_ARN}' does not exist`,
  });
});

test('putPolicy replaces the policy named default, and leaves the lockout check on', async () => {
  const { requests } = await serve(() => ({}));
  const cloud = aCloud();

  await cloud.keys.putPolicy(KEY_ARN, '{ }');

  expect(requests).toMatchObject([{ operation: 'PutKeyPolicy' }]);
  expect(requests[0]?.input).toEqual({ KeyId: KEY_ARN, PolicyName: 'default', Policy: '{ }' });
  expect(cloud.apiCalls()).toEqual({ 'kms:PutKeyPolicy': 1 });
});

test('grants returns those of principals and of services, from every page', async () => {
  const constrained = {
    GranteePrincipal: 'r',
    Operations: ['Encrypt'],
    Constraints: { EncryptionContextSubset: { a: 'b' } },
  };
  const { requests } = await serve(({ input }) =>
    input.Marker
      ? {
          Grants: [
            { GranteeServicePrincipal: 'logs.eu-west-1.amazonaws.com', Operations: ['Encrypt'] },
            {},
            constrained,
          ],
        }
      : {
          Grants: [{ GranteePrincipal: 'arn:aws:iam::111122223333:role/r', Operations: ['Encrypt', 'Decrypt'] }],
          Truncated: true,
          NextMarker: 'm',
        },
  );
  const cloud = aCloud();

  expect(await cloud.keys.grants(KEY_ARN)).toEqual([
    { grantee: 'arn:aws:iam::111122223333:role/r', operations: ['Encrypt', 'Decrypt'] },
    { grantee: 'logs.eu-west-1.amazonaws.com', operations: ['Encrypt'] },
    { grantee: '', operations: [] },
    { grantee: 'r', operations: ['Encrypt'], isConstrained: true },
  ]);
  expect(requests.map(({ input }) => input)).toEqual([
    { KeyId: KEY_ARN, Limit: 100 },
    { KeyId: KEY_ARN, Limit: 100, Marker: 'm' },
  ]);
  expect(cloud.apiCalls()).toEqual({ 'kms:ListGrants': 2 });
});

test('an endless list of grants is an error', async () => {
  const { requests } = await serve(() => ({ Grants: [{}], Truncated: true, NextMarker: 'again' }));

  await expect(aCloud().keys.grants(KEY_ARN)).rejects.toMatchObject({ code: 'UNAVAILABLE', call: 'kms:ListGrants' });
  expect(requests).toHaveLength(2);
});

test('the aliases of a key are one call', async () => {
  const AliasArn = 'arn:aws:kms:eu-west-1:111122223333:alias/logs';
  const { requests } = await serve(() => ({ Aliases: [{ AliasArn }, {}], Truncated: true, NextMarker: 'm' }));
  const cloud = aCloud();

  expect(await cloud.keys.aliases?.(KEY_ARN)).toEqual([AliasArn]);
  expect(requests.map(({ operation, input }) => ({ operation, input }))).toEqual([
    { operation: 'ListAliases', input: { KeyId: KEY_ARN } },
  ]);
  expect(cloud.apiCalls()).toEqual({ 'kms:ListAliases': 1 });
});
