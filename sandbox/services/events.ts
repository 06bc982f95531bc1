import { randomUUID } from 'node:crypto';
import type * as Events from '@aws-sdk/client-eventbridge';
import { formatArn } from '../../lib/domain/arn.ts';
import { brokenConstraint, ServiceError } from '../service-error.ts';
import type { Bus, EventRecord } from '../state.ts';
import { json } from '../wire.ts';
import { compilePattern } from './event-pattern.ts';
import type { Call, Service } from './service.ts';

const MAX_ENTRIES = 10;
/** Of the older API models; the newest documentation grants 1 MB. */
const MAX_BYTES = 256 * 1024;

/** An entry as it comes over the wire: the time in seconds. */
type Entry = Omit<Events.PutEventsRequestEntry, 'Time'> & { readonly Time?: number };

function putEvents(call: Call, { Entries = [] }: { Entries?: Entry[] }): Events.PutEventsResponse {
  const invalid = (message: string) => new ServiceError('ValidationException', message);
  if (Entries.length < 1 || Entries.length > MAX_ENTRIES) {
    const rule = `have length between 1 and ${MAX_ENTRIES}`;
    throw invalid(brokenConstraint(`[${Entries.length} entries]`, 'entries', rule));
  }
  const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (bytes > MAX_BYTES) throw invalid('Total size of the entries in the request is over the limit.');
  const results = Entries.map((entry) => putEvent(call, entry));
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
}

/** "Calculating PutEvents event entry size": 14 bytes for a time, the rest in UTF-8. */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  return (Time === undefined ? 0 : 14) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''));
}

function putEvent(call: Call, entry: Entry): Events.PutEventsResultEntry {
  const faults = call.entryFaults(entry);
  if (faults.has('partial')) return refused('InternalFailure', 'Internal Service Failure');
  if (faults.has('partial-throttle')) return refused('ThrottlingException', 'Rate exceeded');
  for (const field of ['Source', 'DetailType', 'Detail'] as const) {
    const why = `Parameter ${field} is not valid. Reason: ${field} is a required argument.`;
    if (!entry[field]) return refused('InvalidArgument', why);
  }
  const { Source = '', DetailType = '', Detail = '', Resources = [], Time } = entry;
  if (Source.startsWith('aws.')) return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseObject(Detail);
  if (!detail) return refused('MalformedDetail', 'Detail is malformed.');
  const time = Time === undefined ? call.cloud.now() : new Date(Time * 1000);
  const event = newEvent(call, { source: Source, 'detail-type': DetailType, resources: Resources, detail }, time);
  const bus = call.state.buses.get(busName(entry));
  // A bus that does not exist drops the event silently.
  for (let copy = 0; bus && copy < (faults.has('duplicate') ? 2 : 1); copy++) publish(bus, event);
  return { EventId: event.id };
}

function refused(ErrorCode: string, ErrorMessage: string): Events.PutEventsResultEntry {
  return { ErrorCode, ErrorMessage };
}

function busName({ EventBusName = 'default' }: Entry): string {
  return EventBusName.replace(/^arn:.*:event-bus\//, '');
}

/** What EventBridge adds to what its sender says. */
export function newEvent(
  { account, region }: Pick<Call, 'account' | 'region'>,
  said: Pick<EventRecord, 'source' | 'detail-type' | 'resources' | 'detail'>,
  at: Date,
): EventRecord {
  const { source, 'detail-type': detailType, resources, detail } = said;
  const time = at.toISOString().replace(/\.\d+/, '');
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account,
    time,
    region,
    resources,
    detail,
  };
}

/** Hands an event to every target of every rule that it matches. */
export function publish(bus: Bus, event: EventRecord): void {
  bus.seen.push(event);
  for (const rule of bus.rules) if (rule.matches(event)) for (const send of rule.targets) send(event);
}

function testEventPattern(_call: Call, { EventPattern = '', Event = '' }: Events.TestEventPatternRequest) {
  const event = parseObject(Event);
  const required = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];
  const missing = required.filter((field) => !event || !Object.hasOwn(event, field));
  if (missing.length) {
    // Assumption: the text. The API reference lists the fields.
    throw new ServiceError('ValidationException', `Parameter Event is not valid. It lacks ${missing.join(', ')}.`);
  }
  try {
    return { Result: compilePattern(parseObject(EventPattern))(event) };
  } catch (error) {
    const why = `Event pattern is not valid. Reason: ${error instanceof Error ? error.message : error}`;
    throw new ServiceError('InvalidEventPatternException', why);
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  return undefined;
}

/** Amazon EventBridge. */
export const events: Service = {
  name: 'events',
  endpoint: 'AWSEvents',
  wire: json,
  operations: { PutEvents: putEvents, TestEventPattern: testEventPattern },
  unavailable: 'InternalException',
  resourceArns({ partition, region, account }, { Entries = [] }) {
    const resources = new Set((Entries as Entry[]).map((entry) => `event-bus/${busName(entry)}`));
    return [...resources].map((resource) => formatArn({ partition, service: 'events', region, account, resource }));
  },
};
