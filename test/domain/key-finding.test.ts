import { describe, expect, it } from 'vitest';
import { type KeyChangeFacts, keyFindingOf } from '../../lib/domain/key-finding.ts';
import {
  ACCOUNT,
  aDenyingPolicy,
  aKeyArn,
  aLogsPolicy,
  anInspection,
  aPolicyInspection,
  aReason,
  TARGET,
} from '../support/builders.ts';

const ALIAS = 'alias/logseal';
const HEALTHY = anInspection({ state: 'Enabled', policy: aPolicyInspection() });
const DENIED = anInspection({ state: 'Enabled', policy: aPolicyInspection(aDenyingPolicy()) });

const find = (facts: Partial<KeyChangeFacts> = {}) =>
  keyFindingOf(TARGET, {
    ...{ inspection: HEALTHY, aliases: [], isConfigured: false, movedAlias: null },
    ...{ trigger: 'PutKeyPolicy', changedBy: 'arn:aws:iam::1:user/eve' },
    ...facts,
  });

describe('a finding about a key', () => {
  it('has all that is known of a healthy key, and no severity', () => {
    expect(find({ aliases: ['an alias'] })).toEqual({
      ...TARGET,
      keyArn: aKeyArn(),
      aliases: ['an alias'],
      state: 'Enabled',
      severity: null,
      reasons: [],
      warnings: [],
      isConfigured: false,
      trigger: 'PutKeyPolicy',
      changedBy: 'arn:aws:iam::1:user/eve',
    });
  });

  it('has the severity of the worst reason', () => {
    const reasons = [aReason('KEY_PENDING_DELETION'), aReason('KEY_NOT_SYMMETRIC')];

    expect(find({ inspection: anInspection({ reasons }) })).toMatchObject({ severity: 'CRITICAL', reasons });
  });

  it.each([
    [true, 'HIGH'],
    [false, null],
    [null, null],
  ])(
    'whose policy denies CloudWatch Logs has a warning, and where isConfigured is %s the severity %s',
    (isConfigured, severity) => {
      expect(find({ inspection: DENIED, isConfigured })).toMatchObject({
        severity,
        reasons: [],
        warnings: [{ code: 'KEY_POLICY_DENIES' }],
      });
    },
  );

  it('asks of the policy that it allows all log groups of the account, and offers the statement for them', () => {
    const inspection = anInspection({ policy: aPolicyInspection(aLogsPolicy('/only/this')) });

    expect(find({ inspection }).warnings).toEqual([
      expect.objectContaining({
        code: 'KEY_POLICY_MISSING_ACTIONS',
        fix: expect.stringContaining(`arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:*`),
      }),
    ]);
  });
});

describe('an alias of the configured key that was moved', () => {
  const moved = (facts: Partial<KeyChangeFacts> = {}) =>
    find({ movedAlias: ALIAS, isConfigured: true, trigger: 'UpdateAlias', ...facts });

  it('is CRITICAL, however healthy the key is that it names now', () => {
    expect(moved()).toMatchObject({
      keyArn: aKeyArn(),
      severity: 'CRITICAL',
      reasons: [
        {
          code: 'KEY_ALIAS_MOVED',
          message: `arn:aws:iam::1:user/eve changed alias/logseal in eu-west-1 (UpdateAlias): it names ${aKeyArn()} now, and logseal seals with the key that it names`,
          fix: expect.stringMatching(
            /EventName,AttributeValue=UpdateAlias;.* aws kms update-alias --alias-name alias\/logseal --target-key-id KEY --region eu-west-1$/,
          ),
        },
      ],
    });
  });

  it('by somebody who is not known says so', () => {
    expect(moved({ changedBy: null }).reasons[0]?.message).toMatch(/^somebody changed alias/);
  });

  it('stands before what is wrong with the key', () => {
    const inspection = anInspection({ reasons: [aReason('KEY_DISABLED')] });

    expect(moved({ inspection }).reasons.map(({ code }) => code)).toEqual(['KEY_ALIAS_MOVED', 'KEY_DISABLED']);
  });

  it('that was deleted names no key', () => {
    const inspection = anInspection({ keyArn: null, reasons: [aReason('KEY_NOT_FOUND')] });

    expect(moved({ inspection, trigger: 'DeleteAlias' })).toMatchObject({
      keyArn: null,
      state: null,
      reasons: [
        {
          message: expect.stringContaining('it names no key now'),
          fix: expect.stringContaining('aws kms create-alias --alias-name alias/logseal'),
        },
        { code: 'KEY_NOT_FOUND' },
      ],
    });
  });

  it('whose key may not be read is not said to name none', () => {
    const inspection = anInspection({ keyArn: null, reasons: [aReason('KEY_UNREADABLE')] });

    expect(moved({ inspection }).reasons[0]?.message).toContain('it names a key that could not be read now');
  });

  it('has its name alone in the fix, also where an alias ARN is configured', () => {
    const movedAlias = `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/team/logs`;

    expect(moved({ movedAlias }).reasons[0]?.fix).toContain('--alias-name alias/team/logs ');
  });
});
