import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import type { Colors } from '../../lib/report/colors.ts';
import { severityText } from '../../lib/report/problem-list.ts';
import { aReadPolicy, aReport } from '../support/builders.ts';
import {
  COLORED,
  DIM,
  drawn,
  FINDINGS,
  OUTCOMES,
  outcomeTotals,
  PLAIN,
  planTotals,
  RED,
  repairTotals,
  STEPS,
  scanTotals,
  YELLOW,
} from './builders.ts';

describe('colours', () => {
  const subject = { type: 'query-results', account: '111122223333' } as const;
  const failed = [aReport({ status: 'FAILED', error: { code: 'NETWORK', message: 'no route' } })];
  const verdict = { ...evaluateKeyPolicy(aReadPolicy(), subject), problems: [] };

  it.each<[string, (paint: Colors) => string]>([
    ['a scan', (paint) => drawn('scan', FINDINGS, scanTotals(FINDINGS), { paint })],
    ['a failed scan', (paint) => drawn('scan', [], scanTotals([], { targets: failed }), { paint })],
    ['a plan', (paint) => drawn('plan', STEPS, planTotals({ targets: failed }), { paint })],
    ['an outcome', (paint) => drawn('outcome', OUTCOMES, outcomeTotals(), { paint })],
    ['a repair', (paint) => drawn('key-repair', [], repairTotals(), { paint })],
    ['a verdict', (paint) => drawn('policy-verdict', [], verdict, { paint })],
  ])('of %s change nothing else in it, and are left out where they would not show', (_, draw) => {
    const plain = draw(PLAIN);
    const colored = draw(COLORED);

    expect(plain).not.toContain('\x1b');
    expect(colored).toContain('\x1b[');
    expect(stripVTControlCharacters(colored)).toBe(plain);
  });

  it.each([
    ['CRITICAL', RED],
    ['HIGH', RED],
    ['MEDIUM', YELLOW],
    ['LOW', DIM],
  ] as const)('tell how bad %s is', (severity, color) => {
    expect(severityText(severity, COLORED).startsWith(`${color}${severity}`)).toBe(true);
    expect(severityText(severity, PLAIN)).toBe(severity);
  });
});
