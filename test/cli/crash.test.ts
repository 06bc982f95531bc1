import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONCURRENT_CHANGES, STORES_READ_TO_CHANGE } from '../../lib/pacing.ts';
import { crash, FATES, type Fate, tries } from '../support/crashes.ts';
import { anUndoDesk, JOURNAL, linesIn, type UndoDesk } from '../support/undoing.ts';
import { outcomesOf } from './worlds.ts';

const APPLY = 'apply --key alias/logseal --require-key --yes --quiet --format json';
const SEAL = 'logs:AssociateKmsKey';
const GROUPS = { '/a': null, '/b': 'other', '/c': null } as const;
const WORLD = { keys: { other: { policy: 'logs' }, third: { alias: 'alias/third', policy: 'logs' } }, groups: GROUPS };
const FATE_NAMES = Object.keys(FATES) as Fate[];

const doneEntries = async (desk: UndoDesk, name: string) =>
  linesIn(await desk.journal()).filter((line) => line === `DONE ${name}`).length;
/** The run of the last whole line. */
const lastRun = async (desk: UndoDesk) => (await desk.journal()).at(-1)?.runId ?? '';
const sealedAll = async (desk: UndoDesk, names = Object.keys(GROUPS)) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await desk.keys.arn()] as const)));

/** Dies between the INTENT entry of `/b` and its DONE entry, after the others are done. */
async function crashedApply(fate: Fate) {
  const desk = await anUndoDesk({ ...WORLD, faults: [{ call: SEAL, kind: FATES[fate], resource: '/b' }] });
  const before = await desk.attached();
  await crash(desk, APPLY, async () => {
    const entries = (await doneEntries(desk, '/a')) + (await doneEntries(desk, '/c'));
    return entries === 2 && tries(desk, SEAL) >= 3;
  });
  desk.sandbox.setFaults([]);
  expect(linesIn(await desk.journal()).toSorted()).toEqual([
    'DONE /a',
    'DONE /c',
    'INTENT /a',
    'INTENT /b',
    'INTENT /c',
  ]);
  const sealed = await sealedAll(desk);
  expect(await desk.attached()).toEqual(fate === 'made' ? sealed : { ...sealed, '/b': before['/b'] });
  return { desk, before, sealed, runId: await lastRun(desk) };
}

describe.each(FATE_NAMES)('an apply that died after an intent, with the change %s', (fate) => {
  it('is taken back whole', async () => {
    const { desk, before, runId } = await crashedApply(fate);

    const { status, document } = await desk.undo(`--run ${runId}`);

    expect(status).toBe(0);
    expect(outcomesOf(document).toSorted()).toEqual([
      '/a UNSEALED',
      `/b ${fate === 'made' ? 'SEALED' : 'UNCHANGED'}`,
      '/c UNSEALED',
    ]);
    expect(await desk.attached()).toEqual(before);
  });

  it('is taken back by the store alone', async () => {
    const { desk, before, sealed } = await crashedApply(fate);

    expect((await desk.undo('--store /b')).status).toBe(0);

    expect(await desk.attached()).toEqual({ ...sealed, '/b': before['/b'] });
  });

  it('is gone on with, and both runs are taken back', async () => {
    const { desk, before, sealed, runId } = await crashedApply(fate);

    const { status, document } = await desk.apply('--require-key');

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(fate === 'made' ? [] : ['/b SEALED']);
    expect(await desk.attached()).toEqual(sealed);
    // What nothing was left to do for is no run in the journal.
    const again = await desk.run(`undo --run ${document.run.id} --yes --quiet`);
    expect(again.status).toBe(fate === 'made' ? 2 : 0);
    expect((await desk.undo(`--run ${runId}`)).status).toBe(0);
    expect(await desk.attached()).toEqual(before);
  });

  it('is left where somebody else has changed it since', async () => {
    const { desk, runId } = await crashedApply(fate);
    const third = await desk.keys.arn('alias/third');
    await desk.keys.attach('/b', third);

    const { status, document } = await desk.undo(`--run ${runId}`);

    expect(status).toBe(3);
    expect(outcomesOf(document).toSorted()).toEqual(['/a UNSEALED', '/b REFUSED STORE_CHANGED', '/c UNSEALED']);
    expect((await desk.attached())['/b']).toBe(third);
  });
});

