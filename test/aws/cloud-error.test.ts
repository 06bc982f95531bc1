import { KMSServiceException } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { toCloudError } from '../../lib/aws/cloud-error.ts';
import { CloudError, type CloudErrorCode } from '../../lib/errors.ts';

function sdkError(name: string, httpStatusCode = 400, message = 'the message of AWS') {
  return new KMSServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message });
}

/** Of two codes the name of an error says nothing: what was called decides. */
type Situation = 'ROLE_REFUSED' | 'ORGANIZATION_UNREADABLE';
const named: Record<Exclude<CloudErrorCode, Situation>, string[]> = {
  ACCESS_DENIED: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'],
  NOT_FOUND: ['NotFoundException', 'ResourceNotFoundException', 'ParentNotFoundException', 'NoSuchEntityException'],
  THROTTLED: [
    'ThrottlingException',
    'Throttling',
    'ThrottledException',
    'RequestThrottledException',
    'TooManyRequestsException',
    'RequestLimitExceeded',
    'LimitExceededException',
    'ProvisionedThroughputExceededException',
  ],
  UNAVAILABLE: ['ServiceUnavailableException', 'ServiceUnavailable', 'OperationAbortedException', 'InternalFailure'],
  CREDENTIALS: [
    'CredentialsProviderError',
    'ExpiredTokenException',
    'ExpiredToken',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'MissingAuthenticationTokenException',
  ],
  NETWORK: ['TimeoutError'],
  REGION_DISABLED: ['RegionDisabledException'],
  INVALID_REQUEST: [
    'InvalidParameterException',
    'ValidationException',
    'KMSInvalidStateException',
    'InvalidArnException',
  ],
};

describe.each(Object.entries(named))('%s', (code, names) => {
  test.each(names)('%s', (name) => {
    const cause = sdkError(name);
    const error = toCloudError('kms:DescribeKey', cause);
    expect(error).toMatchObject({ code, call: 'kms:DescribeKey', message: 'the message of AWS' });
    expect(error.cause).toBe(cause);
  });
});

test.each([500, 502, 503, 504])('an unknown error of status %i is UNAVAILABLE', (status) => {
  expect(toCloudError('kms:DescribeKey', sdkError('KMSInternalException', status)).code).toBe('UNAVAILABLE');
});

test('status 429 is THROTTLED', () => {
  expect(toCloudError('kms:DescribeKey', sdkError('Odd', 429)).code).toBe('THROTTLED');
});

test('a write that exceeds a limit is INVALID_REQUEST, since it will go on failing', () => {
  expect(toCloudError('kms:PutKeyPolicy', sdkError('LimitExceededException')).code).toBe('INVALID_REQUEST');
});

test('too many concurrent queries are THROTTLED', () => {
  expect(toCloudError('logs:StartQuery', sdkError('LimitExceededException')).code).toBe('THROTTLED');
});

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
])("Node's %s is NETWORK", (code) => {
  expect(toCloudError('kms:DescribeKey', Object.assign(new Error('connect'), { code })).code).toBe('NETWORK');
});

test.each([
  ['a missing Region', new Error('Region is missing')],
  ['a missing token file', Object.assign(new Error("ENOENT: no such file, open 'token'"), { code: 'ENOENT' })],
])('%s is CREDENTIALS', (_, error) => {
  expect(toCloudError('kms:DescribeKey', error).code).toBe('CREDENTIALS');
});

