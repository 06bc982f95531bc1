import { describe, expect, it } from 'vitest';
import { keyCache } from '../../../lib/app/key/key-cache.ts';
import { checkKey, keyNeeds } from '../../../lib/app/key/run-key-checks.ts';
import type { IdentityDecision, IdentityPolicies } from '../../../lib/domain/caller-rights.ts';
import type { KeyCheck } from '../../../lib/domain/key-check.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import {
  ACCOUNT,
  aDenyingPolicy,
  aKey,
  aKeyArn,
  aLogGroup,
  aLogsPolicy,
  NOW,
  OTHER_ACCOUNT,
  REGION,
  TARGET,
} from '../../support/builders.ts';
import { aCloudError, CALLER, type FakeWorld, fakeCloud } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const STORE = aLogGroup();
const NOT_ALLOWING = { [KEY]: aLogsPolicy('/other') };
const LOGS = `logs.${REGION}.amazonaws.com`;

async function check(world: FakeWorld = {}, { key = KEY, store = STORE, needs }: Partial<Asked> = {}) {
  const { cloud, log } = fakeCloud({ keys: { [KEY]: aKey() }, ...world });
  const inspection = await keyCache(store, cloud.keys, rulesAt(NOW)).configured(key);
  const checks = await checkKey(key, inspection, store, cloud, needs ? { needsOf: needs } : {});
  return { checks, log, short: checks.map(shortOf) };
}

interface Asked {
  readonly key: string;
  readonly store: typeof STORE;
  readonly needs: typeof keyNeeds;
}

function shortOf({ check: name, action, result, code }: KeyCheck): string {
  return [name, action, result, code].filter(Boolean).join(' ');
}

/** IAM's decisions for the needs in their order: DescribeKey, the five required actions, AssociateKmsKey. */
function identity(...decisions: IdentityDecision[]): IdentityPolicies {
  return { principalArn: CALLER.arn, decisions, because: null };
}

const STATE = ['FOUND PASS', 'REGION PASS', 'ENABLED PASS', 'KEY_SPEC PASS', 'KEY_USAGE PASS'];
const unseen = (code: string) => ['ENABLED', 'KEY_SPEC', 'KEY_USAGE'].map((name) => `${name} UNKNOWN ${code}`);
const FIVE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'];
const policy = (result: string) => FIVE.map((action) => `KEY_POLICY ${action} ${result}`);
const ON_KEY = ['kms:DescribeKey', ...FIVE];
const caller = (result: string) => ON_KEY.map((action) => `CALLER_RIGHTS ${action} ${result}`);
const ASSOCIATE = 'CALLER_RIGHTS logs:AssociateKmsKey';
const MISSING = 'CALLER_MISSING_RIGHTS';
const CALLER_PASSES = [...caller('PASS'), `${ASSOCIATE} PASS`];
const CALLER_UNKNOWN = [...caller(`UNKNOWN ${MISSING}`), `${ASSOCIATE} PASS`];
/** DescribeKey passes, because the caller has just used it. */
const CALLER_DESCRIBED = CALLER_UNKNOWN.with(0, 'CALLER_RIGHTS kms:DescribeKey PASS');

