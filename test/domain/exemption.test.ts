import { describe, expect, it } from 'vitest';
import { prepare } from '../../lib/domain/configuration.ts';
import { endsSoon, isExpired } from '../../lib/domain/exemption.ts';
import { exemptionOf, keyFor, rulesAt } from '../../lib/domain/rules.ts';
import { NOW } from '../support/builders.ts';
import { anExemption, EXEMPTION, keyRules } from '../support/configuration.ts';

const EXPIRES = { expires: '2027-03-31' };

describe('an exemption', () => {
  it.each([
    ['the day before', '2027-03-30T12:00:00.000Z', true],
    ['the first moment of its last day', '2027-03-31T00:00:00.000Z', true],
    ['the last moment of its last day, UTC', '2027-03-31T23:59:59.999Z', true],
    ['the last day of a place that is behind UTC', '2027-03-31T23:00:00.000-05:00', false],
    ['the day after', '2027-04-01T00:00:00.000Z', false],
    ['the next year', '2028-01-01T00:00:00.000Z', false],
  ])('that expires on a day counts or not on %s', (_, now, counts) => {
    expect(isExpired(anExemption(EXPIRES), new Date(now))).toBe(!counts);
  });

  it.each([
    ['15 days before its last day', '2027-03-16T23:59:59Z', false],
    ['14 days before its last day', '2027-03-17T00:00:00Z', true],
    ['on its last day', '2027-03-31T00:00:00Z', true],
    ['the day after', '2027-04-01T00:00:00Z', false],
  ])('ends soon or not %s', (_, now, is) => {
    expect(endsSoon(anExemption(EXPIRES), new Date(now))).toBe(is);
  });

  it('that never expires counts at any time, and never ends', () => {
    const builtIn = { ...EXEMPTION, expires: null };
    const late = new Date('9999-12-31T23:59:59Z');

    expect([isExpired(builtIn, late), endsSoon(builtIn, late)]).toEqual([false, false]);
  });
});

describe('of several exemptions that match', () => {
  const [first, second] = [anExemption({ id: 'first' }), anExemption({ id: 'second' })];
  const shown = (exemptions: readonly ReturnType<typeof anExemption>[]) => {
    const configuration = prepare({ exemptions, keys: [] });
    return exemptionOf(rulesAt(NOW, { configuration }), { exemptions: [0, 1], keyRule: null, unknown: null });
  };

  it('the first is shown, without what it matches', () => {
    expect(shown([first, second])).toEqual({ ...EXEMPTION, id: 'first' });
  });

  it('one that has expired gives way', () => {
    expect(shown([{ ...first, expires: '2026-11-20' }, second])?.id).toBe('second');
    expect(shown([{ ...first, expires: '2026-11-20' }])).toBeNull();
  });
});

it('a key rule names the key, and otherwise the configured one is taken', () => {
  const configuration = keyRules([{ names: ['/a'] }, 'alias/a']);
  const rules = rulesAt(NOW, { key: 'alias/logseal', configuration });

  expect(keyFor(rules, { keyRule: 0 })).toBe('alias/a');
  expect(keyFor(rules, { keyRule: null })).toBe('alias/logseal');
  expect(keyFor(rulesAt(NOW, { configuration }), { keyRule: null })).toBeNull();
});
