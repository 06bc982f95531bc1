import { setTimeout as wait } from 'node:timers/promises';
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type { EventBus } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { EVENT_ATTEMPTS, EVENT_BYTES_PER_CALL, EVENT_FIRST_WAIT_MS, EVENTS_PER_CALL } from '../pacing.ts';
import { type Calls, createCalls } from './calls.ts';
import { clientSettings } from './clients.ts';

/** EventBridge names these as worth another try. */
const PASSING = /^(InternalFailure|InternalException|ThrottlingException)$/;

/** With a client of its own. */
export function createAwsEventBus(region: string, busName: string): EventBus {
  return createEventBus(new EventBridgeClient(clientSettings(region)), busName, createCalls());
}

/**
 * A custom bus of EventBridge. An answer of 200 may say that entries failed, which the SDK's retries do not see: those
 * entries alone are sent again, in their order. One that is refused for good keeps none of the others back.
 */
export function createEventBus(client: EventBridgeClient, busName: string, calls: Calls): EventBus {
  /** @returns why each entry that was not taken in the end was not */
  const put = async (entries: readonly PutEventsRequestEntry[], attempt = 1): Promise<PutEventsResultEntry[]> => {
    const command = new PutEventsCommand({ Entries: [...entries] });
    const { Entries: answers = [] } = await calls.make('events:PutEvents', () => client.send(command));
    const failed = entries
      .map((entry, index) => ({ entry, result: answers[index] ?? {} }))
      .filter(({ result }) => !result.EventId);
    const again = attempt === EVENT_ATTEMPTS ? [] : failed.filter(({ result }) => mayPass(result));
    const lost = failed.filter((each) => !again.includes(each)).map(({ result }) => result);
    if (again.length === 0) return lost;
    await wait(EVENT_FIRST_WAIT_MS * 2 ** attempt * Math.random());
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

function mayPass({ ErrorCode }: PutEventsResultEntry): boolean {
  return ErrorCode === undefined || PASSING.test(ErrorCode);
}

function refused(lost: readonly PutEventsResultEntry[]): CloudError {
  const hopeless = lost.find((result) => !mayPass(result));
  const { ErrorCode = 'no answer', ErrorMessage = 'no event id' } = hopeless ?? lost[0] ?? {};
  const code = hopeless ? 'INVALID_REQUEST' : 'UNAVAILABLE';
  return new CloudError(
    code,
    'events:PutEvents',
    `${lost.length} events were not taken: ${ErrorCode}: ${ErrorMessage}`,
  );
}

/** As few calls as count and bytes allow. */
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

/** "Calculating Amazon EventBridge PutEvents event entry size": source, detail type and detail count, in UTF-8. */
function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  return Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
