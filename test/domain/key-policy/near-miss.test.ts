import { describe, expect, it } from 'vitest';
import { anAllow, aPolicy, CONTEXT, evaluate, evaluateText, type Json, LOG_GROUP_ARN, LOGS, ROOT } from './builders.ts';

const LOG_GROUPS = LOG_GROUP_ARN.replace('/app/example', '*');
const SUFFIXED = 'remove the :* at its end, which the ARN in the call does not have';
const NONE = `no statement allows ${LOGS} to use the key`;

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
      `the value is ${LOG_GROUP_ARN}: ${SUFFIXED}`,
    ],
    ['a trailing :* under StringEquals', under({ StringEquals: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } }), SUFFIXED],
    [
      'a trailing :* after a pattern of names',
      under({ ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN.replace('example', '*')}:*` } }),
      SUFFIXED,
    ],
    [
      'a trailing :* in a list',
      under({ ArnLike: { [CONTEXT]: [`${LOG_GROUP_ARN}-2`, `${LOG_GROUP_ARN}:*`] } }),
      SUFFIXED,
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
      `requires StringEquals kms:ViaService = ${LOGS}, but this call by CloudWatch Logs does not carry that condition key: remove that condition from the statement for a service`,
    ],
    [
      'a misspelt key of the encryption context',
      under({ ArnLike: { 'kms:EncryptionContext:aws:log:arn': LOG_GROUPS } }),
      `but this call by CloudWatch Logs does not carry that condition key: CloudWatch Logs sets ${CONTEXT} only`,
    ],
    [
      'an action without its service prefix',
      anAllow({ Action: ['Encrypt', 'kms:Decrypt'] }),
      'does not list it: Encrypt has no service prefix: write kms:Encrypt',
    ],
    [
      'an ARN of another partition',
      under({ ArnLike: { [CONTEXT]: LOG_GROUPS.replace('arn:aws:', 'arn:aws-cn:') } }),
      `the value is ${LOG_GROUP_ARN}: the partition must be aws`,
    ],
    [
      'an ARN of another service',
      under({ ArnLike: { [CONTEXT]: LOG_GROUPS.replace(':logs:', ':cloudwatch:') } }),
      `the value is ${LOG_GROUP_ARN}: the service must be logs`,
    ],
    [
      'an ARN of another Region',
      under({ ArnEquals: { [CONTEXT]: LOG_GROUP_ARN.replace('us-east-1', 'eu-west-1') } }),
      `the value is ${LOG_GROUP_ARN}: the Region must be us-east-1`,
    ],
    [
      'an ARN of another account',
      under({ ArnLike: { 'aws:SourceArn': LOG_GROUPS.replace('111122223333', '444455556666') } }),
      `the value is ${LOG_GROUP_ARN}: the account must be 111122223333`,
    ],
    [
      'an ARN without log-group:',
      under({ ArnLike: { [CONTEXT]: LOG_GROUP_ARN.replace('log-group:', '') } }),
      `the value is ${LOG_GROUP_ARN}: the resource must begin with log-group:`,
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

  it.each<[string, string | string[]]>([
    ['another log group', `${LOG_GROUP_ARN}-2`],
    ['another Region and another account', 'arn:aws:logs:eu-west-1:444455556666:log-group:*'],
    ['several log groups', ['arn:aws:logs:eu-west-1:111122223333:log-group:*', `${LOG_GROUP_ARN}-2`]],
  ])('an ARN pattern for %s is named without a correction', (_what, pattern) => {
    const text = because([under({ ArnLike: { [CONTEXT]: pattern } })]);

    expect(text.endsWith(`, but the value is ${LOG_GROUP_ARN}`)).toBe(true);
  });

  it('an absent condition key that is no known mistake is named without a correction', () => {
    const everybody = (key: string) => anAllow({ Principal: '*', Condition: { StringEquals: { [key]: 'x' } } });

    for (const statement of [
      under({ StringEquals: { 'aws:PrincipalOrgID': 'o-example' } }),
      everybody('aws:SourceVpce'),
      everybody('kms:EncryptionContext:aws:log:arn'),
    ]) {
      expect(because([statement])).toMatch(
        / = \S+, but this call by CloudWatch Logs does not carry that condition key$/,
      );
    }
  });
});

describe('every condition that does not hold is named', () => {
  it('where the call carries none of the condition keys', () => {
    expect(because([under({ StringEquals: { 'aws:PrincipalOrgID': 'o-example', 'kms:ViaService': LOGS } })])).toBe(
      `no statement allows it; the closest, the statement "Logs" (Allow, Principal Service ${LOGS}), requires StringEquals aws:PrincipalOrgID = o-example, but this call by CloudWatch Logs does not carry that condition key, and requires StringEquals kms:ViaService = ${LOGS}, but this call by CloudWatch Logs does not carry that condition key: remove that condition from the statement for a service`,
    );
  });

  it('but none that holds', () => {
    const text = because([
      under({
        StringEquals: { 'aws:SourceAccount': '444455556666', 'aws:RequestedRegion': 'us-east-1' },
        ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN}:*` },
      }),
    ]);

    expect(text).toContain(
      `requires StringEquals aws:SourceAccount = 444455556666, but the value is 111122223333, and requires ArnLike ${CONTEXT} = ${LOG_GROUP_ARN}:*, but the value is ${LOG_GROUP_ARN}: ${SUFFIXED}`,
    );
    expect(text).not.toContain('aws:RequestedRegion');
  });
});

