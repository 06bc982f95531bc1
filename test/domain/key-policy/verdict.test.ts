import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ABOUT_QUERY_RESULTS, aDeny, anAllow, aPolicy, CONTEXT, evaluate, LOG_GROUP_ARN } from './builders.ts';

describe('the verdict', () => {
  it('names the Deny with the lowest index over all required actions', () => {
    const { denyingStatement, actions } = evaluate([
      aDeny({ Action: 'kms:DescribeKey' }),
      aDeny({ Action: 'kms:GenerateDataKey', Sid: 'B' }),
      aDeny({ Action: 'kms:Encrypt' }),
    ]);

    expect(denyingStatement).toBe(1);
    expect(actions['kms:Encrypt']?.statement).toEqual({ index: 2, sid: null });
    expect(actions['kms:GenerateDataKey']?.statement).toEqual({ index: 1, sid: 'B' });
    expect(actions['kms:DescribeKey']?.statement?.index).toBe(0);
  });

  it('does not name a Deny that only may apply', () => {
    const mayFire = aDeny({ Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } });

    expect(evaluate([mayFire, anAllow(), aDeny()]).denyingStatement).toBe(2);
  });

  it.each([
    ['GLOBAL_SERVICE_PRINCIPAL', { Principal: { Service: 'logs.amazonaws.com' } }],
    ['SOURCE_CONDITION', { Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } }],
    ['SOURCE_CONDITION', { Condition: { ArnLike: { 'AWS:sourcearn': LOG_GROUP_ARN } } }],
  ])('is ALLOWED with the warning %s', (code, elements) => {
    const { verdict, warnings } = evaluate(anAllow(elements));

    expect(verdict).toBe('ALLOWED');
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
  });

  it('has no warning about aws:SourceArn and aws:SourceAccount for query results', () => {
    const condition = { StringEquals: { 'aws:SourceAccount': '111122223333' } };

    expect(evaluate(anAllow({ Condition: condition }), ABOUT_QUERY_RESULTS).warnings).toEqual([]);
  });

  it('has the warning UNDOCUMENTED_RULE, with its severity, under UNCERTAIN (key-policy rule 6)', () => {
    const { warnings } = evaluate(anAllow({ Condition: { ArnLike: { [CONTEXT]: '*' } } }));

    expect(warnings).toContainEqual(expect.objectContaining({ code: 'UNDOCUMENTED_RULE', severity: 'MEDIUM' }));
  });

  it.each<[string, readonly string[], string, readonly string[]]>([
    ['kms:ReEncryptFrom', ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptTo', 'kms:GenerateDataKey*'], 'UNCERTAIN', []],
    ['kms:ReEncryptTo', ['kms:*crypt', 'kms:ReEncryptFrom', 'kms:GenerateDataKey*'], 'UNCERTAIN', []],
    ['both', ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*'], 'UNCERTAIN', []],
    [
      'both and kms:GenerateDataKey',
      ['kms:Encrypt', 'kms:Decrypt'],
      'MISSING_ACTIONS',
      ['kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'],
    ],
  ])('where %s is missing has a repair (key-policy rule 18)', (_what, actions, expected, missing) => {
    const allow = anAllow({ Action: actions });
    const { verdict, missingActions, repair } = evaluate(allow);

    expect([verdict, missingActions]).toEqual([expected, missing]);
    expect(repair?.Action).toContain('kms:ReEncrypt*');
    expect(evaluate([allow, repair]).verdict).toBe('ALLOWED');
  });

  it('is UNCERTAIN where ReEncrypt is missing and another action is uncertain (key-policy rule 18)', () => {
    const allow = anAllow({ Action: ['kms:Encrypt', 'kms:Decrypt'] });
    const mayAllow = anAllow({ Action: 'kms:GenerateDataKey', Condition: { ArnLike: { [CONTEXT]: '*' } } });

    expect(evaluate([allow, mayAllow])).toMatchObject({ verdict: 'UNCERTAIN', missingActions: [] });
  });

  it('is ALLOWED without a warning where AWS documents everything', () => {
    expect(evaluate(anAllow()).warnings).toEqual([]);
  });

  it.each([
    ['the global name next to a statement with the regional name', { Principal: { Service: 'logs.amazonaws.com' } }],
    [
      'aws:SourceAccount next to a statement without conditions',
      { Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } },
    ],
  ])('has no warning about %s, in any order', (_title, elements) => {
    const documented = anAllow();
    const inTheField = anAllow(elements);

    expect(evaluate([documented, inTheField]).warnings).toEqual([]);
    expect(evaluate([inTheField, documented]).warnings).toEqual([]);
  });

  it('offers no repair if a statement with the Sid of logseal is a Deny', () => {
    const { verdict, repair } = evaluate(aDeny({ Sid: 'LogsealLogGroups' }));

    expect(verdict).toBe('DENIED');
    expect(repair).toBeNull();
  });

  it('parses a number of any length without backtracking', () => {
    // In a process that can be killed: with backtracking, 100,000 digits would take about ten minutes.
    const builders = new URL('./builders.ts', import.meta.url).href;
    const script = `
      import { evaluateText } from ${JSON.stringify(builders)};
      const text = ${JSON.stringify(aPolicy(anAllow({ Condition: { NumericEquals: { 'aws:EpochTime': 'DIGITS' } } })))};
      process.stdout.write(evaluateText(text.replace('DIGITS', '1'.repeat(100_000) + 'x')).verdict);
    `;

    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 4000,
      killSignal: 'SIGKILL',
    });

    expect({ stdout, signal }).toEqual({ stdout: 'MISSING_ACTIONS', signal: null });
  });
});
