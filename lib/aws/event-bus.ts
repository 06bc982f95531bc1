import { setTimeout } from 'node:timers/promises';
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type { BeforeRequest, EventBus, OutgoingEvent, Wait } from '../app/ports.ts';
import { CloudError, NotAcceptedError } from '../errors.ts';
import { EVENT_ATTEMPTS, EVENT_BYTES_PER_CALL, EVENT_FIRST_WAIT_MS, EVENTS_PER_CALL } from '../pacing.ts';
import { beforeEachRequest } from './before-each-request.ts';
import { type Calls, createCalls } from './calls.ts';
import { clientSettings } from './clients.ts';

/** EventBridge documents these as worth retrying. */
const TRANSIENT = /^(InternalFailure|InternalException|ThrottlingException)$/;

/** An event bus with its own client. */
export function createAwsEventBus(region: string, busName: string): EventBus {
  return createEventBus(new EventBridgeClient(clientSettings(region)), busName, createCalls());
}

interface Outgoing {
  readonly event: OutgoingEvent;
  readonly entry: PutEventsRequestEntry;
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
  const guarded = beforeEachRequest(client);
  /** @param open the events that were not accepted so far, with the reason where there is one. Those that are accepted leave it. */
  const put = async (
    batch: readonly Outgoing[],
    open: Map<OutgoingEvent, CloudError | null>,
    beforeRequest: BeforeRequest | undefined,
    attempt = 1,
  ) => {
    const command = new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) });
    const { Entries: answers = [] } = await guarded(command, beforeRequest, () =>
      calls.make('events:PutEvents', () => client.send(command)),
    );
    const again: Outgoing[] = [];
    for (const [index, { event, entry }] of batch.entries()) {
      const result = answers[index] ?? {};
      if (result.EventId) open.delete(event);
      else open.set(event, refused(result));
      if (!result.EventId && mayRetry(result)) again.push({ event, entry });
    }
    if (again.length === 0 || attempt === EVENT_ATTEMPTS) return;
    await wait(EVENT_FIRST_WAIT_MS * 2 ** (attempt - 1) * Math.random());
    await put(again, open, beforeRequest, attempt + 1);
  };
  return {
    async send(events, beforeRequest) {
      const open = new Map<OutgoingEvent, CloudError | null>(events.map((event) => [event, null]));
      const outgoing = events.map((event) => ({ event, entry: entryOf(event, busName) }));
      let broken: CloudError | null = null;
      for (const batch of batchesOf(outgoing)) {
        try {
          await put(batch, open, beforeRequest);
        } catch (error) {
          if (!(error instanceof CloudError)) throw error;
          for (const { event } of batch) if (open.get(event) === null) open.set(event, error);
          // The entries of this call were the mistake, so the next may be fine.
          if (error.code === 'INVALID_REQUEST') continue;
          broken = error;
          break;
        }
      }
      if (open.size === 0) return;
      throw new NotAcceptedError(new Map([...open].map(([event, error]) => [event, error ?? broken ?? refused({})])));
    },
  };
}

function entryOf({ detailType, detail }: OutgoingEvent, EventBusName: string): PutEventsRequestEntry {
  return { EventBusName, Source: 'logseal', DetailType: detailType, Detail: JSON.stringify(detail) };
}

function mayRetry({ ErrorCode }: PutEventsResultEntry): boolean {
  return ErrorCode === undefined || TRANSIENT.test(ErrorCode);
}

function refused(result: PutEventsResultEntry): CloudError {
  const { ErrorCode = 'no error code', ErrorMessage = 'no event id' } = result;
  const code = mayRetry(result) ? 'UNAVAILABLE' : 'INVALID_REQUEST';
  return new CloudError(code, 'events:PutEvents', `${ErrorCode}: ${ErrorMessage}`);
}

/** Splits events into as few calls as the limits allow, in their order. */
function batchesOf(outgoing: readonly Outgoing[]): Outgoing[][] {
  const batches: Outgoing[][] = [];
  let bytes = 0;
  for (const each of outgoing) {
    const size = sizeOf(each.entry);
    const last = batches.at(-1);
    if (last && last.length < EVENTS_PER_CALL && bytes + size <= EVENT_BYTES_PER_CALL) {
      last.push(each);
      bytes += size;
    } else {
      batches.push([each]);
      bytes = size;
    }
  }
  return batches;
}

/** In bytes of UTF-8: source, detail type and detail (EventBridge User Guide, "Calculating PutEvents event entry size"). */
function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  return Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
