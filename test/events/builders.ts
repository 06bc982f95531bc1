import { createHash, randomUUID } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { ACCOUNT, aFinding, aLogGroup, REGION } from '../support/builders.ts';
import type { AnEvent } from './samples.ts';

/** A detail in the envelope of EventBridge. */
export function anEvent(source: string, detailType: string, detail: object, more: Partial<AnEvent> = {}): AnEvent {
  const about = { account: ACCOUNT, time: '2026-11-21T02:00:00Z', region: REGION, resources: [] };
  return { version: '0', id: randomUUID(), 'detail-type': detailType, source, ...about, detail, ...more } as AnEvent;
}

export function aSchedule(more: Partial<AnEvent> = {}): AnEvent {
  return anEvent('aws.events', 'Scheduled Event', {}, more);
}

export function aScanRequest(detail: object = {}, more: Partial<AnEvent> = {}): AnEvent {
  const target = { provider: 'aws', account: ACCOUNT, region: REGION };
  const run = { schema: 'logseal/scan-requested/1', runId: 'run-1', nextToken: null, counts: EMPTY_SUMMARY };
  return anEvent('logseal', 'Scan Requested', { ...run, ...target, ...detail }, more);
}

/** A finding about a log group without a key. */
export function aFindingEvent(name = '/app/a', detail: object = {}, more: Partial<AnEvent> = {}): AnEvent {
  const finding = { schema: 'logseal/finding/1', runId: 'run-1', ...aFinding(aLogGroup(name)) };
  return anEvent('logseal', 'Log Store Finding', { ...finding, ...detail }, more);
}

/** Callers as CloudTrail records them. Only a role has a session. */
export const CALLERS = {
  role: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLEEXAMPLE11:jane',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Admin/jane`,
    accountId: ACCOUNT,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAEXAMPLEEXAMPLE11',
        arn: `arn:aws:iam::${ACCOUNT}:role/Admin`,
        accountId: ACCOUNT,
        userName: 'Admin',
      },
      attributes: { creationDate: '2026-11-21T08:55:12Z', mfaAuthenticated: 'true' },
    },
  },
  'IAM user': {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLEEXAMPLE11',
    arn: `arn:aws:iam::${ACCOUNT}:user/jane`,
    accountId: ACCOUNT,
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    userName: 'jane',
  },
  root: {
    type: 'Root',
    principalId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:root`,
    accountId: ACCOUNT,
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  },
  'AWS service': { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
} as const;

/** An API call as CloudTrail reports it. */
export function anApiCall(
  service: 'kms' | 'logs',
  eventName: string,
  detail: object = {},
  more: Partial<AnEvent> = {},
) {
  const call = {
    eventVersion: '1.11',
    userIdentity: CALLERS.role,
    eventTime: '2026-11-21T09:12:33Z',
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: REGION,
    requestParameters: null,
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
  };
  return anEvent(`aws.${service}`, 'AWS API Call via CloudTrail', { ...call, ...detail }, more);
}

/** The key that `aKeyChange` names: in the demo's world it is disabled. */
export const CHANGED_KEY = '17eb3c01-68d0-47b2-aede-5481150f1723';

export function aKeyChange(eventName = 'DisableKey', detail: object = {}, more: Partial<AnEvent> = {}): AnEvent {
  const requestParameters = { keyId: CHANGED_KEY };
  return anApiCall('kms', eventName, { requestParameters, ...detail }, more);
}

/** A call that changed an alias. */
export function anAliasChange(
  eventName = 'UpdateAlias',
  aliasName = 'alias/logseal',
  more: Partial<AnEvent> = {},
): AnEvent {
  return anApiCall('kms', eventName, { requestParameters: { aliasName } }, more);
}

export function aLogGroupChange(
  requestParameters: object | null = { logGroupName: '/app/a' },
  detail: object = {},
  more: Partial<AnEvent> = {},
): AnEvent {
  return anApiCall('logs', 'CreateLogGroup', { requestParameters, ...detail }, more);
}

/** A record of SQS. @param body a string as it is, anything else as JSON */
export function aRecord(body: unknown, messageId: string = randomUUID(), attempt = 1): SQSRecord {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    messageId,
    receiptHandle: `handle-${messageId}`,
    body: text,
    attributes: {
      ApproximateReceiveCount: String(attempt),
      SentTimestamp: '1795226400000',
      SenderId: 'AIDAJXNJGGKNS7OSV23OI',
      ApproximateFirstReceiveTimestamp: '1795226402000',
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(text).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`,
    awsRegion: REGION,
  };
}

/** A batch with the message ids `m0`, `m1` … */
export function aBatch(...bodies: readonly unknown[]): SQSEvent {
  return { Records: bodies.map((body, index) => aRecord(body, `m${index}`)) };
}
