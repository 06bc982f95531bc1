import { describe, expect, it } from 'vitest';
import { EMPTY_SUMMARY, isOpen, judge, merge, summaryOf } from '../../lib/domain/finding.ts';
import {
  aFinding,
  aFoundLogGroup,
  aKeyArn,
  aLogsPolicy,
  anInspection,
  aPolicyInspection,
  aReason,
  NOW,
} from '../support/builders.ts';

const KEY = aKeyArn();
const codes = (problems: readonly { code: string }[]) => problems.map(({ code }) => code);

describe('a log group', () => {
  it('without a key is not compliant', () => {
    expect(judge(aFoundLogGroup('/a'), null, null, NOW)).toEqual({
      ...aFoundLogGroup('/a').store,
      status: 'NON_COMPLIANT',
      reasons: [{ code: 'NO_KEY', message: expect.any(String), fix: expect.stringContaining('logseal apply') }],
      warnings: [],
      keyArn: null,
      exemption: null,
    });
  });

  it('under a healthy key is compliant', () => {
    const finding = judge(aFoundLogGroup('/a', KEY), anInspection({ policy: aPolicyInspection() }), null, NOW);

    expect(finding).toMatchObject({ status: 'COMPLIANT', reasons: [], warnings: [], keyArn: KEY });
  });

  it('has every reason of its key, in their order', () => {
    const reasons = [aReason('KEY_DISABLED'), aReason('KEY_NOT_SYMMETRIC'), aReason('KEY_WRONG_USAGE')];

    const finding = judge(aFoundLogGroup('/a', KEY), anInspection({ reasons }), null, NOW);

    expect(finding.status).toBe('NON_COMPLIANT');
    expect(finding.reasons).toEqual(reasons);
  });

  it('whose key cannot be read is unknown, and never compliant', () => {
    const finding = judge(aFoundLogGroup('/a', KEY), anInspection({ reasons: [aReason('KEY_UNREADABLE')] }), null, NOW);

    expect(finding.status).toBe('UNKNOWN');
    expect(isOpen(finding)).toBe(true);
  });
});

describe('a required key', () => {
  const other = aFoundLogGroup('/a', aKeyArn('other'));
  const healthyOther = anInspection({ keyArn: aKeyArn('other') });

  it('makes another one that works a reason', () => {
    const { status, reasons } = judge(other, healthyOther, anInspection(), NOW);

    expect(status).toBe('NON_COMPLIANT');
    expect(codes(reasons)).toEqual(['KEY_NOT_CONFIGURED']);
    expect(reasons[0]?.message).toContain(KEY);
    expect(reasons[0]?.message).toContain(aKeyArn('other'));
  });

  it('is no reason where it is attached', () => {
    expect(judge(aFoundLogGroup('/a', KEY), anInspection(), anInspection(), NOW).status).toBe('COMPLIANT');
  });

  it('adds nothing to a key that does not work', () => {
    const dead = anInspection({ keyArn: aKeyArn('other'), reasons: [aReason('KEY_DISABLED')] });

    expect(codes(judge(other, dead, anInspection(), NOW).reasons)).toEqual(['KEY_DISABLED']);
  });

  it('adds nothing to a log group without a key', () => {
    expect(codes(judge(aFoundLogGroup(), null, anInspection(), NOW).reasons)).toEqual(['NO_KEY']);
  });

  it('that does not exist makes every other one wrong, with its own fix', () => {
    const missing = anInspection({ keyArn: null, reasons: [aReason('KEY_NOT_FOUND')] });

    const { status, reasons } = judge(other, healthyOther, missing, NOW);

    expect(status).toBe('NON_COMPLIANT');
    expect(reasons).toMatchObject([{ code: 'KEY_NOT_CONFIGURED', fix: 'the fix of KEY_NOT_FOUND' }]);
    expect(reasons[0]?.message).toContain('the message of KEY_NOT_FOUND');
  });

  it('whose alias cannot be read leaves it unknown which key is the right one', () => {
    const unreadable = anInspection({ keyArn: null, reasons: [aReason('KEY_UNREADABLE')] });

    const { status, reasons } = judge(other, healthyOther, unreadable, NOW);

    expect(status).toBe('UNKNOWN');
    expect(reasons).toEqual([aReason('KEY_UNREADABLE')]);
  });
});