describe('the closest Allow', () => {
  const suffixed = under({ ArnEquals: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } });
  const everybody = (elements: Json) => anAllow({ Sid: 'Everybody', Principal: { AWS: '*' }, ...elements });
  const CALLER = {
    StringEquals: { 'kms:CallerAccount': '111122223333', 'kms:ViaService': 's3.us-east-1.amazonaws.com' },
  };
  const ORGANIZATION = { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } };

  it.each<[string, Json[], string]>([
    [
      'names CloudWatch Logs, after one for the identities of the account',
      [everybody({ Condition: CALLER }), suffixed],
      SUFFIXED,
    ],
    [
      'names CloudWatch Logs, after one for the identities of the organization',
      [everybody({ Condition: ORGANIZATION }), under({ StringEquals: { [CONTEXT]: LOG_GROUPS } })],
      'StringEquals takes the wildcard literally: use ArnLike',
    ],
    [
      'has a known mistake, after one for another log group',
      [
        under({ ArnEquals: { [CONTEXT]: LOG_GROUP_ARN.replace('/app/example', '/other') } }, { Sid: 'Other' }),
        suffixed,
      ],
      SUFFIXED,
    ],
    [
      'has a known mistake, between two with no more than a missing action',
      [anAllow({ Sid: 'Decrypt', Action: 'kms:Decrypt' }), suffixed, anAllow({ Sid: 'More', Action: 'kms:Decrypt' })],
      SUFFIXED,
    ],
    ['names CloudWatch Logs, before one for everybody', [suffixed, everybody({ Action: 'kms:Decrypt' })], SUFFIXED],
    ['names CloudWatch Logs, after one for everybody', [everybody({ Action: 'kms:Decrypt' }), suffixed], SUFFIXED],
    [
      'names CloudWatch Logs, after one for everybody with a known mistake',
      [
        everybody({ Condition: { ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } } }),
        anAllow({ Sid: 'Logs', Action: 'kms:Decrypt' }),
      ],
      'does not list it',
    ],
    [
      'names CloudWatch Logs, between two for other services',
      [
        anAllow({ Sid: 'OtherService', Principal: { Service: 'delivery.logs.amazonaws.com' } }),
        suffixed,
        anAllow({ Sid: 'OtherRegion', Principal: { Service: 'logs.eu-west-1.amazonaws.com' } }),
      ],
      SUFFIXED,
    ],
    [
      'is the one of which more applies, where none has a known mistake',
      [
        anAllow({ Sid: 'OtherKey', Resource: 'arn:aws:kms:us-east-1:444455556666:key/a', Action: 'kms:Decrypt' }),
        anAllow({ Sid: 'Logs', Action: 'kms:Decrypt' }),
      ],
      'does not list it',
    ],
  ])('%s', (_which, statements, words) => {
    const text = because(statements);

    expect(text).toContain(`the closest, the statement "Logs" (Allow, Principal Service ${LOGS}), `);
    expect(text).toContain(words);
  });

  it('is the first of several of which as much applies', () => {
    const decrypt = (Sid: string) => anAllow({ Sid, Action: 'kms:Decrypt' });

    expect(because([decrypt('First'), decrypt('Second')])).toContain('the closest, the statement "First" (Allow, ');
  });

  it('is one for everybody before one for a similar service', () => {
    const delivery = anAllow({ Principal: { Service: 'delivery.logs.amazonaws.com' } });

    expect(because([delivery, everybody({ Action: 'kms:Decrypt' })])).toMatch(
      /the closest, the statement "Everybody" \(Allow, .*\), does not list it$/,
    );
  });

  it('is none to a service that has nothing to do with logs', () => {
    expect(because([anAllow({ Principal: { Service: 'ec2.amazonaws.com' } })])).toBe(NONE);
  });

  it.each([
    'kms:CallerAccount',
    'kms:ViaService',
    'aws:PrincipalOrgID',
    'aws:PrincipalOrgPaths',
    'aws:PrincipalArn',
    'aws:PrincipalAccount',
  ])('is none for everybody with a condition on %s, which is about identities', (key) => {
    expect(because([everybody({ Condition: { StringEquals: { [key]: 'x' } } })])).toBe(NONE);
  });
});
