import { expect } from 'vitest';
import type { Cloud, EventBus, Organization, OutgoingEvent } from '../../lib/app/ports.ts';
import type { Target } from '../../lib/domain/target.ts';
import { type CloudError, NotAcceptedError } from '../../lib/errors.ts';
import type { Delivery, Handled } from '../../lib/lambda/sqs-batch.ts';
import { expectValidEvent } from '../events/schemas.ts';
import { ACCOUNT, aKeyArn, REGION } from '../support/builders.ts';
import { type FakeWorld, fakeCloud } from '../support/fake-cloud.ts';

export const CONFIG = {
  homeRegion: REGION,
  regions: [REGION],
  members: null,
  busName: 'logseal',
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/queue',
  queryResults: false,
  logsPrincipal: null,
  mode: 'Audit',
  key: aKeyArn(),
  configSource: null,
} as const;

const inNone = async () => Promise.reject(new Error('no organization is configured'));
/** An organization that must not be asked. */
export const NO_ORGANIZATION: Organization = { id: inNone, accounts: inNone, has: inNone };

/** An event that logseal sent. */
export interface SentEvent {
  readonly detailType: OutgoingEvent['detailType'];
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own events hold
  readonly detail: any;
}

/**
 * A bus that keeps what it was sent and checks each event against its schema.
 * @param fails returns the error of a send, counted from 1
 * @param refuses returns why it does not accept an event, while it accepts the others of the same send
 */
export function fakeBus(
  fails: (sending: number) => Error | undefined = () => undefined,
  refuses: (event: SentEvent) => CloudError | undefined = () => undefined,
) {
  const sent: SentEvent[] = [];
  let sendings = 0;
  const bus: EventBus = {
    async send(events) {
      const error = fails(++sendings);
      if (error) throw error;
      const errors = new Map<OutgoingEvent, CloudError>();
      for (const event of events) {
        expectValidEvent(event.detailType, event.detail);
        const refusal = refuses(event);
        if (refusal) errors.set(event, refusal);
        else sent.push(event);
      }
      if (errors.size > 0) throw new NotAcceptedError(errors);
    },
  };
  const of = (detailType: SentEvent['detailType']) =>
    sent.filter((event) => event.detailType === detailType).map(({ detail }) => detail);
  return { bus, sent, of, types: () => sent.map(({ detailType }) => detailType) };
}

/** A cloud with several Regions. The first one answers GetCallerIdentity for all of them, as in the composition root. */
export function fakeClouds(worlds: Readonly<Record<string, FakeWorld>>) {
  const clouds = new Map(Object.entries(worlds).map(([region, world]) => [region, fakeCloud(world)]));
  const at = (region: string) => {
    const cloud = clouds.get(region);
    if (cloud) return cloud;
    throw new Error(`the test has no ${region}`);
  };
  const [home] = clouds.keys();
  const cloudOf = ({ region }: Target): Cloud => {
    const { caller } = at(home ?? region).cloud;
    return { ...at(region).cloud, caller, owner: caller };
  };
  const log = () => [...clouds].flatMap(([region, cloud]) => cloud.log.map((line) => `${region} ${line}`));
  /** How often each API was called. */
  const calls = () => {
    const names = Map.groupBy(
      [...clouds.values()].flatMap((cloud) => cloud.log),
      (line) => line.split(' ')[0] ?? '',
    );
    return Object.fromEntries([...names].map(([name, lines]) => [name, lines.length]));
  };
  return { cloudOf, at, log, calls };
}

/** The calls when only the caller's identity was read. */
export const ONLY_IDENTITY = { 'sts:GetCallerIdentity': 1 };
export const HOME = { provider: 'aws', account: ACCOUNT, region: REGION } as const;

/**
 * Handles triggers as deliveries of their first attempt, or of another one. @param sentAtMs absent: they came without a queue
 * @returns the error of each, in the order of the triggers
 */
export async function errorsOf<Trigger extends object>(
  triggers: readonly Trigger[],
  work: (deliveries: readonly Delivery<Trigger>[]) => Promise<Handled<Trigger>>,
  attempt = 1,
  sentAtMs?: number,
): Promise<(Error | undefined)[]> {
  const deliveries = triggers.map((trigger) => ({ trigger, attempt, ...(sentAtMs !== undefined && { sentAtMs }) }));
  const { failed } = await work(deliveries);
  for (const delivery of failed.keys()) expect(deliveries).toContain(delivery);
  return deliveries.map((delivery) => failed.get(delivery));
}
