import { describe, expect, it } from 'vitest';
import { aboutALogGroupIn, aDeny, anAllow, codesFor, codesOf, LOGS, problemsOf, ROOT } from './builders.ts';

const ACCOUNT_ARN = 'arn:aws:iam::111122223333';
const CHINA = aboutALogGroupIn('aws-cn', 'cn-north-1');
const GOV_CLOUD = aboutALogGroupIn('aws-us-gov', 'us-gov-west-1');
const ISO = aboutALogGroupIn('aws-iso', 'us-iso-east-1');

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
  ])('%j is not a principal of the partition aws', (name) => {
    expect(codesFor({ AWS: name })).toEqual(['PRINCIPAL_INVALID']);
  });

  it('of another partition are named with that of the key', () => {
    const [problem] = problemsOf([{ ...ROOT, Principal: { AWS: `${ACCOUNT_ARN}:root` } }], CHINA);

    expect(problem).toMatchObject({ code: 'PRINCIPAL_INVALID', fix: expect.stringContaining('a user of aws-cn') });
    expect(problem?.message).toContain(`${ACCOUNT_ARN}:root (not an account, role or user of the partition aws-cn)`);
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
  expect(problems[0]?.fix).toContain(', remove the id, or name the role or user that took its place');
  expect(problems[1]?.message).toContain(
    '(a principal takes no wildcard), and logs.* (a service principal takes no wildcard)',
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
