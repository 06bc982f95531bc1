import { describe, expect, it } from 'vitest';
import type { KeyCheck, KeyCheckFacts } from '../../lib/domain/key-check.ts';
import { keyChecks, mayNeedGrant, probableCause } from '../../lib/domain/key-checks.ts';
import {
  aDenyingPolicy,
  aKeyArn,
  aLogGroup,
  aLogsPolicy,
  anInspection,
  aPolicyInspection,
  aReason,
  SERVICE,
} from '../support/builders.ts';

const KEY = aKeyArn();
const LOGS = 'logs.eu-west-1.amazonaws.com';

function facts(more: Partial<KeyCheckFacts> = {}): KeyCheckFacts {
  return {
    key: KEY,
    store: aLogGroup(),
    inspection: anInspection({ policy: aPolicyInspection() }),
    grants: null,
    needs: [],
    identity: { principalArn: null, decisions: null, because: null },
    ...more,
  };
}

const aCheck = (result: KeyCheck['result'], check: KeyCheck['check'] = 'FOUND'): KeyCheck => ({
  check,
  action: null,
  result,
  code: result === 'PASS' ? null : 'KEY_NOT_FOUND',
  message: 'm',
  fix: result === 'PASS' ? null : 'c',
});

describe('the checks', () => {
  it('are in a fixed order', () => {
    const names = keyChecks(facts({ needs: [{ action: 'kms:Encrypt', resource: KEY }] })).map(({ check }) => check);

    expect([...new Set(names)]).toEqual([
      'FOUND',
      'REGION',
      'ENABLED',
      'KEY_SPEC',
      'KEY_USAGE',
      'KEY_POLICY',
      'GRANTS',
      'CALLER_RIGHTS',
    ]);
  });

  it.each([
    'KEY_DISABLED',
    'KEY_PENDING_DELETION',
    'KEY_PENDING_REPLICA_DELETION',
    'KEY_PENDING_IMPORT',
    'KEY_UNAVAILABLE',
    'KEY_CREATING',
  ] as const)('of the state fail with %s, its message and its fix', (code) => {
    const inspection = anInspection({ reasons: [aReason(code)], policy: aPolicyInspection() });

    const failed = keyChecks(facts({ inspection })).filter(({ result }) => result !== 'PASS');

    expect(failed).toEqual([{ check: 'ENABLED', action: null, result: 'FAIL', ...aReason(code), severity: undefined }]);
  });

  it('fail the key policy of an AWS-managed key, offer no statement, and leave out rights on that key', () => {
    const needs = ['kms:DescribeKey', 'kms:Encrypt'].map((action) => ({ action, resource: KEY }));
    const managed = aReason('KEY_AWS_MANAGED');

    const checks = keyChecks(facts({ inspection: anInspection({ reasons: [managed] }), needs }));

    const { code, message, fix } = managed;
    expect(checks.slice(5)).toEqual([
      { check: 'KEY_POLICY', action: null, result: 'FAIL', code, message, fix },
      expect.objectContaining({ check: 'CALLER_RIGHTS', action: 'kms:DescribeKey', result: 'PASS' }),
      {
        check: 'CALLER_RIGHTS',
        action: 'kms:Encrypt',
        result: 'UNKNOWN',
        code,
        message: 'not checked, because this key cannot encrypt the logs anyway',
        fix,
      },
    ]);
    expect(checks.slice(0, 5).every(({ result }) => result === 'PASS')).toBe(true);
  });

  it.each(['eu-west-1', 'global'])('count a grant to the %s name of the service', (which) => {
    const grantee = which === 'global' ? 'logs.amazonaws.com' : LOGS;
    const inspection = anInspection({ policy: aPolicyInspection(aLogsPolicy('/other')) });

    const checks = keyChecks(facts({ inspection, grants: [{ grantee, operations: ['Encrypt'] }] }));

    expect(checks.find(({ check }) => check === 'GRANTS')?.message).toContain('allow CloudWatch Logs kms:Encrypt,');
    expect(checks.find(({ action }) => action === 'kms:Encrypt')?.result).toBe('UNKNOWN');
    expect(checks.find(({ action }) => action === 'kms:Decrypt')?.result).toBe('FAIL');
  });

  it.each([
    ['passes under a grant', [{}], 'PASS'],
    ['is not known under a constrained grant', [{ isConstrained: true }], 'UNKNOWN'],
    ['passes under a constrained grant and another', [{ isConstrained: true }, {}], 'PASS'],
    ['fails without a grant', [], 'FAIL'],
  ])('of a right that no policy gives the caller %s', (_, grants, result) => {
    const principalArn = 'arn:aws:iam::111122223333:user/me';
    const checks = keyChecks(
      facts({
        needs: [{ action: 'kms:Encrypt', resource: KEY }],
        identity: { principalArn, decisions: ['IMPLICIT_DENY'], because: null },
        grants: grants.map((grant) => ({ grantee: principalArn, operations: ['Encrypt'], ...grant })),
      }),
    );

    expect(checks.find(({ check }) => check === 'CALLER_RIGHTS')?.result).toBe(result);
  });

  it('do not include the key policy where it was not read', () => {
    expect(keyChecks(facts({ inspection: anInspection() })).map(({ check }) => check)).not.toContain('KEY_POLICY');
  });
});

