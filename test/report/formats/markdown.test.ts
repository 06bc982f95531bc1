import { describe, expect, it } from 'vitest';
import { problem } from '../../../lib/domain/reasons.ts';
import { aFinding, aLogGroup, aReport } from '../../support/builders.ts';
import { FINDINGS, scanTotals, written } from '../builders.ts';
import { rowsAfter } from '../rows-after.ts';

const MIB = 1024 * 1024;

const WORST = '| Severity | Account | Region | Log store | Reasons | Key |';

describe('markdown of a scan', () => {
  const text = written('scan', 'markdown', [FINDINGS], scanTotals(FINDINGS));

  it('begins with how many log stores need attention, and the totals', () => {
    expect(text.split('\n').slice(0, 9)).toEqual([
      '## logseal: 3 of 5 log stores need attention',
      '',
      '| Compliant | Not compliant | Unknown | Exempt |',
      '| --- | --- | --- | --- |',
      '| 2 | 2 | 1 | 0 |',
      '',
      '**HIGH 1**, **MEDIUM 2**: `KEY_DISABLED` 1, `KEY_WRONG_USAGE` 1, `NO_KEY` 1, `KEY_UNREADABLE` 1',
      '',
      'Scanned: `111122223333 eu-west-1`',
    ]);
  });

  it('lists the worst first, whatever the order in which they come', () => {
    const reversed = written('scan', 'markdown', [FINDINGS.toReversed()], scanTotals(FINDINGS));

    expect(rowsAfter(text, WORST).map(([severity, , , name]) => [severity, name])).toEqual([
      ['HIGH', '`/dead`'],
      ['MEDIUM', '`/none`'],
      ['MEDIUM', '`/secret`'],
    ]);
    expect(rowsAfter(reversed, WORST)).toEqual(rowsAfter(text, WORST));
  });

  it('has each fix once, with the number of log stores', () => {
    const findings = ['/a', '/b', '/c'].map((name) => aFinding(aLogGroup(name)));
    const many = written('scan', 'markdown', [findings], scanTotals(findings));

    expect(many).toContain(
      '**MEDIUM** `NO_KEY` – No key is attached: 3 log stores\n\n```text\nthe message of NO_KEY\nfix: the fix of NO_KEY\n```\n',
    );
    expect(many.match(/the fix of NO_KEY/g)).toHaveLength(1);
  });

  it('has the exemptions, with their owner and end, and those first that need attention', () => {
    const exemption = { id: 'vendor', reason: 'it cannot', owner: 'a@example.com', expires: '2027-03-31' };
    const exempt = aFinding({ ...aLogGroup('/exempt'), status: 'EXEMPT', exemption });
    const uses = [
      { ...exemption, stores: 1, notices: [] },
      { ...exemption, id: 'old', stores: 0, notices: ['EXPIRED', 'UNMATCHED'] as const },
    ];
    const document = written('scan', 'markdown', [[exempt]], scanTotals([exempt], { exemptions: uses }));

    expect(document).toContain('## logseal: none of 1 log store needs attention\n');
    expect(document).toContain('| `111122223333` | `eu-west-1` | `/exempt` | `NO_KEY` | `vendor` | `2027-03-31` |\n');
    expect(rowsAfter(document, '| Exemption | Until | Log stores | Notice | Owner | Reason |')).toEqual([
      ['`old`', '`2027-03-31`', '0', 'EXPIRED UNMATCHED', '`a@example.com`', '`it cannot`'],
      ['`vendor`', '`2027-03-31`', '1', '', '`a@example.com`', '`it cannot`'],
    ]);
  });

  it('says on top what could not be scanned, and that exemptions could not be read', () => {
    const error = { code: 'ACCESS_DENIED', message: 'no' } as const;
    const targets = [aReport(), aReport({ region: 'eu-north-1', status: 'FAILED', error, stores: 0 })];
    const partial = written('scan', 'markdown', [FINDINGS], scanTotals(FINDINGS, { targets, config: 'UNREADABLE' }));
    const nothing = written('scan', 'markdown', [], scanTotals([], { targets: targets.slice(1) }));

    expect(partial).toMatch(/^## logseal: 3 of 5 log stores need attention; 1 of 2 targets not scanned completely\n/);
    expect(partial.indexOf('### Not scanned completely')).toBeLessThan(partial.indexOf('### The worst first'));
    expect(partial).toContain('eu-north-1 was not scanned completely: ACCESS_DENIED: no\nfix: allow the caller');
    expect(partial).toContain('**The configuration could not be read');
    expect(nothing).toMatch(/^## logseal: nothing was scanned\n/);
  });

  it('shows the worst 50 rows, all with --all, and says what it left out', () => {
    const findings = Array.from({ length: 60 }, (_, index) => aFinding(aLogGroup(`/app/${index}`)));
    const document = (showAll: boolean) => written('scan', 'markdown', [findings], scanTotals(findings), { showAll });

    expect(rowsAfter(document(false), WORST)).toHaveLength(50);
    expect(document(false)).toContain('\n… and 10 more: add --all to show every row\n');
    expect(rowsAfter(document(true), WORST)).toHaveLength(60);
    expect(document(true)).not.toContain('more:');
  });

  it('fits the limit of GitHub with 100,000 findings and long texts, and the totals and the run are still there', () => {
    const long = '€'.repeat(3_000);
    const findings = Array.from({ length: 100_000 }, (_, index) => {
      const store = aLogGroup(`/${index}/${'é'.repeat(200)}`);
      return aFinding(index < 50 ? { ...store, reasons: [problem('NO_KEY', long, `${long}${index}`)] } : store);
    });
    const document = written('scan', 'markdown', [findings], scanTotals(findings), { showAll: true });

    expect(Buffer.byteLength(document)).toBeLessThan(MIB);
    expect(Buffer.byteLength(document)).toBeGreaterThan(MIB * 0.8);
    expect(document).toContain('| 0 | 100,000 | 0 | 0 |');
    expect(document).toMatch(/\n… and [\d,]+ more: GitHub takes at most 1 MiB: --format json has all\n/);
    expect(document).toMatch(/\nRun `[^`]+`, 2026-.*\n$/);
  });
});
