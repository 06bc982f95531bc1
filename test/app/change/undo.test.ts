import { describe, expect, it } from 'vitest';
import type { ChangeOptions } from '../../../lib/app/change/execute-steps.ts';
import { type PlannedUndo, planUndo, undoTarget } from '../../../lib/app/change/undo.ts';
import { changesIn, type KeyEntry } from '../../../lib/domain/journal.ts';
import { queryResultsOf } from '../../../lib/domain/log-store.ts';
import type { Outcome } from '../../../lib/domain/plan-step.ts';
import { KEY, OLD } from '../../support/apply-steps.ts';
import { aDenyingPolicy, aKey, aKeyArn, aKeyEntry, aLogsPolicy, NOW, TARGET } from '../../support/builders.ts';
import { aCloudError, CALLER, type FakeWorld, fakeCloud, fakeJournal, manyGroups } from '../../support/fake-cloud.ts';

const THEIRS = aKeyArn('theirs');
/** The key that the changes attached, and one that was attached before: both work. */
const KEYS = { [KEY]: aKey(), [OLD]: aKey({ arn: OLD }) };

/** As if each store were still as the change left it. */
function planned(changes: readonly KeyEntry[]): PlannedUndo[] {
  return changes.map((change) => {
    const { store, from, to } = change;
    const facts = { store, fromKeyArn: to, refusal: null };
    if (from === null) return { change, step: { ...facts, action: 'UNSEAL', toKeyArn: null } };
    return { change, step: { ...facts, action: 'SEAL', toKeyArn: from } };
  });
}

async function undo(changes: readonly KeyEntry[], world: FakeWorld, options: Partial<ChangeOptions> = {}) {
  const fake = fakeCloud({ keys: KEYS, ...world });
  const book = fakeJournal();
  const reported: Outcome[] = [];
  const outcomes = await undoTarget(planned(changes), fake.cloud, {
    runId: 'run-2',
    actor: CALLER.arn,
    journal: book.journal,
    clock: () => NOW,
    onOutcome: (outcome) => reported.push(outcome),
    ...options,
  });
  const short = outcomes.map(({ store, outcome, refusal, error }) =>
    [store.name, outcome, refusal?.code ?? error?.code].filter(Boolean).join(' '),
  );
  return { ...fake, ...book, outcomes, short, reported, phases: book.phases() };
}

const sealed = (names: readonly string[], from: string | null = null) => names.map((name) => aKeyEntry({ name, from }));
const changesOf = (log: readonly string[]) => log.filter((line) => line.includes('ssociateKmsKey'));

describe('a change is taken back', () => {
  it('to no key', async () => {
    const { short, outcomes, reported, attached, log } = await undo([aKeyEntry()], { groups: { '/app/a': KEY } });

    expect(short).toEqual(['/app/a UNSEALED']);
    expect(outcomes).toMatchObject([{ action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null, refusal: null, error: null }]);
    expect(reported).toEqual(outcomes);
    expect(attached.get('/app/a')).toBeNull();
    // No key is looked at, since none is attached.
    expect(log).toEqual(['logs:DescribeLogGroups /app/a', 'logs:DisassociateKmsKey /app/a']);
  });

  it('to the key that it had', async () => {
    const { short, outcomes, attached, log } = await undo([aKeyEntry({ from: OLD })], { groups: { '/app/a': KEY } });

    expect(short).toEqual(['/app/a SEALED']);
    expect(outcomes).toMatchObject([{ action: 'SEAL', fromKeyArn: KEY, toKeyArn: OLD }]);
    expect(attached.get('/app/a')).toBe(OLD);
    expect(changesOf(log)).toEqual(['logs:AssociateKmsKey /app/a']);
  });

  it('of an unsealed store: the key is attached again', async () => {
    const { short, attached } = await undo([aKeyEntry({ from: OLD, to: null })], { groups: { '/app/a': null } });

    expect(short).toEqual(['/app/a SEALED']);
    expect(attached.get('/app/a')).toBe(OLD);
  });

  it('of query results as of any store', async () => {
    const store = queryResultsOf('aws', TARGET);

    const { short, attached } = await undo([aKeyEntry({ store })], { queryResults: KEY });

    expect(short).toEqual(['query-result:* UNSEALED']);
    expect(attached.get(store.name)).toBeNull();
  });

  it('in the journal of its own run, the other way round', async () => {
    const { entries } = await undo([aKeyEntry({ from: OLD })], { groups: { '/app/a': KEY } });

    const entry = aKeyEntry({ runId: 'run-2', from: KEY, to: OLD });
    expect(entries).toEqual([{ ...entry, phase: 'INTENT' }, entry]);
  });

  it('and that undone again ends where it began', async () => {
    const world = { groups: { '/app/a': KEY, '/app/b': KEY } };
    const first = await undo([aKeyEntry({ from: OLD }), aKeyEntry({ name: '/app/b' })], world);

    const again = await undo(
      changesIn(first.entries).filter((entry) => entry.change === 'KEY'),
      { groups: Object.fromEntries(first.attached) },
    );

    expect(Object.fromEntries(first.attached)).toEqual({ '/app/a': OLD, '/app/b': null });
    expect(Object.fromEntries(again.attached)).toEqual(world.groups);
    expect(again.short).toEqual(['/app/a SEALED', '/app/b SEALED']);
  });

  it('of nothing does nothing', async () => {
    const { short, log } = await undo([], {});

    expect({ short, log }).toEqual({ short: [], log: [] });
  });
});