describe('a warning', () => {
  const judged = (policy: ReturnType<typeof aPolicyInspection>) =>
    judge(aFoundLogGroup('/a', KEY), anInspection({ policy }), null, NOW);
  const policyOf = (...statements: object[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [...JSON.parse(aLogsPolicy()).Statement, ...statements] });

  it('says what the key policy lacks, and changes no status', () => {
    const { status, warnings } = judged(aPolicyInspection(aLogsPolicy('/other/*')));

    expect(status).toBe('COMPLIANT');
    expect(codes(warnings)).toEqual(['KEY_POLICY_MISSING_ACTIONS']);
    expect(warnings[0]?.fix).toMatch(
      /^add this statement to the key policy of \S+: \{"Sid":"LogsealLogGroups",.*\}, or run: logseal key repair --key \S+ --region eu-west-1$/,
    );
  });

  it('on query results names the command for query results', () => {
    const { store } = aFoundLogGroup('/a', KEY);
    const arn = `arn:aws:logs:${store.region}:${store.account}:query-result:*`;
    const found = { store: { ...store, type: 'query-results', name: 'query-result:*', arn }, keyArn: KEY } as const;

    const [warning] = judge(found, anInspection({ policy: aPolicyInspection() }), null, NOW).warnings;

    expect(warning?.fix).toMatch(/, or run: logseal key repair --key \S+ --region eu-west-1 --query-results$/);
  });

  it('says which statement denies', () => {
    const deny = { Sid: 'Nobody', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };

    const { status, warnings } = judged(aPolicyInspection(policyOf(deny)));

    expect(status).toBe('COMPLIANT');
    expect(codes(warnings)).toEqual(['KEY_POLICY_DENIES']);
    expect(warnings[0]?.message).toContain('"Nobody"');
    expect(warnings[0]?.fix).toContain('statement 2');
  });

  it('says what is not documented', () => {
    const guard = { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } };
    const deny = { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*', Condition: guard };

    const { status, warnings } = judged(aPolicyInspection(policyOf(deny)));

    expect(status).toBe('COMPLIANT');
    expect(codes(warnings)).toEqual(['KEY_POLICY_UNCERTAIN']);
  });

  it.each(['', '{', '[]', '{"Version":"2012-10-17"}'])('says that the policy %j cannot be judged', (text) => {
    const { status, warnings } = judged(aPolicyInspection(text));

    expect(status).toBe('COMPLIANT');
    expect(codes(warnings)).toEqual(['KEY_POLICY_UNREADABLE']);
    expect(warnings[0]?.message).not.toBe('');
  });

  it('says that the policy could not be read, and which statement must be in it', () => {
    const { warnings } = judged({ status: 'UNREADABLE', message: 'may not be read', fix: 'see to it' });

    expect(warnings).toEqual([
      {
        code: 'KEY_POLICY_UNREADABLE',
        message: 'may not be read',
        fix: expect.stringMatching(/^see to it: \{"Sid":/),
      },
    ]);
  });

  it('is about the very log group', () => {
    const inspection = anInspection({ policy: aPolicyInspection(aLogsPolicy('/app/*')) });

    expect(judge(aFoundLogGroup('/app/a', KEY), inspection, null, NOW).warnings).toEqual([]);
    expect(codes(judge(aFoundLogGroup('/app', KEY), inspection, null, NOW).warnings)).toEqual([
      'KEY_POLICY_MISSING_ACTIONS',
    ]);
  });
});

describe('a summary', () => {
  const compliant = aFinding({ status: 'COMPLIANT', reasons: [] });
  const dead = aFinding({ reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')] });
  const unknown = aFinding({ status: 'UNKNOWN', reasons: [aReason('KEY_UNREADABLE')] });

  it('counts each kind, and each reason', () => {
    expect(summaryOf([compliant, dead, dead, unknown, aFinding({ status: 'EXEMPT' })])).toEqual({
      stores: 5,
      compliant: 1,
      nonCompliant: 2,
      exempt: 1,
      unknown: 1,
      byReason: { KEY_DISABLED: 2, KEY_WRONG_USAGE: 2, KEY_UNREADABLE: 1, NO_KEY: 1 },
    });
  });

  it('of nothing is all zeros, and stays so', () => {
    expect(summaryOf([])).toEqual(EMPTY_SUMMARY);
    expect(merge(EMPTY_SUMMARY, EMPTY_SUMMARY)).toEqual({ ...EMPTY_SUMMARY, byReason: {} });
    expect(EMPTY_SUMMARY.stores).toBe(0);
  });

  it('of two sets is the summary of both', () => {
    expect(merge(summaryOf([compliant, dead]), summaryOf([dead, unknown]))).toEqual(
      summaryOf([compliant, dead, dead, unknown]),
    );
  });
});
