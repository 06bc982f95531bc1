import { randomUUID } from 'node:crypto';
import type { MadeCall } from '../../sandbox/dispatch.ts';
import type { EventRecord } from '../../sandbox/state.ts';

const RECORDED = new Set([
  ...['logs:CreateLogGroup', 'logs:AssociateKmsKey', 'logs:DisassociateKmsKey'],
  ...['kms:DisableKey', 'kms:EnableKey', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion', 'kms:PutKeyPolicy'],
  ...['kms:CreateAlias', 'kms:UpdateAlias', 'kms:DeleteAlias'],
]);

/** What EventBridge gets from CloudTrail about a call; undefined: no rule of any stack is about it. */
export function cloudTrailEvent({ name, account, region, callerArn, input, atMs }: MadeCall): EventRecord | undefined {
  if (!RECORDED.has(name)) return undefined;
  const [service = '', eventName = ''] = name.split(':');
  const time = new Date(atMs).toISOString().replace(/\.\d+/, '');
  const parameters = Object.entries(input).map(([key, value]) => [key[0]?.toLowerCase() + key.slice(1), value]);
  const key = input['KeyId'] ?? input['TargetKeyId'];
  return {
    ...{ version: '0', id: randomUUID(), 'detail-type': 'AWS API Call via CloudTrail', source: `aws.${service}` },
    ...{ account, time, region, resources: [] },
    detail: {
      ...{ eventVersion: '1.11', userIdentity: identityOf(callerArn, account), eventTime: time },
      ...{ eventSource: `${service}.amazonaws.com`, eventName, awsRegion: region, requestID: randomUUID() },
      ...{ eventID: randomUUID(), readOnly: false, eventType: 'AwsApiCall', managementEvent: true },
      ...{ recipientAccountId: account, eventCategory: 'Management', responseElements: null },
      requestParameters: Object.fromEntries(parameters),
      ...(key !== undefined && { resources: [{ accountId: account, type: 'AWS::KMS::Key', ARN: key }] }),
    },
  };
}

function identityOf(arn: string, accountId: string): object {
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (role === undefined)
    return { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn, accountId, userName: arn.split('/').at(-1) };
  const issuer = {
    type: 'Role',
    principalId: 'AROAEXAMPLE',
    arn: `arn:aws:iam::${accountId}:role/${role}`,
    accountId,
    userName: role,
  };
  return {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:sandbox',
    arn,
    accountId,
    sessionContext: { sessionIssuer: issuer },
  };
}
