import { readdirSync, readFileSync } from 'node:fs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

const FOLDER = new URL('../../events/', import.meta.url);

/** The CloudTrail samples of each function, by file name without `.json`: calls that name a key, an alias and neither. */
export const KEY_CALLS = [
  'disable-key',
  'schedule-key-deletion',
  'put-key-policy',
  'enable-key',
  'cancel-key-deletion',
  'delete-imported-key-material',
  'import-key-material',
];
export const ALIAS_CALLS = ['create-alias', 'update-alias', 'delete-alias'];
export const KEY_STORE_CALLS = ['disconnect-custom-key-store'];
export const SCAN_CLOUDTRAIL = [...KEY_CALLS, ...ALIAS_CALLS, ...KEY_STORE_CALLS];
/** What KMS itself tells EventBridge. */
export const KEY_NOTICES = ['key-material-expiration', 'key-deletion'];
/** What the scan function is told of keys. */
export const KEY_EVENTS = [...SCAN_CLOUDTRAIL, ...KEY_NOTICES];
export const REMEDIATE_CLOUDTRAIL = ['create-log-group', 'associate-kms-key', 'disassociate-kms-key'];
export const CLOUDTRAIL = [...SCAN_CLOUDTRAIL, ...REMEDIATE_CLOUDTRAIL];

/** The names of all samples. */
export function sampleNames(): string[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'env.json');
  return files.map((name) => name.replace('.json', '')).sort();
}

/** A sample as a function receives it. */
export function sample(name: string): object {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}

/** The records of a sample from a queue. */
export function recordsOf(name: string): SQSRecord[] {
  return (sample(name) as SQSEvent).Records;
}

/** The events in a sample, bare or in records. */
export function eventsIn(name: string): AnEvent[] {
  const given = sample(name) as Partial<SQSEvent>;
  return given.Records?.map(({ body }) => JSON.parse(body)) ?? [given as AnEvent];
}

/** The parts of an EventBridge event that tests use. */
export interface AnEvent {
  readonly version: '0';
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own events hold
  readonly detail: any;
}