describe('an apply that died while it wrote', () => {
  /** Sealed whole; then the journal is cut as a crash leaves it. */
  async function torn(keep: (text: string) => number) {
    const desk = await anUndoDesk({ groups: { '/a': null } });
    const { document } = await desk.apply();
    const text = await desk.read(JOURNAL);
    await truncate(join(desk.directory, JOURNAL), keep(text));
    return { desk, runId: document.run.id, text };
  }

  it.each<[string, (text: string) => number]>([
    ['half of the DONE entry', (text) => text.indexOf('\n') + 100],
    ['one character of the DONE entry', (text) => text.indexOf('\n') + 2],
    ['the DONE entry without its newline', (text) => text.length - 1],
  ])('%s is taken back, by the intent', async (_, keep) => {
    const { desk, runId, text } = await torn(keep);

    const { status, document } = await desk.undo(`--run ${runId}`);

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['/a UNSEALED']);
    expect((await desk.read(JOURNAL)).startsWith(text.slice(0, text.indexOf('\n') + 1))).toBe(true);
    expect(linesIn(await desk.journal())).toEqual(['INTENT /a', 'INTENT /a', 'DONE /a']);
  });

  it('half of an intent has changed nothing, and another run begins anew', async () => {
    const desk = await anUndoDesk({ groups: { '/a': null } });
    await desk.write(JOURNAL, '{"schema":"logseal/journal/1","runId":"');

    expect((await desk.run('undo --store /a --yes')).status).toBe(2);
    const { status, document } = await desk.apply();

    expect({ status, outcomes: outcomesOf(document) }).toEqual({ status: 0, outcomes: ['/a SEALED'] });
    expect(linesIn(await desk.journal())).toEqual(['INTENT /a', 'DONE /a']);
    expect((await desk.undo('--store /a')).status).toBe(0);
  });
});

describe('an apply that died while it read what it would change next', () => {
  const READ = 'logs:DescribeLogGroups';
  const NAMES = Array.from({ length: 60 }, (_, index) => `/bulk/${index + 1}`);

  async function crashedAtRead() {
    // Two pages for the plan, a read of the first log groups, and then the read of the next ones, at which it dies.
    const desk = await anUndoDesk({
      bulk: [{ name: '/bulk/{n}', count: NAMES.length }],
      faults: [{ call: READ, kind: 'latency', skip: 3, times: 1, latencyMs: 2_000 }],
    });
    await crash(desk, APPLY, () => tries(desk, READ) >= 4);
    desk.sandbox.setFaults([]);
    const sealed = Object.values(await desk.attached()).filter((key) => key !== null).length;
    expect(sealed).toBeGreaterThanOrEqual(STORES_READ_TO_CHANGE - CONCURRENT_CHANGES);
    expect(sealed).toBeLessThanOrEqual(STORES_READ_TO_CHANGE);
    return { desk, sealed };
  }

  it('is taken back as far as it came', async () => {
    const { desk, sealed } = await crashedAtRead();

    const { status, document } = await desk.undo(`--run ${await lastRun(desk)}`);

    expect(status).toBe(0);
    expect(document.steps.filter(({ outcome }) => outcome === 'UNSEALED')).toHaveLength(sealed);
    expect(new Set(Object.values(await desk.attached()))).toEqual(new Set([null]));
  });

  it('is gone on with, for the others alone', async () => {
    const { desk, sealed } = await crashedAtRead();

    const { status, document } = await desk.apply();

    expect(status).toBe(0);
    expect(document.steps.map(({ outcome }) => outcome)).toEqual(Array(NAMES.length - sealed).fill('SEALED'));
    expect(await desk.attached()).toEqual(await sealedAll(desk, NAMES));
  });
});

it('a change that lands after its run has died is taken back as well', async () => {
  const fault = { call: SEAL, kind: 'latency', latencyMs: 1_000 } as const;
  const desk = await anUndoDesk({ groups: { '/a': null }, faults: [fault] });
  await crash(desk, APPLY, () => tries(desk, SEAL) >= 1);
  expect((await desk.attached())['/a']).toBe(null);
  await expect.poll(async () => (await desk.attached())['/a'], { timeout: 5_000 }).toBe(await desk.keys.arn());

  expect((await desk.undo(`--run ${await lastRun(desk)}`)).status).toBe(0);

  expect((await desk.attached())['/a']).toBe(null);
});