test('the failures at each address replace the empty message of an AggregateError', () => {
  const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}`);
  const error = Object.assign(new AggregateError([refused('::1:9'), refused('127.0.0.1:9')]), { code: 'ECONNREFUSED' });

  expect(toCloudError('kms:DescribeKey', error)).toMatchObject({
    code: 'NETWORK',
    message: 'connect ECONNREFUSED ::1:9; connect ECONNREFUSED 127.0.0.1:9',
  });
});

test('an error without a message gets its name as the message', () => {
  expect(toCloudError('kms:DescribeKey', sdkError('Odd', 418, '')).message).toBe('Odd (HTTP status 418)');
  expect(toCloudError('kms:DescribeKey', sdkError('Odd', 418, 'UnknownError')).message).toBe('Odd (HTTP status 418)');
  expect(toCloudError('kms:DescribeKey', new TypeError('')).message).toBe('TypeError');
  expect(toCloudError('kms:DescribeKey', 'a text').message).toBe('a text');
});

describe('the right that AWS names in a refusal', () => {
  const USER = 'arn:aws:iam::111122223333:user/logseal';
  const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const GROUP = 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/x';
  const BOUNDARY = 'arn:aws:iam::111122223333:policy/boundary';
  const rightIn = (message: string, name = 'AccessDeniedException') =>
    toCloudError('kms:DescribeKey', sdkError(name, 400, message)).missingRight;

  test.each([
    [
      `User: ${USER} is not authorized to perform: kms:DescribeKey on resource: ${KEY} because no identity-based policy allows the kms:DescribeKey action`,
      { action: 'kms:DescribeKey', resource: KEY, isExplicitDeny: false },
    ],
    [
      `User: ${USER} is not authorized to perform: kms:GenerateDataKeyWithoutPlaintext on resource: ${KEY} because no resource-based policy allows the kms:GenerateDataKeyWithoutPlaintext action`,
      { action: 'kms:GenerateDataKeyWithoutPlaintext', resource: KEY, isExplicitDeny: false },
    ],
    [
      `User: ${USER} is not authorized to perform: kms:Encrypt on resource: ${KEY} with an explicit deny in a resource-based policy`,
      { action: 'kms:Encrypt', resource: KEY, isExplicitDeny: true },
    ],
    [
      `User: ${USER} is not authorized to perform: kms:Encrypt on resource: ${KEY} with an explicit deny in a service control policy`,
      { action: 'kms:Encrypt', resource: KEY, isExplicitDeny: true },
    ],
    [
      `User: ${USER} is not authorized to perform: kms:Encrypt on resource: ${KEY} with an explicit deny in a permissions boundary: ${BOUNDARY}`,
      { action: 'kms:Encrypt', resource: KEY, isExplicitDeny: true },
    ],
    [
      `User: ${USER} is not authorized to perform: logs:AssociateKmsKey on resource: ${GROUP}:log-stream: because no identity-based policy allows the logs:AssociateKmsKey action`,
      { action: 'logs:AssociateKmsKey', resource: GROUP, isExplicitDeny: false },
    ],
    [
      `User: ${USER} is not authorized to perform: logs:GetQueryResults on resource: * because no identity-based policy allows the logs:GetQueryResults action`,
      { action: 'logs:GetQueryResults', resource: '*', isExplicitDeny: false },
    ],
    [
      `User: ${USER} is not authorized to perform: iam:GetRole on resource: role scan because no identity-based policy allows the iam:GetRole action`,
      { action: 'iam:GetRole', resource: null, isExplicitDeny: false },
    ],
    [
      `User: ${USER} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::a-bucket/a-key" because no identity-based policy allows the s3:GetObject action`,
      { action: 's3:GetObject', resource: 'arn:aws:s3:::a-bucket/a-key', isExplicitDeny: false },
    ],
    [
      `User: ${USER} is not authorized to perform: sts:AssumeRole`,
      { action: 'sts:AssumeRole', resource: null, isExplicitDeny: false },
    ],
  ])('%s', (message, expected) => {
    expect(rightIn(message)).toEqual(expected);
    expect(rightIn(message, 'AccessDenied')).toEqual(expected);
  });

  test.each([
    "The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:eu-west-1:111122223333:log-group:/a'",
    'You are not authorized to perform this operation.',
    'Access denied',
  ])('is not known from: %s', (message) => {
    expect(rightIn(message)).toBeNull();
  });

  test('is not looked for in any other failure', () => {
    const message = `User: ${USER} is not authorized to perform: kms:Encrypt on resource: ${KEY}`;
    expect(rightIn(message, 'InvalidParameterException')).toBeNull();
  });
});

test('a CloudError is returned unchanged', () => {
  const error = new CloudError('NOT_FOUND', 'kms:DescribeKey', 'gone');
  expect(toCloudError('logs:DescribeLogGroups', error)).toBe(error);
});

test.each([
  ['THROTTLED', true],
  ['UNAVAILABLE', true],
  ['NETWORK', true],
  ['NOT_FOUND', false],
  ['ACCESS_DENIED', false],
  ['INVALID_REQUEST', false],
  ['CREDENTIALS', false],
] as const)('another attempt may succeed after %s: %s', (code, isTransient) => {
  expect(new CloudError(code, 'a:Call', 'no').isTransient).toBe(isTransient);
});

describe('what AWS gives in a refusal to ask for its details', () => {
  const authorizationIn = (message: string, name = 'AccessDeniedException') =>
    toCloudError('logs:AssociateKmsKey', sdkError(name, 400, message)).authorization;

  test.each([
    [
      'You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abc_def',
      { kind: 'MESSAGE', text: '4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abc_def' },
    ],
    [
      'no. Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/EXAMPLE1a2b3c4d5e6f7g8h9i0j for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: EXAMPLE1a2b3c4d5e6f7g8h9i0j',
      { kind: 'ID', text: 'EXAMPLE1a2b3c4d5e6f7g8h9i0j' },
    ],
    ['no. Encoded authorization failure message: a;rm -rf $HOME', { kind: 'MESSAGE', text: 'a' }],
    ['the specified key is not allowed to be used', null],
  ])('%s', (message, authorization) => {
    expect(authorizationIn(message)).toEqual(authorization);
  });

  test('is in a refusal only', () => {
    expect(authorizationIn('Encoded authorization failure message: abc', 'InvalidParameterException')).toBeNull();
  });
});

describe('why KMS refuses a key policy', () => {
  const refusalOf = (message: string, name = 'MalformedPolicyDocumentException') =>
    toCloudError('kms:PutKeyPolicy', sdkError(name, 400, message)).policyRefusal;

  test.each([
    ['Policy contains a statement with one or more invalid principals.', 'PRINCIPAL'],
    ['Policy contains a statement with one or more invalid service principals.', 'PRINCIPAL'],
    ['The new key policy will not allow you to update the key policy in the future.', 'LOCKOUT'],
    ['The policy is not valid.', null],
  ])('%s', (message, refusal) => {
    expect(refusalOf(message)).toBe(refusal);
  });

  test('is read from no other error', () => {
    expect(refusalOf('one or more invalid principals', 'AccessDeniedException')).toBeNull();
    expect(new CloudError('INVALID_REQUEST', 'kms:PutKeyPolicy', 'invalid principals').policyRefusal).toBeNull();
  });
});
