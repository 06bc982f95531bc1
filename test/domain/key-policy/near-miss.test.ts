import { describe, expect, it } from 'vitest';
import { anAllow, aPolicy, CONTEXT, evaluate, evaluateText, type Json, LOG_GROUP_ARN, LOGS, ROOT } from './builders.ts';

const LOG_GROUPS = LOG_GROUP_ARN.replace('/app/example', '*');

/** Why kms:Encrypt has its effect. */
function because(statements: Json[]): string {
  const { verdict, actions } = evaluate([ROOT, ...statements]);
  expect(verdict).toBe('MISSING_ACTIONS');
  return actions['kms:Encrypt']?.because ?? '';
}

const under = (condition: Json, elements: Json = {}) => anAllow({ Sid: 'Logs', Condition: condition, ...elements });

describe('an Allow that comes close is named with the rule that it breaks', () => {
  it.each<[string, Json, string]>([
    [
      'a trailing :* after the exact name',
      under({ ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } }),
      `the value is ${LOG_GROUP_ARN}: the value has no :* at its end, so ${LOG_GROUP_ARN}:* does not match: remove :* from it`,
    ],
    [
      'a trailing :* under StringEquals',
      under({ StringEquals: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } }),
      'remove :* from it',
    ],
    [
      'a trailing :* after a pattern of names',
      under({ ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN.replace('example', '*')}:*` } }),
      'remove :* from it',
    ],
    [
      'a trailing :* in a list',
      under({ ArnLike: { [CONTEXT]: [`${LOG_GROUP_ARN}-2`, `${LOG_GROUP_ARN}:*`] } }),
      'remove :* from it',
    ],
    [
      'StringEquals with a wildcard',
      under({ StringEquals: { [CONTEXT]: LOG_GROUPS } }),
      'StringEquals takes the wildcard literally: use ArnLike',
    ],
    [
      'StringEquals with a wildcard, on a key that is no ARN',
      under({ StringEquals: { 'aws:SourceAccount': '1111*' } }),
      'StringEquals takes the wildcard literally: use StringLike',
    ],
    [
      'StringEqualsIgnoreCase with a wildcard',
      under({ StringEqualsIgnoreCase: { [CONTEXT]: LOG_GROUPS } }),
      'StringEqualsIgnoreCase takes the wildcard literally: use ArnLike',
    ],
    [
      'log-group:*:*',
      under({ ArnLike: { [CONTEXT]: `${LOG_GROUPS}:*` } }),
      `${LOG_GROUPS}:* matches no log group, since nothing follows the name: end it in log-group:*`,
    ],
    [
      'delivery.logs.amazonaws.com',
      anAllow({ Principal: { Service: 'delivery.logs.amazonaws.com' } }),
      `names delivery.logs.amazonaws.com, which is another service, not ${LOGS}`,
    ],
    [
      'vpc-flow-logs.amazonaws.com',
      anAllow({ Principal: { Service: 'vpc-flow-logs.amazonaws.com' } }),
      `names vpc-flow-logs.amazonaws.com, which is another service, not ${LOGS}`,
    ],
    [
      'cloudwatch.amazonaws.com',
      anAllow({ Principal: { Service: ['cloudwatch.amazonaws.com'] } }),
      `names cloudwatch.amazonaws.com, which is another service, not ${LOGS}`,
    ],
    [
      'another service with the encryption context of CloudWatch Logs',
      under({ ArnLike: { [CONTEXT]: LOG_GROUPS } }, { Principal: { Service: 'lambda.amazonaws.com' } }),
      `names lambda.amazonaws.com, which is another service, not ${LOGS}`,
    ],
    [
      'CloudWatch Logs of another Region',
      anAllow({ Principal: { Service: 'logs.eu-west-1.amazonaws.com' } }),
      `names logs.eu-west-1.amazonaws.com, not ${LOGS}`,
    ],
    [
      'kms:ViaService in a statement for a service principal',
      under({ StringEquals: { 'kms:ViaService': LOGS } }),
      `requires StringEquals kms:ViaService = ${LOGS}, but this call by CloudWatch Logs does not carry that key: remove that condition from the statement for a service`,
    ],
    [
      'a template variable in the service principal',
      anAllow({ Principal: { Service: `logs.\${AWS::Region}.amazonaws.com` } }),
      `a template variable was never rendered: \${AWS::Region}`,
    ],
  ])('%s', (_what, statement, words) => {
    expect(because([statement])).toContain(words);
  });

  it.each<[string, Json]>([
    ['Condition', under({ ArnLike: { [CONTEXT]: `arn:aws:logs:us-east-1:\${AccountId}:log-group:*` } })],
    ['Resource', anAllow({ Resource: `arn:aws:kms:us-east-1:\${AccountId}:key/*` })],
  ])('a template variable in the %s, whichever Version the policy has', (_where, statement) => {
    const resultUnder = (version: string) => {
      const { verdict, actions } = evaluateText(aPolicy([ROOT, statement], version));
      return { verdict, because: actions['kms:Encrypt']?.because };
    };
    const because = expect.stringContaining(`a template variable was never rendered: \${AccountId}`);

    expect(resultUnder('2012-10-17')).toEqual({ verdict: 'UNCERTAIN', because });
    expect(resultUnder('2008-10-17')).toEqual({ verdict: 'MISSING_ACTIONS', because });
  });

  it.each([`\${aws:PrincipalAccount}`, `\${aws:PrincipalTag/team}`, `\${*}`])(
    'but not %s, which is a policy variable',
    (variable) => {
      const { verdict, actions } = evaluate([under({ StringEquals: { 'aws:ResourceAccount': variable } })]);

      expect(verdict).toBe('UNCERTAIN');
      expect(actions['kms:Encrypt']?.because).not.toContain('template');
    },
  );

  it('the Allow that breaks the fewest rules is the one that is named', () => {
    const text = because([
      anAllow({ Sid: 'OtherService', Principal: { Service: 'delivery.logs.amazonaws.com' } }),
      under({ ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } }, { Sid: 'TrailingStar' }),
      anAllow({ Sid: 'OtherKey', Resource: 'arn:aws:kms:us-east-1:444455556666:key/a', Action: 'kms:Decrypt' }),
    ]);

    expect(text).toContain('the closest, the statement "TrailingStar"');
  });

  it('an Allow to a service that has nothing to do with logs is no near miss', () => {
    expect(because([anAllow({ Principal: { Service: 'ec2.amazonaws.com' } })])).toBe(
      `no statement allows ${LOGS} to use the key`,
    );
  });
});