describe('a store is left', () => {
  it.each([
    ['had none before', null, THEIRS],
    ['had a key before', OLD, THEIRS],
    ['has none now', OLD, null],
  ])('that somebody else changed since: it %s', async (_, from, keyArn) => {
    const { short, outcomes, attached, log, phases } = await undo([aKeyEntry({ from })], {
      groups: { '/app/a': keyArn },
    });

    expect(short).toEqual(['/app/a REFUSED STORE_CHANGED']);
    expect(outcomes).toMatchObject([{ action: 'NONE', fromKeyArn: keyArn }]);
    expect(outcomes[0]?.refusal?.message).toBe(`/app/a had ${KEY} after run run-1, and now has ${keyArn ?? 'no key'}`);
    expect(attached.get('/app/a')).toBe(keyArn);
    expect({ log, phases }).toEqual({ log: ['logs:DescribeLogGroups /app/a'], phases: [] });
  });

  it.each([null, OLD])('that has %s already, as before', async (from) => {
    const { short, outcomes, log, phases } = await undo([aKeyEntry({ from })], { groups: { '/app/a': from } });

    expect(short).toEqual(['/app/a UNCHANGED']);
    expect(outcomes).toMatchObject([{ action: 'NONE', refusal: null, error: null }]);
    expect({ log, phases }).toEqual({ log: ['logs:DescribeLogGroups /app/a'], phases: [] });
  });

  it('that is gone', async () => {
    const { short, phases } = await undo([aKeyEntry()], { groups: {} });

    expect(short).toEqual(['/app/a REFUSED STORE_GONE']);
    expect(phases).toEqual([]);
  });

  const WRONG_REGION = aKeyArn('old', { region: 'us-east-1' });
  it.each<[string, FakeWorld, string?]>([
    ['KEY_DISABLED', { keys: { [OLD]: aKey({ arn: OLD, state: 'Disabled' }) } }],
    ['KEY_PENDING_DELETION', { keys: { [OLD]: aKey({ arn: OLD, state: 'PendingDeletion' }) } }],
    ['KEY_NOT_FOUND', { keys: {} }],
    ['KEY_NOT_SYMMETRIC', { keys: { [OLD]: aKey({ arn: OLD, spec: 'RSA_2048' }) } }],
    ['KEY_WRONG_REGION', {}, WRONG_REGION],
    ['KEY_UNREADABLE', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }],
    ['KEY_POLICY_DENIES', { policies: { [OLD]: aDenyingPolicy() } }],
    ['KEY_POLICY_MISSING_ACTIONS', { policies: { [OLD]: aLogsPolicy('/other') } }],
    ['KEY_POLICY_UNREADABLE', { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } }],
  ])('whose earlier key is of no use any more: %s', async (code, world, from = OLD) => {
    const { short, outcomes, attached, phases } = await undo([aKeyEntry({ from })], {
      groups: { '/app/a': KEY },
      ...world,
    });

    expect(short).toEqual([`/app/a REFUSED ${code}`]);
    expect(outcomes[0]).toMatchObject({ action: 'NONE', fromKeyArn: KEY, toKeyArn: from });
    expect(outcomes[0]?.refusal?.fix).not.toBe('');
    expect(attached.get('/app/a')).toBe(KEY);
    expect(phases).toEqual([]);
  });

  it.each(['kms:DescribeKey', 'kms:GetKeyPolicy'])('for another try where %s failed in passing', async (call) => {
    const { short, outcomes, phases } = await undo([aKeyEntry({ from: OLD })], {
      groups: { '/app/a': KEY },
      failures: { [call]: aCloudError('THROTTLED', 'too fast') },
    });

    expect(short).toEqual(['/app/a FAILED THROTTLED']);
    expect(outcomes[0]).toMatchObject({ refusal: null, error: { message: 'too fast' } });
    expect(phases).toEqual([]);
  });

  it('for another try where it alone could not be read', async () => {
    const store = queryResultsOf('aws', TARGET);
    const failures = { 'logs:StartQuery': aCloudError('THROTTLED', 'too fast') };

    const { short, attached } = await undo([aKeyEntry({ store }), aKeyEntry()], {
      groups: { '/app/a': KEY },
      queryResults: KEY,
      failures,
    });

    expect(short).toEqual(['query-result:* FAILED THROTTLED', '/app/a UNSEALED']);
    expect(attached.get(store.name)).toBe(KEY);
  });
});