describe('the policies of a caller that could not be simulated', () => {
  const actions = ['kms:Encrypt', 'kms:Decrypt'];
  const needs = [
    ...actions.map((action) => ({ action, resource: KEY })),
    { action: 'logs:AssociateKmsKey', resource: aLogGroup().arn },
  ];
  const rights = (more: Partial<KeyCheckFacts> = {}) =>
    keyChecks(
      facts({ needs, identity: { principalArn: null, decisions: null, because: 'IAM is away' }, ...more }),
    ).filter(({ check }) => check === 'CALLER_RIGHTS');

  it('are one check for all rights, with the statements that give them', () => {
    const [only, ...others] = rights();

    expect(others).toEqual([]);
    expect(only).toEqual({
      check: 'CALLER_RIGHTS',
      action: null,
      result: 'UNKNOWN',
      code: 'CALLER_MISSING_RIGHTS',
      message:
        "the caller's policies could not be simulated, so it is not known whether they allow kms:Encrypt, kms:Decrypt, logs:AssociateKmsKey: IAM is away",
      fix: expect.stringMatching(/^make sure that the policies of the caller have these statements: \[/),
    });
    const { arn } = aLogGroup();
    expect(JSON.parse(/\[.*/.exec(only?.fix ?? '')?.[0] ?? '')).toEqual([
      { Effect: 'Allow', Action: actions, Resource: KEY },
      { Effect: 'Allow', Action: 'logs:AssociateKmsKey', Resource: [arn, `${arn}:*`] },
    ]);
  });

  it('leave the checks that the key policy alone makes certain', () => {
    const policy = aPolicyInspection(aDenyingPolicy());

    expect(rights({ inspection: anInspection({ policy }) }).map(({ action, result }) => `${action} ${result}`)).toEqual(
      ['kms:Encrypt FAIL', 'null UNKNOWN'],
    );
  });

  it('are no check where every right is certain', () => {
    const identity = { principalArn: null, decisions: null, because: null };
    const policy = aPolicyInspection(aDenyingPolicy());

    const checks = rights({ needs: needs.slice(0, 1), identity, inspection: anInspection({ policy }) });

    expect(checks.map(({ action, result }) => `${action} ${result}`)).toEqual(['kms:Encrypt FAIL']);
  });
});

describe('the Region of a key', () => {
  it.each([
    ['that was found', anInspection(), 'PASS', null],
    ['that could not be read is that of its ARN', anInspection({ reasons: [aReason('KEY_UNREADABLE')] }), 'PASS', null],
    [
      'whose alias could not be read is not known',
      anInspection({ keyArn: null, reasons: [aReason('KEY_UNREADABLE')] }),
      'UNKNOWN',
      'KEY_UNREADABLE',
    ],
    [
      'that does not exist is not known',
      anInspection({ reasons: [aReason('KEY_NOT_FOUND')] }),
      'UNKNOWN',
      'KEY_NOT_FOUND',
    ],
    ['of another Region fails', anInspection({ reasons: [aReason('KEY_WRONG_REGION')] }), 'FAIL', 'KEY_WRONG_REGION'],
  ])('%s', (_, inspection, result, code) => {
    expect(keyChecks(facts({ inspection })).find(({ check }) => check === 'REGION')).toMatchObject({ result, code });
  });
});

describe('a refusal to describe the key that names the missing right', () => {
  const needs = ['kms:DescribeKey', 'kms:Encrypt'].map((action) => ({ action, resource: KEY }));
  const rights = (isExplicitDeny: boolean) => {
    const inspection = anInspection({
      reasons: [aReason('KEY_UNREADABLE')],
      missingRight: { action: 'kms:DescribeKey', isExplicitDeny },
    });
    return keyChecks(facts({ inspection, needs })).filter(({ check }) => check === 'CALLER_RIGHTS');
  };

  it('fails the check of that right alone, with the message of the refusal', () => {
    const { message } = aReason('KEY_UNREADABLE');

    expect(rights(false)).toMatchObject([
      { action: 'kms:DescribeKey', result: 'FAIL', code: 'CALLER_MISSING_RIGHTS', message },
      { action: null, result: 'UNKNOWN' },
    ]);
    expect(rights(false)[0]?.fix).toBe(
      `add this statement to a policy of the caller: {"Effect":"Allow","Action":"kms:DescribeKey","Resource":"${KEY}"}`,
    );
  });

  it('is not fixed by an Allow where a Deny caused it', () => {
    expect(rights(true)[0]?.fix).toBe(
      'change the Deny that AWS names so that it does not cover the caller: no Allow overrides a Deny',
    );
  });
});

describe('the probable cause of a refusal', () => {
  it('is the first check that fails', () => {
    const failed = aCheck('FAIL', 'ENABLED');

    expect(probableCause([aCheck('PASS'), aCheck('UNKNOWN'), failed, aCheck('FAIL', 'GRANTS')])).toBe(failed);
  });

  it('is the first check that is not known where none fails', () => {
    const unknown = aCheck('UNKNOWN', 'REGION');

    expect(probableCause([aCheck('PASS'), unknown, aCheck('UNKNOWN', 'GRANTS')])).toBe(unknown);
  });

  it('is none where all pass', () => {
    expect(probableCause([aCheck('PASS')])).toBeUndefined();
    expect(probableCause([])).toBeUndefined();
  });
});

describe('a key may need a grant', () => {
  it.each([
    ['where its policy does not allow every action', aPolicyInspection(aLogsPolicy('/other')), true],
    ['not where its policy allows them', aPolicyInspection(), false],
    ['not where its policy denies one', aPolicyInspection(aDenyingPolicy()), false],
    ['not where its policy is malformed', aPolicyInspection('{'), false],
    ['not where its policy was not read', null, false],
    [
      'not where its policy could not be read',
      { status: 'UNREADABLE', service: SERVICE, message: 'm', fix: 'c' } as const,
      false,
    ],
  ])('%s', (_, policy, expected) => {
    expect(mayNeedGrant({ inspection: anInspection({ policy }), store: aLogGroup() })).toBe(expected);
  });

  it('not where the key itself is unknown', () => {
    const inspection = anInspection({ keyArn: null, policy: aPolicyInspection(aLogsPolicy('/other')) });

    expect(mayNeedGrant({ inspection, store: aLogGroup() })).toBe(false);
  });
});
