import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../lib/domain/key-policy/verdict-problem.ts';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  evaluate,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  LOGS,
  readFor,
} from './builders.ts';

const root = anAllow({ Sid: 'Root', Principal: { AWS: 'arn:aws:iam::111122223333:root' } });

/** Why kms:Encrypt has its effect. */
function because(statements: Json[]): string {
  return evaluate(statements).actions['kms:Encrypt']?.because ?? '';
}

describe('the explanation of an effect', () => {
  it('shows the required and the actual value of a condition that does not match', () => {
    const other = `${LOG_GROUP_ARN}-2`;

    const text = because([root, anAllow({ Sid: 'Logs', Condition: { ArnEquals: { [CONTEXT]: other } } })]);

    expect(text).toContain(`the closest, the statement "Logs" (Allow, Principal Service ${LOGS}), requires`);
    expect(text).toContain(other);
    expect(text).toContain(`the value is ${LOG_GROUP_ARN}`);
  });

  it('shows that the Resource is not this key, and what "*" means', () => {
    const text = because([root, anAllow({ Resource: 'arn:aws:kms:us-east-1:444455556666:key/a' })]);

    expect(text).toContain(`the 2nd statement (Allow, Principal Service ${LOGS})`);
    expect(text).toContain('another resource');
    expect(text).toContain('"*" means this key');
  });

  it('shows that an action is not listed', () => {
    expect(because([root, anAllow({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] })])).toMatch(
      /the 2nd statement \(.*\), does not list it$/,
    );
  });

  it('names the service if no statement comes close', () => {
    expect(because([root])).toBe(`no statement allows ${LOGS} to use the key`);
  });

  it('says that the call does not carry a condition key that an Allow requires', () => {
    const text = because([anAllow({ Condition: { StringEquals: { 'kms:ViaService': LOGS } } })]);

    expect(text).toMatch(/kms:ViaService/i);
    expect(text).toContain('does not carry that condition key');
  });

  it('says that a negated condition of a Deny holds because the key is absent', () => {
    const text = because([
      anAllow(),
      aDeny({ Sid: 'VpcOnly', Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } } }),
    ]);

    expect(text).toContain('the statement "VpcOnly" denies it');
    expect(text).toMatch(/aws:SourceVpce = vpce-1/i);
    expect(text).toContain('does not carry that condition key');
  });

  it('does not say that a key is absent if it is present', () => {
    const text = because([
      anAllow(),
      aDeny({ Condition: { StringNotEquals: { 'aws:RequestedRegion': 'eu-west-1' } } }),
    ]);

    expect(text).toContain('the 2nd statement denies it');
    expect(text).not.toContain('does not carry');
  });

  it('says that a Deny has no condition', () => {
    expect(because([anAllow(), aDeny()])).toBe('the 2nd statement denies it without a condition');
  });

  it('names the statement that allows the action', () => {
    expect(because([root, anAllow({ Sid: 'Logs' })])).toBe('the statement "Logs" allows it');
  });

  it.each<[string, Json[], string]>([
    ['an Allow with NotPrincipal', [anAllow({ Principal: undefined, NotPrincipal: { AWS: '1' } })], 'NotPrincipal'],
    ['a partial pattern', [anAllow({ Condition: { ArnLike: { [CONTEXT]: 'arn:aws:logs:*' } } })], 'arn:aws:logs:*'],
    [
      'a condition key whose value is not known',
      [anAllow(), aDeny({ Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
      'the 2nd statement may deny it',
    ],
    [
      'a Deny with NotPrincipal {"AWS": "*"}',
      [anAllow(), aDeny({ Principal: undefined, NotPrincipal: { AWS: '*' } })],
      'whether its NotPrincipal covers a service',
    ],
  ])('says what is uncertain about %s', (_title, statements, part) => {
    const text = because(statements);

    expect(text).toContain(part);
    expect(text).toMatch(/not documented|not certain/);
  });

  it('escapes line breaks and quotes in a Sid', () => {
    expect(because([anAllow({ Sid: 'a\n"b' })])).toBe('the statement "a\\n\\"b" allows it');
  });

  it('is given for every evaluated action, for log groups and query results', () => {
    const statements = [root, anAllow({ Condition: { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } } })];

    for (const { actions } of [evaluate(statements), evaluate(statements, ABOUT_QUERY_RESULTS)]) {
      expect(Object.keys(actions)).toHaveLength(9);
      for (const { because: text } of Object.values(actions)) expect(text).toMatch(/^(no|the 2nd) statement/);
    }
  });
});

describe('the problem of a policy', () => {
  const CONDITION = { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } };
  const withoutReEncrypt = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*'];
  const problem = (statements: Json[]) => {
    const { subject } = ABOUT_A_LOG_GROUP;
    return problemOf(readFor(ABOUT_A_LOG_GROUP, aPolicy(statements)), subject, evaluate(statements));
  };

  it('names the action, and says that it may not be needed, where nothing but ReEncrypt is missing', () => {
    const allow = anAllow({ Sid: 'Logs', Action: withoutReEncrypt });

    expect(problem([root, allow])).toMatchObject({
      code: 'KEY_POLICY_UNCERTAIN',
      message: `it is not certain that the key policy lets CloudWatch Logs use the key: kms:ReEncryptFrom: no statement allows it; the closest, the statement "Logs" (Allow, Principal Service ${LOGS}), does not list it; AWS does not document whether CloudWatch Logs needs it`,
    });
    expect(evaluate([root, allow]).warnings).toContainEqual({
      code: 'UNDOCUMENTED_RULE',
      severity: 'MEDIUM',
      message: 'kms:ReEncryptTo: AWS does not document whether CloudWatch Logs needs it',
    });
    expect(because([root, anAllow({ Action: 'kms:Decrypt' })])).not.toContain('document');
  });

  it('says to add the missing statement', () => {
    const { fix } = problem([root]);

    expect(fix).toMatch(
      /^add this statement to the key policy of \S+: \{"Sid":"LogsealLogGroups",.*\}, or run: logseal key repair /,
    );
  });

  it("says to put the statement in the place of logseal's own", () => {
    const own = anAllow({ Sid: 'LogsealLogGroups', Action: 'kms:Encrypt', Condition: CONDITION });
    const { fix } = problem([root, own]);

    expect(fix).toMatch(
      /^put this statement in the place of the statement "LogsealLogGroups" \(Allow, .*\) of the key policy of \S+: \{"Sid":"LogsealLogGroups",.*\}, or run: logseal key repair /,
    );
    expect(fix).toContain('["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*"]');
  });

  it("says to rename a statement that has logseal's Sid, but is not its own", () => {
    const foreign = { ...root, Sid: 'LogsealLogGroups', Action: 'kms:List*' };
    const { fix } = problem([root, foreign]);

    expect(fix).toMatch(
      /^give the statement "LogsealLogGroups" \(Allow, Principal AWS \S+\) of the key policy of \S+ another Sid, then run: logseal key repair --key \S+ --region us-east-1$/,
    );
    expect(fix).not.toContain('{');
  });

  it('says to exclude CloudWatch Logs from a Deny that may apply, whatever is added', () => {
    const guard = aDeny({ Sid: 'Guard', Condition: { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } } });

    expect(problem([anAllow(), guard]).fix).toBe(
      `change the statement "Guard" (Deny, Principal "*") of the key policy of ${KEY_ARN} so that it clearly excludes CloudWatch Logs`,
    );
  });
});