describe('every check has a result', () => {
  it.each<[string, FakeWorld, Partial<Asked>, string[]]>([
    ['a healthy key', {}, {}, [...STATE, ...policy('PASS'), 'GRANTS PASS', ...CALLER_PASSES]],
    [
      'an alias',
      { keys: { 'alias/logseal': aKey() } },
      { key: 'alias/logseal' },
      [...STATE, ...policy('PASS'), 'GRANTS PASS', ...CALLER_PASSES],
    ],
    [
      'the rights on the key alone',
      {},
      { needs: keyNeeds },
      [...STATE, ...policy('PASS'), 'GRANTS PASS', ...caller('PASS')],
    ],
    [
      'a key that AWS manages',
      { keys: { [KEY]: aKey({ manager: 'AWS' }) } },
      {},
      [
        ...STATE,
        'KEY_POLICY FAIL KEY_AWS_MANAGED',
        'CALLER_RIGHTS kms:DescribeKey PASS',
        ...caller('UNKNOWN KEY_AWS_MANAGED').slice(1),
        `${ASSOCIATE} PASS`,
      ],
    ],
    [
      'a key that is disabled',
      { keys: { [KEY]: aKey({ state: 'Disabled' }) } },
      {},
      [...STATE.with(2, 'ENABLED FAIL KEY_DISABLED'), ...policy('PASS'), 'GRANTS PASS', ...CALLER_PASSES],
    ],
    [
      'a key with everything wrong',
      {
        keys: { [KEY]: aKey({ state: 'PendingDeletion', spec: 'RSA_2048', usage: 'SIGN_VERIFY' }) },
        policies: { [KEY]: aDenyingPolicy() },
        identity: identity(...Array.from({ length: 7 }, () => 'EXPLICIT_DENY' as const)),
      },
      {},
      [
        ...STATE.slice(0, 2),
        'ENABLED FAIL KEY_PENDING_DELETION',
        'KEY_SPEC FAIL KEY_NOT_SYMMETRIC',
        'KEY_USAGE FAIL KEY_WRONG_USAGE',
        ...policy('PASS').with(0, 'KEY_POLICY kms:Encrypt FAIL KEY_POLICY_DENIES'),
        'GRANTS PASS',
        'CALLER_RIGHTS kms:DescribeKey PASS',
        `CALLER_RIGHTS kms:Encrypt FAIL ${MISSING}`,
        ...caller(`UNKNOWN ${MISSING}`).slice(2),
        `${ASSOCIATE} FAIL ${MISSING}`,
      ],
    ],
    [
      'an alias that is not found, so that there is no key to check rights on',
      { keys: {} },
      { key: 'alias/nothing' },
      [
        'FOUND FAIL KEY_NOT_FOUND',
        'REGION UNKNOWN KEY_NOT_FOUND',
        ...unseen('KEY_NOT_FOUND'),
        'KEY_POLICY UNKNOWN KEY_NOT_FOUND',
      ],
    ],
    [
      'a key that is not found',
      { keys: {} },
      {},
      [
        'FOUND FAIL KEY_NOT_FOUND',
        'REGION UNKNOWN KEY_NOT_FOUND',
        ...unseen('KEY_NOT_FOUND'),
        'KEY_POLICY UNKNOWN KEY_NOT_FOUND',
        ...CALLER_UNKNOWN.map((line) =>
          / kms:/.test(line) ? line.replace('CALLER_MISSING_RIGHTS', 'KEY_NOT_FOUND') : line,
        ),
      ],
    ],
    [
      'a key in another Region',
      {},
      { key: aKeyArn('there', { region: 'us-east-1' }) },
      [
        'FOUND UNKNOWN KEY_WRONG_REGION',
        'REGION FAIL KEY_WRONG_REGION',
        ...unseen('KEY_WRONG_REGION'),
        'KEY_POLICY UNKNOWN KEY_WRONG_REGION',
        ...CALLER_UNKNOWN.map((line) => line.replace('CALLER_MISSING_RIGHTS', 'KEY_WRONG_REGION')),
      ],
    ],
    [
      'a key that the caller may not describe, with a policy that it may read',
      { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } },
      {},
      [
        'FOUND UNKNOWN KEY_UNREADABLE',
        'REGION PASS',
        ...unseen('KEY_UNREADABLE'),
        ...policy('PASS'),
        'GRANTS PASS',
        ...CALLER_PASSES,
      ],
    ],
    [
      'a key that the caller may not describe, with a policy that it may not read',
      {
        failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED'), 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') },
      },
      {},
      [
        'FOUND UNKNOWN KEY_UNREADABLE',
        'REGION PASS',
        ...unseen('KEY_UNREADABLE'),
        'KEY_POLICY UNKNOWN KEY_POLICY_UNREADABLE',
        ...CALLER_UNKNOWN,
      ],
    ],
    [
      'a key that KMS does not describe completely',
      { keys: { [KEY]: aKey({ spec: null }) } },
      {},
      [
        'FOUND UNKNOWN KEY_UNREADABLE',
        'REGION PASS',
        ...unseen('KEY_UNREADABLE'),
        ...policy('PASS'),
        'GRANTS PASS',
        ...CALLER_PASSES,
      ],
    ],
    [
      'a policy that does not allow the log group',
      { policies: NOT_ALLOWING },
      {},
      [
        ...STATE,
        ...policy('FAIL KEY_POLICY_MISSING_ACTIONS'),
        'GRANTS FAIL KEY_POLICY_MISSING_ACTIONS',
        ...CALLER_PASSES,
      ],
    ],
    [
      'a policy that does not allow the log group, and grants to others',
      {
        policies: NOT_ALLOWING,
        grants: { [KEY]: [{ grantee: 'logs.us-east-1.amazonaws.com', operations: ['Encrypt'] }] },
      },
      {},
      [
        ...STATE,
        ...policy('FAIL KEY_POLICY_MISSING_ACTIONS'),
        'GRANTS FAIL KEY_POLICY_MISSING_ACTIONS',
        ...CALLER_PASSES,
      ],
    ],
    [
      'a policy that does not allow the log group, and a grant to CloudWatch Logs, which may or may not use it',
      {
        policies: NOT_ALLOWING,
        grants: {
          [KEY]: [
            { grantee: LOGS, operations: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'] },
          ],
        },
      },
      {},
      [
        ...STATE,
        ...policy('UNKNOWN KEY_POLICY_MISSING_ACTIONS'),
        'GRANTS UNKNOWN KEY_POLICY_MISSING_ACTIONS',
        ...CALLER_PASSES,
      ],
    ],
    [
      'a policy that does not allow the log group, and grants that the caller may not list',
      { policies: NOT_ALLOWING, failures: { 'kms:ListGrants': aCloudError('ACCESS_DENIED') } },
      {},
      [
        ...STATE,
        ...policy('UNKNOWN KEY_POLICY_MISSING_ACTIONS'),
        'GRANTS UNKNOWN KEY_POLICY_MISSING_ACTIONS',
        ...CALLER_PASSES,
      ],
    ],
    [
      'a policy that denies one action',
      { policies: { [KEY]: aDenyingPolicy() } },
      {},
      [
        ...STATE,
        ...policy('PASS').with(0, 'KEY_POLICY kms:Encrypt FAIL KEY_POLICY_DENIES'),
        'GRANTS PASS',
        // The Deny applies to everybody, the caller included.
        ...CALLER_PASSES.with(1, `CALLER_RIGHTS kms:Encrypt FAIL ${MISSING}`),
      ],
    ],
    [
      'a malformed policy',
      { policies: { [KEY]: '{' } },
      {},
      [...STATE, 'KEY_POLICY FAIL KEY_POLICY_UNREADABLE', ...CALLER_DESCRIBED],
    ],
    [
      'a policy that the caller may not read',
      { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } },
      {},
      [...STATE, 'KEY_POLICY UNKNOWN KEY_POLICY_UNREADABLE', ...CALLER_DESCRIBED],
    ],
    [
      'a caller whose policies cannot be simulated',
      { identity: { principalArn: CALLER.arn, decisions: null, because: 'it takes iam:SimulatePrincipalPolicy' } },
      {},
      [
        ...STATE,
        ...policy('PASS'),
        'GRANTS PASS',
        'CALLER_RIGHTS kms:DescribeKey PASS',
        `CALLER_RIGHTS UNKNOWN ${MISSING}`,
      ],
    ],
    [
      'a caller that lacks two rights, one of which AWS is not known to check',
      {
        identity: identity('ALLOWED', 'IMPLICIT_DENY', 'IMPLICIT_DENY', 'ALLOWED', 'ALLOWED', 'ALLOWED', 'ALLOWED'),
      },
      {},
      [
        ...STATE,
        ...policy('PASS'),
        'GRANTS PASS',
        ...CALLER_PASSES.with(1, `CALLER_RIGHTS kms:Encrypt FAIL ${MISSING}`).with(
          2,
          `CALLER_RIGHTS kms:Decrypt UNKNOWN ${MISSING}`,
        ),
      ],
    ],
  ])('for %s', async (_, world, asked, expected) => {
    const { short, checks } = await check(world, asked);

    expect(short).toEqual(expected);
    for (const { result, code, fix, message } of checks) {
      expect(message).not.toBe('');
      if (result === 'PASS') expect([code, fix]).toEqual([null, null]);
      else expect(fix).toMatch(/\w/);
    }
  });

  it('for a key of another account, with a policy that only its owner can read', async () => {
    const theirs = aKeyArn('theirs', { account: OTHER_ACCOUNT });

    const { short, checks, log } = await check(
      { keys: { [theirs]: aKey({ arn: theirs, account: OTHER_ACCOUNT }) } },
      { key: theirs },
    );

    expect(short).toEqual([...STATE, 'KEY_POLICY UNKNOWN KEY_POLICY_UNREADABLE', ...CALLER_DESCRIBED]);
    expect(checks.find(({ check: name }) => name === 'KEY_POLICY')?.fix).toContain('"Effect":"Allow"');
    expect(log).not.toContain(`kms:GetKeyPolicy ${theirs}`);
    expect(log).not.toContain(`kms:ListGrants ${theirs}`);
  });

  it('for a key of another account whose policy could be read, which needs the policies of the caller as well', async () => {
    const hub = aKeyArn('hub', { account: OTHER_ACCOUNT });
    const inspected = async (decision: IdentityDecision, text: string) => {
      const { cloud } = fakeCloud({
        keys: { [hub]: aKey({ arn: hub, account: OTHER_ACCOUNT }) },
        identity: identity(...Array(7).fill(decision)),
      });
      const keys = { ...cloud.keys, foreignPolicyText: async () => text };
      const inspection = await keyCache(STORE, keys, rulesAt(NOW)).configured(hub);
      return checkKey(hub, inspection, STORE, cloud);
    };
    const encrypt = (checks: readonly KeyCheck[]) =>
      checks.find(({ check: name, action }) => name === 'CALLER_RIGHTS' && action === 'kms:Encrypt');
    const own = aLogsPolicy();
    const admitting = own.replace(`arn:aws:iam::${ACCOUNT}:root`, `${ACCOUNT}`);
    const closed = own.replace(`arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${OTHER_ACCOUNT}:root`);

    expect(encrypt(await inspected('ALLOWED', admitting))).toMatchObject({ result: 'PASS' });
    expect(encrypt(await inspected('IMPLICIT_DENY', admitting))).toMatchObject({ result: 'FAIL' });
    expect(encrypt(await inspected('ALLOWED', closed))).toMatchObject({
      result: 'FAIL',
      fix: expect.stringContaining(
        `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${ACCOUNT}:root"},"Action":"kms:Encrypt"`,
      ),
    });
  });

  it('for query results, which a policy for log groups does not allow', async () => {
    const { short } = await check({}, { store: logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME) });

    expect(short).toContain('GRANTS FAIL KEY_POLICY_MISSING_ACTIONS');
    expect(short).toContain('KEY_POLICY kms:Encrypt FAIL KEY_POLICY_MISSING_ACTIONS');
  });
});

