import { describe, expect, it } from 'vitest';
import { applySteps } from '../../../lib/app/change/apply-plan.ts';
import { remediateStores } from '../../../lib/app/change/remediate-stores.ts';
import { planUndo, undoChanges } from '../../../lib/app/change/undo.ts';
import type { Journal, LogStores } from '../../../lib/app/ports.ts';
import { changesIn } from '../../../lib/domain/journal.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { READING_LASTS_MS } from '../../../lib/pacing.ts';
import { applied, KEY, KEYS, stepsFor } from '../../support/apply-steps.ts';
import { aKey, aKeyArn, aKeyEntry, aLogGroup, NOW } from '../../support/builders.ts';
import { aCloudError, CALLER, type FakeWorld, fakeCloud, fakeJournal, manyGroups } from '../../support/fake-cloud.ts';

const THEIRS = aKeyArn('theirs');
const WITH_THEIRS = { ...KEYS, [THEIRS]: aKey({ arn: THEIRS }) };
const SEAL = 'logs:AssociateKmsKey';
const READ = 'logs:DescribeLogGroups';

const aRun = (clock: () => Date) => ({
  runId: 'run-1',
  actor: CALLER.arn,
  clock,
  rules: rulesAt(NOW, { key: KEY }),
  onOutcome: () => {},
});

/** A clock that stands still unless time passes. */
function aClock() {
  let ms = NOW.getTime();
  const pass = (more: number): void => {
    ms += more;
  };
  return { clock: () => new Date(ms), pass };
}

describe('somebody else attaches a key of their own in the middle of a run', () => {
  const groups = manyGroups(9);

  it.each([
    ['longer ago than two seconds: their key stays', READING_LASTS_MS + 1, 'REFUSED STORE_CHANGED', THEIRS],
    ['less than two seconds ago: it is replaced, which is what remains of the race', READING_LASTS_MS, 'SEALED', KEY],
  ])('%s', async (_, sinceReadingMs, outcome, keyArn) => {
    const { clock, pass } = aClock();
    const onCall: FakeWorld['onCall'] = (line, attached) => {
      if (line !== `${SEAL} /many/0`) return;
      attached.set('/many/8', THEIRS);
      pass(sinceReadingMs);
    };

    const { short, attached, phases } = await applied(
      stepsFor(groups),
      { groups, keys: WITH_THEIRS, onCall },
      { clock },
    );

    expect(short.at(-1)).toBe(`/many/8 ${outcome}`);
    expect(attached.get('/many/8')).toBe(keyArn);
    expect(phases.includes('/many/8 INTENT')).toBe(keyArn === KEY);
  });

  it('while the INTENT is being written: their key stays, and the journal says that nothing was changed', async () => {
    const { clock, pass } = aClock();
    const groups = { '/app/a': null };
    const fake = fakeCloud({ groups, keys: WITH_THEIRS });
    const { entries } = fakeJournal();
    const journal: Journal = {
      append: async (entry) => {
        entries.push(entry);
        if (entry.phase !== 'INTENT') return;
        fake.attached.set('/app/a', THEIRS);
        pass(READING_LASTS_MS + 1);
      },
    };

    const [outcome] = await applySteps(stepsFor(groups), fake.cloud, { ...aRun(clock), journal });

    expect(outcome).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'STORE_CHANGED' } });
    expect(fake.attached.get('/app/a')).toBe(THEIRS);
    expect(fake.log.filter((line) => line.startsWith(SEAL))).toEqual([]);
    expect(entries.map(({ phase }) => phase)).toEqual(['INTENT', 'FAILED']);
    expect(entries[1]?.error).toContain(THEIRS);
  });

  it('while the INTENT is being written, the key of the run itself: it is theirs, and no undo takes it away', async () => {
    const { clock, pass } = aClock();
    const fake = fakeCloud({ groups: { '/app/a': null }, keys: KEYS });
    const { entries } = fakeJournal();
    const journal: Journal = {
      append: async (entry) => {
        entries.push(entry);
        if (entry.phase !== 'INTENT') return;
        fake.attached.set('/app/a', KEY);
        pass(READING_LASTS_MS + 1);
      },
    };

    const [outcome] = await applySteps(stepsFor({ '/app/a': null }), fake.cloud, { ...aRun(clock), journal });

    expect(outcome).toMatchObject({ outcome: 'UNCHANGED', fromKeyArn: KEY });
    expect(fake.log.filter((line) => line.startsWith(SEAL))).toEqual([]);
    expect(changesIn(entries)).toEqual([]);
  });

  it('while an undo runs: their key stays', async () => {
    const { clock, pass } = aClock();
    const names = Object.keys(groups);
    const { cloud, attached } = fakeCloud({
      groups: manyGroups(9, KEY),
      keys: WITH_THEIRS,
      onCall(line, keys) {
        if (line !== 'logs:DisassociateKmsKey /many/0') return;
        keys.set('/many/8', THEIRS);
        pass(READING_LASTS_MS + 1);
      },
    });
    const planned = await planUndo(
      names.map((name) => aKeyEntry({ name })),
      cloud,
      rulesAt(NOW),
    );

    const outcomes = await undoChanges(planned, cloud, { ...aRun(clock), journal: fakeJournal().journal });

    expect(outcomes.at(-1)).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'STORE_CHANGED' } });
    expect(outcomes.filter(({ outcome }) => outcome === 'UNSEALED')).toHaveLength(8);
    expect([...attached].filter(([, keyArn]) => keyArn !== null)).toEqual([['/many/8', THEIRS]]);
  });

  it('while the remediate function works on a batch: their key stays, and nothing needs to be done', async () => {
    const { clock, pass } = aClock();
    const { cloud, attached } = fakeCloud({
      groups,
      keys: WITH_THEIRS,
      onCall(line, keys) {
        if (line !== `${SEAL} /many/0`) return;
        keys.set('/many/8', THEIRS);
        pass(READING_LASTS_MS + 1);
      },
    });
    const stores = Object.keys(groups).map((name) => aLogGroup(name));

    const outcomes = await remediateStores(stores, cloud, {
      ...aRun(clock),
      journal: fakeJournal().journal,
      mode: 'Enforce',
      onAgain: () => {},
    });

    expect(outcomes.at(-1)).toMatchObject({ outcome: 'UNCHANGED', fromKeyArn: THEIRS });
    expect(attached.get('/many/8')).toBe(THEIRS);
  });
});

