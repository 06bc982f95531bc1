import { describe, expect, it } from 'vitest';
import { type ChangedStore, watchCanary } from '../../../lib/app/change/watch-canary.ts';
import type { Metrics } from '../../../lib/app/ports.ts';
import type { LogStore } from '../../../lib/domain/log-store.ts';
import { CloudError } from '../../../lib/errors.ts';
import { aKeyArn, aLogGroup, NOW } from '../../support/builders.ts';
import { aCloudError, fakeCloud } from '../../support/fake-cloud.ts';

const MINUTE_MS = 60_000;
const changed = (name: string, minutesAgo = 0): ChangedStore => ({
  store: aLogGroup(name),
  toKeyArn: aKeyArn(),
  eventsPerMinute: 5,
  changedMs: NOW.getTime() - minutesAgo * MINUTE_MS,
});

interface Given {
  /** The names whose events end with the beginning, by the minute from which on they have none. */
  readonly silentFrom?: Readonly<Record<string, number>>;
  readonly minutes?: number;
  readonly interruption?: AbortController;
  readonly onWait?: (minute: number) => void;
  readonly fails?: Error;
  /** The names whose metric is lost. */
  readonly lost?: readonly string[];
}

/** Watches log groups that have an event a minute, with a clock that stands still but for the waits. */
async function watch(stores: readonly ChangedStore[], given: Given = {}) {
  const { silentFrom = {}, minutes = 10, interruption = new AbortController(), onWait, fails, lost = [] } = given;
  let minute = 0;
  const nowMs = () => NOW.getTime() + minute * MINUTE_MS;
  const reads: string[] = [];
  const metrics: Metrics = {
    async *incomingEvents(some: readonly LogStore[], { fromMs, toMs }) {
      reads.push(`${minute} ${some.map(({ name }) => name).join(' ')}`);
      if (fails) throw fails;
      for (const store of some) {
        const endMs = Math.min(toMs, NOW.getTime() + (silentFrom[store.name] ?? Number.POSITIVE_INFINITY) * MINUTE_MS);
        const events = new Map<number, number>();
        if (!lost.includes(store.name)) for (let ms = fromMs; ms < endMs; ms += MINUTE_MS) events.set(ms, 1);
        yield { store, events };
      }
    },
    newestEvent: async () => null,
  };
  const result = await watchCanary(stores, {
    cloudOf: () => ({ ...fakeCloud().cloud, metrics }),
    minutes,
    clock: () => new Date(nowMs()),
    wait: async () => {
      minute++;
      onWait?.(minute);
    },
    signal: interruption.signal,
  });
  return { ...result, states: result.stores.map(({ store, state }) => `${store.name} ${state}`), reads, minute };
}

describe('a watch', () => {
  it('reads nothing until the minutes that tell are complete, then every minute until its end', async () => {
    const { result, because, states, reads } = await watch([changed('/a'), changed('/b')]);

    expect({ result, because }).toEqual({ result: 'RECEIVING', because: null });
    expect(states).toEqual(['/a RECEIVING', '/b RECEIVING']);
    expect(reads).toEqual(['8 /a /b', '9 /a /b', '10 /a /b']);
  });

  it('is extended until the last log store can be evaluated', async () => {
    const { result, minute, reads } = await watch([changed('/a', 3), changed('/b', -2)], { minutes: 6 });

    expect({ result, minute }).toEqual({ result: 'RECEIVING', minute: 10 });
    expect(reads.slice(0, 2)).toEqual(['5 /a', '6 /a']);
    expect(reads.at(-1)).toBe('10 /a /b');
  });

  it('ends as soon as one is silent, and tells since when', async () => {
    const { result, stores, minute } = await watch([changed('/a'), changed('/b')], { silentFrom: { '/b': 6 } });

    expect({ result, minute }).toEqual({ result: 'SILENT', minute: 9 });
    expect(stores).toEqual([
      {
        store: aLogGroup('/a'),
        toKeyArn: aKeyArn(),
        eventsPerMinuteBefore: 5,
        changedAt: NOW.toISOString(),
        state: 'RECEIVING',
        silentSince: null,
        isConfirmedByStreams: false,
      },
      {
        store: aLogGroup('/b'),
        toKeyArn: aKeyArn(),
        eventsPerMinuteBefore: 5,
        changedAt: NOW.toISOString(),
        state: 'SILENT',
        silentSince: '2026-11-21T00:06:00.000Z',
        isConfirmedByStreams: false,
      },
    ]);
  });

  it('is silent, too, where the metric of another one is lost', async () => {
    const given = { silentFrom: { '/b': 6 }, lost: ['/a'] };
    const early = [changed('/a', -1), changed('/b')];

    expect(await watch(early, given)).toMatchObject({ result: 'SILENT', states: ['/a UNKNOWN', '/b SILENT'] });
  });

  it('is UNKNOWN where the metric of one is lost, or cannot be read', async () => {
    expect(await watch([changed('/a'), changed('/b')], { lost: ['/b'] })).toMatchObject({
      result: 'UNKNOWN',
      because: 'CloudWatch no longer has the metric of each log store',
      states: ['/a RECEIVING', '/b UNKNOWN'],
    });
    expect(await watch([changed('/a')], { fails: aCloudError('ACCESS_DENIED') })).toMatchObject({
      result: 'UNKNOWN',
      because:
        'ACCESS_DENIED: ACCESS_DENIED, in the words of AWS (a:Call); add this statement to a policy of the caller: {"Effect":"Allow","Action":"a:Call","Resource":"*"}',
      states: ['/a UNKNOWN'],
    });
  });

  it('is UNKNOWN at once where nothing was sealed', async () => {
    expect(await watch([])).toMatchObject({
      result: 'UNKNOWN',
      because: 'none of its log stores was sealed',
      minute: 0,
    });
  });

  it('passes on an error that is no answer of a cloud', async () => {
    const bug = new TypeError('a bug');
    expect(bug).not.toBeInstanceOf(CloudError);
    await expect(watch([changed('/a')], { fails: bug })).rejects.toBe(bug);
  });

  it('ends with an interrupt, and tells what is known by then', async () => {
    const interruption = new AbortController();
    const onWait = (minute: number) => {
      if (minute === 9) interruption.abort();
    };
    const { result, states } = await watch([changed('/a'), changed('/b', -3)], { interruption, onWait });

    expect({ result, states }).toEqual({ result: 'INTERRUPTED', states: ['/a RECEIVING', '/b UNKNOWN'] });
  });

  it('that was interrupted before it began does not begin', async () => {
    const interruption = new AbortController();
    interruption.abort();

    expect(await watch([changed('/a')], { interruption })).toMatchObject({ result: 'INTERRUPTED', minute: 0 });
  });

  it('does not wait for its end when it is interrupted', async () => {
    const interruption = new AbortController();
    const never = new Promise<never>(() => {});
    const watching = watchCanary([changed('/a')], {
      cloudOf: () => fakeCloud().cloud,
      minutes: 10,
      clock: () => NOW,
      wait: () => never,
      signal: interruption.signal,
    });
    interruption.abort();

    expect((await watching).result).toBe('INTERRUPTED');
  });
});
