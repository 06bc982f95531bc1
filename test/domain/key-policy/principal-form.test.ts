import { describe, expect, it } from 'vitest';
import { optInPrincipals } from '../../../lib/domain/key-policy/principal-form.ts';
import {
  ABOUT_A_LOG_GROUP,
  aboutALogGroupIn,
  aDeny,
  anAllow,
  codesOf,
  type Json,
  LOGS,
  problemsOf,
  ROOT,
  readFor,
} from './builders.ts';

const ACCOUNT_ARN = 'arn:aws:iam::111122223333';
const CHINA = aboutALogGroupIn('aws-cn', 'cn-north-1');
const GOV_CLOUD = aboutALogGroupIn('aws-us-gov', 'us-gov-west-1');
const ISO = aboutALogGroupIn('aws-iso', 'us-iso-east-1');
const EUSC = aboutALogGroupIn('aws-eusc', 'eusc-de-east-1');

/** The problems of a principal beside a statement that leaves the key to its account. */
function codesFor(principal: unknown, question = ABOUT_A_LOG_GROUP): string[] {
  const { partition } = /^arn:(?<partition>[^:]+):/.exec(question.keyArn)?.groups ?? {};
  const root = { ...ROOT, Principal: { AWS: `arn:${partition}:iam::111122223333:root` } };
  return codesOf([root, anAllow({ Principal: principal })], question);
}

