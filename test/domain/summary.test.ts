import { describe, expect, it } from 'vitest';
import { EMPTY_SUMMARY, merge, summaryOf } from '../../lib/domain/summary.ts';
import { aFinding, aReason } from '../support/builders.ts';

describe('a summary', () => {
  const compliant = aFinding({ status: 'COMPLIANT', severity: null, reasons: [] });
  const dead = aFinding({ severity: 'HIGH', reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')] });
  const unknown = aFinding({ status: 'UNKNOWN', reasons: [aReason('KEY_UNREADABLE')] });

  it('counts each status, and of what is not compliant or unknown each reason and each severity', () => {
    expect(summaryOf([compliant, dead, dead, unknown, aFinding({ status: 'EXEMPT', severity: 'CRITICAL' })])).toEqual({
      stores: 5,
      compliant: 1,
      nonCompliant: 2,
      exempt: 1,
      unknown: 1,
      filtered: 0,
      byReason: { KEY_DISABLED: 2, KEY_WRONG_USAGE: 2, KEY_UNREADABLE: 1 },
      bySeverity: { HIGH: 2, MEDIUM: 1 },
    });
  });

  it('of nothing is all zeros, and stays so', () => {
    expect(summaryOf([])).toEqual(EMPTY_SUMMARY);
    expect(merge(EMPTY_SUMMARY, EMPTY_SUMMARY)).toEqual({ ...EMPTY_SUMMARY, byReason: {}, bySeverity: {} });
    expect(EMPTY_SUMMARY.stores).toBe(0);
  });

  it('of two sets is the summary of both', () => {
    expect(merge(summaryOf([compliant, dead]), summaryOf([dead, unknown]))).toEqual(
      summaryOf([compliant, dead, dead, unknown]),
    );
  });

  it('of two sets adds what was filtered', () => {
    const filtered = (count: number) => ({ ...EMPTY_SUMMARY, filtered: count });

    expect(merge(filtered(2), filtered(3))).toEqual(filtered(5));
  });

  it('of two sets has its reasons in the order of the catalogue, and the worst severity first', () => {
    const summary = merge(summaryOf([unknown]), summaryOf([aFinding({ severity: 'LOW' }), dead]));

    expect(Object.entries(summary.byReason)).toEqual([
      ['NO_KEY', 1],
      ['KEY_DISABLED', 1],
      ['KEY_WRONG_USAGE', 1],
      ['KEY_UNREADABLE', 1],
    ]);
    expect(Object.entries(summary.bySeverity)).toEqual([
      ['HIGH', 1],
      ['MEDIUM', 1],
      ['LOW', 1],
    ]);
  });

  it('does not change the ones that it is made of', () => {
    const one = summaryOf([dead]);
    merge(one, one);

    expect(one).toEqual(summaryOf([dead]));
    expect(EMPTY_SUMMARY).toMatchObject({ stores: 0, byReason: {}, bySeverity: {} });
  });
});
