import { describe, expect, test } from 'vitest';
import { remediateTrigger } from '../../lib/lambda/triggers.ts';
import { MAX_RECEIVES } from '../../lib/pacing.ts';
import { aFindingEvent } from '../events/builders.ts';
import { aKey, aKeyArn, aLogGroup, aLogsPolicy, OTHER_ACCOUNT } from '../support/builders.ts';
import { aCloudError, aDenial, type FakeWorld } from '../support/fake-cloud.ts';
import { aSetup, DISABLED, EVIL, group, WORLD } from './remediate-setup.ts';
import { ONLY_IDENTITY } from './support.ts';

describe('a refusal is an outcome, and its event is not delivered again', () => {
  const logsOf = (pattern: string) => ({ [aKeyArn()]: aLogsPolicy(pattern) });
  test.each<[string, FakeWorld]>([
    ['STORE_GONE', { groups: {} }],
    ['KEY_NOT_FOUND', { keys: {} }],
    ['KEY_DISABLED', { keys: { 'alias/logseal': aKey({ state: 'Disabled' }) } }],
    ['KEY_NOT_SYMMETRIC', { keys: { 'alias/logseal': aKey({ spec: 'RSA_2048' }) } }],
    ['KEY_AWS_MANAGED', { keys: { 'alias/logseal': aKey({ manager: 'AWS' }) } }],
    ['KEY_UNREADABLE', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }],
    ['KEY_POLICY_MISSING_ACTIONS', { policies: logsOf('/other/*') }],
    ['KEY_POLICY_UNREADABLE', { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } }],
    ['ACCESS_DENIED', { failures: { 'logs:AssociateKmsKey': aCloudError('ACCESS_DENIED') } }],
    ['ACCESS_DENIED', { failures: { 'logs:AssociateKmsKey': aCloudError('INVALID_REQUEST') } }],
    [
      'CALLER_MISSING_RIGHTS',
      {
        failures: {
          'logs:AssociateKmsKey': aDenial({ action: 'kms:Encrypt', resource: aKeyArn(), isExplicitDeny: false }),
        },
      },
    ],
  ])('%s of %j', async (code, world) => {
    const setup = aSetup({ ...WORLD, groups: { '/app/a': null }, ...world });

    expect(await setup.remediate(group())).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([
      { outcome: 'REFUSED', refusal: { code, message: expect.any(String), fix: expect.any(String) }, error: null },
    ]);
    expect(setup.keyOf('/app/a') ?? null).toBeNull();
  });
});

describe('an event is delivered again after a transient failure of', () => {
  test.each(['THROTTLED', 'UNAVAILABLE', 'NETWORK'] as const)(
    'one change (%s), while the others succeed',
    async (code) => {
      const setup = aSetup({ ...WORLD, failures: { 'logs:AssociateKmsKey /app/a': aCloudError(code, 'not now') } });

      const results = await setup.remediate(group('/app/a'), group('/app/b'), group('/app/a'));

      expect(results).toEqual([
        expect.objectContaining({ message: `/app/a: ${code}: not now` }),
        undefined,
        expect.any(Error),
      ]);
      // Whether the change of /app/a was made is not known, so nothing is said of it.
      expect(setup.outcomes()).toMatchObject([{ store: { name: '/app/b' }, outcome: 'SEALED' }]);
    },
  );

  test.each(['kms:DescribeKey', 'kms:GetKeyPolicy'])(
    '%s of the configured key, and nothing is refused',
    async (call) => {
      const setup = aSetup({ ...WORLD, failures: { [call]: aCloudError('THROTTLED', 'not now') } });

      expect(await setup.remediate(group('/app/a'), group('/gone'))).toEqual([expect.any(Error), undefined]);

      expect(setup.outcomes()).toMatchObject([{ outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } }]);
      expect(setup.keyOf('/app/a')).toBeNull();
    },
  );

  test('the last time: then that is the outcome, and said once', async () => {
    const setup = aSetup({ ...WORLD, failures: { 'kms:DescribeKey': aCloudError('THROTTLED', 'not now') } });

    for (let attempt = 1; attempt < MAX_RECEIVES; attempt++) await setup.attempt(attempt, [group()]);
    expect(setup.outcomes()).toEqual([]);
    expect(await setup.attempt(MAX_RECEIVES, [group()])).toEqual([expect.any(Error)]);

    expect(setup.outcomes()).toMatchObject([
      { outcome: 'FAILED', refusal: null, error: { code: 'THROTTLED', message: 'not now' } },
    ]);
    expect(setup.reported).toHaveLength(1);
  });

  test('DescribeKey of the attached key of one log group, while the others are sealed', async () => {
    const setup = aSetup({ ...WORLD, failures: { [`kms:DescribeKey ${DISABLED}`]: aCloudError('UNAVAILABLE') } });

    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, expect.any(Error)]);

    expect(setup.outcomes()).toMatchObject([{ store: { name: '/app/a' }, outcome: 'SEALED' }]);
  });

  test('the read of all log groups, and nothing is changed', async () => {
    const setup = aSetup({ ...WORLD, failures: { 'logs:DescribeLogGroups': aCloudError('THROTTLED') } });

    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([expect.any(Error), expect.any(Error)]);

    expect(setup.outcomes()).toEqual([]);
    expect(setup.clouds.calls()).not.toHaveProperty('logs:AssociateKmsKey');
  });

  test('GetCallerIdentity, unless the event is ignored anyway', async () => {
    const setup = aSetup({ ...WORLD, failures: { 'sts:GetCallerIdentity': aCloudError('NETWORK') } });

    const results = await setup.remediate(
      group('/app/a'),
      { kind: 'IGNORED', because: 'it failed' },
      group('/app/a', { region: 'us-east-1' }),
    );

    expect(results).toEqual([expect.any(Error), undefined, undefined]);
    expect(setup.ignored).toEqual(['it failed', expect.stringContaining('us-east-1')]);
  });
});

