import { describe, expect, it } from 'vitest';
import type { ChangeOptions } from '../../../lib/app/change/execute-steps.ts';
import { type PlannedUndo, undoChanges } from '../../../lib/app/change/undo.ts';
import { changesIn, type KeyEntry } from '../../../lib/domain/journal.ts';
import type { Outcome } from '../../../lib/domain/plan-step.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import { STORES_READ_TO_CHANGE } from '../../../lib/pacing.ts';
import { KEY, OLD } from '../../support/apply-steps.ts';
import {
  aDenyingPolicy,
  aKey,
  aKeyArn,
  aKeyEntry,
  aLogsPolicy,
  NOW,
  OTHER_ACCOUNT,
  TARGET,
} from '../../support/builders.ts';
import { aCloudError, CALLER, type FakeWorld, fakeCloud, fakeJournal, manyGroups } from '../../support/fake-cloud.ts';

const THEIRS = aKeyArn('theirs');
/** The key that the changes attached, and one that was attached before: both work. */
const KEYS = { [KEY]: aKey(), [OLD]: aKey({ arn: OLD }) };

/** As if each store were still as the change left it. */
function planned(changes: readonly KeyEntry[]): PlannedUndo[] {
  return changes.map((change) => {
    const { store, from, to } = change;
    const facts = { store, fromKeyArn: to, refusal: null, warnings: [] };
    if (from === null) return { change, later: [], step: { ...facts, action: 'UNSEAL', toKeyArn: null } };
    return { change, later: [], step: { ...facts, action: 'SEAL', toKeyArn: from } };
  });
}

