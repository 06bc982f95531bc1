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

/** A file of events/, without the SQS record around it, as it would be in the emulator's account. */
export async function sample(name: string): Promise<BusEvent> {
  const text = await readFile(join(ROOT, 'events', `${name}.json`), 'utf8');
  const file = JSON.parse(text.replaceAll('111122223333', ACCOUNT));
  return file.Records ? JSON.parse(file.Records[0].body) : file;
}

/** CloudTrail's event of a log group that somebody made. */
export async function createLogGroupEvent(logGroupName: string): Promise<BusEvent> {
  const event = await sample('create-log-group');
  return { ...event, detail: { ...event.detail, requestParameters: { logGroupName } } };
}
