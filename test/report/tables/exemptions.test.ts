import { describe, expect, it } from 'vitest';
import type { ExemptionUse } from '../../../lib/domain/exemption-use.ts';
import { UNREADABLE_CONFIGURATION } from '../../../lib/report/tables/exemptions.ts';
import { aFinding, aReason } from '../../support/builders.ts';
import { EXEMPTION } from '../../support/configuration.ts';
import { drawn, planTotals, scanTotals } from '../builders.ts';

const anExempt = (name: string) =>
  aFinding({ name, status: 'EXEMPT', reasons: [aReason('NO_KEY')], severity: 'MEDIUM', exemption: EXEMPTION });
const aUse = (use: Partial<ExemptionUse> = {}): ExemptionUse => ({ ...EXEMPTION, stores: 2, notices: [], ...use });

describe('exempt log stores', () => {
  it('are listed by name, with their reasons, their exemption and its day, and with nothing that is open', () => {
    const findings = [anExempt('/b'), anExempt('/a')];
    const text = drawn('scan', findings, scanTotals(findings, { exemptions: [aUse()], config: 'READ' }));

    expect(text).toMatch(/\nExempt\nLOG STORE +REASONS +EXEMPTION +UNTIL\n\/a +NO_KEY +e-1 +2026-12-31\n\/b /);
    expect(text).toMatch(/\nEXEMPTION +UNTIL .*\ne-1 +2026-12-31 +2 +- +team-a +no secrets\n\nnothing is open\n$/);
    expect(text).not.toContain('Why, and how to fix it');
  });

  it('of an exemption that is built in have its reason below them', () => {
    const builtIn = { id: 'aws-reserved', reason: 'they belong to AWS', owner: 'AWS', expires: null };
    const findings = [{ ...anExempt('aws/x'), exemption: builtIn }];

    const text = drawn('scan', findings, scanTotals(findings));

    expect(text).toMatch(/aws\/x +NO_KEY +aws-reserved +no end\n {2}aws-reserved: they belong to AWS\n/);
  });

  it('are the first 50, unless all are asked for', () => {
    const findings = Array.from({ length: 60 }, (_, index) => anExempt(`/${String(index).padStart(2, '0')}`));
    const rows = (showAll: boolean) =>
      drawn('scan', findings, scanTotals(findings), { showAll }).match(/^\/\d\d +NO_KEY /gm)?.length;

    expect([rows(false), rows(true)]).toEqual([50, 60]);
  });
});

describe('exemptions', () => {
  it('that need attention come first, with what to do', () => {
    const exemptions = [
      aUse(),
      aUse({ id: 'over', expires: '2026-01-01', stores: 0, notices: ['EXPIRED', 'UNMATCHED'] }),
      aUse({ id: 'soon', notices: ['ENDS_SOON'] }),
    ];

    for (const text of [
      drawn('scan', [], scanTotals([], { exemptions, config: 'READ' })),
      drawn('plan', [], planTotals({ exemptions, config: 'READ' })),
    ]) {
      const rows = text.match(/^(over|soon|e-1) .*$/gm)?.map((row) => row.split(/ {2,}/).slice(0, 4));
      expect(rows).toEqual([
        ['over', '2026-01-01', '0', 'expired, unmatched'],
        ['soon', '2026-12-31', '2', 'ends soon'],
        ['e-1', '2026-12-31', '2', '-'],
      ]);
      expect(text).toContain('  expired: it no longer counts: remove it, or agree with its owner on a new day\n');
      expect(text).toContain(
        '  unmatched: no log store that was scanned matches it: correct what it matches, or remove it',
      );
      expect(text).toContain('  ends soon: it ends within 14 days: ask its owner whether it is still needed\n');
    }
  });

  it('are not shown where there are none, and a configuration that could not be read is said', () => {
    expect(drawn('scan', [], scanTotals([], { config: 'READ' }))).not.toContain('Exemptions');
    expect(drawn('scan', [], scanTotals([], { config: 'UNREADABLE' }))).toContain(`\n${UNREADABLE_CONFIGURATION}\n`);
  });
});
