import { expect, test } from 'vitest';
import { clientSettings } from '../../lib/aws/clients.ts';

test('calls are made up to ten times with adaptive retries, and every one has a timeout', () => {
  expect(clientSettings('eu-west-1')).toMatchObject({
    region: 'eu-west-1',
    retryMode: 'adaptive',
    maxAttempts: 10,
    requestHandler: { throwOnRequestTimeout: true, requestTimeout: 30_000, connectionTimeout: 5_000 },
  });
});

test('endpoint, credentials and profile are left to the SDK', () => {
  expect(clientSettings('eu-west-1')).not.toHaveProperty('endpoint');
  expect(clientSettings('eu-west-1')).not.toHaveProperty('credentials');
  expect(clientSettings('eu-west-1')).not.toHaveProperty('profile');
  expect(clientSettings('eu-west-1', { profile: 'auditor' })).toMatchObject({ profile: 'auditor' });
});
