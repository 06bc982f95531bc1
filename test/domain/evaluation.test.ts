import { describe, expect, it } from 'vitest';
import { evaluate, type InspectedStore, stepOf } from '../../lib/domain/evaluation.ts';
import type { Failure } from '../../lib/domain/failure.ts';
import type { Finding } from '../../lib/domain/finding.ts';
import type { KeyInspection } from '../../lib/domain/key.ts';
import { problem } from '../../lib/domain/reasons.ts';
import {
  aFinding,
  aKeyArn,
  aLogGroup,
  anInspection,
  aPolicyForAll,
  aPolicyInspection,
  aReason,
  SERVICE,
} from '../support/builders.ts';

const HEALTHY = anInspection({ policy: aPolicyInspection() });
const UNPROVEN = { code: 'WRITERS_UNPROVEN', severity: 'HIGH' };
const FAILURE: Failure = { code: 'THROTTLED', call: 'kms:DescribeKey', message: 'too fast', isTransient: true };
const EXEMPTION = { id: 'vendor', reason: 'its agent cannot', owner: 'team@example.com', expires: '2027-03-31' };
const UNCONFIGURED = {
  matched: { exemptions: [], keyRule: null, unknown: null },
  unreadConfiguration: null,
} as const;
const UNKNOWN = { status: 'UNKNOWN', reasons: [aReason('KEY_UNREADABLE')] } as const;

/** A log group that was read, with a finding. */
function inspected(finding: Partial<Finding> = {}, attached: KeyInspection | null = null): InspectedStore {
  const whole = aFinding(finding);
  const { provider, account, region, type, name, arn, keyArn } = whole;
  const found = { store: { provider, account, region, type, name, arn }, keyArn };
  return { reading: { status: 'FOUND', found }, attached, finding: whole, ...UNCONFIGURED };
}

/** A log group that could not be read. */
function unreadable(isTransient: boolean): InspectedStore {
  const reading = { status: 'UNREADABLE', store: aLogGroup(), failure: { ...FAILURE, isTransient } } as const;
  return { reading, attached: null, finding: aFinding(UNKNOWN), ...UNCONFIGURED };
}

const planned = (finding: Partial<Finding>, configured: KeyInspection) =>
  stepOf(evaluate(inspected(finding), configured));

describe('an evaluation', () => {
  it('of a store that is compliant is that nothing needs to be done', () => {
    expect(evaluate(inspected({ status: 'COMPLIANT', reasons: [], keyArn: aKeyArn('other') }), HEALTHY)).toEqual({
      kind: 'COMPLIANT',
      store: aLogGroup(),
      fromKeyArn: aKeyArn('other'),
      toKeyArn: aKeyArn(),
      severity: 'MEDIUM',
    });
  });

  it('of a store that is exempt comes before everything else', () => {
    const dead = anInspection({ reasons: [aReason('KEY_DISABLED')] });
    const exempt = { ...inspected(), finding: aFinding({ ...UNKNOWN, status: 'EXEMPT', exemption: EXEMPTION }) };

    expect(evaluate(exempt, dead)).toMatchObject({ kind: 'EXEMPT', exemption: EXEMPTION });
    expect(evaluate({ ...unreadable(true), finding: exempt.finding }, dead).kind).toBe('EXEMPT');
  });

  it('does not need the configured key where there is nothing to do', () => {
    const missing = anInspection({ keyArn: null, reasons: [aReason('KEY_NOT_FOUND')] });

    expect(evaluate(inspected({ status: 'COMPLIANT', reasons: [] }), missing).kind).toBe('COMPLIANT');
  });

  it('of a store that could not be read is to try again only if another try may succeed', () => {
    const message = 'the key of /app/a could not be read: too fast';

    expect(evaluate(unreadable(true), HEALTHY)).toMatchObject({
      kind: 'RETRY_LATER',
      refusal: { code: 'KEY_UNREADABLE', message, fix: 'try again' },
      error: FAILURE,
    });
    expect(evaluate(unreadable(false), HEALTHY)).toMatchObject({
      kind: 'REFUSED',
      refusal: { code: 'KEY_UNREADABLE', message, fix: expect.stringContaining('logs:DescribeLogGroups') },
    });
  });

  it.each([
    ['the attached key could not be read for now', FAILURE, 'RETRY_LATER'],
    ['the attached key cannot be read', null, 'REFUSED'],
  ])('where %s', (_, transientError, kind) => {
    const attached = anInspection({ keyArn: aKeyArn('other'), reasons: UNKNOWN.reasons, transientError });

    expect(evaluate(inspected({ ...UNKNOWN, keyArn: aKeyArn('other') }, attached), HEALTHY)).toMatchObject({
      kind,
      refusal: aReason('KEY_UNREADABLE'),
    });
  });

  it('is to try again where the required key, not the attached one, could not be read for now', () => {
    const attached = anInspection({ keyArn: aKeyArn('other') });
    const configured = anInspection({ keyArn: null, reasons: UNKNOWN.reasons, transientError: FAILURE });

    expect(evaluate(inspected({ ...UNKNOWN, keyArn: aKeyArn('other') }, attached), configured)).toMatchObject({
      kind: 'RETRY_LATER',
      error: FAILURE,
    });
  });

  it('is not to try again where the attached key can never be read, even if the configured one may be later', () => {
    const attached = anInspection({ keyArn: aKeyArn('other'), reasons: UNKNOWN.reasons });
    const configured = anInspection({ reasons: UNKNOWN.reasons, transientError: FAILURE });

    expect(evaluate(inspected({ ...UNKNOWN, keyArn: aKeyArn('other') }, attached), configured).kind).toBe('REFUSED');
  });

  it('is to try again where the policy of the configured key could not be read for now', () => {
    const policy = { status: 'UNREADABLE', service: SERVICE, message: 'too fast', fix: 'f' } as const;
    const unread = anInspection({ policy, transientError: FAILURE });

    expect(evaluate(inspected(), unread)).toMatchObject({
      kind: 'RETRY_LATER',
      refusal: { code: 'KEY_POLICY_UNREADABLE' },
      error: FAILURE,
    });
  });

  it('is refused for good where the configured key does not work, even if its policy could not be read for now', () => {
    const policy = { status: 'UNREADABLE', service: SERVICE, message: 'too fast', fix: 'f' } as const;
    const dead = anInspection({ reasons: [aReason('KEY_DISABLED')], policy, transientError: FAILURE });

    expect(evaluate(inspected(), dead)).toMatchObject({ kind: 'REFUSED', refusal: aReason('KEY_DISABLED') });
  });

  it('takes a key that could not be found for a refusal, whatever was found out about it', () => {
    expect(evaluate(inspected(), anInspection({ keyArn: null }))).toMatchObject({
      kind: 'REFUSED',
      toKeyArn: null,
      refusal: { code: 'KEY_NOT_FOUND' },
    });
  });
});

