import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { OutgoingEvent } from '../../lib/app/ports.ts';
import { createCalls } from '../../lib/aws/calls.ts';
import { createEventBus } from '../../lib/aws/event-bus.ts';
import { CloudError, type NotAcceptedError } from '../../lib/errors.ts';
import { awsEventBus } from '../../lib/runtime.ts';
import { refusal, serve, type TinyRequest } from './tiny-server.ts';

/** The most that EventBridge accepts per call, according to its older documentation. */
const MAX_BYTES = 256 * 1024;
const bus = async () => awsEventBus({ homeRegion: 'eu-west-1', busName: 'logseal' });

const anEvent = (number: number, words = ''): OutgoingEvent => ({
  detailType: 'Log Store Finding',
  detail: { number, words },
});
const events = (count: number, words?: string) => Array.from({ length: count }, (_, index) => anEvent(index, words));

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}
const entriesOf = ({ input }: TinyRequest): Entry[] => input.Entries;
const numbersOf = (request: TinyRequest) => entriesOf(request).map(({ Detail }) => JSON.parse(Detail).number as number);
const bytesOf = (request: TinyRequest) =>
  entriesOf(request).reduce((sum, entry) => sum + Buffer.byteLength(entry.Source + entry.DetailType + entry.Detail), 0);

/** Serves PutEvents. `fails` returns the error code of an entry in a request; undefined: it is accepted. */
async function serveBus(fails: (number: number, request: number) => string | undefined = () => undefined) {
  const taken: number[] = [];
  const { requests } = await serve((request) => {
    const Entries = numbersOf(request).map((number) => {
      const ErrorCode = fails(number, request.number);
      if (ErrorCode) return { ErrorCode, ErrorMessage: `${ErrorCode} of ${number}` };
      taken.push(number);
      return { EventId: `id-${number}` };
    });
    return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
  });
  return { requests, taken };
}

// Waits between retries are random: these are the shortest.
beforeEach(() => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  return () => random.mockRestore();
});

