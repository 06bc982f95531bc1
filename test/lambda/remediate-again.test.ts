import { describe, expect, test } from 'vitest';
import type { StoreJournal } from '../../lib/app/ports.ts';
import { JournalError } from '../../lib/errors.ts';
import { aCloudError, type FakeWorld, fakeJournal, manyGroups } from '../support/fake-cloud.ts';
import { aSetup, EVIL, group, WORLD } from './remediate-setup.ts';
import { fakeBus, ONLY_IDENTITY } from './support.ts';

describe('an event alone is delivered again', () => {
  const names = Object.keys(manyGroups(20));
  const many: FakeWorld = { ...WORLD, groups: manyGroups(20) };
  const triggers = names.map((name) => group(name));
  const onlyOf = (errors: (Error | undefined)[]) =>
    errors.flatMap((error, index) => (error ? [`${names[index]} ${error.message}`] : []));

  test('whose outcome the bus does not accept; then its seal is reported again, and not counted again', async () => {
    const { bus, sent } = fakeBus(undefined, ({ detail }) =>
      detail.store.name === '/many/7' ? aCloudError('UNAVAILABLE', 'no bus') : undefined,
    );
    const setup = aSetup(many, { bus });

    const errors = await setup.remediate(...triggers);
    expect(onlyOf(errors)).toEqual(['/many/7 /many/7: its outcome could not be sent: no bus']);
    expect(sent).toHaveLength(19);
    const again = fakeBus();
    expect(await setup.again([group('/many/7')], { bus: again.bus })).toEqual([undefined]);

    expect(again.of('Remediation Outcome')).toMatchObject([
      { runId: 'this-run', store: { name: '/many/7' }, action: 'SEAL', outcome: 'SEALED', fromKeyArn: null },
    ]);
    expect(setup.reported).toHaveLength(20);
    expect(setup.uncounted).toMatchObject([{ runId: 'this-run', store: { name: '/many/7' }, outcome: 'SEALED' }]);
    expect(setup.clouds.calls()['logs:AssociateKmsKey']).toBe(20);
  });

  test('of all whose outcomes a bus that cannot be reached does not accept', async () => {
    const { bus } = fakeBus(() => aCloudError('NETWORK', 'no bus'));
    const setup = aSetup(WORLD, { bus });

    expect(await setup.remediate(group('/app/a'), group('/app/healthy'))).toMatchObject([
      { message: '/app/a: its outcome could not be sent: no bus' },
      { message: '/app/healthy: its outcome could not be sent: no bus' },
    ]);
    expect(setup.reported.map(({ outcome }) => outcome).toSorted()).toEqual(['SEALED', 'UNCHANGED']);
  });

  /** A journal that does not take the entries of a phase, of one log group. */
  const failingAt = (phase: string, failing = '/many/7') => {
    const book = fakeJournal();
    const broken: StoreJournal = {
      ...book.journal,
      async append(entry) {
        const cause = aCloudError('UNAVAILABLE');
        if (entry.phase === phase && entry.store?.name === failing) throw new JournalError('no journal', { cause });
        await book.journal.append(entry);
      },
    };
    return { ...book, broken };
  };

  test('whose INTENT cannot be written: it is not changed, and the others are sealed', async () => {
    const { broken } = failingAt('INTENT');
    const setup = aSetup(many, { journal: broken });

    expect(onlyOf(await setup.remediate(...triggers))).toEqual(['/many/7 /many/7: UNAVAILABLE: no journal']);

    expect(setup.keyOf('/many/7')).toBeNull();
    expect(setup.outcomes().map(({ outcome }) => outcome)).toEqual(Array(19).fill('SEALED'));
  });

  test('whose DONE cannot be written: it is reported as SEALED, and counted when the entry is written', async () => {
    const { broken, journal, entries } = failingAt('DONE');
    const setup = aSetup(many, { journal: broken });

    expect(onlyOf(await setup.remediate(...triggers))).toEqual(['/many/7 no journal']);
    expect(setup.outcomes().map(({ outcome }) => outcome)).toEqual(names.map(() => 'SEALED'));
    expect(setup.reported).toHaveLength(19);
    expect(await setup.again([group('/many/7')], { journal })).toEqual([undefined]);

    expect(setup.reported).toHaveLength(20);
    expect(setup.reported.at(-1)).toMatchObject({ runId: 'this-run', store: { name: '/many/7' }, outcome: 'SEALED' });
    const own = entries.filter(({ store }) => store?.name === '/many/7');
    expect(own.map(({ runId, phase }) => `${runId} ${phase}`)).toEqual(['this-run INTENT', 'this-run DONE']);
  });

  test('whose FAILED cannot be written: what became of its change is left to the next attempt', async () => {
    const { broken, journal } = failingAt('FAILED');
    const failures = { 'logs:AssociateKmsKey /many/7': aCloudError('ACCESS_DENIED') };
    const setup = aSetup({ ...many, failures }, { journal: broken });

    expect(onlyOf(await setup.remediate(...triggers))).toEqual(['/many/7 no journal']);
    expect(setup.outcomes()).toHaveLength(19);
    expect(await setup.again([group('/many/7')], { journal })).toEqual([undefined]);

    expect(setup.outcomes().find(({ store }) => store.name === '/many/7')).toMatchObject({
      ...{ runId: 'next-run', outcome: 'REFUSED' },
    });
  });

  test('that was not reached in time: it has no outcome', async () => {
    let calls = 0;
    const setup = aSetup({ ...many, onCall: () => void calls++ }, { isTimeUp: () => calls >= 10 });

    const errors = await setup.remediate(...triggers);

    const sealed = setup.outcomes().map(({ store }) => store.name);
    expect(sealed.length).toBeGreaterThan(0);
    expect(sealed.length).toBeLessThan(20);
    expect(names.filter((name) => setup.keyOf(name) !== null).toSorted()).toEqual(sealed);
    expect(onlyOf(errors).toSorted()).toEqual(
      names
        .filter((name) => !sealed.includes(name))
        .map((name) => `${name} not reached: the invocation has too little time left`)
        .toSorted(),
    );
  });

  test('whose request would be sent after the invocation is over: nothing is changed, and its INTENT stays open', async () => {
    const setup = aSetup(undefined, { isOver: () => true });

    expect(await setup.remediate(group())).toMatchObject([{ message: 'the invocation is over' }]);

    expect([setup.keyOf('/app/a'), setup.outcomes()]).toEqual([null, []]);
    expect(setup.journal.phases()).toEqual(['/app/a INTENT']);
  });

  test('when the time is up before anything was read', async () => {
    const setup = aSetup(many, { isTimeUp: () => true }, 'Audit');

    expect((await setup.remediate(...triggers)).every(Boolean)).toBe(true);
    expect(setup.outcomes()).toEqual([]);
    expect(setup.clouds.calls()).toEqual(ONLY_IDENTITY);
  });
});

describe('what somebody else does to a log group that was just sealed', () => {
  test('is reported once the run is at its end, without a second outcome', async () => {
    const onCall: FakeWorld['onCall'] = (line, attached) =>
      line === 'logs:AssociateKmsKey /app/b' && attached.set('/app/a', EVIL);
    const setup = aSetup({ ...WORLD, onCall });

    expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, undefined]);

    expect(setup.changedAfterRun).toMatchObject([
      { store: { name: '/app/a' }, afterRun: { status: 'CHANGED', keyArn: EVIL } },
    ]);
    expect(setup.outcomes().map(({ outcome }) => outcome)).toEqual(['SEALED', 'SEALED']);
  });

  test('is not reported where it cannot be read, and no event is delivered again', async () => {
    const calls: string[] = [];
    const onCall: FakeWorld['onCall'] = (line) => {
      if (line.startsWith('logs:DescribeLogGroups') && calls.includes('logs:AssociateKmsKey /app/a'))
        throw aCloudError('UNAVAILABLE');
      calls.push(line);
    };
    const setup = aSetup({ ...WORLD, onCall });

    expect(await setup.remediate(group('/app/a'))).toEqual([undefined]);
    expect(setup.changedAfterRun).toEqual([]);
  });
});
