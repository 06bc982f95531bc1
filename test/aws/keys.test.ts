import { expect, test } from 'vitest';
import { KEY_ARN } from './builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

test('the facts of a key are those of KMS', async () => {
  await serve(() => ({
    KeyMetadata: {
      Arn: KEY_ARN,
      AWSAccountId: '111122223333',
      KeyState: 'Disabled',
      KeySpec: 'RSA_2048',
      KeyUsage: 'SIGN_VERIFY',
    },
  }));

  expect(await aCloud().keys.describe('alias/logseal')).toEqual({
    arn: KEY_ARN,
    account: '111122223333',
    state: 'Disabled',
    spec: 'RSA_2048',
    usage: 'SIGN_VERIFY',
  });
});

test('older servers say CustomerMasterKeySpec', async () => {
  await serve(() => ({ KeyMetadata: { Arn: KEY_ARN, CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' } }));

  expect(await aCloud().keys.describe(KEY_ARN)).toMatchObject({ spec: 'SYMMETRIC_DEFAULT' });
});

test('what KMS leaves out is unknown, and never taken for usable', async () => {
  await serve(() => ({ KeyMetadata: { Arn: KEY_ARN } }));

  expect(await aCloud().keys.describe(KEY_ARN)).toEqual({
    arn: KEY_ARN,
    account: '111122223333',
    state: null,
    spec: null,
    usage: null,
  });
});

test('the policy is read as the one named default', async () => {
  const { requests } = await serve(() => ({ Policy: '{ }' }));

  expect(await aCloud().keys.policyText(KEY_ARN)).toBe('{ }');
  expect(requests.map(({ input }) => input)).toEqual([{ KeyId: KEY_ARN, PolicyName: 'default' }]);
});

test('an answer that says nothing is an error', async () => {
  await serve(() => ({}));

  await expect(aCloud().keys.describe(KEY_ARN)).rejects.toMatchObject({ code: 'UNAVAILABLE', call: 'kms:DescribeKey' });
  await expect(aCloud().keys.policyText(KEY_ARN)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    call: 'kms:GetKeyPolicy',
  });
});

test('AWS’s words are kept', async () => {
  await serve(() => refusal('NotFoundException', `Key '${KEY_ARN}' does not exist`));

  await expect(aCloud().keys.describe(KEY_ARN)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: `Key '${KEY_ARN}' does not exist`,
  });
});
