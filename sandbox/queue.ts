import { createHash, randomUUID } from 'node:crypto';
import type { KeyPolicy } from '../lib/domain/key-policy/parse.ts';
import { type Clock, realClock } from './clock.ts';
import type { LeapingClock } from './leaping-clock.ts';

/** A message as ReceiveMessage returns it. */
export interface Message {
  readonly messageId: string;
  receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: Record<string, string>;
  readonly messageAttributes: Readonly<Record<string, { readonly DataType: 'String'; readonly StringValue: string }>>;
}

interface Entry {
  readonly message: Message;
  visibleAtMs: number;
  /** The visibility timeout that was asked for while a function had the message. */
  timeoutS?: number | undefined;
}

/** A standard queue. Every duration is in AWS's seconds, each of which lasts `timeScale` real seconds. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly timeScale: number;
  readonly clock: Clock;
  visibilityTimeoutS = 30;
  redrive: { readonly to: Queue; readonly maxReceiveCount: number } | undefined;
  policy: KeyPolicy | undefined;
  readonly #entries = new Map<string, Entry>();

  constructor(name: string, arn: string, url: string, timeScale: number, clock: Clock = realClock) {
    this.name = name;
    this.arn = arn;
    this.url = url;
    this.timeScale = timeScale;
    this.clock = clock;
  }

  /** @param group the group that the message is of, which makes this a fair queue */
  send(body: string, attributes: Readonly<Record<string, string>> = {}, delayS = 0, group = ''): Message {
    const texts = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]);
    const message: Message = {
      ...{ messageId: randomUUID(), receiptHandle: '', body, md5OfBody: createHash('md5').update(body).digest('hex') },
      attributes: {
        ...{ ApproximateReceiveCount: '0', SentTimestamp: this.#timestamp(), SenderId: 'AIDASANDBOX' },
        ...(group && { MessageGroupId: group }),
      },
      messageAttributes: Object.fromEntries(texts),
    };
    this.#entries.set(message.messageId, { message, visibleAtMs: this.#after(delayS) });
    return message;
  }

  /**
   * Receives messages of the groups first of which the fewest are in flight, the oldest of each group first. Assumption: SQS says only
   * that a fair queue returns messages of quiet groups before those of one that has many in flight.
   * A message that was received too often moves to the dead-letter queue instead.
   */
  receive(max: number, visibilityTimeoutS = this.visibilityTimeoutS): Message[] {
    const received: Message[] = [];
    for (const entry of this.#inFairOrder()) {
      if (received.length === max) break;
      const { messageId, attributes } = entry.message;
      const count = Number(attributes['ApproximateReceiveCount']) + 1;
      if (this.redrive && count > this.redrive.maxReceiveCount) {
        this.#entries.delete(messageId);
        this.redrive.to.#entries.set(messageId, entry);
        continue;
      }
      attributes['ApproximateReceiveCount'] = String(count);
      attributes['ApproximateFirstReceiveTimestamp'] ??= this.#timestamp();
      entry.message.receiptHandle = `${messageId}/${randomUUID()}`;
      entry.visibleAtMs = this.#after(visibilityTimeoutS);
      received.push(entry.message);
    }
    return received;
  }

  /** Does nothing unless the handle is from the last time that the message was received. */
  delete(receiptHandle: string): void {
    if (this.#received(receiptHandle)) this.#entries.delete(idIn(receiptHandle));
  }

  /**
   * Changes how long a message is hidden. Where a function has it, that counts from the end of the invocation, since functions run
   * in real time and not in scaled time.
   * @returns false when the message was deleted or received again
   */
  hide(receiptHandle: string, visibilityTimeoutS: number): boolean {
    const entry = this.#received(receiptHandle);
    if (!entry) return false;
    if (entry.visibleAtMs === Number.POSITIVE_INFINITY) entry.timeoutS = visibilityTimeoutS;
    else entry.visibleAtMs = this.#after(visibilityTimeoutS);
    return true;
  }

  /** A received message stays visible, so that it is received for a second time. Its newest handle is the only one that counts. */
  show(receiptHandle: string): void {
    const entry = this.#received(receiptHandle);
    if (entry) entry.visibleAtMs = this.#after(0);
  }

  /** Ends an invocation that a message came to and that failed. */
  giveBack(receiptHandle: string): void {
    const entry = this.#received(receiptHandle);
    if (!entry) return;
    entry.visibleAtMs = this.#after(entry.timeoutS ?? this.visibilityTimeoutS);
    entry.timeoutS = undefined;
  }

  #received(receiptHandle: string): Entry | undefined {
    const entry = this.#entries.get(idIn(receiptHandle));
    return entry?.message.receiptHandle === receiptHandle ? entry : undefined;
  }

  /** How many messages can be received now. */
  get visible(): number {
    return this.#visible().length;
  }

  /** When the next message becomes visible, by the clock; undefined: there is none. */
  get nextMs(): number | undefined {
    const times = [...this.#entries.values()].map(({ visibleAtMs }) => visibleAtMs).filter(Number.isFinite);
    return times.length ? Math.min(...times) : undefined;
  }

  /** Every message that is in the queue, hidden or not. */
  get messages(): Message[] {
    return [...this.#entries.values()].map(({ message }) => message);
  }

  *#inFairOrder(): Generator<Entry> {
    const waiting = Map.groupBy(this.#visible(), groupOf);
    for (const ofGroup of waiting.values()) ofGroup.reverse();
    const inFlight = new Map([...waiting.keys()].map((group) => [group, 0]));
    const nowMs = this.clock.nowMs();
    for (const entry of inFlight.size > 1 ? this.#entries.values() : []) {
      const group = groupOf(entry);
      const count = inFlight.get(group);
      if (count !== undefined && entry.visibleAtMs > nowMs && entry.message.receiptHandle)
        inFlight.set(group, count + 1);
    }
    while (inFlight.size > 0) {
      const [group] = [...inFlight].reduce((quietest, one) => (one[1] < quietest[1] ? one : quietest));
      const ofGroup = waiting.get(group) ?? [];
      const next = ofGroup.pop();
      if (next) yield next;
      if (ofGroup.length > 0) inFlight.set(group, (inFlight.get(group) ?? 0) + 1);
      else inFlight.delete(group);
    }
  }

  #visible() {
    const nowMs = this.clock.nowMs();
    return [...this.#entries.values()].filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
  }

  /** By the same clock as the functions. */
  #timestamp(): string {
    return String(('date' in this.clock ? (this.clock as LeapingClock).date() : new Date()).getTime());
  }

  #after(seconds: number): number {
    return this.clock.nowMs() + seconds * 1000 * this.timeScale;
  }
}

function groupOf({ message }: Entry): string {
  return message.attributes['MessageGroupId'] ?? '';
}

function idIn(receiptHandle: string): string {
  return receiptHandle.split('/')[0] ?? '';
}
