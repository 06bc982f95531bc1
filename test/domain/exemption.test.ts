import { describe, expect, it } from 'vitest';
import { type ExemptionRule, exemptionOf } from '../../lib/domain/exemption.ts';
import { aLogGroup, NOW } from '../support/builders.ts';

function anExemption(exemption: Partial<ExemptionRule> = {}): ExemptionRule {
  const text = { id: 'vendor', reason: 'its agent cannot write to it', owner: 'team@example.com' };
  return { ...text, expires: '2027-03-31', covers: () => true, ...exemption };
}

describe('an exemption', () => {
  it('is shown without the function that says what it covers', () => {
    expect(exemptionOf(aLogGroup(), [anExemption()], NOW)).toEqual({
      id: 'vendor',
      reason: 'its agent cannot write to it',
      owner: 'team@example.com',
      expires: '2027-03-31',
    });
  });

  it.each([
    ['the day before', '2027-03-30T12:00:00.000Z', true],
    ['the first moment of its last day', '2027-03-31T00:00:00.000Z', true],
    ['the last moment of its last day, UTC', '2027-03-31T23:59:59.999Z', true],
    ['the last day of a place that is behind UTC', '2027-03-31T23:00:00.000-05:00', false],
    ['the day after', '2027-04-01T00:00:00.000Z', false],
    ['the next year', '2028-01-01T00:00:00.000Z', false],
  ])('that expires on a day counts or not on %s', (_, now, counts) => {
    expect(exemptionOf(aLogGroup(), [anExemption()], new Date(now)) !== null).toBe(counts);
  });

  it('that never expires counts at any time, and says so', () => {
    const builtIn = anExemption({ expires: null });

    expect(exemptionOf(aLogGroup(), [builtIn], new Date('9999-12-31T23:59:59Z'))).toMatchObject({ expires: null });
  });

  it('counts only for the log stores that it covers', () => {
    const vendor = anExemption({ covers: ({ name }) => name.startsWith('/vendor/') });

    expect(exemptionOf(aLogGroup('/vendor/a'), [vendor], NOW)?.id).toBe('vendor');
    expect(exemptionOf(aLogGroup('/app/a'), [vendor], NOW)).toBeNull();
  });

  it('is not needed', () => {
    expect(exemptionOf(aLogGroup(), [], NOW)).toBeNull();
  });
});

describe('the first of several exemptions', () => {
  const first = anExemption({ id: 'first' });
  const second = anExemption({ id: 'second' });

  it('is the one that is shown', () => {
    expect(exemptionOf(aLogGroup(), [first, second], NOW)?.id).toBe('first');
    expect(exemptionOf(aLogGroup(), [second, first], NOW)?.id).toBe('second');
  });

  it('gives way if it has expired or covers other log stores', () => {
    expect(exemptionOf(aLogGroup(), [{ ...first, expires: '2026-11-20' }, second], NOW)?.id).toBe('second');
    expect(exemptionOf(aLogGroup(), [{ ...first, covers: () => false }, second], NOW)?.id).toBe('second');
  });
});
