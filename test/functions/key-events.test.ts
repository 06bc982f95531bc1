import { DeleteAliasCommand, ListKeysCommand, PutKeyPolicyCommand, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { aKeyChange, anAliasChange, anApiCall } from '../events/builders.ts';
import { eventsIn, KEY_EVENTS } from '../events/samples.ts';
import { clients } from '../sandbox/support.ts';
import { ACCOUNT, aDenyingPolicy, REGION } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { aStack } from './stack.ts';

/** The keys that no log group needs. */
const UNRELATED = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'];

/** Nine keys, one of which is the configured one, and two log groups, one of them without a key. */
async function aStackOfKeys(parameters: Record<string, string> = {}) {
  const keys = Object.fromEntries(UNRELATED.map((name) => [name, { description: name }]));
  const world = aWorld({
    keys: { logseal: { alias: 'alias/logseal', policy: 'logs' }, ...keys },
    groups: { '/app/a': null, '/app/healthy': 'logseal' },
  });
  const demo = await aStack({ world, parameters });
  const { kms } = clients(demo.sandbox);
  const { Keys = [] } = await kms.send(new ListKeysCommand({}));
  demo.sandbox.resetCalls();
  // Every world of these tests has a disabled key as well.
  const [configured = '', _disabled, ...others] = Keys.map(({ KeyId = '' }) => KeyId);
  return { ...demo, kms, configured, others };
}

/** What a stack was told of a policy that changed. */
const policyChange = (keyId: string) =>
  aKeyChange('PutKeyPolicy', { requestParameters: { keyId, policyName: 'default' } });
const arnOf = (keyId: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}`;

describe('a policy that was changed', () => {
  test('eight policies of unrelated keys cost no scan, and give a finding each', async () => {
    const { deliver, events, sandbox, others, noDeadLetters } = await aStackOfKeys();

    await deliver(...others.map(policyChange));

    expect(others).toHaveLength(8);
    const findings = events('Key Finding');
    expect(findings.map(({ keyArn }) => keyArn).sort()).toEqual(others.map(arnOf).sort());
    expect(findings.every(({ isConfigured }) => isConfigured === false)).toBe(true);
    expect(events('Scan Completed')).toEqual([]);
    const { 'kms:DescribeKey': described = 0, ...calls } = sandbox.calls();
    expect(calls).not.toHaveProperty('logs:DescribeLogGroups');
    expect(calls).toMatchObject({ 'kms:GetKeyPolicy': 8, 'kms:ListAliases': 8 });
    // The configured alias is resolved once a batch.
    expect(described).toBeLessThanOrEqual(16);
    noDeadLetters();
  });

  test('the policy of the configured key has its Region scanned once', async () => {
    const { deliver, events, sandbox, kms, configured } = await aStackOfKeys();
    await kms.send(new PutKeyPolicyCommand({ KeyId: configured, Policy: aDenyingPolicy() }));

    await deliver(policyChange(configured));

    expect(events('Key Finding')).toMatchObject([
      {
        keyArn: arnOf(configured),
        aliases: [`arn:aws:kms:${REGION}:${ACCOUNT}:alias/logseal`],
        state: 'Enabled',
        severity: 'HIGH',
        reasons: [],
        warnings: [{ code: 'KEY_POLICY_DENIES' }],
        isConfigured: true,
        trigger: 'PutKeyPolicy',
      },
    ]);
    expect(events('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts: { stores: 2 } }]);
    expect(sandbox.calls()['logs:DescribeLogGroups']).toBeGreaterThan(0);
  });

  test('the log has a line about each key', async () => {
    const { deliver, stack, configured } = await aStackOfKeys();

    await deliver(policyChange(configured));

    const lines = stack
      .logs('ScanFunction')
      .flatMap((line) => (line.includes('"key finding"') ? [JSON.parse(line)] : []));
    expect(lines).toMatchObject([
      { account: ACCOUNT, region: REGION, keyArn: arnOf(configured), isConfigured: true, mode: 'Audit' },
    ]);
    expect(lines[0]).toMatchObject({
      aliases: expect.stringMatching(/:alias\/logseal$/),
      trigger: 'PutKeyPolicy',
      state: 'Enabled',
    });
  });
});

describe('an alias that was moved', () => {
  test('under the configured key is CRITICAL, is counted, and has its Region scanned once', async () => {
    const { deliver, events, stack, kms, others } = await aStackOfKeys();
    const [other = ''] = others;
    await kms.send(new UpdateAliasCommand({ AliasName: 'alias/logseal', TargetKeyId: other }));

    await deliver(anAliasChange('UpdateAlias'));

    expect(events('Key Finding')).toMatchObject([
      { keyArn: arnOf(other), severity: 'CRITICAL', isConfigured: true, reasons: [{ code: 'KEY_ALIAS_MOVED' }] },
    ]);
    expect(events('Scan Completed')).toHaveLength(1);
    expect(stack.metrics().filter((line) => 'KeyAliasMoved' in line)).toMatchObject([{ KeyAliasMoved: 1 }]);
  });

  test.each(['alias/logseal', `arn:aws:kms:${REGION}:${ACCOUNT}:alias/logseal`])(
    'and deleted under KeyId %s, leaves no key to seal with',
    async (KeyId) => {
      const { deliver, events, kms, noDeadLetters } = await aStackOfKeys({ KeyId });
      await kms.send(new DeleteAliasCommand({ AliasName: 'alias/logseal' }));

      await deliver(anAliasChange('DeleteAlias'));

      expect(events('Key Finding')).toMatchObject([
        { keyArn: null, severity: 'CRITICAL', reasons: [{ code: 'KEY_ALIAS_MOVED' }, { code: 'KEY_NOT_FOUND' }] },
      ]);
      noDeadLetters();
    },
  );

  test('that is not the one of the configured key costs no call', async () => {
    const { deliver, events, sandbox, stack, noDeadLetters } = await aStackOfKeys();

    await deliver(anAliasChange('UpdateAlias', 'alias/other'), anAliasChange('DeleteAlias', 'alias/logseal2'));

    expect(sandbox.calls()).toEqual({});
    expect(events('Key Finding')).toEqual([]);
    expect(stack.logs('ScanFunction').filter((line) => line.includes('"event ignored"'))).toHaveLength(2);
    noDeadLetters();
  });
});

test.each(KEY_EVENTS)(
  '%s.json comes through the rule, and has its key evaluated and its Region scanned where that is needed',
  async (name) => {
    const demo = await aStack();

    await demo.deliver(...eventsIn(name));

    const findings = demo.events('Key Finding');
    const isAboutStore = name === 'disconnect-custom-key-store';
    expect(findings).toHaveLength(isAboutStore ? 0 : 1);
    expect(demo.events('Scan Completed')).toHaveLength(name === 'put-key-policy' ? 0 : 1);
    demo.noDeadLetters();
  },
);

test('a call that failed reaches no function', async () => {
  const { deliver, sandbox } = await aStackOfKeys();

  await deliver(anApiCall('kms', 'UpdateAlias', { errorCode: 'NotFoundException' }));

  expect(sandbox.calls()).toEqual({});
});