async function undo(changes: readonly KeyEntry[], world: FakeWorld, options: Partial<ChangeOptions> = {}) {
  const fake = fakeCloud({ keys: KEYS, ...world });
  const book = fakeJournal();
  const reported: Outcome[] = [];
  const outcomes = await undoChanges(planned(changes), fake.cloud, {
    runId: 'run-2',
    actor: CALLER.arn,
    journal: book.journal,
    clock: () => NOW,
    rules: rulesAt(NOW),
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

describe('a change is undone', () => {
  it('to no key', async () => {
    const { short, outcomes, reported, attached, log } = await undo([aKeyEntry()], { groups: { '/app/a': KEY } });

    expect(short).toEqual(['/app/a UNSEALED']);
    expect(outcomes).toMatchObject([{ action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null, refusal: null, error: null }]);
    expect(reported).toEqual(outcomes);
    expect(attached.get('/app/a')).toBeNull();
    // No key is inspected, since none is attached.
    expect(log).toEqual([
      'logs:DescribeLogGroups /app/a',
      'logs:DisassociateKmsKey /app/a',
      'logs:DescribeLogGroups /app/a',
    ]);
  });

  it('to the key that it had', async () => {
    const { short, outcomes, attached, log } = await undo([aKeyEntry({ from: OLD })], { groups: { '/app/a': KEY } });

    expect(short).toEqual(['/app/a SEALED']);
    expect(outcomes).toMatchObject([{ action: 'SEAL', fromKeyArn: KEY, toKeyArn: OLD }]);
    expect(attached.get('/app/a')).toBe(OLD);
    expect(changesOf(log)).toEqual(['logs:AssociateKmsKey /app/a']);
  });

  it('by attaching the key again, if the store was unsealed', async () => {
    const { short, attached } = await undo([aKeyEntry({ from: OLD, to: null })], { groups: { '/app/a': null } });

    expect(short).toEqual(['/app/a SEALED']);
    expect(attached.get('/app/a')).toBe(OLD);
  });

  it('for query results like for any other log store', async () => {
    const store = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);

    const { short, attached } = await undo([aKeyEntry({ store })], { queryResults: KEY });

    expect(short).toEqual(['query-result:* UNSEALED']);
    expect(attached.get(store.name)).toBeNull();
  });

  it('with entries in the other direction under its own run', async () => {
    const { entries } = await undo([aKeyEntry({ from: OLD })], { groups: { '/app/a': KEY } });

    const entry = aKeyEntry({ runId: 'run-2', from: KEY, to: OLD });
    expect(entries).toEqual([{ ...entry, phase: 'INTENT' }, entry]);
  });

  it('and undoing the undo restores the first state', async () => {
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

  it('only if there is one: otherwise no call is made', async () => {
    const { short, log } = await undo([], {});

    expect({ short, log }).toEqual({ short: [], log: [] });
  });
});

describe('a log store is left as it is', () => {
  it.each([
    ['had none before', null, THEIRS],
    ['had a key before', OLD, THEIRS],
    ['has none now', OLD, null],
  ])('if somebody else changed it since: it %s', async (_, from, keyArn) => {
    const { short, outcomes, attached, log, phases } = await undo([aKeyEntry({ from })], {
      groups: { '/app/a': keyArn },
    });

    expect(short).toEqual(['/app/a REFUSED STORE_CHANGED']);
    expect(outcomes).toMatchObject([{ action: 'NONE', fromKeyArn: keyArn }]);
    expect(outcomes[0]?.refusal?.message).toBe(`/app/a had ${KEY} after run run-1, and now has ${keyArn ?? 'no key'}`);
    expect(attached.get('/app/a')).toBe(keyArn);
    expect({ log, phases }).toEqual({ log: ['logs:DescribeLogGroups /app/a'], phases: [] });
  });

  it.each([null, OLD])('if it has %s already, as before', async (from) => {
    const { short, outcomes, log, phases } = await undo([aKeyEntry({ from })], { groups: { '/app/a': from } });

    expect(short).toEqual(['/app/a UNCHANGED']);
    expect(outcomes).toMatchObject([{ action: 'NONE', refusal: null, error: null }]);
    expect({ log, phases }).toEqual({ log: ['logs:DescribeLogGroups /app/a'], phases: [] });
  });

  it('if it is gone', async () => {
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
    ['KEY_AWS_MANAGED', { keys: { [OLD]: aKey({ arn: OLD, manager: 'AWS' }) } }],
    ['KEY_WRONG_REGION', {}, WRONG_REGION],
    ['KEY_UNREADABLE', { failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') } }],
    ['KEY_POLICY_DENIES', { policies: { [OLD]: aDenyingPolicy() } }],
    ['KEY_POLICY_MISSING_ACTIONS', { policies: { [OLD]: aLogsPolicy('/other') } }],
    ['KEY_POLICY_UNREADABLE', { failures: { 'kms:GetKeyPolicy': aCloudError('ACCESS_DENIED') } }],
  ])('if its earlier key cannot be used any more: %s', async (code, world, from = OLD) => {
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

  it('until its earlier key has been created', async () => {
    const keys = { [OLD]: aKey({ arn: OLD, state: 'Creating' }) };

    const { short, outcomes } = await undo([aKeyEntry({ from: OLD })], { groups: { '/app/a': KEY }, keys });

    expect(short).toEqual(['/app/a REFUSED KEY_CREATING']);
    expect(outcomes[0]?.refusal?.fix).toBe('wait until its KeyState is Enabled, then undo again');
  });

  it('if the journal names a key of a foreign account, for which no call is made', async () => {
    const from = aKeyArn('foreign', { account: OTHER_ACCOUNT });

    const { short, log, phases } = await undo([aKeyEntry({ from })], { groups: { '/app/a': KEY } });

    expect(short).toEqual(['/app/a REFUSED JOURNAL_NOT_TRUSTED']);
    expect({ log, phases }).toEqual({ log: ['logs:DescribeLogGroups /app/a'], phases: [] });
  });

  it('and what that means for the logs is said, if its earlier key is gone or going', async () => {
    const from = aKeyArn('dying');
    const dying = aKey({ arn: from, state: 'PendingDeletion', deletionDate: new Date('2026-12-21T10:00:00Z') });

    const { outcomes } = await undo([aKeyEntry({ name: '/a', from: OLD }), aKeyEntry({ name: '/b', from })], {
      groups: { '/a': KEY, '/b': KEY },
      keys: { [from]: dying },
    });

    expect(outcomes.map(({ refusal }) => refusal?.message)).toEqual([
      `its earlier key cannot be used any more: what was encrypted under ${OLD} cannot be read any more, since the key does not exist in eu-west-1`,
      `its earlier key cannot be used any more: what was encrypted under ${from} cannot be read now, and will be lost on 2026-12-21, when the key is deleted`,
    ]);
  });

  it.each(['kms:DescribeKey', 'kms:GetKeyPolicy'])('for another try if %s did not work this time', async (call) => {
    const { short, outcomes, phases } = await undo([aKeyEntry({ from: OLD })], {
      groups: { '/app/a': KEY },
      failures: { [call]: aCloudError('THROTTLED', 'too fast') },
    });

    expect(short).toEqual(['/app/a FAILED THROTTLED']);
    expect(outcomes[0]).toMatchObject({ refusal: null, error: { message: 'too fast' } });
    expect(phases).toEqual([]);
  });

  it('as REFUSED if its earlier key is disabled, even if the policy of that key could not be read this time', async () => {
    const { short } = await undo([aKeyEntry({ from: OLD })], {
      groups: { '/app/a': KEY },
      keys: { [OLD]: aKey({ arn: OLD, state: 'Disabled' }) },
      failures: { 'kms:GetKeyPolicy': aCloudError('THROTTLED', 'too fast') },
    });

    expect(short).toEqual(['/app/a REFUSED KEY_DISABLED']);
  });

  it.each<[string, string, boolean]>([
    ['REFUSED KEY_UNREADABLE', 'ACCESS_DENIED', false],
    ['FAILED THROTTLED', 'THROTTLED', true],
  ])('as %s if its earlier key could not be described: %s', async (result, code, isOpen) => {
    const { short, outcomes, attached } = await undo([aKeyEntry({ from: OLD }), aKeyEntry({ name: '/b' })], {
      groups: { '/app/a': KEY, '/b': KEY },
      failures: { 'kms:DescribeKey': aCloudError(code as 'THROTTLED', 'as AWS says') },
    });

    expect(short).toEqual([`/app/a ${result}`, '/b UNSEALED']);
    // What may work another time keeps its change, what was refused has none.
    expect(outcomes[0]).toMatchObject({
      action: isOpen ? 'SEAL' : 'NONE',
      fromKeyArn: KEY,
      toKeyArn: OLD,
      error: isOpen ? { code, message: 'as AWS says' } : null,
    });
    expect(attached.get('/app/a')).toBe(KEY);
  });

  it('for another try if it alone could not be read', async () => {
    const store = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);
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

  it('are read a few at a time before their change and 50 a call after the run, and a key is inspected once', async () => {
    const { log, short, attached, phases } = await undo(sealed(names, OLD), { groups });

    expect(short).toEqual(names.map((name) => `${name} SEALED`));
    expect([...attached.values()].every((keyArn) => keyArn === OLD)).toBe(true);
    expect(phases).toHaveLength(240);
    const reads = log.filter((line) => !line.startsWith('logs:AssociateKmsKey'));
    expect(reads.filter((line) => !line.startsWith('logs:'))).toEqual([
      `kms:DescribeKey ${OLD}`,
      `kms:GetKeyPolicy ${OLD}`,
    ]);
    const sizes = reads.filter((line) => line.startsWith('logs:')).map((line) => line.split(' ').length - 1);
    expect(sizes.slice(-3)).toEqual([50, 50, 20]);
    expect(Math.max(...sizes.slice(0, -3))).toBe(STORES_READ_TO_CHANGE);
    expect(sizes.length).toBeLessThanOrEqual(3 + 120 / 10);
  });

  it.each(['ACCESS_DENIED', 'THROTTLED', 'NOT_FOUND', 'NETWORK', 'INVALID_REQUEST'] as const)(
    'are all tried, even if one fails: %s',
    async (code) => {
      const failures = { 'logs:DisassociateKmsKey /many/7': aCloudError(code) };

      const { outcomes, attached } = await undo(sealed(names), { groups, failures });

      expect(outcomes.filter(({ outcome }) => outcome !== 'UNSEALED').map(({ store }) => store.name)).toEqual([
        '/many/7',
      ]);
      expect([...attached].filter(([, keyArn]) => keyArn !== null)).toEqual([['/many/7', KEY]]);
    },
  );

  it('are all tried, even if a read fails: those that are read with it are FAILED', async () => {
    const failures = {
      [`logs:DescribeLogGroups ${names.slice(0, STORES_READ_TO_CHANGE).join(' ')}`]: aCloudError('UNAVAILABLE'),
    };

    const { outcomes, phases } = await undo(sealed(names), { groups, failures });

    const failed = outcomes.filter(({ outcome }) => outcome === 'FAILED');
    expect(failed.map(({ store }) => store.name)).toEqual(names.slice(0, STORES_READ_TO_CHANGE));
    expect(failed[0]?.error).toEqual({ code: 'UNAVAILABLE', message: 'UNAVAILABLE, in the words of AWS' });
    expect(outcomes.filter(({ outcome }) => outcome === 'UNSEALED')).toHaveLength(120 - STORES_READ_TO_CHANGE);
    expect(phases).toHaveLength(2 * (120 - STORES_READ_TO_CHANGE));
  });

  it('are SKIPPED after an interruption, and the changes under way are completed', async () => {
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
    const left = outcomes.filter(({ outcome }) => outcome === 'SKIPPED');
    expect(unsealed.length).toBeGreaterThanOrEqual(10);
    expect(unsealed.length).toBeLessThanOrEqual(13);
    expect(unsealed.length + left.length).toBe(120);
    expect(left.every(({ refusal, error }) => refusal === null && error === null)).toBe(true);
    expect(changesOf(log)).toHaveLength(unsealed.length);
    expect(phases).toHaveLength(2 * unsealed.length);
    expect([...attached.values()].filter((keyArn) => keyArn === KEY)).toHaveLength(left.length);
  });
});

it('an interruption before the start costs no call, and what was planned to be left as it is stays so', async () => {
  const interruption = new AbortController();
  interruption.abort();
  const { cloud, log } = fakeCloud({ keys: KEYS, groups: { '/app/a': KEY, '/b': KEY, '/c': KEY } });
  const { journal, entries } = fakeJournal();
  const [one, two, three] = planned([...sealed(['/app/a'], OLD), ...sealed(['/b', '/c'])]) as [
    PlannedUndo,
    PlannedUndo,
    PlannedUndo,
  ];
  const left = { ...three.step, action: 'NONE', toKeyArn: null, refusal: null } as const;

  const outcomes = await undoChanges([one, two, { ...three, step: left }], cloud, {
    runId: 'run-2',
    actor: CALLER.arn,
    journal,
    clock: () => NOW,
    rules: rulesAt(NOW),
    onOutcome: () => {},
    signal: interruption.signal,
  });

  expect(outcomes).toEqual([
    { ...left, outcome: 'UNCHANGED', error: null },
    { ...one.step, outcome: 'SKIPPED', error: null },
    { ...two.step, outcome: 'SKIPPED', error: null },
  ]);
  expect({ log, entries }).toEqual({ log: [], entries: [] });
});

it('what was planned to be left as it is stays so, even if it changed since', async () => {
  const { cloud, log, attached } = fakeCloud({ keys: KEYS, groups: { '/app/a': KEY } });
  const [{ change, step } = expect.fail()] = planned([aKeyEntry()]);
  const { journal, phases } = fakeJournal();
  const options = {
    runId: 'run-2',
    actor: CALLER.arn,
    journal,
    clock: () => NOW,
    rules: rulesAt(NOW),
    onOutcome: () => {},
  };

  const outcomes = await undoChanges([{ change, later: [], step: { ...step, action: 'NONE' } }], cloud, options);

  expect(outcomes).toMatchObject([{ action: 'NONE', outcome: 'UNCHANGED' }]);
  expect({ log, phases: phases(), keyArn: attached.get('/app/a') }).toEqual({ log: [], phases: [], keyArn: KEY });
});

describe('what is not an outcome is thrown', () => {
  it('a defect of the program', async () => {
    const failures = { 'logs:DescribeLogGroups': new TypeError('a defect') };

    await expect(undo([aKeyEntry()], { groups: { '/app/a': KEY }, failures })).rejects.toThrow('a defect');
  });

  it('a journal that cannot be written, and nothing is changed', async () => {
    const { cloud, attached } = fakeCloud({ keys: KEYS, groups: { '/app/a': KEY } });
    const journal = { append: () => Promise.reject(new Error('disk full')) };
    const options = {
      runId: 'run-2',
      actor: CALLER.arn,
      journal,
      clock: () => NOW,
      rules: rulesAt(NOW),
      onOutcome: () => {},
    };

    await expect(undoChanges(planned([aKeyEntry()]), cloud, options)).rejects.toThrow('disk full');
    expect(attached.get('/app/a')).toBe(KEY);
  });
});
