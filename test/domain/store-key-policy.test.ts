import { describe, expect, it } from 'vitest';
import { type Finding, findingOf } from '../../lib/domain/finding.ts';
import type { KeyInspection } from '../../lib/domain/key.ts';
import type { FoundLogStore } from '../../lib/domain/log-store.ts';
import { aFoundLogGroup, aKeyArn, aLogsPolicy, anInspection, aPolicyInspection, SERVICE } from '../support/builders.ts';

const KEY = aKeyArn();
const under = (found: FoundLogStore, attached: KeyInspection | null, required: KeyInspection | null = null): Finding =>
  findingOf(found, attached, required, null);
const codes = (problems: readonly { code: string }[]) => problems.map(({ code }) => code);

describe('a warning', () => {
  const warned = (policy: ReturnType<typeof aPolicyInspection>) =>
    under(aFoundLogGroup('/a', KEY), anInspection({ policy }));
  const policyOf = (...statements: object[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [...JSON.parse(aLogsPolicy()).Statement, ...statements] });

  it('says what the key policy lacks, and changes no status', () => {
    const { status, warnings } = warned(aPolicyInspection(aLogsPolicy('/other/*')));

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

    const [warning] = under(found, anInspection({ policy: aPolicyInspection() })).warnings;

    expect(warning?.fix).toMatch(/, or run: logseal key repair --key \S+ --region eu-west-1 --query-results$/);
  });

  it('says which statement denies', () => {
    const deny = { Sid: 'Nobody', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };

    const { status, warnings } = warned(aPolicyInspection(policyOf(deny)));

    expect(status).toBe('COMPLIANT');
    expect(codes(warnings)).toEqual(['KEY_POLICY_DENIES']);
    expect(warnings[0]?.message).toContain('"Nobody"');
    expect(warnings[0]?.fix).toContain('exclude CloudWatch Logs from the statement "Nobody" (Deny, Principal');
  });

  it('says what is not documented', () => {
    const guard = { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } };
    const deny = { Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*', Condition: guard };

    const { status, warnings } = warned(aPolicyInspection(policyOf(deny)));

    expect(status).toBe('COMPLIANT');
    expect(codes(warnings)).toEqual(['KEY_POLICY_UNCERTAIN']);
  });

  it.each(['', '{', '[]', '{"Version":"2012-10-17"}'])('says that the policy %j cannot be evaluated', (text) => {
    const { status, warnings } = warned(aPolicyInspection(text));

    expect(status).toBe('COMPLIANT');
    expect(codes(warnings)).toEqual(['KEY_POLICY_UNREADABLE']);
    expect(warnings[0]?.message).not.toBe('');
  });

  it('says that the policy could not be read, and which statement must be in it', () => {
    const { warnings } = warned({
      status: 'UNREADABLE',
      service: SERVICE,
      message: 'may not be read',
      fix: 'allow it',
    });

    expect(warnings).toEqual([
      {
        code: 'KEY_POLICY_UNREADABLE',
        severity: 'LOW',
        message: 'may not be read',
        fix: expect.stringMatching(/^allow it: \{"Sid":/),
      },
    ]);
  });

  it('is about this log group and no other', () => {
    const inspection = anInspection({ policy: aPolicyInspection(aLogsPolicy('/app/*')) });

    expect(under(aFoundLogGroup('/app/a', KEY), inspection).warnings).toEqual([]);
    expect(codes(under(aFoundLogGroup('/app', KEY), inspection).warnings)).toEqual(['KEY_POLICY_MISSING_ACTIONS']);
  });
});