describe('ignored without a change', () => {
  test('an event of another Region, without any call', async () => {
    const setup = aSetup();

    expect(await setup.remediate(group('/app/a', { region: 'us-east-1' }))).toEqual([undefined]);

    expect([setup.clouds.log(), setup.bus.sent]).toEqual([[], []]);
    expect(setup.ignored).toEqual([expect.stringContaining('us-east-1 is not one of the Regions')]);
  });

  test('an event of another account, after GetCallerIdentity', async () => {
    const setup = aSetup();

    expect(await setup.remediate(group('/app/a', { account: OTHER_ACCOUNT }))).toEqual([undefined]);

    expect([setup.clouds.calls(), setup.bus.sent]).toEqual([ONLY_IDENTITY, []]);
    expect(setup.ignored).toEqual([expect.stringContaining(`it is about account ${OTHER_ACCOUNT}`)]);
  });

  test('an API call that failed, without any call', async () => {
    const setup = aSetup();

    expect(await setup.remediate({ kind: 'IGNORED', because: 'it failed' })).toEqual([undefined]);

    expect([setup.clouds.log(), setup.bus.sent, setup.ignored]).toEqual([[], [], ['it failed']]);
  });

  test('an empty batch, without any call', async () => {
    const setup = aSetup();

    expect(await setup.remediate()).toEqual([]);
    expect(setup.clouds.log()).toEqual([]);
  });
});

describe('a forged finding', () => {
  const forged = {
    keyArn: EVIL,
    toKeyArn: EVIL,
    key: EVIL,
    mode: 'Enforce',
    action: 'SEAL',
    status: 'NON_COMPLIANT',
    arn: aLogGroup('/app/victim').arn,
    fromKeyArn: EVIL,
    policy: aLogsPolicy(),
  };

  test('with another key gets the configured key attached', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app/a', forged)));

    expect(setup.keyOf('/app/a')).toBe(aKeyArn());
    expect(setup.outcomes()).toMatchObject([{ toKeyArn: aKeyArn(), store: aLogGroup('/app/a') }]);
  });

  test('that reports a compliant log group changes nothing', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app/healthy', forged)));

    expect(setup.keyOf('/app/healthy')).toBe(EVIL);
    expect(setup.outcomes()).toMatchObject([{ outcome: 'UNCHANGED', action: 'NONE' }]);
  });

  test('that calls a log group without a key compliant does not stop it from being sealed', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app/a', { ...forged, status: 'COMPLIANT', reasons: [] })));

    expect(setup.keyOf('/app/a')).toBe(aKeyArn());
  });

  test('about a log group that does not exist is refused with STORE_GONE', async () => {
    const setup = aSetup();

    await setup.remediate(remediateTrigger(aFindingEvent('/app', forged)));

    expect(setup.outcomes()).toMatchObject([{ outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } }]);
    expect(setup.keyOf('/app/a')).toBeNull();
  });

  test('with another mode changes nothing in Audit', async () => {
    const setup = aSetup(WORLD, {}, 'Audit');

    await setup.remediate(remediateTrigger(aFindingEvent('/app/a', forged)));

    expect(setup.keyOf('/app/a')).toBeNull();
  });
});
