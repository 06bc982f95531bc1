import { describe, expect, test } from 'vitest';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { aLogGroup, TARGET } from '../aws/builders.ts';
import type { Subject } from './cloud-contract.ts';
import type { Keys } from './world.ts';

/** What sealing promises. Only a backend that checks the key as AWS does can pass these tests. */
export function describeSealContract({ cloud, keys }: Subject): void {
  const keyOf = async (name: string) => {
    const [reading] = await cloud().logStores.read([aLogGroup(name)]);
    if (reading?.status === 'UNREADABLE') throw reading.failure;
    return reading?.status === 'FOUND' ? reading.found.keyArn : undefined;
  };

  describe('seal', () => {
    test.each(['/app', '/app#1'])('attaches the key to %s, and can be repeated', async (name) => {
      await cloud().logStores.seal(aLogGroup(name), keys().healthy);
      await cloud().logStores.seal(aLogGroup(name), keys().healthy);

      expect(await keyOf(name)).toBe(keys().healthy);
      expect(await keyOf('/application')).toBeNull();
    });

    test('attaches the key to query results', async () => {
      const results = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);

      await cloud().logStores.seal(results, keys().healthy);

      expect(await cloud().logStores.read([results])).toEqual([
        { status: 'FOUND', found: { store: results, keyArn: keys().healthy } },
      ]);
    });

    test('fails with NOT_FOUND for a log group that does not exist', async () => {
      await expect(cloud().logStores.seal(aLogGroup('/gone'), keys().healthy)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'The specified log group does not exist.',
      });
    });

    test.each(['missing', 'disabled', 'pendingDeletion', 'rsa', 'hmac'] as const satisfies (keyof Keys)[])(
      'fails with INVALID_REQUEST, and a reason, for the key %s, and changes nothing',
      async (kind) => {
        await expect(cloud().logStores.seal(aLogGroup('/app-1'), keys()[kind])).rejects.toMatchObject({
          code: 'INVALID_REQUEST',
          call: 'logs:AssociateKmsKey',
          message: expect.stringMatching(/\bKMS\b/),
        });
        expect(await keyOf('/app-1')).toBeNull();
      },
    );

    test('fails with ACCESS_DENIED, and AWS’s message, for a key whose policy does not allow CloudWatch Logs', async () => {
      await expect(cloud().logStores.seal(aLogGroup('/app-1'), keys().closed)).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
        call: 'logs:AssociateKmsKey',
        message: `The specified KMS key does not exist or is not allowed to be used with Arn '${aLogGroup('/app-1').arn}'`,
      });
      expect(await keyOf('/app-1')).toBeNull();
    });

    test('counts its calls', () => {
      expect(cloud().apiCalls()['logs:AssociateKmsKey']).toBe(12);
    });
  });
}