describe('many stores', () => {
  const groups = manyGroups(120, KEY);
  const names = Object.keys(groups);

  it('are read 50 a call, and a key is looked at once', async () => {
    const { log, short, attached, phases } = await undo(sealed(names, OLD), { groups });

    expect(short).toEqual(names.map((name) => `${name} SEALED`));
    expect([...attached.values()].every((keyArn) => keyArn === OLD)).toBe(true);
    expect(phases).toHaveLength(240);
    const reads = log.filter((line) => !line.startsWith('logs:AssociateKmsKey'));
    expect(reads.map((line) => line.split(' ').length - 1)).toEqual([50, 1, 1, 50, 20]);
    expect(reads.map((line) => line.split(' ')[0])).toEqual([
      'logs:DescribeLogGroups',
      'kms:DescribeKey',
      'kms:GetKeyPolicy',
      'logs:DescribeLogGroups',
      'logs:DescribeLogGroups',
    ]);
  });

  it.each(['ACCESS_DENIED', 'THROTTLED', 'NOT_FOUND', 'NETWORK', 'INVALID_REQUEST'] as const)(
    'never stop for one that fails: %s',
    async (code) => {
      const failures = { 'logs:DisassociateKmsKey /many/7': aCloudError(code) };

      const { outcomes, attached } = await undo(sealed(names), { groups, failures });

      expect(outcomes.filter(({ outcome }) => outcome !== 'UNSEALED').map(({ store }) => store.name)).toEqual([
        '/many/7',
      ]);
      expect([...attached].filter(([, keyArn]) => keyArn !== null)).toEqual([['/many/7', KEY]]);
    },
  );

  it('never stop for a read that fails: those that are read with it have failed', async () => {
    const failures = { [`logs:DescribeLogGroups ${names.slice(50, 100).join(' ')}`]: aCloudError('UNAVAILABLE') };

    const { outcomes, phases } = await undo(sealed(names), { groups, failures });

    const failed = outcomes.filter(({ outcome }) => outcome === 'FAILED');
    expect(failed.map(({ store }) => store.name)).toEqual(names.slice(50, 100));
    expect(failed[0]?.error).toEqual({ code: 'UNAVAILABLE', message: 'UNAVAILABLE, in the words of AWS' });
    expect(outcomes.filter(({ outcome }) => outcome === 'UNSEALED')).toHaveLength(70);
    expect(phases).toHaveLength(140);
  });

  it('are left after an interruption, and what was under way is brought to its end', async () => {
    const interruption = new AbortController();
    let done = 0;

    const { outcomes, log, phases, attached } = await undo(
      sealed(names),
      { groups },
      {
        signal: interruption.signal,
        onOutcome: () => {
          if (++done === 10) interruption.abort();
        },
      },
    );

    const unsealed = outcomes.filter(({ outcome }) => outcome === 'UNSEALED');
    const left = outcomes.filter(({ error }) => error?.code === 'INTERRUPTED');
    expect(unsealed.length).toBeGreaterThanOrEqual(10);
    expect(unsealed.length).toBeLessThanOrEqual(13);
    expect(unsealed.length + left.length).toBe(120);
    expect(left.every(({ outcome }) => outcome === 'FAILED')).toBe(true);
    expect(changesOf(log)).toHaveLength(unsealed.length);
    expect(phases).toHaveLength(2 * unsealed.length);
    expect([...attached.values()].filter((keyArn) => keyArn === KEY)).toHaveLength(left.length);
  });
});

