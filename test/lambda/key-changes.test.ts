import { describe, expect, test } from 'vitest';
import type { KeyFinding } from '../../lib/domain/key-finding.ts';
import { keyChanges, otherAlias } from '../../lib/lambda/key-changes.ts';
import type { KeyTrigger } from '../../lib/lambda/triggers.ts';
import { ACCOUNT, aKey, aKeyArn, NOW, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aCloudError, type FakeWorld } from '../support/fake-cloud.ts';
import { CONFIG, fakeBus, fakeClouds, HOME } from './support.ts';

const OTHER = aKeyArn('other');
const ALIAS_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/logseal`;
const WORLD: FakeWorld = { keys: { 'alias/logseal': aKey(), [OTHER]: aKey({ arn: OTHER }) } };
const changed = (trigger: Partial<KeyTrigger> = {}): KeyTrigger => ({
  kind: 'KEY_CHANGED',
  target: HOME,
  eventName: 'PutKeyPolicy',
  keyArn: OTHER,
  alias: null,
  changedBy: null,
  eventId: 'changed',
  ...trigger,
});

function aSetup(
  world: FakeWorld = WORLD,
  bus = fakeBus(),
  keys: readonly string[] = ['alias/logseal'],
  shared: readonly string[] = [],
) {
  const clouds = fakeClouds({ [REGION]: world });
  const logged: KeyFinding[] = [];
  const onKeyFinding = (finding: KeyFinding) => void logged.push(finding);
  const work = {
    config: CONFIG,
    cloudOf: clouds.cloudOf,
    bus: bus.bus,
    clock: () => NOW,
    onKeyFinding,
  };
  const handler = keyChanges(work);
  return { clouds, bus, logged, handle: (trigger: KeyTrigger) => handler(trigger, { all: keys, shared }) };
}

describe('a change of a key', () => {
  test('sends and logs one finding about it', async () => {
    const { bus, handle, logged } = aSetup();

    await handle(changed());

    expect(bus.of('Key Finding')).toMatchObject([
      { schema: 'logseal/key-finding/1', ...HOME, keyArn: OTHER, trigger: 'PutKeyPolicy', isConfigured: false },
    ]);
    expect(logged).toMatchObject([{ keyArn: OTHER }]);
  });

  test.each([
    ['PutKeyPolicy', OTHER, 'NOTHING'],
    ['PutKeyPolicy', aKeyArn(), 'ACCOUNT'],
    ['DisableKey', OTHER, 'ACCOUNT'],
    ['KMS CMK Deletion', aKeyArn('gone'), 'ACCOUNT'],
  ] as const)('%s of %s: what is scanned: %s', async (eventName, keyArn, toScan) => {
    expect(await aSetup().handle(changed({ eventName, keyArn }))).toBe(toScan);
  });

  test('a new policy of a key that a key rule names has the target scanned', async () => {
    expect(await aSetup(WORLD, fakeBus(), ['alias/logseal', OTHER]).handle(changed())).toBe('ACCOUNT');
  });

  test('a new policy has the target scanned where it is not known whether the key is the configured one', async () => {
    const failures = { 'kms:DescribeKey alias/logseal': aCloudError('ACCESS_DENIED') };

    expect(await aSetup({ ...WORLD, failures }).handle(changed())).toBe('ACCOUNT');
  });

  test('that names no key costs no call, and its target is scanned', async () => {
    const { bus, clouds, handle } = aSetup();

    expect(await handle(changed({ eventName: 'DisconnectCustomKeyStore', keyArn: null }))).toBe('ACCOUNT');
    expect([bus.sent, clouds.calls()]).toEqual([[], {}]);
  });

  test('that comes twice is evaluated once, and other changes of the same key share what was read of it', async () => {
    const { bus, clouds, handle } = aSetup();

    await Promise.all([changed(), changed(), changed({ eventName: 'EnableKey' })].map(handle));

    expect(bus.of('Key Finding').map(({ trigger }) => trigger)).toEqual(['PutKeyPolicy', 'EnableKey']);
    expect(clouds.calls()).toEqual({ 'kms:DescribeKey': 2, 'kms:GetKeyPolicy': 1, 'kms:ListAliases': 2 });
  });

  test.each([
    ['KMS', { failures: { 'kms:DescribeKey': aCloudError('UNAVAILABLE') } }, fakeBus()],
    ['the bus', {}, fakeBus(() => aCloudError('UNAVAILABLE'))],
  ])('is not logged while %s fails', async (_, failing, bus) => {
    const { handle, logged } = aSetup({ ...WORLD, ...failing }, bus);

    await expect(handle(changed())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(logged).toEqual([]);
  });
});

describe('a change of the alias', () => {
  const moved = changed({ eventName: 'UpdateAlias', keyArn: null, alias: 'alias/logseal' });

  test('of the configured key is a finding about the key that it names now, and its target is scanned', async () => {
    const { bus, handle } = aSetup();

    expect(await handle(moved)).toBe('ACCOUNT');
    expect(bus.of('Key Finding')).toMatchObject([
      { keyArn: aKeyArn(), severity: 'CRITICAL', isConfigured: true, reasons: [{ code: 'KEY_ALIAS_MOVED' }] },
    ]);
  });

  test.each([
    ['alias/logseal', undefined],
    [ALIAS_ARN, undefined],
    ['alias/logseal2', 'alias/logseal is not the alias of a configured key'],
    [ALIAS_ARN.replace(ACCOUNT, OTHER_ACCOUNT), expect.any(String)],
    [ALIAS_ARN.replace(REGION, 'us-east-1'), expect.any(String)],
    [aKeyArn(), expect.any(String)],
  ])('where %s is configured: why it is ignored: %s', (configuredKey, because) => {
    expect(otherAlias(moved, [configuredKey])).toEqual(because);
  });

  test('that a key rule names is a finding about the key that it names now, too', async () => {
    const keys = { ...WORLD.keys, 'alias/payments': aKey({ arn: OTHER }) };
    const ofRule = { ...moved, alias: 'alias/payments' };
    const { bus, handle } = aSetup({ keys }, fakeBus(), ['alias/logseal', 'alias/payments']);

    expect(otherAlias(ofRule, ['alias/logseal', 'alias/payments'])).toBeUndefined();
    expect(await handle(ofRule)).toBe('ACCOUNT');
    expect(bus.of('Key Finding')).toMatchObject([
      { keyArn: OTHER, isConfigured: true, reasons: [{ message: expect.stringContaining('alias/payments') }] },
    ]);
  });

  test('is the only thing that is ignored so', () => {
    expect(otherAlias(changed(), ['alias/logseal'])).toBeUndefined();
    expect(otherAlias({ kind: 'SCHEDULE', eventId: null }, [])).toBeUndefined();
  });
});

describe('a change of a key that other accounts use', () => {
  const keys = { [aKeyArn()]: aKey(), [OTHER]: aKey({ arn: OTHER }) };
  const of = (shared: string, alias: string) =>
    aSetup({ keys: { ...keys, [ALIAS_ARN]: aKey(), [alias]: aKey() } }, fakeBus(), [shared], [shared]).handle;
  const named = changed({ keyArn: aKeyArn() });
  const moved = changed({ eventName: 'UpdateAlias', keyArn: null, alias: 'alias/logseal' });
  const storeGone = changed({ eventName: 'DisconnectCustomKeyStore', keyArn: null });

  test.each([
    ['its policy, by its ARN', aKeyArn(), 'alias/other', named, 'EVERY_ACCOUNT'],
    ['its state, by its ARN', aKeyArn(), 'alias/other', { ...named, eventName: 'DisableKey' }, 'EVERY_ACCOUNT'],
    ['its policy, by its alias', ALIAS_ARN, 'alias/logseal', named, 'EVERY_ACCOUNT'],
    ['its policy, while its alias names another key', ALIAS_ARN, 'alias/other', named, 'ACCOUNT'],
    ['its alias', ALIAS_ARN, 'alias/logseal', moved, 'EVERY_ACCOUNT'],
    ['what names no key', aKeyArn(), 'alias/other', storeGone, 'EVERY_ACCOUNT'],
    ['another key', OTHER, 'alias/other', named, 'NOTHING'],
  ] as const)('%s: what is scanned', async (_, shared, alias, trigger, toScan) => {
    expect(await of(shared, alias)(trigger)).toBe(toScan);
  });
});
