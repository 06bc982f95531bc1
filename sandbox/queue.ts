import { createHash, randomUUID } from 'node:crypto';
import type { KeyPolicy } from '../lib/domain/key-policy/parse.ts';

/** One message as it is received. */
export interface Message {
  readonly messageId: string;
  receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: Record<string, string>;
  readonly messageAttributes: Readonly<Record<string, { readonly DataType: 'String'; readonly StringValue: string }>>;
}

/** A standard queue. Seconds in its interface are AWS's; `timeScale` tells how long they last here. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  visibilityTimeoutS = 30;
  redrive: { readonly to: Queue; readonly maxReceiveCount: number } | undefined;
  policy: KeyPolicy | undefined;
  readonly #msPerSecond: number;
  readonly #messages = new Map<string, { readonly message: Message; visibleAtMs: number }>();

  constructor(name: string, arn: string, url: string, timeScale: number) {
    this.name = name;
    this.arn = arn;
    this.url = url;
    this.#msPerSecond = 1000 * timeScale;
  }

  send(body: string, attributes: Readonly<Record<string, string>> = {}, delayS = 0): Message {
    const texts = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]);
    const message: Message = {
      messageId: randomUUID(),
      receiptHandle: '',
      body,
      md5OfBody: createHash('md5').update(body).digest('hex'),
      attributes: { ApproximateReceiveCount: '0', SentTimestamp: String(Date.now()), SenderId: 'AIDASANDBOX' },
      messageAttributes: Object.fromEntries(texts),
    };
    this.#messages.set(message.messageId, { message, visibleAtMs: this.#later(delayS) });
    return message;
  }

  /** What was received too often goes to the dead-letter queue instead, and keeps its body. */
  receive(max: number, visibilityTimeoutS = this.visibilityTimeoutS): Message[] {
    const received: Message[] = [];
    for (const entry of this.#visible()) {
      if (received.length === max) break;
      const { message } = entry;
      const { attributes } = message;
      const count = Number(attributes['ApproximateReceiveCount']) + 1;
      if (this.redrive && count > this.redrive.maxReceiveCount) {
        this.#messages.delete(message.messageId);
        this.redrive.to.#messages.set(message.messageId, entry);
        continue;
      }
      attributes['ApproximateReceiveCount'] = String(count);
      attributes['ApproximateFirstReceiveTimestamp'] ??= String(Date.now());
      message.receiptHandle = `${message.messageId}/${randomUUID()}`;
      entry.visibleAtMs = this.#later(visibilityTimeoutS);
      received.push(message);
    }
    return received;
  }

  /** By the handle of the last time it was received. @returns false when there is no such message any more */
  delete(receiptHandle: string): boolean {
    const entry = this.#received(receiptHandle);
    return entry !== undefined && this.#messages.delete(entry.message.messageId);
  }

  /** @returns false when there is no such message any more */
  hide(receiptHandle: string, visibilityTimeoutS: number): boolean {
    const entry = this.#received(receiptHandle);
    if (entry) entry.visibleAtMs = this.#later(visibilityTimeoutS);
    return entry !== undefined;
  }

  /** How many can be received now. */
  get visible(): number {
    return this.#visible().length;
  }

  /** Every message that is in the queue, hidden or not. */
  get messages(): Message[] {
    return [...this.#messages.values()].map(({ message }) => message);
  }

  #visible() {
    const nowMs = performance.now();
    return [...this.#messages.values()].filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
  }

  #received(receiptHandle: string) {
    const entry = this.#messages.get(receiptHandle.split('/')[0] ?? '');
    return entry?.message.receiptHandle === receiptHandle ? entry : undefined;
  }

  #later(seconds: number): number {
    return performance.now() + seconds * this.#msPerSecond;
  }
}
