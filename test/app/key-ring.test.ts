import { describe, expect, it } from 'vitest';
import { keyRing } from '../../lib/app/key-ring.ts';
import { aKey, aKeyArn, NOW, OTHER_ACCOUNT, TARGET } from '../support/builders.ts';
import { aCloudError, type FakeWorld, fakeCloud } from '../support/fake-cloud.ts';

const KEY = aKeyArn();
const FOREIGN = aKeyArn('partner', { account: OTHER_ACCOUNT });
const ALIAS_ARN = 'arn:aws:kms:eu-west-1:111122223333:alias/logseal';
const WORLD: FakeWorld = { keys: { 'alias/logseal': aKey(), [ALIAS_ARN]: aKey() } };

function aRing(world: FakeWorld = WORLD) {
  const fake = fakeCloud(world);
  return { ...fake, ring: keyRing(TARGET, fake.cloud.keys, NOW) };
}

describe('an attached key', () => {
  it('is described once and its policy read once, however often it is asked for', async () => {
    const { ring, log } = aRing();

    const looks = await Promise.all([ring.attached(KEY), ring.attached(KEY), ring.attached(KEY)]);

    expect(looks[0]).toMatchObject({ keyArn: KEY, reasons: [], policy: { status: 'READ' } });
    expect(new Set(looks).size).toBe(1);
    expect(log).toEqual([`kms:DescribeKey ${KEY}`, `kms:GetKeyPolicy ${KEY}`]);
  });

  it('that cannot be used costs no look at its policy', async () => {
    const { ring, log } = aRing({ keys: { [KEY]: aKey({ state: 'Disabled' }) } });

    expect(await ring.attached(KEY)).toMatchObject({ reasons: [{ code: 'KEY_DISABLED' }], policy: null });
    expect(log).toEqual([`kms:DescribeKey ${KEY}`]);
  });

  it('of another Region costs no call', async () => {
    const { ring, log } = aRing();
    const far = aKeyArn('far', { region: 'us-east-1' });

    expect(await ring.attached(far)).toMatchObject({
      keyArn: far,
      reasons: [{ code: 'KEY_WRONG_REGION' }],
      policy: null,
    });
    expect(log).toEqual([]);
  });

  it('of another account is judged, and its policy left to its owner', async () => {
    const { ring, log } = aRing({ keys: { [FOREIGN]: aKey({ arn: FOREIGN, account: OTHER_ACCOUNT }) } });

    const { reasons, policy } = await ring.attached(FOREIGN);

    expect(reasons).toEqual([]);
    expect(policy).toMatchObject({ status: 'UNREADABLE', message: expect.stringContaining(OTHER_ACCOUNT) });
    expect(log).toEqual([`kms:DescribeKey ${FOREIGN}`]);
  });

  it('whose policy may not be read is usable, and says so', async () => {
    const { ring } = aRing({ ...WORLD, failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED', 'not you') } });

    expect(await ring.attached(KEY)).toEqual({
      keyArn: KEY,
      reasons: [],
      policy: {
        status: 'UNREADABLE',
        message: expect.stringContaining('not you'),
        cure: expect.stringContaining('kms:GetKeyPolicy'),
      },
      passing: null,
    });
  });

  it('whose policy is malformed is usable, and has nothing to judge by', async () => {
    const { ring } = aRing({ ...WORLD, policies: { [KEY]: '{' } });

    expect(await ring.attached(KEY)).toMatchObject({ reasons: [], policy: { status: 'READ', text: '{', bound: null } });
  });
});

describe('a key that cannot be described', () => {
  const reasonFor = async (keyArn: string, error: Error) => {
    const { ring, log } = aRing({ failures: { 'kms:DescribeKey': error } });
    const { reasons, policy } = await ring.attached(keyArn);
    expect({ policy, log }).toEqual({ policy: null, log: [`kms:DescribeKey ${keyArn}`] });
    expect(reasons).toHaveLength(1);
    return reasons[0];
  };

  it('does not exist, in the own account', async () => {
    expect(await reasonFor(KEY, aCloudError('NOT_FOUND'))).toEqual({
      code: 'KEY_NOT_FOUND',
      message: `${KEY} does not exist in eu-west-1`,
      cure: 'attach a key that exists',
    });
  });

  it('may not be seen, in another account', async () => {
    const reason = await reasonFor(FOREIGN, aCloudError('NOT_FOUND'));

    expect(reason).toMatchObject({ code: 'KEY_UNREADABLE', cure: expect.stringContaining('kms:DescribeKey') });
    expect(reason?.cure).toContain(OTHER_ACCOUNT);
  });

  it.each([KEY, FOREIGN])('is unreadable without the right, which is named: %s', async (keyArn) => {
    const reason = await reasonFor(keyArn, aCloudError('ACCESS_DENIED', 'in the words of AWS'));

    expect(reason).toMatchObject({ code: 'KEY_UNREADABLE', message: expect.stringContaining('in the words of AWS') });
    expect(reason?.cure).toContain('allow the caller kms:DescribeKey on');
    expect(reason?.cure.includes('its owner')).toBe(keyArn === FOREIGN);
  });

  it.each([
    [`User: x is not authorized to perform: kms:DescribeKey on resource: ${KEY} because …`, `"Resource":"${KEY}"`],
    ['in other words', 'allow the caller kms:DescribeKey on the key alias/logseal'],
  ])('by an alias is unreadable, and no alias is named as a resource: %s', async (words, cure) => {
    const { ring } = aRing({ failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED', words) } });

    const [reason] = (await ring.configured('alias/logseal')).reasons;

    expect(reason?.cure).toContain(cure);
    expect(reason?.cure).not.toContain('"Resource":"alias/');
  });

  it.each(['THROTTLED', 'NETWORK', 'UNAVAILABLE', 'INVALID_REQUEST', 'CREDENTIALS'] as const)(
    'is unreadable under %s, and scanning again is the cure',
    async (code) => {
      expect(await reasonFor(KEY, aCloudError(code))).toMatchObject({
        code: 'KEY_UNREADABLE',
        cure: 'scan again once the call works',
      });
    },
  );

  it('for a defect of the program is no answer of the cloud', async () => {
    const { ring } = aRing({ failures: { 'kms:DescribeKey': new TypeError('a defect') } });

    await expect(ring.attached(KEY)).rejects.toThrow('a defect');
  });

  it('for a defect in reading its policy neither', async () => {
    const { ring } = aRing({ ...WORLD, failures: { 'kms:GetKeyPolicy': new TypeError('a defect') } });

    await expect(ring.attached(KEY)).rejects.toThrow('a defect');
  });
});

describe('the configured key', () => {
  it.each(['alias/logseal', ALIAS_ARN])(
    'named %s is resolved, and costs nothing more where it is attached',
    async (key) => {
      const { ring, log } = aRing();

      const configured = await ring.configured(key);
      const attached = await ring.attached(KEY);

      expect(configured).toEqual(attached);
      expect(log).toEqual([`kms:DescribeKey ${key}`, `kms:GetKeyPolicy ${KEY}`]);
    },
  );

  it('that is attached as well costs one look at the alias', async () => {
    const { ring, log } = aRing();

    await ring.attached(KEY);
    await ring.configured('alias/logseal');
    await ring.configured('alias/logseal');

    expect(log).toEqual([`kms:DescribeKey ${KEY}`, `kms:GetKeyPolicy ${KEY}`, 'kms:DescribeKey alias/logseal']);
  });

  it('that is attached by its ARN costs nothing more', async () => {
    const { ring, log } = aRing();

    await ring.attached(KEY);
    await ring.configured(KEY);
    await ring.named(KEY);

    expect(log).toHaveLength(2);
  });

  it('that is dead has its policy read all the same', async () => {
    const { ring, log } = aRing({ keys: { 'alias/logseal': aKey({ state: 'Disabled' }) } });

    expect(await ring.configured('alias/logseal')).toMatchObject({
      keyArn: KEY,
      reasons: [{ code: 'KEY_DISABLED' }],
      policy: { status: 'READ' },
    });
    expect(log).toHaveLength(2);
  });

  it('whose alias does not exist in the Region has no ARN', async () => {
    const { ring } = aRing({});

    expect(await ring.configured('alias/logseal')).toEqual({
      keyArn: null,
      reasons: [
        {
          code: 'KEY_NOT_FOUND',
          message: 'alias/logseal does not exist in eu-west-1',
          cure: 'create the alias in eu-west-1, or name another key',
        },
      ],
      policy: null,
      passing: null,
    });
  });

  it.each([
    [aKeyArn('far', { region: 'us-east-1' }), aKeyArn('far', { region: 'us-east-1' })],
    // Which key an alias names elsewhere is not known, and a plan names keys only.
    ['arn:aws:kms:us-east-1:111122223333:alias/logseal', null],
  ])('of another Region costs no call: %s', async (key, keyArn) => {
    const { ring, log } = aRing();

    const looks = [await ring.configured(key), await ring.named(key)];

    expect(looks[0]).toMatchObject({ keyArn, reasons: [{ code: 'KEY_WRONG_REGION' }], policy: null });
    expect(looks[1]?.keyArn).toBe(keyArn);
    expect(log).toEqual([]);
  });
});

describe('a key that is only compared with', () => {
  it('costs a call for an alias alone, and no policy', async () => {
    const { ring, log } = aRing();

    expect(await ring.named('alias/logseal')).toMatchObject({ keyArn: KEY, policy: null });
    expect(await ring.named(KEY)).toEqual({ keyArn: KEY, reasons: [], policy: null, passing: null });
    expect(log).toEqual(['kms:DescribeKey alias/logseal']);
  });
});
