import { describe, expect, it } from 'vitest';
import { SEVERITIES, type Severity } from '../../../lib/domain/catalogue-entry.ts';
import type { Finding } from '../../../lib/domain/finding.ts';
import { aFinding, aLogGroup, anOutcome, aReason, aStep, OTHER_ACCOUNT } from '../../support/builders.ts';
import { drawn, outcomeTotals, planTotals, scanTotals, written } from '../builders.ts';

/** Names whose order is not the order in which they come. */
const nameOf = (index: number) => `/app/${String((index * 37) % 100).padStart(3, '0')}`;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const MORE = /^… and (\S+) more: add --all to show every row$/m;

/** The names in a table, from the top to the bottom. */
const namesIn = (text: string) => text.match(/ (\/app\/\d+)(?=\s)/g)?.map((name) => name.trim()) ?? [];

describe('a table of a scan', () => {
  const findings: readonly Finding[] = range(100).map((index) =>
    aFinding({ ...aLogGroup(nameOf(index)), severity: SEVERITIES[index % 4] as Severity }),
  );
  const inOrder = SEVERITIES.flatMap((severity) =>
    findings
      .filter((finding) => finding.severity === severity)
      .map(({ name }) => name)
      .sort(),
  );

  it('shows the worst 50 rows, and how many more there are', () => {
    const text = drawn('scan', findings, scanTotals(findings));

    expect(namesIn(text)).toEqual(inOrder.slice(0, 50));
    expect(MORE.exec(text)?.[1]).toBe('50');
  });

  it('shows the same rows in whatever pages they come', () => {
    const pages = range(10).map((page) => findings.slice(page * 10, page * 10 + 10));

    expect(written('scan', 'table', pages.toReversed(), scanTotals(findings))).toBe(
      drawn('scan', findings, scanTotals(findings)),
    );
  });

  it('shows all rows if they are asked for', () => {
    const text = drawn('scan', findings, scanTotals(findings), { showAll: true });

    expect(namesIn(text)).toEqual(inOrder);
    expect(text).not.toMatch(MORE);
  });

  it('shows 50 rows without a word about more', () => {
    const some = findings.slice(0, 50);
    const text = drawn('scan', some, scanTotals(some));

    expect(namesIn(text)).toHaveLength(50);
    expect(text).not.toMatch(MORE);
  });

  it('counts only what it would show', () => {
    const fine = range(60).map((index) =>
      aFinding({ ...aLogGroup(nameOf(index)), status: 'COMPLIANT', severity: null }),
    );
    const exempt = range(60).map((index) => aFinding({ ...aLogGroup(nameOf(index)), status: 'EXEMPT' }));
    const text = drawn('scan', [...fine, ...exempt, ...findings.slice(0, 51)], scanTotals([]));

    expect(MORE.exec(text)?.[1]).toBe('1');
  });

  it('is ordered by account, Region and name where the severity is the same', () => {
    const place = (name: string, account: string, region: string) => aFinding(aLogGroup(name, { account, region }));
    const [first, second] = ['111122223333', OTHER_ACCOUNT] as const;
    const ordered = [
      place('/app/2', first, 'eu-west-1'),
      place('/app/3', first, 'eu-west-1'),
      place('/app/1', first, 'us-east-1'),
      place('/app/0', second, 'ap-south-1'),
    ];

    expect(namesIn(drawn('scan', ordered.toReversed(), scanTotals(ordered)))).toEqual(ordered.map(({ name }) => name));
  });
});

describe('a table of a plan', () => {
  const step = (index: number) => {
    const severity = SEVERITIES[index % SEVERITIES.length] ?? null;
    return index % 5 === 0
      ? aStep({ name: nameOf(index), severity, action: 'NONE', refusal: aReason('KEY_NOT_FOUND') })
      : aStep({ name: nameOf(index), severity });
  };
  const steps = range(80).map(step);
  const inOrder = SEVERITIES.flatMap((_, at) =>
    range(20)
      .map((index) => nameOf(4 * index + at))
      .sort(),
  );

  it('shows the worst steps, whether they seal or are refused', () => {
    const text = drawn('plan', steps, planTotals());

    expect(namesIn(text)).toEqual(inOrder.slice(0, 50));
    expect(text).toMatch(/^CRITICAL +refused: KEY_NOT_FOUND +\/app\/000/m);
    expect(text).toMatch(/^HIGH +SEAL +\/app\/037/m);
    expect(MORE.exec(text)?.[1]).toBe('30');
    expect(text).toMatch(/\n64 to seal with alias\/logseal, 16 refused\n$/);
  });

  it('shows every step if they are asked for', () => {
    expect(namesIn(drawn('plan', steps, planTotals(), { showAll: true }))).toEqual(inOrder);
  });
});

describe('a table of an outcome', () => {
  it('leaves out what went well before what failed, was changed again or was refused, and is ordered by severity', () => {
    const outcomes = [
      ...range(60).map((index) => anOutcome({ name: nameOf(index), severity: 'HIGH' })),
      anOutcome({ name: '/app/999', severity: 'LOW', action: 'NONE', outcome: 'REFUSED', refusal: aReason('NO_KEY') }),
      anOutcome({ name: '/app/998', severity: 'LOW', afterRun: { status: 'CHANGED', keyArn: null } }),
      anOutcome({
        name: '/app/997',
        severity: 'CRITICAL',
        outcome: 'FAILED',
        error: { code: 'NETWORK', message: 'm' },
      }),
    ];
    const text = drawn('outcome', outcomes, outcomeTotals());

    expect(namesIn(text).slice(0, 50)).toEqual([
      '/app/997',
      ...range(60).map(nameOf).sort().slice(0, 47),
      '/app/998',
      '/app/999',
    ]);
    expect(MORE.exec(text)?.[1]).toBe('13');
    expect(text).toContain('61 log stores sealed, 1 of them changed again by somebody else, 0 unchanged, 1 refused');
  });
});