describe('a change that is throttled', () => {
  /** Seals one log group. The first request is throttled, and `meanwhile` happens before the second. */
  async function sealThrottled(
    meanwhile: (fake: ReturnType<typeof fakeCloud>) => void,
    takesMs = READING_LASTS_MS + 1,
  ) {
    const { clock, pass } = aClock();
    const fake = fakeCloud({ groups: { '/app/a': null }, keys: WITH_THEIRS });
    const { logStores } = fake.cloud;
    const seal: LogStores['seal'] = async (store, keyArn, mayConfigure, beforeRequest) => {
      await beforeRequest?.();
      meanwhile(fake);
      pass(takesMs);
      await logStores.seal(store, keyArn, mayConfigure, beforeRequest);
    };
    const { journal, phases } = fakeJournal();
    const cloud = { ...fake.cloud, logStores: { ...logStores, seal } };
    const [outcome] = await applySteps(stepsFor({ '/app/a': null }), cloud, { ...aRun(clock), journal });
    const reads = fake.log.filter((line) => line.startsWith(READ)).length;
    return { outcome, reads, keyArn: fake.attached.get('/app/a'), phases: phases() };
  }

  it('is read again before each request that comes later than two seconds after the reading', async () => {
    const { outcome, reads } = await sealThrottled(() => {});

    expect(outcome?.outcome).toBe('SEALED');
    // Before each of the two requests.
    expect(reads).toBe(2);
  });

  it('is not read again before a request that comes earlier', async () => {
    const { reads } = await sealThrottled(() => {}, READING_LASTS_MS);

    expect(reads).toBe(1);
  });

  it('leaves the key that somebody else attached meanwhile', async () => {
    const { outcome, keyArn, phases } = await sealThrottled(({ attached }) => attached.set('/app/a', THEIRS));

    expect(outcome).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'STORE_CHANGED' } });
    expect(keyArn).toBe(THEIRS);
    // What the first request did is not known, so the INTENT is left alone.
    expect(phases).toEqual(['/app/a INTENT']);
  });

  it('is made again where an earlier request had made it without an answer', async () => {
    const { outcome, phases } = await sealThrottled(({ attached }) => attached.set('/app/a', KEY));

    expect(outcome).toMatchObject({ outcome: 'SEALED', fromKeyArn: null });
    expect(phases).toEqual(['/app/a INTENT', '/app/a DONE']);
  });

  it('is FAILED if the log store cannot be read again', async () => {
    const { outcome, keyArn } = await sealThrottled(({ failures }) => failures.set(READ, aCloudError('THROTTLED')));

    expect(outcome).toMatchObject({ outcome: 'FAILED', error: { code: 'THROTTLED' } });
    expect(keyArn).toBeNull();
  });

  it('is REFUSED if the log store is gone', async () => {
    const { outcome } = await sealThrottled(({ attached }) => attached.delete('/app/a'));

    expect(outcome).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } });
  });
});

it('at five changes a second, a run costs at most 0.25 reads a log store more than one for every 50', async () => {
  const count = 200;
  const groups = manyGroups(count);
  const { clock, pass } = aClock();
  const onCall = (line: string) => (line.startsWith(SEAL) ? pass(200) : undefined);

  const { log, short } = await applied(stepsFor(groups), { groups, onCall }, { clock });

  expect(short.every((line) => line.endsWith(' SEALED'))).toBe(true);
  const reads = log.filter((line) => line.startsWith(READ)).length;
  expect(reads / count).toBeLessThanOrEqual(1 / 50 + 0.25);
});

it('of a batch of the remediate function, what cannot be read any more is FAILED, and the rest keeps its outcome', async () => {
  const groups = manyGroups(30);
  let reads = 0;
  const { cloud } = fakeCloud({
    groups,
    keys: KEYS,
    onCall(line) {
      if (line.startsWith(READ) && ++reads === 2) throw aCloudError('UNAVAILABLE');
    },
  });

  const outcomes = await remediateStores(
    Object.keys(groups).map((name) => aLogGroup(name)),
    cloud,
    { ...aRun(() => NOW), journal: fakeJournal().journal, mode: 'Enforce', onAgain: () => {} },
  );

  const failed = outcomes.filter(({ outcome }) => outcome === 'FAILED');
  expect(failed[0]?.error?.code).toBe('UNAVAILABLE');
  expect(failed.length).toBeGreaterThan(0);
  expect(outcomes.filter(({ outcome }) => outcome === 'SEALED')).toHaveLength(30 - failed.length);
});
