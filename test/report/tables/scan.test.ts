import { describe, expect, it } from 'vitest';
import { problem } from '../../../lib/domain/reasons.ts';
import { aFinding, aLogGroup, aReport } from '../../support/builders.ts';
import { COLORED, drawn, FINDINGS, RED, scanTotals, YELLOW } from '../builders.ts';

const FAILED = aReport({ status: 'FAILED', stores: 0, error: { code: 'NETWORK', message: 'no route' } });

describe('a scan', () => {
  const text = drawn('scan', FINDINGS, scanTotals(FINDINGS));

  it('shows what is not compliant, how bad that is, why, and how much there is', () => {
    expect(text.split('\n')[0]).toMatch(/^SEVERITY +REGION +LOG STORE +REASONS +KEY$/);
    expect(text).toMatch(/^MEDIUM +eu-west-1 +\/none +NO_KEY +-$/m);
    expect(text).toMatch(/^HIGH +eu-west-1 +\/dead +KEY_DISABLED, KEY_WRONG_USAGE +dead$/m);
    expect(text).toMatch(/^MEDIUM +eu-west-1 +\/secret +KEY_UNREADABLE +secret$/m);
    expect(text).not.toContain('/fine');
    expect(text).toMatch(
      /\nHIGH 1, MEDIUM 2: KEY_DISABLED 1, KEY_WRONG_USAGE 1, NO_KEY 1, KEY_UNREADABLE 1\n5 log stores in eu-west-1: 2 compliant, 2 not compliant, 1 unknown \(5 API calls\)\n$/,
    );
  });

  it('lists each reason with its fix, the worst first', () => {
    expect(text).toContain('\nWhy, and how to fix it\nHIGH KEY_DISABLED × 1\n');
    expect(text).toContain('fix: the fix of KEY_DISABLED');
    expect(text.indexOf('HIGH KEY_WRONG_USAGE')).toBeLessThan(text.indexOf('MEDIUM NO_KEY'));
  });

  it('lists the warnings of compliant log stores apart', () => {
    expect(text).toMatch(/\nWarnings: .*\nHIGH KEY_POLICY_DENIES × 1\n {2}it denies\n {2}fix: stop it\n/);
  });

  it('without warnings has no list of them', () => {
    const [, none] = FINDINGS;

    expect(drawn('scan', none ? [none] : [], scanTotals([]))).not.toContain('Warnings');
  });

  it('leaves out a log store that is exempt, and counts it', () => {
    const exempt = aFinding({ ...aLogGroup('/vendor'), status: 'EXEMPT' });

    expect(drawn('scan', [exempt], scanTotals([exempt]))).toBe(
      '1 log store in eu-west-1: 0 compliant, 1 exempt (5 API calls)\n',
    );
  });

  it('says how many log stores the selection left out', () => {
    const summary = { ...scanTotals([]).summary, filtered: 1_234 };

    expect(drawn('scan', [], scanTotals([], { summary }))).toBe(
      '0 log stores in eu-west-1: 0 compliant, 1,234 left out by --include/--exclude (5 API calls)\n',
    );
  });

  it('of nothing is one line', () => {
    expect(drawn('scan', [], scanTotals([]))).toBe('0 log stores in eu-west-1: 0 compliant (5 API calls)\n');
  });

  it('of compliant log stores is one line', () => {
    const fine = FINDINGS.slice(0, 1);

    expect(drawn('scan', fine, scanTotals(fine))).toBe('1 log store in eu-west-1: 1 compliant (5 API calls)\n');
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

  it('counts the log stores if it is COMPLETE', () => {
    const totals = scanTotals(some);

    expect(totals.status).toBe('COMPLETE');
    expect(lastLine(drawn('scan', some, totals))).toBe(
      '2 log stores in eu-west-1: 1 compliant, 1 not compliant (5 API calls)',
    );
  });

  it('names the Regions of all targets once', () => {
    const targets = [aReport(), aReport({ region: 'us-east-1' }), aReport({ account: '444455556666' })];

    expect(lastLine(drawn('scan', [], scanTotals([], { targets })))).toBe(
      '0 log stores in eu-west-1, us-east-1: 0 compliant (3 API calls)',
    );
  });

  it('says how many targets were not scanned completely if it is PARTIAL', () => {
    const totals = scanTotals(some, { targets: [aReport(), FAILED, aReport({ region: 'us-east-1' })] });
    const text = drawn('scan', some, totals);

    expect(totals.status).toBe('PARTIAL');
    expect(text).toContain('eu-west-1 was not scanned completely: NETWORK: no route\n');
    expect(lastLine(text)).toBe(
      '2 log stores in eu-west-1, us-east-1: 1 compliant, 1 not compliant; 1 of 3 targets not scanned completely (3 API calls)',
    );
  });

  it('says that nothing was scanned, and why, if it FAILED', () => {
    const totals = scanTotals([], { targets: [FAILED, FAILED] });
    const text = drawn('scan', [], totals);

    expect(totals.status).toBe('FAILED');
    expect(lastLine(text)).toBe('Nothing was scanned: NETWORK: no route');
    expect(text).not.toContain('compliant');
    expect(drawn('scan', [], totals, { paint: COLORED })).toContain(`${RED}Nothing was scanned`);
  });

  it('counts what was seen before it FAILED', () => {
    const text = drawn('scan', some, scanTotals(some, { targets: [{ ...FAILED, stores: 2 }] }));

    expect(text).toContain('eu-west-1 was not scanned completely: stopped after 2 log stores: NETWORK: no route\n');
    expect(lastLine(text)).toBe(
      '2 log stores in eu-west-1: 1 compliant, 1 not compliant; 1 of 1 target not scanned completely (1 API call)',
    );
  });
});

it('a reason that many log stores share is listed once', () => {
  const many = ['/a', '/b', '/c'].map((name) =>
    aFinding({ ...aLogGroup(name), reasons: [problem('NO_KEY', 'no key', 'attach one')] }),
  );

  expect(drawn('scan', many, scanTotals(many))).toContain('MEDIUM NO_KEY × 3\n  no key\n  fix: attach one\n');
});
