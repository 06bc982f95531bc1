import { setTimeout } from 'node:timers/promises';
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type { EventBus, Wait } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { EVENT_ATTEMPTS, EVENT_BYTES_PER_CALL, EVENT_FIRST_WAIT_MS, EVENTS_PER_CALL } from '../pacing.ts';
import { type Calls, createCalls } from './calls.ts';
import { clientSettings } from './clients.ts';

/** EventBridge documents these as worth retrying. */
const TRANSIENT = /^(InternalFailure|InternalException|ThrottlingException)$/;

/** An event bus with its own client. */
export function createAwsEventBus(region: string, busName: string): EventBus {
  return createEventBus(new EventBridgeClient(clientSettings(region)), busName, createCalls());
}

/**
 * A custom event bus of EventBridge. A response with status 200 may report failed entries, which the SDK does not retry:
 * only those entries are sent again, in their order. An entry that is refused for good does not hold back the others.
 * @param wait waits between two attempts
 */
export function createEventBus(
  client: EventBridgeClient,
  busName: string,
  calls: Calls,
  wait: Wait = setTimeout,
): EventBus {
  /** @returns the result of each entry that EventBridge did not accept in the end */
  const put = async (entries: readonly PutEventsRequestEntry[], attempt = 1): Promise<PutEventsResultEntry[]> => {
    const command = new PutEventsCommand({ Entries: [...entries] });
    const { Entries: answers = [] } = await calls.make('events:PutEvents', () => client.send(command));
    const failed = entries
      .map((entry, index) => ({ entry, result: answers[index] ?? {} }))
      .filter(({ result }) => !result.EventId);
    const again = attempt === EVENT_ATTEMPTS ? [] : failed.filter(({ result }) => mayRetry(result));
    const lost = failed.filter((each) => !again.includes(each)).map(({ result }) => result);
    if (again.length === 0) return lost;
    await wait(EVENT_FIRST_WAIT_MS * 2 ** (attempt - 1) * Math.random());
    const entriesAgain = again.map(({ entry }) => entry);
    return [...lost, ...(await put(entriesAgain, attempt + 1))];
  };
  return {
    async send(events) {
      const entries = events.map(({ detailType, detail }) => ({
        EventBusName: busName,
        Source: 'logseal',
        DetailType: detailType,
        Detail: JSON.stringify(detail),
      }));
      const lost: PutEventsResultEntry[] = [];
      for (const batch of batchesOf(entries)) lost.push(...(await put(batch)));
      if (lost.length > 0) throw refused(lost);
    },
  };
}

function mayRetry({ ErrorCode }: PutEventsResultEntry): boolean {
  return ErrorCode === undefined || TRANSIENT.test(ErrorCode);
}

function refused(lost: readonly PutEventsResultEntry[]): CloudError {
  const hopeless = lost.find((result) => !mayRetry(result));
  const { ErrorCode = 'no error code', ErrorMessage = 'no event id' } = hopeless ?? lost[0] ?? {};
  const code = hopeless ? 'INVALID_REQUEST' : 'UNAVAILABLE';
  return new CloudError(
    code,
    'events:PutEvents',
    `${lost.length} events were not accepted: ${ErrorCode}: ${ErrorMessage}`,
  );
}

/** Splits entries into as few calls as the limits allow, in their order. */
function batchesOf(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const batches: PutEventsRequestEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    const last = batches.at(-1);
    if (last && last.length < EVENTS_PER_CALL && bytes + size <= EVENT_BYTES_PER_CALL) {
      last.push(entry);
      bytes += size;
    } else {
      batches.push([entry]);
      bytes = size;
    }
  }
  return batches;
}

/** In bytes of UTF-8: source, detail type and detail (EventBridge User Guide, "Calculating PutEvents event entry size"). */
function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  return Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
