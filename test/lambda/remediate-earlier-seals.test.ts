import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoreJournal } from '../../lib/app/ports.ts';
import { JournalError, StillRunningError } from '../../lib/errors.ts';
import type { RemediateWork } from '../../lib/lambda/remediate-triggers.ts';
import { aKey, aKeyArn, aKeyEntry, aLogGroup, NOW, REGION } from '../support/builders.ts';
import { aCloudError, type FakeWorld, fakeJournal, manyGroups } from '../support/fake-cloud.ts';
import { aSetup, EVIL, group, minutesLater, OF_DISABLED, WORLD } from './remediate-setup.ts';

describe('a later attempt at a log group that has the configured key', () => {
  test('is UNCHANGED where somebody else attached it, and the journal is asked once', async () => {
    const asked: string[] = [];
    const journal: StoreJournal = {
      append: () => Promise.reject(new Error('nothing is written')),
      ofStore: async ({ name }) => {
        asked.push(name);
        return [aKeyEntry({ phase: 'DONE', actor: 'arn:of:jane', store: aLogGroup('/app/a'), to: aKeyArn() })];
      },
    };
    const setup = aSetup({ ...WORLD, groups: { '/app/a': aKeyArn() } }, { journal });

    expect(await setup.again([group('/app/a')])).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([{ outcome: 'UNCHANGED', runId: 'next-run' }]);
    expect(asked).toEqual(['/app/a']);
  });

  test('that was the first one asks no journal', async () => {
    const ofStore = () => Promise.reject(new Error('nobody asks'));
    const setup = aSetup(WORLD, { journal: { ...fakeJournal().journal, ofStore } });

    expect(await setup.remediate(group('/app/healthy'))).toEqual([undefined]);
  });

  test('reports the seal of the earlier run and the refusal of this one, where the key was disabled meanwhile', async () => {
    const setup = aSetup();
    await setup.remediate(group());
    setup.clouds.at(REGION).keys.set('alias/logseal', aKey({ state: 'Disabled' }));

    expect(await setup.again([group()])).toEqual([undefined]);

    expect(setup.outcomes().map(({ runId, outcome }) => `${runId} ${outcome}`)).toEqual([
      'this-run SEALED',
      'this-run SEALED',
      'next-run REFUSED',
    ]);
    expect(setup.reported.map(({ outcome }) => outcome)).toEqual(['SEALED', 'REFUSED']);
  });

  test('repeats what the earlier run said of the logs that stay under the key before', async () => {
    const setup = aSetup();
    await setup.remediate(group('/app/b'));

    expect(await setup.again([group('/app/b')])).toEqual([undefined]);

    const [first, second] = setup.outcomes();
    expect(first.warnings).toContainEqual(OF_DISABLED);
    // The journal has no severity.
    expect(second).toEqual({ ...first, severity: undefined });
  });

  test('reports the seal of the earlier run where the alias names another key now', async () => {
    const setup = aSetup();
    await setup.remediate(group());
    setup.clouds.at(REGION).keys.set(aKeyArn(), aKey());
    setup.clouds.at(REGION).keys.set('alias/logseal', aKey({ arn: EVIL }));

    expect(await setup.again([group()])).toEqual([undefined]);

    expect(setup.outcomes().map(({ runId, outcome }) => `${runId} ${outcome}`)).toEqual([
      'this-run SEALED',
      'this-run SEALED',
    ]);
  });

  test('fails while the journal cannot be read', async () => {
    const setup = aSetup();
    await setup.remediate(group());
    const cause = aCloudError('THROTTLED');
    const ofStore = () => Promise.reject(new JournalError('no journal', { cause }));

    const journal = { ...setup.journal.journal, ofStore };
    expect(await setup.again([group()], { journal })).toMatchObject([{ message: '/app/a: THROTTLED: no journal' }]);

    expect(setup.outcomes()).toMatchObject([{ outcome: 'SEALED' }]);
  });

  test('reports a change whose answer was lost, of which the first attempt said nothing', async () => {
    let isBroken = true;
    const onCall: FakeWorld['onCall'] = (line, attached) => {
      if (!isBroken || !line.startsWith('logs:')) return;
      if (attached.get('/app/a') === aKeyArn()) throw aCloudError('NETWORK', 'reset');
      if (line !== 'logs:AssociateKmsKey /app/a') return;
      attached.set('/app/a', aKeyArn());
      throw aCloudError('NETWORK', 'reset');
    };
    const setup = aSetup({ ...WORLD, onCall });

    expect(await setup.remediate(group())).toMatchObject([{ message: '/app/a: NETWORK: reset' }]);
    expect([setup.outcomes(), setup.reported, setup.uncounted]).toEqual([[], [], []]);
    isBroken = false;
    expect(await setup.again([group()])).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([{ runId: 'this-run', outcome: 'SEALED', fromKeyArn: null }]);
    expect(setup.reported).toMatchObject([{ runId: 'this-run', outcome: 'SEALED' }]);
    expect(setup.journal.phases()).toEqual(['/app/a INTENT', '/app/a DONE']);
  });

  test('reports what is there now, where somebody else attached a key before the change was sent once more', async () => {
    let now = NOW;
    const setup = aSetup();
    const { cloud, attached } = setup.clouds.at(REGION);
    const cloudOf: RemediateWork['cloudOf'] = (target) => ({
      ...setup.clouds.cloudOf(target),
      logStores: {
        ...cloud.logStores,
        async seal(store, keyArn, mayConfigure, beforeRequest) {
          await cloud.logStores.seal(store, keyArn, mayConfigure, beforeRequest);
          attached.set(store.name, EVIL);
          now = new Date(NOW.getTime() + 60_000);
          await beforeRequest?.();
        },
      },
    });

    expect(await setup.first([group()], { cloudOf, clock: () => now })).toMatchObject([
      { message: '/app/a: it is not known what its change did' },
    ]);
    expect([setup.outcomes(), setup.journal.phases()]).toEqual([[], ['/app/a INTENT']]);
    expect(await setup.again([group()], { clock: () => minutesLater(6) })).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([{ runId: 'next-run', outcome: 'UNCHANGED', fromKeyArn: EVIL }]);
  });

  test('is the work of this run where it seals what an earlier run left open: it is reported and counted once, for this run', async () => {
    const names = Object.keys(manyGroups(50));
    const triggers = names.map((name) => group(name));
    let isStorm = true;
    let nowMs = minutesLater(30).getTime();
    const onCall: FakeWorld['onCall'] = (line) => {
      if (!line.startsWith('logs:AssociateKmsKey')) return;
      if (isStorm) throw aCloudError('THROTTLED');
      // The log groups under way are read again every two seconds.
      nowMs += 900;
    };
    const book = fakeJournal();
    const journal: StoreJournal = {
      ...book.journal,
      async append(entry) {
        if (entry.phase === 'DONE' && entry.store?.name.endsWith('3')) await sleep(5);
        await book.journal.append(entry);
      },
    };
    const setup = aSetup({ ...WORLD, groups: manyGroups(50), onCall }, { journal });

    expect((await setup.remediate(...triggers)).filter(Boolean)).toHaveLength(50);
    expect(book.phases()).toEqual(names.map((name) => `${name} INTENT`));
    isStorm = false;
    expect((await setup.again(triggers, { clock: () => new Date(nowMs) })).filter(Boolean)).toEqual([]);

    const sealed = setup.reported.filter(({ outcome }) => outcome === 'SEALED');
    expect(sealed.map(({ runId, store }) => `${runId} ${store.name}`).toSorted()).toEqual(
      names.map((name) => `next-run ${name}`).toSorted(),
    );
    expect(setup.uncounted).toEqual([]);
    const done = book.entries.filter(({ phase }) => phase === 'DONE');
    expect(done.map(({ runId }) => runId)).toEqual(names.map(() => 'next-run'));
  });

  test('waits while the run that left an INTENT may still be under way', async () => {
    const setup = aSetup({ ...WORLD, groups: { '/app/a': aKeyArn() } });
    setup.journal.entries.push(aKeyEntry({ phase: 'INTENT', name: '/app/a', time: NOW.toISOString() }));

    const [error] = await setup.again([group()], { clock: () => minutesLater(5) });
    expect(error).toBeInstanceOf(StillRunningError);
    expect([setup.outcomes(), setup.reported, setup.uncounted, setup.journal.entries.length]).toEqual([[], [], [], 1]);
    expect(await setup.again([group()], { clock: () => minutesLater(6) })).toEqual([undefined]);

    expect(setup.reported).toMatchObject([{ outcome: 'SEALED', runId: aKeyEntry().runId }]);
    expect(setup.journal.phases()).toEqual(['/app/a INTENT', '/app/a DONE']);
  });

  test.each([
    [0, 'SEALED'],
    // By a clock that is half a minute slow.
    [0.5, 'SEALED'],
    [0.6, 'UNCHANGED'],
    [30 * 24 * 60, 'UNCHANGED'],
  ])('that logseal sealed %f minutes before the event was sent is %s', async (minutes, outcome) => {
    const setup = aSetup();
    await setup.remediate(group());
    const before = setup.outcomes().length;

    expect(await setup.again([group()], { clock: () => minutesLater(minutes + 1) }, minutesLater(minutes))).toEqual([
      undefined,
    ]);

    const runId = outcome === 'SEALED' ? 'this-run' : 'next-run';
    expect(setup.outcomes().slice(before)).toMatchObject([{ outcome, runId }]);
  });

  test('after an end at any moment: each seal is on the bus for its run, and is counted at most once', async () => {
    const names = Object.keys(manyGroups(6));
    const triggers = names.map((name) => group(name));
    const anEnd = fc.record({ at: fc.integer({ min: 1, max: 40 }), isAfterEffect: fc.boolean() });

    await fc.assert(
      fc.asyncProperty(anEnd, async ({ at, isAfterEffect }) => {
        const setup = aSetup({ ...WORLD, groups: manyGroups(6) });
        const killed = Promise.withResolvers<void>();
        let steps = 0;
        const lost: string[] = [];
        /** From one step on, nothing is answered any more, as when Lambda stops the function. */
        const untilTheEnd = async <T>(name: string, step: () => T | Promise<T>): Promise<T> => {
          const number = ++steps;
          if (number < at || (number === at && isAfterEffect)) {
            const answer = await step();
            if (steps < at) return answer;
            lost.push(name);
          }
          killed.resolve();
          return new Promise(() => {});
        };
        const { journal } = setup.journal;
        const mortal: Partial<RemediateWork> = {
          bus: { send: (events) => untilTheEnd('events', () => setup.bus.bus.send(events)) },
          journal: {
            append: (entry) => untilTheEnd(`${entry.phase} ${entry.store?.name}`, () => journal.append(entry)),
            ofStore: (store) => untilTheEnd('query', () => journal.ofStore(store)),
          },
          cloudOf: (target) => {
            const cloud = setup.clouds.cloudOf(target);
            const seal: typeof cloud.logStores.seal = (...args) =>
              untilTheEnd(`seal ${args[0].name}`, () => cloud.logStores.seal(...args));
            return { ...cloud, logStores: { ...cloud.logStores, seal } };
          },
        };

        await Promise.race([setup.first(triggers, mortal), killed.promise]);
        expect((await setup.again(triggers)).filter(Boolean)).toEqual([]);

        const sealed = setup.outcomes().filter(({ outcome }) => outcome === 'SEALED');
        const runs = Map.groupBy(sealed, ({ store }) => store.name);
        for (const name of names) {
          expect(setup.keyOf(name)).toBe(aKeyArn());
          const [entry] = setup.journal.entries.filter(({ phase, store }) => phase === 'DONE' && store?.name === name);
          expect(new Set(runs.get(name)?.map(({ runId }) => runId))).toEqual(new Set([entry?.runId]));
          const counted = setup.reported.filter(({ store, outcome }) => store.name === name && outcome === 'SEALED');
          expect(counted).toHaveLength(lost.includes(`DONE ${name}`) ? 0 : 1);
        }
      }),
      { numRuns: 80 },
    );
  });
});
