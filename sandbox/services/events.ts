import { randomUUID } from 'node:crypto';
import type * as Events from '@aws-sdk/client-eventbridge';
import { formatArn, parseArn } from '../../lib/domain/arn.ts';
import { accessDenied, admissionOf, type Caller } from '../rights.ts';
import { brokenConstraint, ServiceError } from '../service-error.ts';
import { type Bus, type Delivery, type EventRecord, organizationKeys, regionState } from '../state.ts';
import { json, parseObject } from '../wire.ts';
import { compilePattern } from './event-pattern.ts';
import type { Call, Service } from './service.ts';

const MAX_ENTRIES = 10;
/** The limit in older API models. The newest documentation says 1 MB. */
const MAX_BYTES = 256 * 1024;

/** An entry as it comes over the wire, with the time in seconds. */
type Entry = Omit<Events.PutEventsRequestEntry, 'Time'> & { readonly Time?: number };

function putEvents(call: Call, { Entries = [] }: { Entries?: Entry[] }): Events.PutEventsResponse {
  if (Entries.length < 1 || Entries.length > MAX_ENTRIES) {
    const rule = `have length between 1 and ${MAX_ENTRIES}`;
    throw invalid(brokenConstraint(`[${Entries.length} entries]`, 'entries', rule));
  }
  const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (bytes > MAX_BYTES) throw invalid('Total size of the entries in the request is over the limit.');
  const results = Entries.map((entry): Events.PutEventsResultEntry => {
    const [ErrorCode, ErrorMessage] = refusalOf(call, entry) ?? [];
    return ErrorCode ? { ErrorCode, ErrorMessage } : { EventId: putEvent(call, entry) };
  });
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
}

/** "Calculating PutEvents event entry size": 14 bytes for a time, and the other fields in UTF-8. */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  return (Time === undefined ? 0 : 14) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''));
}

function refusalOf(call: Call, entry: Entry): [code: string, message: string] | undefined {
  if (call.isStruck('partial', entry)) return ['InternalFailure', 'Internal Service Failure'];
  if (call.isStruck('partial-throttle', entry)) return ['ThrottlingException', 'Rate exceeded'];
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((field) => !entry[field]);
  const why = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
  if (missing) return ['InvalidArgument', why];
  if (entry.Source?.startsWith('aws.')) return ['NotAuthorizedForSourceException', 'Not authorized for the source.'];
  return parseObject(entry.Detail) ? undefined : ['MalformedDetail', 'Detail is malformed.'];
}

/** As on AWS, an event for a bus that does not exist is dropped silently. @returns the event's id */
function putEvent(call: Call, entry: Entry): string {
  const { Source: source = '', DetailType = '', Detail, Resources: resources = [], Time } = entry;
  const time = Time === undefined ? call.cloud.now() : new Date(Time * 1000);
  const event = newEvent(call, { source, 'detail-type': DetailType, resources, detail: parseObject(Detail) }, time);
  publish(busOf(call, entry), event, call.delivery(entry));
  return event.id;
}

/** @throws ServiceError where the bus is of another account whose policy does not admit the event */
function busOf(call: Call, entry: Entry): Bus | undefined {
  const { account = call.account, region = call.region } = parseArn(entry.EventBusName ?? '') ?? {};
  const bus = regionState(call.cloud, account, region).buses.get(nameIn(entry));
  if (account === call.account || admits(bus, { ...call, source: entry.Source ?? '' }, entry.EventBusName)) return bus;
  throw accessDenied(call, 'events:PutEvents', entry.EventBusName ?? '', 'resource');
}

/** Whether the policy of a bus lets another account put an event there, itself or by a rule that forwards it. */
export function admits(bus: Bus | undefined, sender: Caller & { readonly source: string }, arn = ''): boolean {
  const keys = {
    'events:source': [sender.source],
    ...organizationKeys(sender.cloud, 'aws:principalorgid', sender.account),
  };
  const request = { action: 'events:PutEvents', resource: arn, keys };
  const decision = bus?.policy ? admissionOf(sender, bus.policy, request) : 'IMPLICIT_DENY';
  return decision === 'ALLOW' || decision === 'DELEGATED';
}

function nameIn({ EventBusName = 'default' }: Entry): string {
  return EventBusName.replace(/^arn:.*:event-bus\//, '');
}

/** An event with the fields that EventBridge adds to those of the sender. */
export function newEvent(
  { account, region }: Pick<Call, 'account' | 'region'>,
  given: Pick<EventRecord, 'source' | 'detail-type' | 'resources' | 'detail'>,
  at: Date,
): EventRecord {
  const time = at.toISOString().replace(/\.\d+/, '');
  return { version: '0', id: randomUUID(), ...given, account, time, region };
}

/** Sends an event to every target of every matching rule. */
export function publish(bus: Bus | undefined, event: EventRecord, { isTwice, later }: Delivery): void {
  const rules = bus?.rules.filter(({ matches }) => matches(event)) ?? [];
  bus?.seen.push(event);
  const targets = rules.flatMap((rule) => rule.targets);
  for (const send of targets) later(() => send(event));
  if (isTwice) for (const send of targets) send(event);
}

function testEventPattern(_call: Call, { EventPattern, Event }: Events.TestEventPatternRequest) {
  const event = parseObject(Event) ?? {};
  const required = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];
  const missing = required.filter((field) => !Object.hasOwn(event, field));
  // Assumption: the text. The API reference lists the fields.
  if (missing.length) throw invalid(`Parameter Event is not valid. It lacks ${missing.join(', ')}.`);
  try {
    return { Result: compilePattern(parseObject(EventPattern))(event) };
  } catch (error) {
    const why = `Event pattern is not valid. Reason: ${(error as Error).message}`;
    throw new ServiceError('InvalidEventPatternException', why);
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** Amazon EventBridge. */
export const events: Service = {
  name: 'events',
  endpoint: 'AWSEvents',
  wire: json,
  operations: { PutEvents: putEvents, TestEventPattern: testEventPattern },
  unavailable: 'InternalException',
  resourceArns({ partition, region, account }, { Entries = [] }) {
    const named = ({ EventBusName = 'default' }: Entry) =>
      parseArn(EventBusName)
        ? EventBusName
        : formatArn({ partition, service: 'events', region, account, resource: `event-bus/${EventBusName}` });
    return [...new Set((Entries as Entry[]).map(named))];
  },
};
