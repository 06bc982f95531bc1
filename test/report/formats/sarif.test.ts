import { describe, expect, it } from 'vitest';
import type { LogGroupVerdict } from '../../../lib/report/documents.ts';
import type { PolicyInput } from '../../../lib/report/format.ts';
import { aDenyingPolicy, aLogGroup, aLogsPolicy } from '../../support/builders.ts';
import { aLogGroupVerdict, written } from '../builders.ts';
import { sarifMistakes } from '../sarif-schema.ts';

const indented = (policy: string) => JSON.stringify(JSON.parse(policy), null, 2);

const aPolicy = (text: string, file: string | null = 'keys/my key.json'): PolicyInput => ({
  file,
  text,
  subject: aLogGroup('/a').arn,
});

interface Result {
  readonly ruleId: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations?: readonly {
    readonly physicalLocation: { readonly artifactLocation: object; readonly region: object };
  }[];
}

/** The only run of a valid document. */
function runOf(text: string): { readonly tool: { driver: { rules: { id: string }[] } }; readonly results: Result[] } {
  const document = JSON.parse(text);
  expect(sarifMistakes(document)).toEqual([]);
  return document.runs[0];
}

const single = ({ logGroupArn: _, ...verdict }: LogGroupVerdict, policy = aPolicy(aLogsPolicy())) =>
  runOf(written('policy-verdict', 'sarif', [], verdict, { policy }));
const several = (verdicts: readonly LogGroupVerdict[], policy = aPolicy(aLogsPolicy())) =>
  runOf(written('policy-verdicts', 'sarif', [verdicts], {}, { policy }));

describe('sarif', () => {
  it('has no result where the policy is ALLOWED and KMS would accept it', () => {
    expect(single(aLogGroupVerdict('/a')).results).toEqual([]);
    expect(several([aLogGroupVerdict('/a'), aLogGroupVerdict('/b')]).results).toEqual([]);
    expect(several([]).results).toEqual([]);
  });

  it('names the statement that denies, and its lines in the file', () => {
    const { results, tool } = single(aLogGroupVerdict('/a', aDenyingPolicy()), aPolicy(indented(aDenyingPolicy())));

    expect(results).toEqual([
      {
        ruleId: 'KEY_POLICY_DENIES',
        level: 'error',
        message: { text: expect.stringContaining('the statement "NoLogs" denies it without a condition') },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'keys/my%20key.json', uriBaseId: '%SRCROOT%' },
              region: { startLine: 32, startColumn: 5, endLine: 38, endColumn: 6 },
            },
          },
        ],
      },
    ]);
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['KEY_POLICY_DENIES']);
  });

  it('says once what is the same for several log groups, and names them', () => {
    const { results } = several(['/a', '/b'].map((name) => aLogGroupVerdict(name, aDenyingPolicy())));

    expect(results).toHaveLength(1);
    expect(results[0]?.message.text).toContain(`For: ${aLogGroup('/a').arn}, ${aLogGroup('/b').arn}.`);
  });

  it('has a result for each problem of the document, though it is ALLOWED', () => {
    const statement = { index: 1, sid: 'Logs' };
    const problems = [{ code: 'PRINCIPAL_ORPHAN', statement, message: 'it names AROA', fix: 'remove it' }] as const;
    const { results } = single({ ...aLogGroupVerdict('/a'), problems }, aPolicy(indented(aLogsPolicy())));

    expect(results).toMatchObject([
      {
        ruleId: 'PRINCIPAL_ORPHAN',
        message: { text: expect.stringContaining('it names AROA. Fix: remove it') },
        locations: [{ physicalLocation: { region: { startLine: 12 } } }],
      },
    ]);
  });

  it.each([
    ['LOW', 'GLOBAL_SERVICE_PRINCIPAL', []],
    ['MEDIUM', 'PRINCIPAL_OPT_IN_REGION', ['warning']],
    ['HIGH', 'KEY_POLICY_PUBLIC', ['error']],
  ] as const)('has a result for a warning unless it is LOW: %s', (severity, code, levels) => {
    const warnings = [{ code, severity, message: 'beware' }];
    const { results } = single({ ...aLogGroupVerdict('/a'), warnings });

    expect(results.map(({ level }) => level)).toEqual(levels);
  });

  it('points at the first line for what is about no single statement', () => {
    const { results } = single(aLogGroupVerdict('/a', aLogsPolicy('/other')), aPolicy(indented(aLogsPolicy('/other'))));

    expect(results.map(({ ruleId }) => ruleId)).toEqual(['KEY_POLICY_MISSING_ACTIONS']);
    expect(results[0]?.locations?.[0]?.physicalLocation.region).toEqual({ startLine: 1 });
    expect(results[0]?.message.text).not.toMatch(/[{}]/);
  });

  it('reports a document that is no policy', () => {
    expect(single(aLogGroupVerdict('/a', '{'), aPolicy('{')).results.map(({ ruleId }) => ruleId)).toEqual([
      'MALFORMED_POLICY',
    ]);
  });

  it('has no location for standard input, which is no file of anybody', () => {
    const { results } = single(aLogGroupVerdict('/a', aDenyingPolicy()), aPolicy(aDenyingPolicy(), null));

    expect(results[0]).not.toHaveProperty('locations');
  });

  it('makes neither a link nor a placeholder of a text', () => {
    const problems = [{ code: 'CHARACTERS', statement: null, message: '[x](https://x) {0}', fix: 'no' }] as const;
    const { results } = single({ ...aLogGroupVerdict('/a'), problems });

    expect(results[0]?.message.text).toContain('[x] (https://x) {{0}}');
  });

  it('the schema sees what is wrong', () => {
    expect(sarifMistakes({ version: '2.1.0', runs: [{}] })).not.toEqual([]);
  });
});