describe('a step of a plan', () => {
  it('seals what has no key', () => {
    expect(planned({}, HEALTHY)).toEqual({
      store: aLogGroup(),
      action: 'SEAL',
      fromKeyArn: null,
      toKeyArn: aKeyArn(),
      refusal: null,
      severity: 'MEDIUM',
      warnings: [{ ...UNPROVEN, message: expect.any(String), fix: expect.any(String) }],
    });
  });

  it('has no warning where the key policy lets all principals of the account use the key', () => {
    const forAll = anInspection({ policy: aPolicyInspection(aPolicyForAll()) });

    expect(planned({}, forAll)).toMatchObject({ action: 'SEAL', warnings: [] });
  });

  it('replaces a key that does not work, and keeps which it was', () => {
    const finding = { keyArn: aKeyArn('dead'), reasons: [aReason('KEY_PENDING_DELETION')] };

    expect(planned(finding, HEALTHY)).toMatchObject({ action: 'SEAL', fromKeyArn: aKeyArn('dead'), refusal: null });
  });

  it('has the warnings of the finding', () => {
    const warnings = [problem('KEY_POLICY_DENIES', 'm', 'f')];

    expect(planned({ warnings }, HEALTHY)?.warnings).toEqual([...warnings, expect.objectContaining(UNPROVEN)]);
  });

  it('never changes what is unknown, whatever else is wrong', () => {
    const finding = { ...aLogGroup('aws/x'), ...UNKNOWN, keyArn: aKeyArn('private') };

    expect(planned(finding, anInspection({ reasons: [aReason()] }))).toMatchObject({
      action: 'NONE',
      refusal: aReason('KEY_UNREADABLE'),
    });
  });

  it('replaces a key that is known not to work, even if not all of it could be read', () => {
    const finding = { keyArn: aKeyArn('dead'), reasons: [aReason('KEY_DISABLED'), aReason('KEY_UNREADABLE')] };

    expect(planned(finding, HEALTHY)).toMatchObject({ action: 'SEAL', fromKeyArn: aKeyArn('dead'), refusal: null });
  });

  it('is refused with the first thing that keeps the configured key from it', () => {
    const configured = anInspection({
      reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')],
      policy: aPolicyInspection('{}'),
    });

    expect(planned({}, configured)).toMatchObject({ action: 'NONE', refusal: aReason('KEY_DISABLED') });
  });

  it('has no key to go to without a configured key that exists', () => {
    const missing = anInspection({ keyArn: null, reasons: [aReason('KEY_NOT_FOUND')] });

    expect(planned({}, missing)).toMatchObject({
      action: 'NONE',
      toKeyArn: null,
      refusal: { code: 'KEY_NOT_FOUND' },
    });
  });
});