describe('batches', () => {
  test('makes no call if there is nothing to send', async () => {
    const { requests } = await serveBus();

    await (await bus()).send([]);

    expect(requests).toHaveLength(0);
  });

  test('an event has logseal as its source, and goes to its bus', async () => {
    const { requests } = await serveBus();

    await (await bus()).send([anEvent(1, 'ü')]);

    expect(requests).toMatchObject([{ operation: 'PutEvents' }]);
    expect(requests[0]?.input).toEqual({
      Entries: [
        {
          EventBusName: 'logseal',
          Source: 'logseal',
          DetailType: 'Log Store Finding',
          Detail: '{"number":1,"words":"ü"}',
        },
      ],
    });
  });

  test.each([
    [1, [1]],
    [10, [10]],
    [11, [10, 1]],
    [35, [10, 10, 10, 5]],
  ])('%i small events are sent in calls of %j', async (count, sizes) => {
    const { requests } = await serveBus();

    await (await bus()).send(events(count));

    expect(requests.map((request) => numbersOf(request).length)).toEqual(sizes);
    expect(requests.flatMap(numbersOf)).toEqual(events(count).map((_, index) => index));
  });

  test('the size is counted in bytes of UTF-8, not in characters', async () => {
    const { requests } = await serveBus();
    // 30,000 characters of three bytes each: ten would be 900 KB, and three are more than 256 KB.
    const wide = '封'.repeat(30_000);

    await (await bus()).send(events(10, wide));

    expect(requests.map((request) => numbersOf(request).length)).toEqual([2, 2, 2, 2, 2]);
    expect(requests.flatMap(numbersOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(requests.every((request) => bytesOf(request) <= MAX_BYTES)).toBe(true);
  });

  test('an event that is too large is sent alone, its refusal is thrown, and the others are sent', async () => {
    const { requests } = await serve((request) =>
      bytesOf(request) > MAX_BYTES
        ? refusal('ValidationException', 'Total size of the entries in the request is over the limit.')
        : { FailedEntryCount: 0, Entries: entriesOf(request).map(() => ({ EventId: 'id' })) },
    );

    await expect((await bus()).send([anEvent(0), anEvent(1, 'x'.repeat(300_000)), anEvent(2)])).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      call: 'events:PutEvents',
      message: '1 events were not accepted: Total size of the entries in the request is over the limit.',
    });

    expect(requests.map(numbersOf)).toEqual([[0], [1], [2]]);
  });

  test('events of any size are sent in order, none is lost, and no call exceeds the limits', async () => {
    const { requests } = await serveBus();
    const letter = fc.constantFrom('a', 'é', '封', '🔑', '"');
    const aWord = fc.tuple(letter, fc.integer({ min: 0, max: 50_000 }));

    await fc.assert(
      fc.asyncProperty(fc.array(aWord, { maxLength: 25 }), async (words) => {
        requests.length = 0;

        await (await bus()).send(words.map(([one, times], index) => anEvent(index, one.repeat(times))));

        expect(requests.flatMap(numbersOf)).toEqual(words.map((_, index) => index));
        for (const request of requests) {
          expect(numbersOf(request).length).toBeLessThanOrEqual(10);
          expect(bytesOf(request)).toBeLessThanOrEqual(MAX_BYTES);
        }
        // As few calls as the order allows: the next event would not have fitted.
        for (const [index, request] of requests.entries()) {
          const next = requests[index + 1];
          if (!next) continue;
          const [first] = entriesOf(next);
          const more = bytesOf(request) + Buffer.byteLength(JSON.stringify(first));
          expect(numbersOf(request).length === 10 || more > 240 * 1024).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('entries that fail', () => {
  test.each(['InternalFailure', 'InternalException', 'ThrottlingException'])(
    'with %s are sent again, only they and in their order',
    async (code) => {
      const { requests, taken } = await serveBus((number, request) =>
        request === 1 && number % 3 === 0 ? code : undefined,
      );

      await (await bus()).send(events(10));

      expect(requests.map(numbersOf)).toEqual([
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [0, 3, 6, 9],
      ]);
      expect(taken.sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    },
  );

  test('may fail several times, and the batches after them wait', async () => {
    const { requests } = await serveBus((number, request) =>
      number >= 7 && number < 10 && request <= number - 6 ? 'InternalFailure' : undefined,
    );

    await (await bus()).send(events(12));

    expect(requests.map(numbersOf)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [7, 8, 9], [8, 9], [9], [10, 11]]);
  });

  test('include those without a result', async () => {
    const { requests } = await serve((request) =>
      request.number === 1
        ? { FailedEntryCount: 0, Entries: [{ EventId: 'id' }] }
        : { FailedEntryCount: 0, Entries: numbersOf(request).map(() => ({ EventId: 'id' })) },
    );

    await (await bus()).send(events(3));

    expect(requests.map(numbersOf)).toEqual([
      [0, 1, 2],
      [1, 2],
    ]);
  });

  test('permanently do not hold back the others, and are thrown with the message of EventBridge', async () => {
    const { requests } = await serveBus((number) => (number === 4 ? 'MalformedDetail' : undefined));

    const sent = (await bus()).send(events(12));

    await expect(sent).rejects.toBeInstanceOf(CloudError);
    await expect(sent).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      call: 'events:PutEvents',
      message: expect.stringContaining('MalformedDetail of 4'),
    });
    expect(requests).toHaveLength(2);
  });

  test('permanently are named before those that might succeed later', async () => {
    await serveBus((number) => ['ThrottlingException', 'MalformedDetail'][number]);

    await expect((await bus()).send(events(3))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('MalformedDetail of 1'),
    });
  });

  test('every time are given up after eight calls', async () => {
    const { requests } = await serveBus((number) => (number < 2 ? 'InternalFailure' : undefined));

    await expect((await bus()).send(events(3))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      call: 'events:PutEvents',
      message: expect.stringMatching(/^2 events were not accepted: InternalFailure/),
    });

    expect(requests.map(numbersOf)).toEqual([[0, 1, 2], ...Array.from({ length: 7 }, () => [0, 1])]);
  });

  test('are named one by one, each with its own reason', async () => {
    await serveBus((number) => ({ 1: 'MalformedDetail', 11: 'InternalFailure' })[number]);
    const sent = events(12);

    const error = await (await bus()).send(sent).catch((thrown: unknown) => thrown);

    const { errors } = error as NotAcceptedError;
    expect([...errors.keys()]).toEqual([sent[1], sent[11]]);
    expect([...errors.values()]).toMatchObject([
      { code: 'INVALID_REQUEST', message: 'MalformedDetail: MalformedDetail of 1' },
      { code: 'UNAVAILABLE', message: 'InternalFailure: InternalFailure of 11' },
    ]);
  });

  test('are sent again after a random wait of at most 50 ms, which doubles', async () => {
    await serveBus((_, request) => (request < 4 ? 'InternalFailure' : undefined));
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const waits: number[] = [];
    const wait = async (ms: number) => void waits.push(ms);

    const client = new EventBridgeClient({ region: 'eu-west-1' });
    await createEventBus(client, 'logseal', createCalls(), wait).send(events(1));

    expect(waits).toEqual([50, 100, 200]);
  });

  test('in any pattern are accepted exactly once, and keep their order within a batch', async () => {
    const failures = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 25 });
    let left: number[] = [];
    const { requests, taken } = await serveBus((number) => {
      const times = left[number] ?? 0;
      left[number] = times - 1;
      return times > 0 ? 'ThrottlingException' : undefined;
    });

    await fc.assert(
      fc.asyncProperty(failures, async (times) => {
        left = [...times];
        requests.length = 0;
        taken.length = 0;

        await (await bus()).send(events(times.length));

        expect([...taken].sort((one, other) => one - other)).toEqual(times.map((_, index) => index));
        for (const request of requests) {
          const numbers = numbersOf(request);
          expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('calls', () => {
  test('a call that fails as a whole is retried by the SDK, and counts once', async () => {
    const { requests } = await serve((request) =>
      request.number === 1
        ? refusal('InternalException', '', 500)
        : { FailedEntryCount: 0, Entries: numbersOf(request).map(() => ({ EventId: 'id' })) },
    );
    const calls = createCalls();

    await createEventBus(new EventBridgeClient({ region: 'eu-west-1' }), 'logseal', calls).send(events(2));

    expect(requests.map(numbersOf)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(calls.counts()).toEqual({ 'events:PutEvents': 1 });
  });

  test('what is asked before a request is asked before each that is repeated, and what it throws ends the sending', async () => {
    const { requests } = await serve(() => refusal('ThrottlingException', 'Rate exceeded'));
    const error = new Error('not due any more');
    let asked = 0;
    const before = async () => {
      if (++asked === 2) throw error;
    };

    await expect((await bus()).send(events(11), before)).rejects.toBe(error);

    expect(requests).toHaveLength(1);
  });

  test('a missing right is thrown without a retry', async () => {
    const { requests } = await serve(() => refusal('AccessDeniedException', 'not authorized to perform'));

    await expect((await bus()).send(events(1))).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      call: 'events:PutEvents',
    });

    expect(requests).toHaveLength(1);
  });

  test('that fails for good ends the sending: those that were accepted before are not named', async () => {
    const { requests } = await serve((request) =>
      request.number === 1
        ? { FailedEntryCount: 0, Entries: numbersOf(request).map(() => ({ EventId: 'id' })) }
        : refusal('AccessDeniedException', 'not authorized to perform'),
    );
    const sent = events(25);

    const error = await (await bus()).send(sent).catch((thrown: unknown) => thrown);

    const { errors } = error as NotAcceptedError;
    expect([...errors.keys()]).toEqual(sent.slice(10));
    expect(new Set([...errors.values()].map(({ code }) => code))).toEqual(new Set(['ACCESS_DENIED']));
    expect(requests).toHaveLength(2);
  });
});
