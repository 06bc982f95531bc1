import { describe, expect, it } from 'vitest';
import { keyCache } from '../../../lib/app/key/key-cache.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { aKey, aKeyArn, aLogsPolicy, NOW, OTHER_ACCOUNT, TARGET } from '../../support/builders.ts';
import { aCloudError, aDenial, type FakeWorld, fakeCloud } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const FOREIGN = aKeyArn('partner', { account: OTHER_ACCOUNT });
const ALIAS_ARN = 'arn:aws:kms:eu-west-1:111122223333:alias/logseal';
const WORLD: FakeWorld = { keys: { 'alias/logseal': aKey(), [ALIAS_ARN]: aKey() } };

function aCache(world: FakeWorld = WORLD) {
  const fake = fakeCloud(world);
  return { ...fake, cache: keyCache(TARGET, fake.cloud.keys, rulesAt(NOW)) };
}

describe('an attached key', () => {
  it('is described once, and its policy is read once, however often it is needed', async () => {
    const { cache, log } = aCache();

    const inspections = await Promise.all([cache.attached(KEY), cache.attached(KEY), cache.attached(KEY)]);

    expect(inspections[0]).toMatchObject({ keyArn: KEY, reasons: [], policy: { status: 'READ' } });
    expect(new Set(inspections).size).toBe(1);
    expect(log).toEqual([`kms:DescribeKey ${KEY}`, `kms:GetKeyPolicy ${KEY}`]);
  });

  it('that cannot be used does not have its policy read', async () => {
    const { cache, log } = aCache({ keys: { [KEY]: aKey({ state: 'Disabled' }) } });

    expect(await cache.attached(KEY)).toMatchObject({ reasons: [{ code: 'KEY_DISABLED' }], policy: null });
    expect(log).toEqual([`kms:DescribeKey ${KEY}`]);
  });

  it.each(['attached', 'configured'] as const)(
    'that AWS manages, and that is %s, does not have its policy read',
    async (use) => {
      const { cache, log } = aCache({ keys: { [KEY]: aKey({ manager: 'AWS' }) } });

      expect(await cache[use](KEY)).toMatchObject({ reasons: [{ code: 'KEY_AWS_MANAGED' }], policy: null });
      expect(log).toEqual([`kms:DescribeKey ${KEY}`]);
    },
  );

  it('in another Region costs no call', async () => {
    const { cache, log } = aCache();
    const far = aKeyArn('far', { region: 'us-east-1' });

    expect(await cache.attached(far)).toMatchObject({
      keyArn: far,
      reasons: [{ code: 'KEY_WRONG_REGION' }],
      policy: null,
    });
    expect(log).toEqual([]);
  });

  it('of another account is described, but its policy can be read by its owner only', async () => {
    const { cache, log } = aCache({ keys: { [FOREIGN]: aKey({ arn: FOREIGN, account: OTHER_ACCOUNT }) } });

    const { reasons, policy } = await cache.attached(FOREIGN);

    expect(reasons).toEqual([]);
    expect(policy).toMatchObject({ status: 'UNREADABLE', message: expect.stringContaining(OTHER_ACCOUNT) });
    expect(log).toEqual([`kms:DescribeKey ${FOREIGN}`]);
  });

  it('of another account has its policy read where credentials of that account are at hand, once', async () => {
    const fake = fakeCloud({ keys: { [FOREIGN]: aKey({ arn: FOREIGN, account: OTHER_ACCOUNT }) } });
    const asked: string[] = [];
    const foreignPolicyText = async (keyArn: string) => {
      asked.push(keyArn);
      return aLogsPolicy();
    };
    const cache = keyCache(TARGET, { ...fake.cloud.keys, foreignPolicyText }, rulesAt(NOW));

    expect(await cache.attached(FOREIGN)).toMatchObject({ reasons: [], policy: { status: 'READ' } });
    expect(await cache.configured(FOREIGN)).toMatchObject({ reasons: [], policy: { status: 'READ' } });
    expect(asked).toEqual([FOREIGN]);
  });

  it('of another account has its policy read again after a failure that may pass', async () => {
    const fake = fakeCloud({ keys: { [FOREIGN]: aKey({ arn: FOREIGN, account: OTHER_ACCOUNT }) } });
    const answers = [aCloudError('THROTTLED'), null];
    const foreignPolicyText = async () => {
      const error = answers.shift();
      if (error) throw error;
      return aLogsPolicy();
    };
    const cache = keyCache(TARGET, { ...fake.cloud.keys, foreignPolicyText }, rulesAt(NOW));

    const first = await cache.attached(FOREIGN);
    expect(first).toMatchObject({ policy: { status: 'UNREADABLE' }, transientError: { code: 'THROTTLED' } });
    expect(await cache.attached(FOREIGN)).toMatchObject({ policy: { status: 'READ' }, transientError: null });
  });

  it('is usable if the caller may not read its policy, which is reported', async () => {
    const { cache } = aCache({ ...WORLD, failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED', 'not you') } });

    expect(await cache.attached(KEY)).toEqual({
      keyArn: KEY,
      reasons: [],
      state: 'Enabled',
      policy: {
        status: 'UNREADABLE',
        service: expect.objectContaining({ keyArn: KEY }),
        message: expect.stringContaining('not you'),
        fix: expect.stringContaining('kms:GetKeyPolicy'),
        missingRight: { action: 'kms:GetKeyPolicy', resource: KEY },
      },
      transientError: null,
    });
  });

  it.each([
    ['kms:DescribeKey', ['KEY_UNREADABLE'], null],
    ['kms:GetKeyPolicy', [], 'UNREADABLE'],
  ])('is read again, once, after %s failed for a time', async (call, reasons, status) => {
    const { cache, failures } = aCache({ ...WORLD, failures: { [call]: aCloudError('THROTTLED') } });
    const first = await Promise.all([cache.attached(KEY), cache.attached(KEY)]);
    failures.clear();

    const second = await cache.attached(KEY);

    expect(first[0]).toBe(first[1]);
    expect(first[0].reasons.map(({ code }) => code)).toEqual(reasons);
    expect(first[0].policy?.status ?? null).toBe(status);
    expect(second).toMatchObject({ reasons: [], policy: { status: 'READ' }, transientError: null });
    expect(await cache.attached(KEY)).toBe(second);
    expect(await cache.configured(KEY)).toEqual(second);
  });

  it.each(['kms:DescribeKey', 'kms:GetKeyPolicy'])('is read three times, and no more, while %s fails', async (call) => {
    const { cache, log } = aCache({ ...WORLD, failures: { [call]: aCloudError('THROTTLED') } });

    for (let page = 0; page < 5; page++) await cache.attached(KEY);

    expect(log.filter((made) => made.startsWith(call))).toHaveLength(3);
  });

  it('is usable if its policy is malformed', async () => {
    const { cache } = aCache({ ...WORLD, policies: { [KEY]: '{' } });

    expect(await cache.attached(KEY)).toMatchObject({
      reasons: [],
      policy: { status: 'MALFORMED', text: '{' },
    });
  });
});

describe('a key that cannot be described', () => {
  const reasonFor = async (keyArn: string, error: Error) => {
    const { cache, log } = aCache({ failures: { 'kms:DescribeKey': error } });
    const { reasons, policy } = await cache.attached(keyArn);
    expect({ policy, log }).toEqual({ policy: null, log: [`kms:DescribeKey ${keyArn}`] });
    expect(reasons).toHaveLength(1);
    return reasons[0];
  };

  it('does not exist, if it is in the own account', async () => {
    expect(await reasonFor(KEY, aCloudError('NOT_FOUND'))).toEqual({
      code: 'KEY_NOT_FOUND',
      severity: 'CRITICAL',
      message: `what was encrypted under ${KEY} cannot be read any more, since the key does not exist in eu-west-1`,
      fix: 'attach a key that exists',
    });
  });

  it('may be hidden from the caller, if it is in another account', async () => {
    const reason = await reasonFor(FOREIGN, aCloudError('NOT_FOUND'));

    expect(reason).toMatchObject({ code: 'KEY_UNREADABLE', fix: expect.stringContaining('kms:DescribeKey') });
    expect(reason?.fix).toContain(OTHER_ACCOUNT);
  });

  it.each([KEY, FOREIGN])('is unreadable without the right, which the fix names: %s', async (keyArn) => {
    const reason = await reasonFor(keyArn, aCloudError('ACCESS_DENIED', 'in the words of AWS'));

    expect(reason).toMatchObject({ code: 'KEY_UNREADABLE', message: expect.stringContaining('in the words of AWS') });
    expect(reason?.fix).toContain('allow the caller kms:DescribeKey on');
    expect(reason?.fix.includes('its owner')).toBe(keyArn === FOREIGN);
    expect(reason?.missingRight).toEqual({ action: 'kms:DescribeKey', resource: keyArn });
  });

  it.each([
    ['the refusal names the key', KEY, `"Resource":"${KEY}"`],
    ['the refusal names the alias', ALIAS_ARN, 'allow the caller kms:DescribeKey on the key alias/logseal'],
    ['the refusal names no resource', null, 'allow the caller kms:DescribeKey on the key alias/logseal'],
  ])('by its alias is unreadable, and the fix offers no alias as a resource: %s', async (_, resource, fix) => {
    const denial = aDenial({ action: 'kms:DescribeKey', resource, isExplicitDeny: false });
    const { cache } = aCache({ failures: { 'kms:DescribeKey': denial } });

    const { reasons, missingRight } = await cache.configured('alias/logseal');

    expect(reasons[0]?.fix).toContain(fix);
    expect(reasons[0]?.fix).not.toMatch(/"Resource":"[^"]*alias/);
    expect(missingRight).toEqual({ action: 'kms:DescribeKey', resource, isExplicitDeny: false });
  });

  it.each(['THROTTLED', 'NETWORK', 'UNAVAILABLE', 'INVALID_REQUEST', 'CREDENTIALS'] as const)(
    'is unreadable under %s, and scanning again is the fix',
    async (code) => {
      expect(await reasonFor(KEY, aCloudError(code))).toMatchObject({
        code: 'KEY_UNREADABLE',
        fix: 'try again',
      });
    },
  );

  it('because of a defect of the program rejects', async () => {
    const { cache } = aCache({ failures: { 'kms:DescribeKey': new TypeError('a defect') } });

    await expect(cache.attached(KEY)).rejects.toThrow('a defect');
  });

  it('or has a policy that is not read because of a defect, rejects too', async () => {
    const { cache } = aCache({ ...WORLD, failures: { 'kms:GetKeyPolicy': new TypeError('a defect') } });

    await expect(cache.attached(KEY)).rejects.toThrow('a defect');
  });
});

describe('the configured key', () => {
  it.each(['alias/logseal', ALIAS_ARN])(
    'named by %s is resolved, and costs no further call if it is attached too',
    async (key) => {
      const { cache, log } = aCache();

      const configured = await cache.configured(key);
      const attached = await cache.attached(KEY);

      expect(configured).toEqual(attached);
      expect(log).toEqual([`kms:DescribeKey ${key}`, `kms:GetKeyPolicy ${KEY}`]);
    },
  );

  it('that is attached already costs one more call, for the alias', async () => {
    const { cache, log } = aCache();

    await cache.attached(KEY);
    await cache.configured('alias/logseal');
    await cache.configured('alias/logseal');

    expect(log).toEqual([`kms:DescribeKey ${KEY}`, `kms:GetKeyPolicy ${KEY}`, 'kms:DescribeKey alias/logseal']);
  });

  it('that is attached already and named by its ARN costs no further call', async () => {
    const { cache, log } = aCache();

    await cache.attached(KEY);
    await cache.configured(KEY);
    await cache.named(KEY);

    expect(log).toHaveLength(2);
  });

  it('that is disabled has its policy read too', async () => {
    const { cache, log } = aCache({ keys: { 'alias/logseal': aKey({ state: 'Disabled' }) } });

    expect(await cache.configured('alias/logseal')).toMatchObject({
      keyArn: KEY,
      reasons: [{ code: 'KEY_DISABLED' }],
      policy: { status: 'READ' },
    });
    expect(log).toHaveLength(2);
  });

  it('has no ARN if its alias does not exist in the Region', async () => {
    const { cache } = aCache({});

    expect(await cache.configured('alias/logseal')).toEqual({
      keyArn: null,
      reasons: [
        {
          code: 'KEY_NOT_FOUND',
          severity: 'CRITICAL',
          message: 'alias/logseal does not exist in eu-west-1, so nothing can be encrypted with it',
          fix: 'create the alias in eu-west-1, or name another key',
        },
      ],
      policy: null,
      transientError: null,
    });
  });

  it.each([
    [aKeyArn('far', { region: 'us-east-1' }), aKeyArn('far', { region: 'us-east-1' })],
    // The key behind an alias in another Region is not known.
    ['arn:aws:kms:us-east-1:111122223333:alias/logseal', null],
  ])('in another Region costs no call: %s', async (key, keyArn) => {
    const { cache, log } = aCache();

    const inspections = [await cache.configured(key), await cache.named(key)];

    expect(inspections[0]).toMatchObject({ keyArn, reasons: [{ code: 'KEY_WRONG_REGION' }], policy: null });
    expect(inspections[1]?.keyArn).toBe(keyArn);
    expect(log).toEqual([]);
  });
});

describe('a key that was attached before', () => {
  it('is inspected as a configured one, its policy included', async () => {
    const { cache } = aCache({ keys: { [KEY]: aKey({ state: 'Disabled' }) } });

    expect(await cache.earlier(KEY)).toEqual(await cache.configured(KEY));
    expect(await cache.earlier(KEY)).toMatchObject({ policy: { status: 'READ' } });
  });

  it.each([
    ['does not exist', {}, 'cannot be read any more'],
    ['is being deleted', { [KEY]: aKey({ state: 'PendingDeletion' }) }, 'will be lost'],
  ])('and %s has taken logs with it, which a configured one has not', async (_, keys, words) => {
    const { cache } = aCache({ keys });

    const [earlier, configured] = [await cache.earlier(KEY), await cache.configured(KEY)];

    expect(earlier.reasons[0]?.message).toContain(words);
    expect(configured.reasons[0]?.message).toMatch(/so nothing can be encrypted with it$/);
    expect(configured.reasons[0]?.code).toBe(earlier.reasons[0]?.code);
  });
});

describe('a key that is only compared with', () => {
  it('costs a call only for an alias, and its policy is not read', async () => {
    const { cache, log } = aCache();

    expect(await cache.named('alias/logseal')).toMatchObject({ keyArn: KEY, policy: null });
    expect(await cache.named(KEY)).toEqual({ keyArn: KEY, reasons: [], policy: null, transientError: null });
    expect(log).toEqual(['kms:DescribeKey alias/logseal']);
  });
});
