import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { TellingRetryStrategy } from '../../lib/aws/telling-retries.ts';
import { refusal, serve } from './tiny-server.ts';

/** A call that is throttled each time, where each wait is one of those given. */
async function toldOf(waits: readonly number[]): Promise<(string | number)[]> {
  const told: (string | number)[] = [];
  const left = [...waits];
  await serve(() => refusal('ThrottlingException'));
  const client = new STSClient({
    region: 'eu-west-1',
    retryStrategy: new TellingRetryStrategy(waits.length + 1, (error, waitMs) => told.push(error, waitMs), {
      maxAttempts: waits.length + 1,
      backoff: { computeNextBackoffDelay: () => left.shift() ?? 0, setDelayBase() {} },
      rateLimiter: { getSendToken: async () => {}, updateClientSendingRate() {} },
    }),
  });
  await client.send(new GetCallerIdentityCommand()).catch(() => {});
  return told;
}

it('a retry is told of only if it takes longer than two seconds, with the error', async () => {
  expect(await toldOf([1, 1])).toEqual([]);
  expect(await toldOf([1, 2_001])).toEqual([expect.any(String), 2_001]);
});
