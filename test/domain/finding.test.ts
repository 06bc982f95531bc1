import { describe, expect, it } from 'vitest';
import { type Finding, findingOf, isOpen, unreadableFinding } from '../../lib/domain/finding.ts';
import type { KeyInspection } from '../../lib/domain/key.ts';
import type { FoundLogStore } from '../../lib/domain/log-store.ts';
import { aFoundLogGroup, aKeyArn, aLogGroup, anInspection, aPolicyInspection, aReason } from '../support/builders.ts';

const KEY = aKeyArn();
const under = (found: FoundLogStore, attached: KeyInspection | null, required: KeyInspection | null = null): Finding =>
  findingOf(found, attached, required, null);
const codes = (problems: readonly { code: string }[]) => problems.map(({ code }) => code);

describe('a log group', () => {
  it('without a key is not compliant', () => {
    expect(under(aFoundLogGroup('/a'), null)).toEqual({
      ...aFoundLogGroup('/a').store,
      status: 'NON_COMPLIANT',
      severity: 'MEDIUM',
      reasons: [
        {
          code: 'NO_KEY',
          severity: 'MEDIUM',
          message: expect.any(String),
          fix: expect.stringContaining('logseal apply'),
        },
      ],
      warnings: [],
      keyArn: null,
      exemption: null,
    });
  });

  it('under a healthy key is compliant', () => {
    const finding = under(aFoundLogGroup('/a', KEY), anInspection({ policy: aPolicyInspection() }));

    expect(finding).toMatchObject({ status: 'COMPLIANT', severity: null, reasons: [], warnings: [], keyArn: KEY });
  });

  it('has every reason of its key, in their order, and the severity of the worst', () => {
    const reasons = [aReason('KEY_PENDING_DELETION'), aReason('KEY_NOT_SYMMETRIC'), aReason('KEY_WRONG_USAGE')];

    const finding = under(aFoundLogGroup('/a', KEY), anInspection({ reasons }));

    expect(finding).toMatchObject({ status: 'NON_COMPLIANT', severity: 'CRITICAL' });
    expect(finding.reasons).toEqual(reasons);
  });

  it('is unknown, and never compliant, if its key cannot be read', () => {
    const finding = under(aFoundLogGroup('/a', KEY), anInspection({ reasons: [aReason('KEY_UNREADABLE')] }));

    expect(finding.status).toBe('UNKNOWN');
    expect(isOpen(finding)).toBe(true);
  });

  it('is not compliant if its key is known not to work, even if not all of it could be read', () => {
    const reasons = [aReason('KEY_DISABLED'), aReason('KEY_UNREADABLE')];

    const finding = under(aFoundLogGroup('/a', KEY), anInspection({ reasons }));

    expect(finding.status).toBe('NON_COMPLIANT');
    expect(finding.reasons).toEqual(reasons);
  });
});

describe('a required key', () => {
  const other = aFoundLogGroup('/a', aKeyArn('other'));
  const healthyOther = anInspection({ keyArn: aKeyArn('other') });

  it('makes any other key a reason, even one that works', () => {
    const { status, reasons } = under(other, healthyOther, anInspection());

    expect(status).toBe('NON_COMPLIANT');
    expect(codes(reasons)).toEqual(['KEY_NOT_CONFIGURED']);
    expect(reasons[0]?.message).toContain(KEY);
    expect(reasons[0]?.message).toContain(aKeyArn('other'));
  });

  it('is no reason if it is attached', () => {
    expect(under(aFoundLogGroup('/a', KEY), anInspection(), anInspection()).status).toBe('COMPLIANT');
  });

  it('adds nothing to a key that does not work', () => {
    const dead = anInspection({ keyArn: aKeyArn('other'), reasons: [aReason('KEY_DISABLED')] });

    expect(codes(under(other, dead, anInspection()).reasons)).toEqual(['KEY_DISABLED']);
  });

  it('adds nothing to a log group without a key', () => {
    expect(codes(under(aFoundLogGroup(), null, anInspection()).reasons)).toEqual(['NO_KEY']);
  });

  it('makes every other key wrong if it does not exist, with its own fix', () => {
    const missing = anInspection({ keyArn: null, reasons: [aReason('KEY_NOT_FOUND')] });

    const { status, reasons } = under(other, healthyOther, missing);

    expect(status).toBe('NON_COMPLIANT');
    expect(reasons).toMatchObject([{ code: 'KEY_NOT_CONFIGURED', fix: 'the fix of KEY_NOT_FOUND' }]);
    expect(reasons[0]?.message).toContain('the message of KEY_NOT_FOUND');
  });

  it('leaves it unknown which key is the right one if its alias cannot be read', () => {
    const unreadable = anInspection({ keyArn: null, reasons: [aReason('KEY_UNREADABLE')] });

    const { status, reasons } = under(other, healthyOther, unreadable);

    expect(status).toBe('UNKNOWN');
    expect(reasons).toEqual([aReason('KEY_UNREADABLE')]);
  });
});

describe('a log store that could not be read', () => {
  const failure = (isTransient: boolean) => ({
    code: 'X',
    call: 'logs:DescribeLogGroups',
    message: 'too busy',
    isTransient,
  });

  it('is unknown, for the reason that the cloud gave', () => {
    expect(unreadableFinding(aLogGroup('/a'), failure(true), null)).toEqual({
      ...aLogGroup('/a'),
      status: 'UNKNOWN',
      severity: 'MEDIUM',
      reasons: [
        {
          code: 'KEY_UNREADABLE',
          severity: 'MEDIUM',
          message: 'the key of /a could not be read: too busy',
          fix: 'try again',
        },
      ],
      warnings: [],
      keyArn: null,
      exemption: null,
    });
  });

  it('takes rights, which the fix names if another try would not help', () => {
    expect(unreadableFinding(aLogGroup(), failure(false), null).reasons[0]?.fix).toContain('logs:DescribeLogGroups');
  });
});

describe('an exemption', () => {
  const exemption = { id: 'vendor', reason: 'because', owner: 'team', expires: '2027-03-31' };

  it('makes a log store exempt, which keeps its reasons and their severity', () => {
    const finding = findingOf(aFoundLogGroup('/vendor'), null, null, exemption);

    expect(finding).toMatchObject({ status: 'EXEMPT', severity: 'MEDIUM', exemption });
    expect(codes(finding.reasons)).toEqual(['NO_KEY']);
    expect(isOpen(finding)).toBe(false);
  });

  it('covers a log store that could not be read', () => {
    const failure = { code: 'X', call: 'x:Y', message: 'm', isTransient: true };

    expect(unreadableFinding(aLogGroup('/vendor'), failure, exemption)).toMatchObject({ status: 'EXEMPT', exemption });
  });

  it('does not show on a log store that is compliant', () => {
    expect(findingOf(aFoundLogGroup('/vendor', KEY), anInspection(), null, exemption)).toMatchObject({
      status: 'COMPLIANT',
      exemption: null,
    });
  });

  it('that is built in comes before one of the configuration', () => {
    expect(findingOf(aFoundLogGroup('aws/x'), null, null, exemption).exemption?.id).toBe('aws-reserved');
  });
});
