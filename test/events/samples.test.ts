import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../support/builders.ts';
import {
  ALIAS_CALLS,
  CLOUDTRAIL,
  eventsIn,
  KEY_CALLS,
  KEY_EVENTS,
  KEY_NOTICES,
  recordsOf,
  SCAN_CLOUDTRAIL,
  sample,
  sampleNames,
} from './samples.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TWINS = CLOUDTRAIL.map((name) => `${name}-failed`);
const QUEUED = ['scan-requested', 'findings', ...CLOUDTRAIL, ...TWINS, ...KEY_NOTICES];
const DIRECT = ['schedule', 'finding'];

const apiOf = (name: string) => name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase());

test('there is a sample for each way to invoke a function, and no other', () => {
  expect(sampleNames()).toEqual([...DIRECT, ...QUEUED].sort());
});

test.each([...DIRECT, ...QUEUED])('%s has complete events of EventBridge', (name) => {
  for (const event of eventsIn(name)) {
    expect(event).toEqual({
      version: '0',
      id: expect.stringMatching(UUID),
      'detail-type': expect.any(String),
      source: expect.stringMatching(/^(logseal|aws\.(events|kms|logs))$/),
      account: ACCOUNT,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: REGION,
      resources: expect.any(Array),
      detail: expect.any(Object),
    });
  }
});

test.each(QUEUED)('%s comes from the queue of its function', (name) => {
  const queue = KEY_EVENTS.includes(name.replace('-failed', '')) || name === 'scan-requested' ? 'Scan' : 'Remediate';

  for (const record of recordsOf(name)) {
    expect(record).toEqual({
      messageId: expect.stringMatching(UUID),
      receiptHandle: expect.stringMatching(/^AQEB/),
      body: expect.any(String),
      attributes: expect.objectContaining({
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      }),
      messageAttributes: {},
      md5OfBody: createHash('md5').update(record.body).digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: expect.stringMatching(`^arn:aws:sqs:${REGION}:${ACCOUNT}:logseal-${queue}Queue-`),
      awsRegion: REGION,
    });
    const [{ time } = { time: '' }] = eventsIn(name);
    expect(Number(record.attributes.SentTimestamp)).toBeGreaterThanOrEqual(Date.parse(time));
  }
});

test('a batch has several findings with different reasons, and every id is unique', () => {
  const codes = eventsIn('findings').map(({ detail }) => detail.reasons[0].code);
  const ids = [...DIRECT, ...QUEUED].flatMap((name) => eventsIn(name).map(({ id }) => id));
  const messages = QUEUED.flatMap((name) => recordsOf(name).map(({ messageId }) => messageId));

  expect(new Set(codes).size).toBeGreaterThan(2);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(messages).size).toBe(messages.length);
});

test('the schedule has no detail', () => {
  expect(sample('schedule')).toMatchObject({
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    resources: [expect.stringMatching(`^arn:aws:events:${REGION}:${ACCOUNT}:rule/`)],
    detail: {},
  });
});

describe.each([...CLOUDTRAIL, ...TWINS])('%s', (name) => {
  const [event] = eventsIn(name);
  const isKms = SCAN_CLOUDTRAIL.includes(name.replace('-failed', ''));
  const service = isKms ? 'kms' : 'logs';

  test('has the fields of a CloudTrail event', () => {
    expect(event).toMatchObject({ source: `aws.${service}`, 'detail-type': 'AWS API Call via CloudTrail' });
    expect(event?.detail).toMatchObject({
      eventVersion: '1.11',
      eventTime: event?.time,
      eventSource: `${service}.amazonaws.com`,
      eventName: apiOf(name.replace('-failed', '')),
      awsRegion: REGION,
      sourceIPAddress: expect.any(String),
      userAgent: expect.any(String),
      requestID: expect.stringMatching(UUID),
      eventID: expect.stringMatching(UUID),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    });
  });

  test('has a role with a session as the caller', () => {
    expect(event?.detail.userIdentity).toEqual({
      type: 'AssumedRole',
      principalId: expect.stringMatching(/^AROA\w{16}:/),
      arn: expect.stringMatching(`^arn:aws:sts::${ACCOUNT}:assumed-role/`),
      accountId: ACCOUNT,
      accessKeyId: expect.stringMatching(/^ASIA/),
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: expect.stringMatching(/^AROA\w{16}$/),
          arn: expect.stringMatching(`^arn:aws:iam::${ACCOUNT}:role/`),
          accountId: ACCOUNT,
          userName: expect.any(String),
        },
        attributes: { creationDate: expect.any(String), mfaAuthenticated: expect.any(String) },
      },
    });
  });

  const call = name.replace('-failed', '');
  if (ALIAS_CALLS.includes(call)) {
    test('names an alias, and has its ARN and that of the key', () => {
      const { aliasName } = event?.detail.requestParameters ?? {};
      const resource = (name: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:${name}`;

      expect(aliasName).toMatch(/^alias\/\w+$/);
      expect(event?.detail.resources).toEqual([
        { accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: resource(aliasName) },
        { accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: expect.stringContaining(resource('key/')) },
      ]);
    });
  } else if (KEY_CALLS.includes(call)) {
    test('has the ARN of the key besides the id in the request', () => {
      const [resource] = event?.detail.resources ?? [];
      const { keyId } = event?.detail.requestParameters ?? { keyId: resource.ARN.replace(/^.*\//, '') };

      expect(keyId).toMatch(UUID);
      expect(event?.detail.resources).toEqual([
        { accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}` },
      ]);
    });
  } else if (isKms) {
    test('names a custom key store, and no key', () => {
      expect(event?.detail).toMatchObject({ requestParameters: { customKeyStoreId: expect.stringMatching(/^cks-/) } });
      expect(event?.detail).not.toHaveProperty('resources');
    });
  } else {
    test('names its log group', () => {
      expect(event?.detail).toMatchObject({
        apiVersion: '20140328',
        requestParameters: { logGroupName: expect.any(String) },
        responseElements: null,
      });
    });
  }
});

test.each(CLOUDTRAIL)('%s succeeded, and its -failed twin failed', (name) => {
  const [{ detail: good } = { detail: {} }] = eventsIn(name);
  const [{ detail: failed } = { detail: {} }] = eventsIn(`${name}-failed`);

  expect(good).not.toHaveProperty('errorCode');
  expect(failed).toMatchObject({
    errorCode: expect.stringMatching(/^(AccessDenied|\w+Exception)$/),
    errorMessage: expect.any(String),
    responseElements: null,
    eventName: good.eventName,
  });
  const keyId = good.resources?.at(-1).ARN;
  if (SCAN_CLOUDTRAIL.includes(name) && keyId) expect(good.responseElements).toMatchObject({ keyId });
});

test.each(KEY_NOTICES)('%s comes from KMS itself and names a key', (name) => {
  const [event] = eventsIn(name);
  const id = event?.detail['key-id'];

  expect(event).toMatchObject({
    source: 'aws.kms',
    'detail-type': expect.stringMatching(/^KMS /),
    detail: { 'key-id': id },
  });
  expect(id).toMatch(UUID);
  expect(event?.resources).toEqual([`arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`]);
});
