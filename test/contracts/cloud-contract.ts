import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Cloud } from '../../lib/app/ports.ts';
import type { LogStore } from '../../lib/domain/log-store.ts';
import { awsClouds } from '../../lib/runtime.ts';
import { aLogGroup, collect, foundIn } from '../aws/builders.ts';
import { stubEndpoint } from '../aws/endpoint.ts';
import { anOpenPolicy, aTarget } from '../support/builders.ts';
import { describeObjectContract, describeParameterContract } from './config-contract.ts';
import { describeSealContract } from './seal-contract.ts';
import { buildWorld, FLEET, type Keys, REGION, SEALED, SIBLINGS } from './world.ts';

/** Something that speaks AWS's protocols, with nothing in it yet. */
export interface Backend {
  readonly url: string;
  stop(): Promise<void>;
}

/** What a contract needs of the running backend; known once the tests run. */
export interface Subject {
  cloud(): Cloud;
  keys(): Keys;
}

export const ACCOUNT = '111122223333';

/**
 * What the adapters of AWS promise, whatever answers them.
 * @param name of the backend
 * @param start makes one whose requests all come from `ACCOUNT`
 * @param seals false where the backend lacks AssociateKmsKey
 * @param objects false where it lacks S3
 */
export function describeCloudContract(
  name: string,
  start: () => Promise<Backend>,
  { seals, objects }: { seals: boolean; objects: boolean },
): void {
  describe(name, () => {
    let backend: Backend | undefined;
    let keys: Keys;
    let cloud: Cloud;

    beforeAll(async () => {
      backend = await start();
      stubEndpoint(backend.url);
      keys = await buildWorld(ACCOUNT);
      cloud = awsClouds()(aTarget(REGION));
    }, 180_000);

    afterAll(async () => {
      vi.unstubAllEnvs();
      await backend?.stop();
    });

    const subject: Subject = { cloud: () => cloud, keys: () => keys };
    describeListing(subject);
    describeReading(subject);
    describeKeys(subject);
    if (seals) describeSealContract(subject);
    describeParameterContract();
    if (objects) describeObjectContract();

    test('the caller is known, and asked for once', async () => {
      const caller = await cloud.caller();

      expect(await cloud.caller()).toBe(caller);
      expect(caller).toEqual({ account: ACCOUNT, arn: expect.stringContaining(`::${ACCOUNT}:`), partition: 'aws' });
      expect(cloud.apiCalls()).toMatchObject({ 'sts:GetCallerIdentity': 1 });
    });
  });
}

function describeListing({ keys }: Subject): void {
  test('every log group is listed once, 50 per page', async () => {
    const cloud = awsClouds()(aTarget(REGION));
    const names = [...FLEET, ...SIBLINGS, SEALED].sort();

    const pages = await collect(cloud.logStores.pages(null));

    expect(pages.map(({ readings }) => readings.length)).toEqual([50, 50, 26]);
    expect(pages.map(({ nextToken }) => nextToken)).toEqual([expect.any(String), expect.any(String), null]);
    expect(pages.flatMap(({ readings }) => readings)).toEqual(
      names.map((name) => ({
        status: 'FOUND',
        found: { store: aLogGroup(name), keyArn: name === SEALED ? keys().healthy : null },
      })),
    );
    expect(cloud.apiCalls()).toEqual({ 'logs:DescribeLogGroups': 3, 'sts:GetCallerIdentity': 1 });
  });

  test('a listing continues where another one stopped', async () => {
    const [first, ...rest] = await collect(awsClouds()(aTarget(REGION)).logStores.pages(null));

    const continued = await collect(awsClouds()(aTarget(REGION)).logStores.pages(first?.nextToken ?? 'none'));

    expect(continued.map(({ readings }) => readings)).toEqual(rest.map(({ readings }) => readings));
  });
}

function describeReading({ cloud, keys }: Subject): void {
  const namesOf = async (stores: readonly LogStore[]) =>
    foundIn(await cloud().logStores.read(stores)).map(({ store }) => store.name);

  test.each(SIBLINGS)('%s is read, and not those with names like it', async (name) => {
    expect(await namesOf([aLogGroup(name)])).toEqual([name]);
  });

  test('more than 50 are read, with their keys, in their order, and what does not exist is gone', async () => {
    const stores = [...FLEET, '/gone', SEALED, '/fleet', '/app#'].map(aLogGroup);
    const found = (name: string, keyArn: string | null) => ({
      status: 'FOUND',
      found: { store: aLogGroup(name), keyArn },
    });
    const gone = (name: string) => ({ status: 'GONE', store: aLogGroup(name) });

    expect(await cloud().logStores.read(stores)).toEqual([
      ...FLEET.map((name) => found(name, null)),
      gone('/gone'),
      found(SEALED, keys().healthy),
      gone('/fleet'),
      gone('/app#'),
    ]);
  });
}

function describeKeys({ cloud, keys }: Subject): void {
  test('a key is described by its ARN, its alias and its alias ARN', async () => {
    const facts = {
      arn: keys().healthy,
      account: ACCOUNT,
      state: 'Enabled',
      spec: 'SYMMETRIC_DEFAULT',
      usage: 'ENCRYPT_DECRYPT',
      manager: 'CUSTOMER',
    };

    for (const key of [keys().healthy, 'alias/logseal', `arn:aws:kms:${REGION}:${ACCOUNT}:alias/logseal`]) {
      expect(await cloud().keys.describe(key)).toEqual(facts);
    }
  });

  test('a key that cannot be used is described all the same', async () => {
    const { disabled, pendingDeletion, rsa, hmac } = keys();

    expect(await cloud().keys.describe(disabled)).toMatchObject({ state: 'Disabled' });
    expect(await cloud().keys.describe(pendingDeletion)).toMatchObject({
      state: 'PendingDeletion',
      deletionDate: expect.any(Date),
    });
    expect(await cloud().keys.describe(rsa)).toMatchObject({ spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' });
    expect(await cloud().keys.describe(hmac)).toMatchObject({ spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' });
  });

  test('a key or an alias that does not exist is NOT_FOUND, in the words of KMS', async () => {
    const { missing } = keys();
    const gone = 'alias/gone';

    for (const [key, words] of [
      [missing, missing],
      [gone, gone],
      [`arn:aws:kms:${REGION}:${ACCOUNT}:${gone}`, gone],
    ] as const) {
      await expect(cloud().keys.describe(key)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        call: 'kms:DescribeKey',
        message: expect.stringContaining(words),
      });
    }
  });

  test('a policy is read, in any state of the key', async () => {
    for (const key of [keys().healthy, keys().disabled]) {
      expect(JSON.parse(await cloud().keys.policyText(key))).toEqual(JSON.parse(anOpenPolicy()));
    }
  });

  test('the policy of a key that does not exist is NOT_FOUND', async () => {
    await expect(cloud().keys.policyText(keys().missing)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      call: 'kms:GetKeyPolicy',
    });
  });
}
