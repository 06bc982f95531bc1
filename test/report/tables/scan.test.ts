import { describe, expect, it } from 'vitest';
import { problem } from '../../../lib/domain/reasons.ts';
import { aFinding, aLogGroup, aReport } from '../../support/builders.ts';
import { COLORED, drawn, FINDINGS, RED, scanTotals, YELLOW } from '../builders.ts';

const FAILED = aReport({ status: 'FAILED', stores: 0, error: { code: 'NETWORK', message: 'no route' } });

const SCANNED = 'Scanned account 111122223333, eu-west-1\n';

describe('a scan', () => {
  const text = drawn('scan', FINDINGS, scanTotals(FINDINGS));

  it('shows what is not compliant, how bad that is, why, and how much there is', () => {
    expect(text.split('\n').slice(0, 7)).toEqual([
      'Scanned account 111122223333, eu-west-1',
      '5 log stores: 2 compliant, 2 not compliant, 1 unknown (5 API calls)',
      '',
      'SEVERITY  FOUND  REASONS',
      'HIGH      1      KEY_DISABLED 1, KEY_WRONG_USAGE 1',
      'MEDIUM    2      NO_KEY 1, KEY_UNREADABLE 1',
      '',
    ]);
    expect(text.split('\n')[7]).toMatch(/^SEVERITY +LOG STORE +REASONS +KEY$/);
    expect(text).toMatch(/^MEDIUM +\/none +NO_KEY +-$/m);
    expect(text).toMatch(/^HIGH +\/dead +KEY_DISABLED, KEY_WRONG_USAGE +dead$/m);
    expect(text).toMatch(/^MEDIUM +\/secret +KEY_UNREADABLE +secret$/m);
    expect(text).not.toContain('/fine');
    expect(text.endsWith('\n3 log stores open, 1 log store with warnings\n')).toBe(true);
  });

  it('lists each reason with its fix, the worst first', () => {
    expect(text).toContain('\nWhy, and how to fix it\nHIGH KEY_DISABLED × 1\n');
    expect(text).toContain('fix: the fix of KEY_DISABLED');
    expect(text.indexOf('HIGH KEY_WRONG_USAGE')).toBeLessThan(text.indexOf('MEDIUM NO_KEY'));
  });

  it('lists the warnings of compliant log stores apart', () => {
    expect(text).toMatch(
      /\nWarnings: .*\nHIGH KEY_POLICY_DENIES × 1\n {2}it denies\n {2}log store: \/warned\n {2}fix: stop it\n/,
    );
  });

  it('without warnings has no list of them', () => {
    const [, none] = FINDINGS;

    expect(drawn('scan', none ? [none] : [], scanTotals([]))).not.toContain('Warnings');
  });

  it('leaves out a log store that is exempt, and counts it', () => {
    const exempt = aFinding({ ...aLogGroup('/vendor'), status: 'EXEMPT' });

    expect(drawn('scan', [exempt], scanTotals([exempt]))).toBe(
      `${SCANNED}1 log store: 0 compliant, 1 exempt (5 API calls)\n\nnothing is open\n`,
    );
  });

  it('says how many log stores the selection left out', () => {
    const summary = { ...scanTotals([]).summary, filtered: 1_234 };

    expect(drawn('scan', [], scanTotals([], { summary }))).toBe(
      `${SCANNED}0 log stores: 0 compliant, 1,234 left out by --include/--exclude (5 API calls)\n\nnothing is open\n`,
    );
  });

  it('of compliant log stores is short', () => {
    const fine = FINDINGS.slice(0, 1);

    expect(drawn('scan', fine, scanTotals(fine))).toBe(
      `${SCANNED}1 log store: 1 compliant (5 API calls)\n\nnothing is open\n`,
    );
  });

  it('names the account where the targets are in several, even if all that is open is in one', () => {
    const findings = [aFinding(aLogGroup('/a'))];
    const targets = [aReport(), aReport({ account: '444455556666' })];

    expect(drawn('scan', findings, scanTotals(findings, { targets }))).toMatch(/^MEDIUM +111122223333 +\/a /m);
    const unknown = [aReport(), { ...FAILED, account: '' }];
    expect(drawn('scan', findings, scanTotals(findings, { targets: unknown }))).toMatch(/^MEDIUM +\/a /m);
  });

  it('names accounts and Regions where they differ, and counts them where they are many', () => {
    const [here, there] = [aLogGroup('/a'), { ...aLogGroup('/a'), account: '444455556666', region: 'us-east-1' }];
    const findings = [aFinding(here), aFinding(there)];
    const targets = findings.map((finding) => aReport({ account: finding.account, region: finding.region }));
    const many = Array.from({ length: 5 }, (_, index) => aReport({ account: `${index}` }));

    const text = drawn('scan', findings, scanTotals(findings, { targets }));

    expect(text).toMatch(/^Scanned account 111122223333, eu-west-1; account 444455556666, us-east-1\n/);
    expect(text).toMatch(/^SEVERITY +ACCOUNT +REGION +LOG STORE/m);
    expect(text).toMatch(/^MEDIUM +444455556666 +us-east-1 +\/a /m);
    expect(drawn('scan', [], scanTotals([], { targets: many }))).toMatch(/^Scanned 5 accounts, 1 Region\n/);
  });

  it('fits a terminal of 80 columns, and one of 200', () => {
    const name = `/${'long-'.repeat(100)}name`;
    const findings = [aFinding({ ...aLogGroup(name), reasons: [problem('NO_KEY', 'm '.repeat(100), 'attach one')] })];

    for (const width of [80, 200]) {
      const lines = drawn('scan', findings, scanTotals(findings), { width }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines.find((line) => line.startsWith('MEDIUM    /'))).toMatch(/\/long-.*….*name/);
    }
  });

  it('shows severities in colour', () => {
    const colored = drawn('scan', FINDINGS, scanTotals(FINDINGS), { paint: COLORED });

    expect(colored).toContain(`${RED}HIGH`);
    expect(colored).toContain(`${YELLOW}MEDIUM`);
  });
});

