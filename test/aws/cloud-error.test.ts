import { KMSServiceException } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { toCloudError } from '../../lib/aws/cloud-error.ts';
import { CloudError, type CloudErrorCode } from '../../lib/errors.ts';

function sdkError(name: string, httpStatusCode = 400, message = 'the words of AWS') {
  return new KMSServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message });
}

const named: Record<CloudErrorCode, string[]> = {
  ACCESS_DENIED: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'],
  NOT_FOUND: ['NotFoundException', 'ResourceNotFoundException', 'NoSuchEntityException'],
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
    expect(error).toMatchObject({ code, call: 'kms:DescribeKey', message: 'the words of AWS' });
    expect(error.cause).toBe(cause);
  });
});

test.each([500, 502, 503, 504])('an unknown error of status %i is UNAVAILABLE', (status) => {
  expect(toCloudError('kms:DescribeKey', sdkError('KMSInternalException', status)).code).toBe('UNAVAILABLE');
});

test('status 429 is THROTTLED', () => {
  expect(toCloudError('kms:DescribeKey', sdkError('Odd', 429)).code).toBe('THROTTLED');
});

test('a limit that a write exceeds is no matter of time', () => {
  expect(toCloudError('kms:PutKeyPolicy', sdkError('LimitExceededException')).code).toBe('INVALID_REQUEST');
});

test('too many queries at a time are', () => {
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
  ['a Region that is missing', new Error('Region is missing')],
  ['a token file that is missing', Object.assign(new Error("ENOENT: no such file, open 'token'"), { code: 'ENOENT' })],
])('%s is CREDENTIALS', (_, error) => {
  expect(toCloudError('kms:DescribeKey', error).code).toBe('CREDENTIALS');
});

test('the empty message of a name with several addresses becomes what happened at each', () => {
  const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}`);
  const error = Object.assign(new AggregateError([refused('::1:9'), refused('127.0.0.1:9')]), { code: 'ECONNREFUSED' });

  expect(toCloudError('kms:DescribeKey', error)).toMatchObject({
    code: 'NETWORK',
    message: 'connect ECONNREFUSED ::1:9; connect ECONNREFUSED 127.0.0.1:9',
  });
});

test('an error without words is called by its name', () => {
  expect(toCloudError('kms:DescribeKey', sdkError('Odd', 418, '')).message).toBe('Odd (HTTP status 418)');
  expect(toCloudError('kms:DescribeKey', sdkError('Odd', 418, 'UnknownError')).message).toBe('Odd (HTTP status 418)');
  expect(toCloudError('kms:DescribeKey', new TypeError('')).message).toBe('TypeError');
  expect(toCloudError('kms:DescribeKey', 'a text').message).toBe('a text');
});

test('a CloudError stays what it is', () => {
  const error = new CloudError('NOT_FOUND', 'kms:DescribeKey', 'gone');
  expect(toCloudError('logs:DescribeLogGroups', error)).toBe(error);
});