describe('identities that can exist', () => {
  it.each([
    '*',
    '111122223333',
    `${ACCOUNT_ARN}:root`,
    'arn:aws:iam::444455556666:root',
    `${ACCOUNT_ARN}:role/admin`,
    `${ACCOUNT_ARN}:role/a/deep/path/admin+x=1,2.3@4-5_6`,
    `${ACCOUNT_ARN}:user/alice`,
    `${ACCOUNT_ARN}:user/division/alice@example.com`,
    `${ACCOUNT_ARN}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef`,
    `${ACCOUNT_ARN}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    'arn:aws:sts::111122223333:assumed-role/admin/session-name',
    'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@example.com',
    'arn:aws:sts::111122223333:federated-user/alice',
    'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E15MNIMTCFKK4C',
  ])('%s', (name) => {
    expect(codesFor({ AWS: name })).toEqual([]);
    expect(codesFor({ AWS: [`${ACCOUNT_ARN}:root`, name] })).toEqual([]);
  });

  it.each<[unknown]>([
    [{ Federated: 'cognito-identity.amazonaws.com' }],
    [{ Federated: 'accounts.google.com' }],
    [{ Federated: `${ACCOUNT_ARN}:saml-provider/corp` }],
    [{ Federated: `${ACCOUNT_ARN}:oidc-provider/token.actions.githubusercontent.com` }],
    [{ CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be' }],
    ['*'],
  ])('%j', (principal) => {
    expect(codesFor(principal)).toEqual([]);
  });

  it.each([
    ['arn:aws-cn:iam::111122223333:role/admin', CHINA],
    ['arn:aws-us-gov:sts::111122223333:assumed-role/admin/x', GOV_CLOUD],
    ['arn:aws-iso:iam::111122223333:user/alice', ISO],
  ])('%s in its own partition', (name, question) => {
    expect(codesFor({ AWS: name }, question)).toEqual([]);
  });
});

describe('identities that cannot', () => {
  it.each([
    `${ACCOUNT_ARN}:role/*`,
    `${ACCOUNT_ARN}:role/admin?`,
    `${ACCOUNT_ARN}:*`,
    'arn:aws:iam::*:root',
    'arn:aws:iam::*:role/admin',
    'arn:aws:sts::111122223333:assumed-role/admin/*',
    'arn:aws:*::111122223333:root',
    '1111*',
    '**',
  ])('%s has a wildcard', (name) => {
    expect(codesFor({ AWS: name })).toEqual(['PRINCIPAL_PATTERN']);
  });

  it.each([
    'AROAEXAMPLEROLEID1234',
    'AIDAEXAMPLEUSERID1234',
    'AROAEXAMPLEROLEID1234:session',
    'AGPAEXAMPLEGROUP12345',
    'AIPAEXAMPLEPROFILE123',
  ])('%s is the id of what was deleted', (name) => {
    expect(codesFor({ AWS: name })).toEqual(['PRINCIPAL_ORPHAN']);
  });

  it.each([
    '',
    ' ',
    'root',
    'admin',
    'alice@example.com',
    '11112222333',
    '1111222233334',
    '1111-2222-3333',
    'arn:aws:iam::ACCOUNT-ID:root',
    'arn:aws:iam::11112222333:root',
    'arn:aws:iam::111122223333',
    'arn:aws:iam:eu-west-1:111122223333:root',
    `${ACCOUNT_ARN}:group/admins`,
    `${ACCOUNT_ARN}:role/`,
    `${ACCOUNT_ARN}:user`,
    `${ACCOUNT_ARN}:policy/x`,
    'arn:aws:sts::111122223333:assumed-role/admin',
    'arn:aws:s3:::bucket',
    LOGS,
    'arn:aws-cn:iam::111122223333:root',
    'arn:aws-us-gov:iam::111122223333:role/admin',
    `\${aws:PrincipalArn}`,
    `arn:aws:iam::\${AWS::AccountId}:root`,
    `arn:aws:iam::\${data.aws_caller_identity.current.account_id}:root`,
  ])('%j is no principal of the partition aws', (name) => {
    expect(codesFor({ AWS: name })).toEqual(['PRINCIPAL_INVALID']);
  });

  it('of another partition are named with that of the key', () => {
    const [problem] = problemsOf([{ ...ROOT, Principal: { AWS: `${ACCOUNT_ARN}:root` } }], CHINA);

    expect(problem).toMatchObject({ code: 'PRINCIPAL_INVALID', fix: expect.stringContaining('a user of aws-cn in') });
    expect(problem?.message).toContain(`${ACCOUNT_ARN}:root, which is no principal of the partition aws-cn`);
  });

  it('are found in a Deny, and in NotPrincipal', () => {
    const orphan = { AWS: ['AROAEXAMPLEROLEID1234', `${ACCOUNT_ARN}:root`] };

    expect(codesOf([ROOT, aDeny({ Principal: orphan, Action: 'kms:Encrypt' })])).toEqual(['PRINCIPAL_ORPHAN']);
    const others = aDeny({ Principal: undefined, NotPrincipal: orphan, Action: 'kms:Encrypt' });
    expect(problemsOf([ROOT, others])).toMatchObject([
      { code: 'PRINCIPAL_ORPHAN', message: expect.stringContaining('(Deny, NotPrincipal AWS AROAEXAMPLEROLEID1234,') },
    ]);
  });

  it('with a wildcard in the ARN of an identity provider', () => {
    expect(codesFor({ Federated: `${ACCOUNT_ARN}:saml-provider/*` })).toEqual(['PRINCIPAL_PATTERN']);
  });
});

it('a statement has one problem for each code, which names every such principal', () => {
  const AWS = ['AROAEXAMPLEROLEID1234', 'AIDAEXAMPLEUSERID1234', `${ACCOUNT_ARN}:role/*`];
  const problems = problemsOf([ROOT, anAllow({ Sid: 'Mixed', Principal: { AWS, Service: 'logs.*' } })]);

  expect(problems.map(({ code, statement }) => [code, statement])).toEqual([
    ['PRINCIPAL_ORPHAN', { index: 1, sid: 'Mixed' }],
    ['PRINCIPAL_PATTERN', { index: 1, sid: 'Mixed' }],
  ]);
  expect(problems[0]?.message).toContain('AIDAEXAMPLEUSERID1234');
  expect(problems[0]?.fix).toContain('remove AROAEXAMPLEROLEID1234, or name the role or user that took its place,');
  expect(problems[1]?.message).toContain(
    'a principal takes no wildcard, and logs.*: a service principal takes no wildcard',
  );
});

it('an unrendered template variable is named as one', () => {
  const [account] = problemsOf([ROOT, anAllow({ Principal: { AWS: `arn:aws:iam::\${AccountId}:root` } })]);
  const [service] = problemsOf([ROOT, anAllow({ Principal: { Service: `logs.\${AWS::Region}.amazonaws.com` } })]);

  expect(account).toMatchObject({ code: 'PRINCIPAL_INVALID' });
  expect(account?.message).toContain(`a template variable was never rendered: \${AccountId}`);
  expect(service).toMatchObject({ code: 'SERVICE_NAME' });
  expect(service?.message).toContain(`a template variable was never rendered: \${AWS::Region}`);
});

describe('services that can exist', () => {
  it.each([
    'logs.amazonaws.com',
    LOGS,
    'logs.eu-west-1.amazonaws.com',
    'delivery.logs.amazonaws.com',
    'vpc-flow-logs.amazonaws.com',
    'alexa-appkit.amazon.com',
    'alexa-connectedhome.amazon.com',
    'states.us-east-1.amazonaws.com',
    'ecs-tasks.amazonaws.com',
    'cassandra.application-autoscaling.amazonaws.com',
    'custom-resource.application-autoscaling.amazonaws.com',
    'lambda.alarms.cloudwatch.amazonaws.com',
    's3.data-source.lustre.fsx.amazonaws.com',
    'member.org.stacksets.cloudformation.amazonaws.com',
    'ops.apigateway.amazonaws.com',
    'logdelivery.elasticloadbalancing.amazonaws.com',
    'logger.cloudfront.amazonaws.com',
    'replicator.lambda.amazonaws.com',
    'edgelambda.amazonaws.com',
    'a4b.amazonaws.com',
    'resource-explorer-2.amazonaws.com',
    'ec2.amazonaws.com',
    'cloudwatch.amazonaws.com',
  ])('%s', (name) => {
    expect(codesFor({ Service: name })).toEqual([]);
  });

  it.each([
    ['logs.cn-north-1.amazonaws.com.cn', CHINA],
    ['logs.amazonaws.com.cn', CHINA],
    ['ec2.amazonaws.com.cn', CHINA],
    ['cloudtrail.amazonaws.com', CHINA],
    ['logs.us-gov-west-1.amazonaws.com', GOV_CLOUD],
    ['logs.us-iso-east-1.c2s.ic.gov', ISO],
    ['ec2.c2s.ic.gov', ISO],
    ['lambda.amazonaws.com', ISO],
    ['logs.eusc-de-east-1.amazonaws.eu', EUSC],
    ['logs.eusc-de-east-1.amazonaws.com', EUSC],
  ])('%s in its partition', (name, question) => {
    expect(codesFor({ Service: name }, question)).toEqual([]);
  });

  it('the one that a person names, whatever its suffix', () => {
    const logsPrincipal = 'logs.eusc-de-east-1.example.eu';

    expect(codesFor({ Service: logsPrincipal }, EUSC)).toEqual(['SERVICE_NAME']);
    expect(codesFor({ Service: logsPrincipal }, { ...EUSC, logsPrincipal })).toEqual([]);
    expect(codesFor({ Service: 'logs.example.eu' }, { ...EUSC, logsPrincipal })).toEqual([]);
  });

  it('in a partition that no table names, any of its own suffix', () => {
    const unknown = aboutALogGroupIn('aws-new', 'xx-east-1');

    expect(codesFor({ Service: 'logs.xx-east-1.example.com' }, unknown)).toEqual([]);
    expect(codesFor({ Service: 'logs.*' }, unknown)).toEqual(['PRINCIPAL_PATTERN']);
    expect(codesFor({ Service: '' }, unknown)).toEqual(['SERVICE_NAME']);
  });
});

describe('services that cannot', () => {
  it.each([
    ['', 'service principals end in .amazonaws.com'],
    ['logs', 'service principals end in .amazonaws.com'],
    ['logs.eu-west-1', 'service principals end in .amazonaws.com'],
    ['amazonaws.com', 'service principals end in .amazonaws.com'],
    ['logs.example.com', 'service principals end in .amazonaws.com'],
    ['logs.amazonaws.com ', 'service principals end in .amazonaws.com'],
    ['arn:aws:iam::111122223333:root', 'service principals end in .amazonaws.com'],
    ['https://logs.amazonaws.com', 'characters that no service principal has'],
    ['logs us-east-1.amazonaws.com', 'characters that no service principal has'],
    ['logs..amazonaws.com', 'characters that no service principal has'],
    ['.amazonaws.com', 'characters that no service principal has'],
    ['us-east-1.logs.amazonaws.com', 'the Region stands before logs'],
    ['logs.REGION.amazonaws.com', 'no Region stands after logs.'],
    ['logs.us-east1.amazonaws.com', 'no Region stands after logs.'],
    ['logs.us-east-1a.amazonaws.com', 'no Region stands after logs.'],
    ['logs.us-east-1.us-east-1.amazonaws.com', 'no Region stands after logs.'],
    ['logs.cn-north-1.amazonaws.com.cn', '.amazonaws.com.cn is the suffix of the partition aws-cn'],
    ['logs.cn-north-1.amazonaws.com', 'cn-north-1 is a Region of the partition aws-cn'],
    ['logs.us-gov-west-1.amazonaws.com', 'us-gov-west-1 is a Region of the partition aws-us-gov'],
    ['logs.us-iso-east-1.c2s.ic.gov', '.c2s.ic.gov is the suffix of the partition aws-iso'],
  ])('%j: %s', (name, why) => {
    const [problem, ...others] = problemsOf([ROOT, anAllow({ Principal: { Service: name } })]);

    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'SERVICE_NAME', statement: { index: 1, sid: null } });
    expect(problem?.message).toContain(why);
    expect(problem?.fix).toContain(`name a service principal such as ${LOGS} in the 2nd statement (Allow, Principal`);
  });

  it.each(['logs.*', 'logs.*.amazonaws.com', '*.amazonaws.com', 'logs.us-east-?.amazonaws.com'])(
    '%s has a wildcard',
    (name) => {
      expect(codesFor({ Service: name })).toEqual(['PRINCIPAL_PATTERN']);
    },
  );

  it.each([
    ['logs.us-east-1.amazonaws.com', CHINA],
    ['logs.us-east-1.amazonaws.com', GOV_CLOUD],
    ['logs.us-isob-east-1.sc2s.sgov.gov', ISO],
    ['logs.us-east-1.amazonaws.com.cn', GOV_CLOUD],
  ])('%s in another partition than its own', (name, question) => {
    expect(codesFor({ Service: name }, question)).toEqual(['SERVICE_NAME']);
  });
});

describe('service principals of Regions that must be enabled', () => {
  const optIn = (...names: string[]) => {
    const policy = readFor(
      ABOUT_A_LOG_GROUP,
      JSON.stringify({ Statement: anAllow({ Principal: { Service: names } }) }),
    );
    if (policy.status !== 'READ') throw new Error('malformed');
    return policy.statements.flatMap((statement) => optInPrincipals(statement, policy.service));
  };

  it.each(['logs.eu-central-2.amazonaws.com', 'logs.af-south-1.amazonaws.com', 'ec2.me-central-1.amazonaws.com'])(
    '%s is one, and no problem',
    (name) => {
      expect(optIn(name)).toEqual([name]);
      expect(codesFor({ Service: name })).toEqual([]);
    },
  );

  it.each([LOGS, 'logs.eu-west-1.amazonaws.com', 'logs.amazonaws.com', 'delivery.logs.amazonaws.com'])(
    '%s is none',
    (name) => {
      expect(optIn(name)).toEqual([]);
    },
  );

  it('that of the key is enabled, since the key is there', () => {
    const question = aboutALogGroupIn('aws', 'eu-central-2');
    const policy = readFor(
      question,
      JSON.stringify({
        Statement: anAllow({
          Principal: { Service: ['logs.eu-central-2.amazonaws.com', 'logs.ap-east-1.amazonaws.com'] },
        }),
      }),
    );
    const [statement] = policy.status === 'READ' ? policy.statements : [];

    expect(statement && optInPrincipals(statement, policy.service)).toEqual(['logs.ap-east-1.amazonaws.com']);
  });

  it('everybody, and identities, are none', () => {
    const read = (principal: unknown): Json => ({ Statement: anAllow({ Principal: principal }) });
    for (const principal of ['*', { AWS: '*' }, { AWS: '111122223333' }]) {
      const policy = readFor(ABOUT_A_LOG_GROUP, JSON.stringify(read(principal)));
      const [statement] = policy.status === 'READ' ? policy.statements : [];
      expect(statement && optInPrincipals(statement, policy.service)).toEqual([]);
    }
  });
});
