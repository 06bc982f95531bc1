import { expect, test } from 'vitest';
import type { OutgoingEvent } from '../../lib/app/ports.ts';
import { NotAcceptedError } from '../../lib/errors.ts';
import { createOutbox } from '../../lib/lambda/outbox.ts';
import { aCloudError } from '../support/fake-cloud.ts';

const anEvent = (number: number): OutgoingEvent => ({ detailType: 'Remediation Outcome', detail: { number } });
const numberIn = ({ detail }: OutgoingEvent) => (detail as { number: number }).number;

/** A bus that answers only when it is told to. */
function aSlowBus(isTimeUp = false) {
  const sendings: { numbers: number[]; answer(error?: Error): void }[] = [];
  const refused: string[] = [];
  const outbox = createOutbox(
    {
      send: (events) =>
        new Promise((resolve, reject) => {
          const answer = (error?: Error) => (error ? reject(error) : resolve());
          sendings.push({ numbers: events.map(numberIn), answer });
        }),
    },
    () => isTimeUp,
  );
  const put = (...numbers: number[]) => {
    for (const number of numbers) outbox.put(anEvent(number), ({ message }) => refused.push(`${number} ${message}`));
  };
  const nextSending = async () => {
    await new Promise(setImmediate);
    return sendings.shift();
  };
  return { outbox, put, refused, nextSending };
}

test('the first event is sent at once, and what comes meanwhile together, up to ten a call', async () => {
  const { outbox, put, nextSending } = aSlowBus();

  put(0);
  const first = await nextSending();
  put(...Array.from({ length: 12 }, (_, index) => index + 1));
  expect(await nextSending()).toBeUndefined();
  first?.answer();
  const second = await nextSending();
  second?.answer();
  const third = await nextSending();
  third?.answer();
  await outbox.sent();

  expect([first?.numbers, second?.numbers, third?.numbers]).toEqual([[0], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [11, 12]]);
});

test('events that are put in together are sent together', async () => {
  const { put, nextSending } = aSlowBus();

  put(1, 2, 3);

  expect((await nextSending())?.numbers).toEqual([1, 2, 3]);
});

test('an event that is not accepted is named alone, and what follows is sent', async () => {
  const events = new Map<number, OutgoingEvent>();
  const sent: number[] = [];
  const outbox = createOutbox(
    {
      async send(some) {
        for (const event of some) events.set(numberIn(event), event);
        sent.push(...some.map(numberIn));
        const two = events.get(2);
        if (two && some.includes(two)) throw new NotAcceptedError(new Map([[two, aCloudError('UNAVAILABLE', 'full')]]));
      },
    },
    () => true,
  );
  const refused: string[] = [];

  for (const number of [1, 2, 3]) outbox.put(anEvent(number), ({ message }) => refused.push(`${number} ${message}`));
  await outbox.sent();
  outbox.put(anEvent(4), () => refused.push('4'));
  await outbox.sent();

  expect(refused).toEqual(['2 full']);
  expect(sent).toEqual([1, 2, 3, 4]);
});

test('a call that fails in another way refuses all of its events', async () => {
  const { outbox, put, refused, nextSending } = aSlowBus();

  put(1, 2);
  (await nextSending())?.answer(new TypeError('a bug'));
  await outbox.sent();

  expect(refused).toEqual(['1 a bug', '2 a bug']);
});

test.each([
  ['is tried with every event while there is time', false, [2], []],
  ['gets no more events once the time is up', true, undefined, ['2 no bus']],
] as const)('a bus that accepted nothing %s', async (_, isTimeUp, next, refused) => {
  const bus = aSlowBus(isTimeUp);
  bus.put(1);
  const first = await bus.nextSending();
  bus.put(2);

  first?.answer(aCloudError('NETWORK', 'no bus'));
  const second = await bus.nextSending();
  second?.answer();
  await bus.outbox.sent();

  expect(second?.numbers).toEqual(next);
  expect(bus.refused).toEqual(['1 no bus', ...refused]);
});
