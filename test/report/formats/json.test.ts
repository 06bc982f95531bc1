import { describe, expect, it } from 'vitest';
import { evaluateKeyPolicy } from '../../../lib/domain/key-policy/evaluate.ts';
import type { CheckedKey } from '../../../lib/report/documents.ts';
import { A_RUN, aKeyArn, aLogGroup, aReadPolicy } from '../../support/builders.ts';
import {
  aWriter,
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

/** The same items in no page, one page, several pages, and with empty pages between them. */
function pagings<T>(items: readonly T[]): [string, readonly T[], readonly (readonly T[])[]][] {
  return [
    ['no page', [], []],
    ['one empty page', [], [[]]],
    ['one page', items, [items]],
    ['a page for each item', items, items.map((item) => [item])],
    ['empty pages between others', items, [[], items.slice(0, 1), [], [], items.slice(1), []]],
  ];
}

const CHECKED: CheckedKey = {
  store: aLogGroup(),
  keyArn: aKeyArn(),
  checks: [],
  readersAndWriters: null,
  warnings: [],
  problems: [],
  apiCalls: {},
};

describe('a JSON document is the whole document, however its items come', () => {
  it.each(pagings(FINDINGS))('scan: %s', (_, findings, pages) => {
    const totals = scanTotals(findings);

    expect(JSON.parse(written('scan', 'json', pages, totals))).toEqual({
      schema: 'logseal/scan/1',
      findings,
      ...totals,
    });
  });

  it.each(pagings(STEPS))('plan: %s', (_, steps, pages) => {
    const text = written('plan', 'json', pages, planTotals());

    expect(JSON.parse(text)).toEqual({ schema: 'logseal/plan/1', steps, ...planTotals() });
  });

  it.each(pagings(OUTCOMES))('outcome: %s', (_, steps, pages) => {
    const text = written('outcome', 'json', pages, outcomeTotals());

    expect(JSON.parse(text)).toEqual({ schema: 'logseal/outcome/1', steps, ...outcomeTotals() });
  });

  it.each(pagings([CHECKED, CHECKED]))('key-check: %s', (_, targets, pages) => {
    const totals = { run: A_RUN, key: { configured: 'alias/logseal' } };

    expect(JSON.parse(written('key-check', 'json', pages, totals))).toEqual({
      schema: 'logseal/key-check/1',
      targets,
      ...totals,
    });
  });

  it('key-repair, which has no items', () => {
    expect(JSON.parse(written('key-repair', 'json', [], repairTotals()))).toEqual({
      schema: 'logseal/key-repair/1',
      ...repairTotals(),
    });
  });

  it('policy-verdict, which has no items', () => {
    const verdict = { ...evaluateKeyPolicy(aReadPolicy(), { type: 'log-group', arn: aLogGroup().arn }), problems: [] };

    expect(JSON.parse(written('policy-verdict', 'json', [], verdict))).toEqual({
      schema: 'logseal/policy-verdict/1',
      ...verdict,
    });
  });

  it.each(pagings(VERDICTS))('policy-verdicts, which has no totals: %s', (_, verdicts, pages) => {
    expect(JSON.parse(written('policy-verdicts', 'json', pages, {}))).toEqual({
      schema: 'logseal/policy-verdicts/1',
      verdicts,
    });
  });
});

describe('a JSON document', () => {
  it('begins with its schema, has one item a line, and ends with a line break', () => {
    const lines = written('scan', 'json', [FINDINGS.slice(0, 2), FINDINGS.slice(2)], scanTotals(FINDINGS)).split('\n');

    expect(lines).toHaveLength(FINDINGS.length + 1);
    expect(lines[0]?.startsWith('{"schema":"logseal/scan/1","findings":[{')).toBe(true);
    expect(lines.at(-1)).toBe('');
  });

  it('is written as the items come, so that nothing needs to be kept', () => {
    const writer = aWriter('scan', 'json');
    writer.begin();

    for (const finding of FINDINGS) expect(writer.page([finding])).toContain(JSON.stringify(finding));
    expect(writer.end(scanTotals(FINDINGS))).not.toContain('/dead');
  });

  it('has no colours', () => {
    expect(written('scan', 'json', [FINDINGS], scanTotals(FINDINGS))).not.toContain('\x1b');
  });

  it('is begun anew by each writer', () => {
    const both = [1, 2].map(() => written('plan', 'json', [STEPS], planTotals()));

    expect(both[0]).toBe(both[1]);
  });
});