describe('the message', () => {
  const named = (checks: readonly KeyCheck[], name: string, action: string | null = null) =>
    checks.find((each) => each.check === name && each.action === action);

  it('for an alias names its key', async () => {
    const { checks } = await check({ keys: { 'alias/logseal': aKey() } }, { key: 'alias/logseal' });

    expect(named(checks, 'FOUND')?.message).toBe(`alias/logseal is ${KEY}`);
  });

  it('for a policy that does not allow the log group comes with the statement that fixes it', async () => {
    const { checks } = await check({ policies: NOT_ALLOWING });

    const { fix = '' } = named(checks, 'KEY_POLICY', 'kms:Encrypt') ?? {};
    expect(fix).toContain('"Sid":"LogsealLogGroups"');
    expect(fix).toContain(`logseal key repair --key ${KEY}`);
    expect(named(checks, 'GRANTS')?.fix).toBe(fix);
  });

  it('for a grant names what it allows, and to whom', async () => {
    const grants = { [KEY]: [{ grantee: LOGS, operations: ['Encrypt', 'Decrypt'] }] };

    const { checks } = await check({ policies: NOT_ALLOWING, grants });

    expect(named(checks, 'GRANTS')?.message).toBe(
      'grants allow CloudWatch Logs kms:Encrypt, kms:Decrypt, but AWS does not document whether it uses grants',
    );
  });

  it('for grants that the caller may not list names the missing right, and quotes AWS', async () => {
    const failures = { 'kms:ListGrants': aCloudError('ACCESS_DENIED', 'no grants for you') };

    const { checks } = await check({ policies: NOT_ALLOWING, failures });

    expect(named(checks, 'GRANTS')?.message).toMatch(/kms:ListGrants: no grants for you$/);
  });

  it('for a caller with policies that cannot be simulated says why', async () => {
    const because = 'it takes iam:SimulatePrincipalPolicy';

    const { checks } = await check({ identity: { principalArn: null, decisions: null, because } });

    expect(checks.at(-1)).toMatchObject({ check: 'CALLER_RIGHTS', action: null, result: 'UNKNOWN' });
    expect(checks.at(-1)?.message).toContain(`logs:AssociateKmsKey: ${because}`);
  });
});

