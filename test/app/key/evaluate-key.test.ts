import { describe, expect, it } from 'vitest';
import { type ChangedKey, evaluateKey } from '../../../lib/app/key/evaluate-key.ts';
import { keyCache } from '../../../lib/app/key/key-cache.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { aKey, aKeyArn, NOW, TARGET } from '../../support/builders.ts';
import { aCloudError, type FakeWorld, fakeCloud } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const OTHER = aKeyArn('other');
const ALIAS = 'alias/logseal';
const ALIAS_ARN = 'arn:aws:kms:eu-west-1:111122223333:alias/logseal';
const WORLD: FakeWorld = { keys: { [ALIAS]: aKey(), [OTHER]: aKey({ arn: OTHER }) } };

async function evaluate(changed: ChangedKey, world: FakeWorld = WORLD, ...configured: readonly string[]) {
  const { cloud, log } = fakeCloud(world);
  const cache = keyCache(TARGET, cloud.keys, rulesAt(NOW));
  const configuredKeys = configured.length > 0 ? configured : [ALIAS];
  const event = { trigger: 'EnableKey', changedBy: null };
  const finding = await evaluateKey(TARGET, changed, { keys: cloud.keys, cache, configuredKeys, ...event });
  return { finding, log: log.sort() };
}

describe('a key that was changed', () => {
  it('is described, and its policy and aliases are read', async () => {
    const { finding, log } = await evaluate({ keyArn: OTHER });

    expect(finding).toMatchObject({ keyArn: OTHER, aliases: [], state: 'Enabled', reasons: [], isConfigured: false });
    expect(finding.trigger).toBe('EnableKey');
    expect(log).toEqual([
      `kms:DescribeKey ${ALIAS}`,
      `kms:DescribeKey ${OTHER}`,
      `kms:GetKeyPolicy ${OTHER}`,
      `kms:ListAliases ${OTHER}`,
    ]);
  });

  it.each([ALIAS, KEY])('is the configured one where %s is configured', async (configuredKey) => {
    const { finding } = await evaluate({ keyArn: KEY }, WORLD, configuredKey);

    expect(finding).toMatchObject({ keyArn: KEY, aliases: [ALIAS_ARN], isConfigured: true });
  });

  it('is a configured one where one of several keys is that key', async () => {
    const elsewhere = ALIAS_ARN.replace('eu-west-1', 'us-east-1');

    expect((await evaluate({ keyArn: OTHER }, WORLD, elsewhere, ALIAS, OTHER)).finding.isConfigured).toBe(true);
  });

  it.each([
    [aCloudError('ACCESS_DENIED'), null],
    [aCloudError('NOT_FOUND'), false],
  ])('where one of several aliases is answered with %s, isConfigured is %s', async (error, isConfigured) => {
    const failures = { 'kms:DescribeKey alias/payments': error };

    const { finding } = await evaluate({ keyArn: OTHER }, { ...WORLD, failures }, ALIAS, 'alias/payments');
    expect(finding.isConfigured).toBe(isConfigured);
  });

  it('costs no call for the configured key where that is an ARN', async () => {
    const { log } = await evaluate({ keyArn: OTHER }, WORLD, KEY);

    expect(log.filter((line) => !line.endsWith(OTHER))).toEqual([]);
  });

  it('that cannot be used does not have its policy read', async () => {
    const keys = { ...WORLD.keys, [OTHER]: aKey({ arn: OTHER, state: 'PendingImport' }) };
    const { finding, log } = await evaluate({ keyArn: OTHER }, { keys });

    expect(finding).toMatchObject({
      state: 'PendingImport',
      severity: 'HIGH',
      reasons: [{ code: 'KEY_PENDING_IMPORT' }],
    });
    expect(log).not.toContain(`kms:GetKeyPolicy ${OTHER}`);
  });

  it('that is gone has no aliases, and they are not asked for', async () => {
    const gone = aKeyArn('gone');
    const { finding, log } = await evaluate({ keyArn: gone });

    expect(finding).toMatchObject({ keyArn: gone, aliases: [], state: null, severity: 'CRITICAL' });
    expect(finding.reasons).toMatchObject([{ code: 'KEY_NOT_FOUND' }]);
    expect(log).not.toContain(`kms:ListAliases ${gone}`);
  });

  it('that may not be described has aliases that are not known', async () => {
    const failures = { [`kms:DescribeKey ${OTHER}`]: aCloudError('ACCESS_DENIED') };
    const { finding } = await evaluate({ keyArn: OTHER }, { ...WORLD, failures });

    expect(finding).toMatchObject({ aliases: null, state: null, reasons: [{ code: 'KEY_UNREADABLE' }] });
  });

  it('has aliases that are not known where they may not be listed', async () => {
    const failures = { 'kms:ListAliases': aCloudError('ACCESS_DENIED') };

    expect((await evaluate({ keyArn: OTHER }, { ...WORLD, failures })).finding).toMatchObject({ aliases: null });
  });

  it.each([
    ['ACCESS_DENIED', null],
    ['NOT_FOUND', false],
  ] as const)('where the configured alias is answered with %s, isConfigured is %s', async (code, isConfigured) => {
    const failures = { [`kms:DescribeKey ${ALIAS}`]: aCloudError(code) };

    expect((await evaluate({ keyArn: OTHER }, { ...WORLD, failures })).finding.isConfigured).toBe(isConfigured);
  });

  it('is not the configured one where that is an alias of another Region', async () => {
    const { finding } = await evaluate({ keyArn: OTHER }, WORLD, ALIAS_ARN.replace('eu-west-1', 'us-east-1'));

    expect(finding.isConfigured).toBe(false);
  });

  it.each([`kms:DescribeKey ${OTHER}`, `kms:DescribeKey ${ALIAS}`, 'kms:GetKeyPolicy', 'kms:ListAliases'])(
    'is left to another try where %s fails for a time',
    async (call) => {
      const failures = { [call]: aCloudError('THROTTLED', 'slow down') };

      await expect(evaluate({ keyArn: OTHER }, { ...WORLD, failures })).rejects.toMatchObject({
        isTransient: true,
        message: 'slow down',
      });
    },
  );
});

describe('the alias of the configured key', () => {
  it('leads to the key that it names now', async () => {
    const { finding, log } = await evaluate({ configuredAlias: ALIAS });

    expect(finding).toMatchObject({ keyArn: KEY, aliases: [ALIAS_ARN], isConfigured: true, severity: 'CRITICAL' });
    expect(finding.reasons.map(({ code }) => code)).toEqual(['KEY_ALIAS_MOVED']);
    expect(log).toEqual([`kms:DescribeKey ${ALIAS}`, `kms:GetKeyPolicy ${KEY}`, `kms:ListAliases ${KEY}`]);
  });

  it('that names no key any more', async () => {
    const { finding, log } = await evaluate({ configuredAlias: ALIAS }, {});

    expect(finding).toMatchObject({ keyArn: null, aliases: [], state: null, isConfigured: true });
    expect(finding.reasons.map(({ code }) => code)).toEqual(['KEY_ALIAS_MOVED', 'KEY_NOT_FOUND']);
    expect(log).toEqual([`kms:DescribeKey ${ALIAS}`]);
  });
});
