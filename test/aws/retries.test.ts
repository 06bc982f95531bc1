import { expect, test } from 'vitest';
import { aLogGroup, KEY_ARN } from './builders.ts';
import { aCloud, refusal, serve } from './tiny-server.ts';

test('a change aborted by a concurrent one is retried, and counts as one call', async () => {
  const { requests } = await serve(({ number }) => (number === 1 ? refusal('OperationAbortedException') : {}));
  const cloud = aCloud();

  await cloud.logStores.seal(aLogGroup('/app'), KEY_ARN);

  expect(requests).toHaveLength(2);
  expect(cloud.apiCalls()).toEqual({ 'logs:AssociateKmsKey': 1 });
});

test('a change that is aborted every time is UNAVAILABLE', async () => {
  const { requests } = await serve(() =>
    refusal('OperationAbortedException', 'Multiple requests to update the same resource were in conflict.'),
  );

  await expect(aCloud(4).logStores.seal(aLogGroup('/app'), KEY_ARN)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    call: 'logs:AssociateKmsKey',
    message: 'Multiple requests to update the same resource were in conflict.',
  });

  expect(requests).toHaveLength(4);
});

test('a throttled call is retried, and counts as one call', async () => {
  const { requests } = await serve(({ number }) =>
    number === 1 ? refusal('ThrottlingException', 'Rate exceeded') : { KeyMetadata: { Arn: KEY_ARN } },
  );
  const cloud = aCloud();

  await cloud.keys.describe(KEY_ARN);

  expect(requests).toHaveLength(2);
  expect(cloud.apiCalls()).toEqual({ 'kms:DescribeKey': 1 });
});

test('a refusal is not retried', async () => {
  const { requests } = await serve(() =>
    refusal('InvalidParameterException', 'The specified KMS Key Id could not be found.'),
  );

  await expect(aCloud().logStores.seal(aLogGroup('/app'), 'no-arn')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });

  expect(requests).toHaveLength(1);
});