describe('the calls', () => {
  it.each<[string, FakeWorld]>([
    ['allows', {}],
    ['is malformed', { policies: { [KEY]: '[]' } }],
    ['may not be read', { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } }],
  ])('do not list grants where the policy %s', async (_, world) => {
    expect((await check(world)).log).toEqual([
      `kms:DescribeKey ${KEY}`,
      `kms:GetKeyPolicy ${KEY}`,
      'iam:SimulatePrincipalPolicy 7',
    ]);
  });

  it('list grants where the policy does not allow the log group', async () => {
    expect((await check({ policies: NOT_ALLOWING })).log).toContain(`kms:ListGrants ${KEY}`);
  });

  it('throw an error that is a defect of the program', async () => {
    const failures = { 'kms:ListGrants': new TypeError('a defect') };

    await expect(check({ policies: NOT_ALLOWING, failures })).rejects.toThrow('a defect');
  });
});

it('a key policy that delegates, delegates to the account of the log store', async () => {
  expect(ACCOUNT).toBe(STORE.account);
  const { checks } = await check({ identity: identity('IMPLICIT_DENY', 'IMPLICIT_DENY') });

  expect(checks.find(({ action, check: name }) => action === 'kms:Encrypt' && name === 'CALLER_RIGHTS')).toMatchObject({
    result: 'FAIL',
    message: expect.stringContaining("delegates to the caller's policies"),
  });
});
