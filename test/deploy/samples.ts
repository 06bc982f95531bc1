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

/** A file of events/, without the SQS record around it, moved to the emulator's account. */
export async function sample(name: string): Promise<BusEvent> {
  const text = await readFile(join(ROOT, 'events', `${name}.json`), 'utf8');
  const file = JSON.parse(text.replaceAll('111122223333', ACCOUNT));
  return file.Records ? JSON.parse(file.Records[0].body) : file;
}

/** CloudTrail's event about a new log group. */
export async function createLogGroupEvent(logGroupName: string): Promise<BusEvent> {
  return logGroupEvent('create-log-group', logGroupName);
}

/** CloudTrail's event about a log group, from a file of events/. */
export async function logGroupEvent(name: string, logGroupName: string): Promise<BusEvent> {
  const event = await sample(name);
  return { ...event, detail: { ...event.detail, requestParameters: { logGroupName } } };
}

/** CloudTrail's event about a new policy of a key. */
export async function keyPolicyEvent(keyArn: string): Promise<BusEvent> {
  const event = await sample('put-key-policy');
  const keyId = keyArn.split('/').at(-1);
  return { ...event, detail: { ...event.detail, requestParameters: { keyId }, resources: [{ ARN: keyArn }] } };
}
