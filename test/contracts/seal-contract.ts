import { describe, expect, test } from 'vitest';
import { queryResultsOf } from '../../lib/domain/log-store.ts';
import { aLogGroup, TARGET } from '../aws/builders.ts';
import type { Subject } from './cloud-contract.ts';
import type { Keys } from './world.ts';

/** What sealing promises. Only a backend that checks the key as AWS does can pass these tests. */
export function describeSealContract({ cloud, keys }: Subject): void {
  const keyOf = async (name: string) => {
    const found = (await cloud().logStores.read([aLogGroup(name)])).get(aLogGroup(name).arn);
    if (found instanceof Error) throw found;
    return found?.keyArn;
  };

  describe('seal', () => {
    test.each(['/app', '/app#1'])('attaches the key to %s, and can be repeated', async (name) => {
      await cloud().logStores.seal(aLogGroup(name), keys().healthy);
      await cloud().logStores.seal(aLogGroup(name), keys().healthy);

      expect(await keyOf(name)).toBe(keys().healthy);
      expect(await keyOf('/application')).toBeNull();
    });

    test('attaches the key to query results', async () => {
      const results = queryResultsOf('aws', TARGET);

      await cloud().logStores.seal(results, keys().healthy);

      const found = await cloud().logStores.read([results]);
      expect(found.get(results.arn)).toEqual({ store: results, keyArn: keys().healthy });
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
