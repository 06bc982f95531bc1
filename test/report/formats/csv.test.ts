import { expect, it } from 'vitest';
import { problem } from '../../../lib/domain/reasons.ts';
import { aFinding, aKeyArn, aLogGroup, aReason, aReport } from '../../support/builders.ts';
import { aWriter, FINDINGS, scanTotals, written } from '../builders.ts';
import { parseCsv } from '../parse-csv.ts';

const rowsOf = (text: string) => {
  const [head = [], ...rows] = parseCsv(text);
  return rows.map((row) => Object.fromEntries(row.map((cell, index) => [head[index], cell])));
};

it('csv has a head, and one row a finding in the order in which they come, however they come', () => {
  const totals = scanTotals(FINDINGS);
  const whole = written('scan', 'csv', [FINDINGS], totals);

  expect(rowsOf(whole).map(({ name, status }) => [name, status])).toEqual(
    FINDINGS.map(({ name, status }) => [name, status]),
  );
  expect(written('scan', 'csv', [FINDINGS.slice(0, 2), [], FINDINGS.slice(2)], totals)).toBe(whole);
  expect(parseCsv(written('scan', 'csv', [], scanTotals([])))).toHaveLength(1);
});

it('csv says all that is known of a finding', () => {
  const exemption = { id: 'vendor', reason: 'It says "no", always', owner: 'a@example.com', expires: '2027-03-31' };
  const finding = aFinding({
    ...aLogGroup('/dead'),
    status: 'EXEMPT',
    severity: 'HIGH',
    reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')],
    warnings: [problem('KEY_POLICY_DENIES', 'it denies', 'stop it')],
    keyArn: aKeyArn(),
    exemption,
  });

  expect(rowsOf(written('scan', 'csv', [[finding]], scanTotals([finding])))).toEqual([
    {
      provider: 'aws',
      account: '111122223333',
      region: 'eu-west-1',
      type: 'log-group',
      name: '/dead',
      arn: finding.arn,
      status: 'EXEMPT',
      severity: 'HIGH',
      reasons: 'KEY_DISABLED KEY_WRONG_USAGE',
      messages: 'the message of KEY_DISABLED; the message of KEY_WRONG_USAGE',
      fixes: 'the fix of KEY_DISABLED; the fix of KEY_WRONG_USAGE',
      warnings: 'KEY_POLICY_DENIES',
      warningMessages: 'it denies',
      keyArn: aKeyArn(),
      exemption: 'vendor',
      exemptionReason: 'It says "no", always',
      exemptionOwner: 'a@example.com',
      exemptionExpires: '2027-03-31',
    },
  ]);
});

it('csv has a row for each target that was not scanned completely', () => {
  const error = { code: 'ACCESS_DENIED', message: 'no' } as const;
  const targets = [aReport(), aReport({ region: 'eu-north-1', status: 'FAILED', error, stores: 2 })];
  const [row, ...others] = rowsOf(written('scan', 'csv', [[]], scanTotals([], { targets })));

  expect(others).toEqual([]);
  expect(row).toMatchObject({ region: 'eu-north-1', type: 'target', status: 'UNKNOWN', reasons: 'ACCESS_DENIED' });
  expect(row?.['messages']).toBe(
    'eu-north-1 was not scanned completely: stopped after 2 log stores: ACCESS_DENIED: no',
  );
});

it.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  [' =1', " '=1"],
  ['＝1', "'＝1"],
  ['a;=1', "a;'=1"],
  ['a; ＠b', "a; '＠b"],
  ['\t=1', '\\u0009=1'],
  ['\r=1', '\\u000d=1'],
  ['a=1', 'a=1'],
  ['/app/-x', '/app/-x'],
])('csv writes the cell %j so that no spreadsheet calculates it', (name, cell) => {
  const finding = aFinding({ ...aLogGroup('/x'), name });

  expect(rowsOf(written('scan', 'csv', [[finding]], scanTotals([finding])))[0]?.['name']).toBe(cell);
});

it('csv keeps nothing: each page is written at once', () => {
  const writer = aWriter('scan', 'csv');
  writer.begin();

  for (const finding of FINDINGS) expect(parseCsv(writer.page([finding]))[0]?.[4]).toBe(finding.name);
  expect(writer.end(scanTotals(FINDINGS))).toBe('');
});
