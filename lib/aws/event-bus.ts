import { setTimeout as wait } from 'node:timers/promises';
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type { EventBus } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { type Calls, createCalls } from './calls.ts';
import { clientSettings } from './clients.ts';

/** PutEvents takes 10 entries a call. */
const ENTRIES_PER_CALL = 10;
/** Older documentation says 256 KB a request, the newest 1 MB: this is below both, with room for what is around it. */
const BYTES_PER_CALL = 240 * 1024;
/** EventBridge names these as worth another try. */
const PASSING = /^(InternalFailure|InternalException|ThrottlingException)$/;
const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 50;

/** With a client of its own. */
export function createAwsEventBus(region: string, busName: string): EventBus {
  return createEventBus(new EventBridgeClient(clientSettings(region)), busName, createCalls());
}

/**
 * A custom bus of EventBridge. An answer of 200 may say that entries failed, which the SDK's retries do not see: those
 * entries alone are sent again, in their order.
 */
export function createEventBus(client: EventBridgeClient, busName: string, calls: Calls): EventBus {
  const put = async (entries: readonly PutEventsRequestEntry[], attempt = 1): Promise<void> => {
    const command = new PutEventsCommand({ Entries: [...entries] });
    const { Entries: results = [] } = await calls.make('events:PutEvents', () => client.send(command));
    const failed = entries
      .map((entry, index) => ({ entry, result: results[index] }))
      .filter(({ result }) => !result?.EventId);
    const [first] = failed;
    if (!first) return;
    const hopeless = failed.find(({ result }) => !mayPass(result));
    if (hopeless || attempt === MAX_ATTEMPTS) throw refused(failed.length, (hopeless ?? first).result);
    await wait(FIRST_WAIT_MS * 2 ** attempt * Math.random());
    await put(
      failed.map(({ entry }) => entry),
      attempt + 1,
    );
  };
  return {
    async send(events) {
      const entries = events.map(({ detailType, detail }) => ({
        EventBusName: busName,
        Source: 'logseal',
        DetailType: detailType,
        Detail: JSON.stringify(detail),
      }));
      for (const batch of batchesOf(entries)) await put(batch);
    },
  };
}

function mayPass(result: PutEventsResultEntry | undefined): boolean {
  return result?.ErrorCode === undefined || PASSING.test(result.ErrorCode);
}

function refused(count: number, result: PutEventsResultEntry | undefined): CloudError {
  const words = `${result?.ErrorCode ?? 'no answer'}: ${result?.ErrorMessage ?? 'no event id'}`;
  const code = mayPass(result) ? 'UNAVAILABLE' : 'INVALID_REQUEST';
  return new CloudError(code, 'events:PutEvents', `${count} events were not taken: ${words}`);
}

/** As few calls as count and bytes allow. */
function batchesOf(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const batches: PutEventsRequestEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    const last = batches.at(-1);
    if (last && last.length < ENTRIES_PER_CALL && bytes + size <= BYTES_PER_CALL) {
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
