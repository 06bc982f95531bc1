import { describe, expect, it } from 'vitest';
import { remediateStores } from '../../../lib/app/change/remediate-stores.ts';
import type { StoreJournal } from '../../../lib/app/ports.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { CloudError, JournalError, UsageError } from '../../../lib/errors.ts';
import { KEY, KEYS } from '../../support/apply-steps.ts';
import { aKeyEntry, aLogGroup, NOW } from '../../support/builders.ts';
import { CALLER, type FakeWorld, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

const HOUR_MS = 3_600_000;
type Mode = 'Enforce' | 'Audit';

/** Log groups without a key that the function checks again and again, while somebody removes their keys. */
function aFight(names: readonly string[] = ['/a'], world: FakeWorld = {}) {
  const fake = fakeCloud({ keys: KEYS, groups: Object.fromEntries(names.map((name) => [name, null])), ...world });
  const book = fakeJournal();
  const asked: string[] = [];
  let now = NOW;
  const journal: StoreJournal = {
    ...book.journal,
    ofStore(store) {
      asked.push(store.name);
      return book.journal.ofStore(store);
    },
  };
  const check = async (mode: Mode = 'Enforce', failing: Partial<StoreJournal> = {}) => {
    const outcomes = await remediateStores(
      names.map((name) => aLogGroup(name)),
      fake.cloud,
      {
        ...{ mode, rules: rulesAt(now, { key: KEY }), runId: `run-${now.getTime()}`, actor: CALLER.arn },
        ...{ journal: { ...journal, ...failing }, clock: () => now, onOutcome: () => {}, onAgain: () => {} },
        changedBy: ({ name }) => (name === '/a' ? 'arn:of:terraform' : null),
      },
    );
    return outcomes;
  };
  const short = async (mode?: Mode) => (await check(mode)).map(({ outcome, refusal }) => refusal?.code ?? outcome);
  return {
    ...fake,
    ...book,
    asked,
    check,
    short,
    wait: (hours: number) => {
      now = new Date(now.getTime() + hours * HOUR_MS);
    },
    remove: (name = '/a', by: string | null = null) => fake.attached.set(name, by),
  };
}

/** Seals and loses the key twice. */
async function afterTwoLosses(names?: readonly string[]) {
  const fight = aFight(names);
  for (let round = 0; round < 2; round++) {
    await fight.check();
    fight.wait(1);
    fight.remove();
  }
  return fight;
}

describe('a log group whose key somebody removes', () => {
  it('is sealed again once, then left alone, and sealed again 26 hours after the first loss was found', async () => {
    const { short, wait, remove, entries, attached } = aFight();

    expect(await short()).toEqual(['SEALED']);
    wait(1);
    remove();
    expect(await short()).toEqual(['SEALED']);
    wait(1);
    remove();
    const before = entries.length;
    expect(await short()).toEqual(['FLAPPING']);
    wait(24.9);
    expect(await short()).toEqual(['FLAPPING']);
    expect(entries).toHaveLength(before);
    expect(attached.get('/a')).toBeNull();
    wait(0.1);
    expect(await short()).toEqual(['SEALED']);
  });

  it('is left alone every third day, where only the daily scan finds it', async () => {
    const { short, wait, remove } = aFight();
    const seen: string[] = [];

    for (const late of [0, 1.5, -1.5, 0, 1.5, -1.5, 0]) {
      seen.push(...(await short()));
      remove();
      wait(24 + late);
    }

    expect(seen).toEqual(['SEALED', 'SEALED', 'FLAPPING', 'SEALED', 'SEALED', 'FLAPPING', 'SEALED']);
  });

  it('by an undo counts', async () => {
    const { short, wait, remove, entries } = aFight();
    for (let round = 0; round < 2; round++) {
      expect(await short()).toEqual(['SEALED']);
      wait(1);
      remove();
      const undo = { from: KEY, to: null, actor: CALLER.arn, time: new Date(NOW.getTime() + (round + 1) * HOUR_MS) };
      entries.push(aKeyEntry({ name: '/a', ...undo, time: undo.time.toISOString() }));
    }

    expect(await short()).toEqual(['FLAPPING']);
  });

  it('makes one query for each log group, however often it is read before its change', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `/app/${String(index).padStart(2, '0')}`);
    const fight = aFight(names, { onCall: (line) => line.startsWith('logs:AssociateKmsKey') && fight.wait(0.001) });

    expect(await fight.short()).toEqual(names.map(() => 'SEALED'));
    expect(fight.log.filter((line) => line.startsWith('logs:DescribeLogGroups')).length).toBeGreaterThan(2);
    expect(fight.asked.toSorted()).toEqual(names);
  });

  it('is refused with who did it, as the event says', async () => {
    const { check } = await afterTwoLosses();

    expect(await check()).toMatchObject([
      {
        ...{ outcome: 'REFUSED', action: 'NONE', fromKeyArn: null, toKeyArn: KEY },
        refusal: { code: 'FLAPPING', severity: 'HIGH', message: expect.stringContaining('arn:of:terraform') },
      },
    ]);
  });

  it('is reported in Audit as Enforce would', async () => {
    const { short } = await afterTwoLosses();

    expect(await short('Audit')).toEqual(['FLAPPING']);
  });

  it('keeps no other log group from being sealed', async () => {
    const { short, remove } = await afterTwoLosses(['/a', '/b']);
    remove('/b');

    expect(await short()).toEqual(['FLAPPING', 'SEALED']);
  });
});

describe('the journal', () => {
  it.each(['Enforce', 'Audit'] as const)(
    'is asked once for each store that is to be sealed, and no other: %s',
    async (mode) => {
      const { short, asked } = aFight(['/a', '/b', '/fine', '/gone'], {
        groups: { '/a': null, '/b': null, '/fine': KEY },
      });

      await short(mode);

      expect(asked).toEqual(['/a', '/b']);
    },
  );

  it('is not asked where the caller lacks a right on the key', async () => {
    const identity = { principalArn: CALLER.arn, decisions: Array(6).fill('IMPLICIT_DENY'), because: null };
    const { short, asked } = aFight(['/a'], { identity });

    expect(await short()).toEqual(['CALLER_MISSING_RIGHTS']);
    expect(asked).toEqual([]);
  });

  it.each([
    [
      'cannot be read',
      new JournalError('the journal cannot be read', { cause: new CloudError('THROTTLED', 'dynamodb:Query', 'slow') }),
      { code: 'THROTTLED', message: 'the journal cannot be read' },
    ],
    ['holds something else', new UsageError(['not an entry']), { code: 'INVALID_REQUEST', message: 'not an entry' }],
  ])('that %s of one store fails that store alone, and changes nothing of it', async (_, error, expected) => {
    const { check, attached } = aFight(['/a', '/b']);
    const ofStore: StoreJournal['ofStore'] = async ({ name }) => {
      if (name === '/a') throw error;
      return [];
    };

    expect(await check('Enforce', { ofStore })).toMatchObject([
      { outcome: 'FAILED', error: expected },
      { outcome: 'SEALED' },
    ]);
    expect(attached.get('/a')).toBeNull();
  });

  it('with a bug in it stops everything', async () => {
    const { check } = aFight();

    const ofStore = () => Promise.reject(new TypeError('a bug'));

    await expect(check('Enforce', { ofStore })).rejects.toThrow('a bug');
  });
});
