import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/logseal.ts';
import { ACCOUNT } from './place.ts';

/** An event as EventBridge delivers it. */
export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Record<string, unknown>;
  readonly [field: string]: unknown;
}

/** A file of events/, without the SQS record around it, moved to an account, by default the emulator's. */
export async function sample(name: string, account = ACCOUNT): Promise<BusEvent> {
  const text = await readFile(join(ROOT, 'events', `${name}.json`), 'utf8');
  const file = JSON.parse(text.replaceAll('111122223333', account));
  return file.Records ? JSON.parse(file.Records[0].body) : file;
}

/** CloudTrail's event about a new log group. */
export async function createLogGroupEvent(logGroupName: string): Promise<BusEvent> {
  return logGroupEvent('create-log-group', logGroupName);
}

/** CloudTrail's event about a log group, from a file of events/. */
export async function logGroupEvent(name: string, logGroupName: string, account?: string): Promise<BusEvent> {
  const event = await sample(name, account);
  return { ...event, detail: { ...event.detail, requestParameters: { logGroupName } } };
}

/** CloudTrail's event about a new policy of a key. */
export async function keyPolicyEvent(keyArn: string): Promise<BusEvent> {
  const event = await sample('put-key-policy');
  const keyId = keyArn.split('/').at(-1);
  return { ...event, detail: { ...event.detail, requestParameters: { keyId }, resources: [{ ARN: keyArn }] } };
}

/** An event with other details. */
export function withDetail(event: BusEvent, more: object): BusEvent {
  return { ...event, detail: { ...event.detail, ...more } };
}

/** Details that name the role behind the session of the caller. */
export function bySessionOf(roleArn: string): object {
  const [, , , , accountId] = roleArn.split(':');
  const sessionIssuer = { type: 'Role', arn: roleArn };
  return { userIdentity: { type: 'AssumedRole', accountId, sessionContext: { sessionIssuer } } };
}
