import { describe, expect, it } from 'vitest';
import { evaluateKeyPolicy } from '../../../lib/domain/key-policy/evaluate.ts';
import { A_RUN, aKeyArn, aLogGroup, aReadPolicy } from '../../support/builders.ts';
import {
  FINDINGS,
  OUTCOMES,
  outcomeTotals,
  planTotals,
  repairTotals,
  STEPS,
  scanTotals,
  VERDICTS,
  written,
} from '../builders.ts';

/** Each line as an object; fails where one is not JSON or the last line does not end. */
function linesOf(text: string): unknown[] {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('ndjson has one item a line, and the totals in the last', () => {
  it.each([
    ['no page', []],
    ['one page', [FINDINGS]],
    ['several pages', [FINDINGS.slice(0, 2), [], FINDINGS.slice(2)]],
  ])('of a scan in %s', (_, pages) => {
    const findings = pages.flat();

    expect(linesOf(written('scan', 'ndjson', pages, scanTotals(findings)))).toEqual([
      ...findings,
      { schema: 'logseal/scan-summary/1', ...scanTotals(findings) },
    ]);
  });

  it('of a plan', () => {
    expect(linesOf(written('plan', 'ndjson', [STEPS], planTotals()))).toEqual([
      ...STEPS,
      { schema: 'logseal/plan-summary/1', ...planTotals() },
    ]);
  });

  it('of an outcome', () => {
    expect(linesOf(written('outcome', 'ndjson', [OUTCOMES], outcomeTotals()))).toEqual([
      ...OUTCOMES,
      { schema: 'logseal/outcome-summary/1', ...outcomeTotals() },
    ]);
  });

  it('of a key check', () => {
    const none = { checks: [], readersAndWriters: null, warnings: [], problems: [] };
    const checked = { store: aLogGroup(), keyArn: aKeyArn(), ...none, apiCalls: {} };
    const totals = { run: A_RUN, key: { configured: 'alias/logseal' } };

    expect(linesOf(written('key-check', 'ndjson', [[checked]], totals))).toEqual([
      checked,
      { schema: 'logseal/key-check-summary/1', ...totals },
    ]);
  });

  it('of several verdicts, which have no totals', () => {
    expect(linesOf(written('policy-verdicts', 'ndjson', [VERDICTS], {}))).toEqual([
      ...VERDICTS,
      { schema: 'logseal/policy-verdicts-summary/1' },
    ]);
  });
});

describe('ndjson is the document in one line', () => {
  it('of a repair, which has no items', () => {
    expect(linesOf(written('key-repair', 'ndjson', [], repairTotals()))).toEqual([
      { schema: 'logseal/key-repair/1', ...repairTotals() },
    ]);
  });

  it('of a verdict, which has no items', () => {
    const verdict = { ...evaluateKeyPolicy(aReadPolicy(), { type: 'log-group', arn: aLogGroup().arn }), problems: [] };

    expect(linesOf(written('policy-verdict', 'ndjson', [], verdict))).toEqual([
      { schema: 'logseal/policy-verdict/1', ...verdict },
    ]);
  });
});