it('what was planned to be left stays so, whatever has become of it since', async () => {
  const { cloud, log, attached } = fakeCloud({ keys: KEYS, groups: { '/app/a': KEY } });
  const [{ change, step } = expect.fail()] = planned([aKeyEntry()]);
  const { journal, phases } = fakeJournal();
  const options = { runId: 'run-2', actor: CALLER.arn, journal, clock: () => NOW, onOutcome: () => {} };

  const outcomes = await undoTarget([{ change, step: { ...step, action: 'NONE' } }], cloud, options);

  expect(outcomes).toMatchObject([{ action: 'NONE', outcome: 'UNCHANGED' }]);
  expect({ log, phases: phases(), keyArn: attached.get('/app/a') }).toEqual({ log: [], phases: [], keyArn: KEY });
});

describe('what is no outcome is thrown', () => {
  it('a defect of the program', async () => {
    const failures = { 'logs:DescribeLogGroups': new TypeError('a defect') };

    await expect(undo([aKeyEntry()], { groups: { '/app/a': KEY }, failures })).rejects.toThrow('a defect');
  });

  it('a journal that cannot be written, and nothing is changed', async () => {
    const { cloud, attached } = fakeCloud({ keys: KEYS, groups: { '/app/a': KEY } });
    const journal = { append: () => Promise.reject(new Error('disk full')) };
    const options = { runId: 'run-2', actor: CALLER.arn, journal, clock: () => NOW, onOutcome: () => {} };

    await expect(undoTarget(planned([aKeyEntry()]), cloud, options)).rejects.toThrow('disk full');
    expect(attached.get('/app/a')).toBe(KEY);
  });
});

describe('a plan to undo', () => {
  async function plan(changes: readonly KeyEntry[], world: FakeWorld) {
    const fake = fakeCloud({ keys: KEYS, ...world });
    const before = Object.fromEntries(fake.attached);
    const steps = (await planUndo(changes, fake.cloud, NOW)).map(({ step }) => step);
    expect(Object.fromEntries(fake.attached)).toEqual(before);
    expect(changesOf(fake.log)).toEqual([]);
    return { ...fake, steps };
  }

  it('says what would be done to each store, and changes nothing', async () => {
    const groups = { '/none': KEY, '/old': KEY, '/back': null, '/theirs': THEIRS };
    const changes = [
      aKeyEntry({ name: '/none' }),
      aKeyEntry({ name: '/old', from: OLD }),
      aKeyEntry({ name: '/back' }),
      aKeyEntry({ name: '/theirs' }),
      aKeyEntry({ name: '/gone' }),
    ];

    const { steps } = await plan(changes, { groups });

    expect(steps.map(({ store, action, refusal }) => [store.name, action, refusal?.code])).toEqual([
      ['/none', 'UNSEAL', undefined],
      ['/old', 'SEAL', undefined],
      ['/back', 'NONE', undefined],
      ['/theirs', 'NONE', 'STORE_CHANGED'],
      ['/gone', 'NONE', 'STORE_GONE'],
    ]);
    expect(steps.slice(0, 2)).toMatchObject([
      { fromKeyArn: KEY, toKeyArn: null },
      { fromKeyArn: KEY, toKeyArn: OLD },
    ]);
  });

  it('of nothing costs no call', async () => {
    expect(await plan([], {})).toMatchObject({ steps: [], log: [] });
  });

  it.each<[string, FakeWorld]>([
    ['the stores', { failures: { 'logs:DescribeLogGroups': aCloudError('ACCESS_DENIED') } }],
    ['the stores for now', { failures: { 'logs:DescribeLogGroups': aCloudError('THROTTLED') } }],
    ['the key', { failures: { 'kms:DescribeKey': aCloudError('UNAVAILABLE') } }],
    ['its policy', { failures: { 'kms:GetKeyPolicy': aCloudError('NETWORK') } }],
  ])('never throws what the cloud answers: it cannot read %s', async (_, world) => {
    const { steps } = await plan([aKeyEntry({ from: OLD }), aKeyEntry({ name: '/b' })], {
      groups: { '/app/a': KEY, '/b': KEY },
      ...world,
    });

    expect(steps.map(({ store }) => store.name)).toEqual(['/app/a', '/b']);
  });

  it('says what the journal says where the store cannot be read', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('THROTTLED') };

    const { steps } = await plan([aKeyEntry({ from: OLD }), aKeyEntry({ name: '/b' })], { failures });

    expect(steps).toMatchObject([
      { action: 'SEAL', toKeyArn: OLD, refusal: null },
      { action: 'UNSEAL', toKeyArn: null, refusal: null },
    ]);
  });

  it('throws a defect of the program', async () => {
    const failures = { 'logs:DescribeLogGroups': new TypeError('a defect') };

    await expect(plan([aKeyEntry()], { failures })).rejects.toThrow('a defect');
  });
});