describe('the last line of a scan', () => {
  const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);
  const some = FINDINGS.slice(0, 2);

  it('counts what is open if it is COMPLETE', () => {
    expect(scanTotals(some).status).toBe('COMPLETE');
    expect(lastLine(drawn('scan', some, scanTotals(some)))).toBe('1 log store open');
  });

  it('says how many targets were not scanned completely if it is PARTIAL', () => {
    const totals = scanTotals(some, { targets: [aReport(), FAILED, aReport({ region: 'us-east-1' })] });
    const text = drawn('scan', some, totals);

    expect(totals.status).toBe('PARTIAL');
    expect(text).toContain('\neu-west-1 was not scanned completely: NETWORK: no route\n');
    expect(lastLine(text)).toBe('1 log store open; 1 of 3 targets not scanned completely');
  });

  it('says that nothing was scanned, and why, if it FAILED', () => {
    const totals = scanTotals([], { targets: [FAILED, FAILED] });
    const text = drawn('scan', [], totals);

    expect(totals.status).toBe('FAILED');
    expect(text.match(/no route/g)).toHaveLength(1);
    expect(lastLine(text)).toBe('Nothing was scanned in 111122223333: NETWORK');
    expect(text).not.toContain('compliant');
    expect(drawn('scan', [], totals, { paint: COLORED })).toContain(`${RED}Nothing was scanned`);
  });

  it('counts what was seen before it FAILED', () => {
    const text = drawn('scan', some, scanTotals(some, { targets: [{ ...FAILED, stores: 2 }] }));

    expect(text).toContain('eu-west-1 was not scanned completely: stopped after 2 log stores: NETWORK: no route\n');
    expect(lastLine(text)).toBe('1 log store open; 1 of 1 target not scanned completely');
  });
});

it('a reason that many log stores share is listed once', () => {
  const many = ['/a', '/b', '/c'].map((name) =>
    aFinding({ ...aLogGroup(name), reasons: [problem('NO_KEY', 'no key', 'attach one')] }),
  );

  expect(drawn('scan', many, scanTotals(many))).toContain('MEDIUM NO_KEY × 3\n  no key\n  fix: attach one\n');
});
