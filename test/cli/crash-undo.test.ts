import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { crash, FATES, type Fate, tries } from '../support/crashes.ts';
import { admitting } from '../support/policies.ts';
import { aRepairDesk, REPAIR, statementsOf } from '../support/repairs.ts';
import { anUndoDesk, linesIn } from '../support/undoing.ts';
import { outcomesOf } from './worlds.ts';

const UNSEAL = 'logs:DisassociateKmsKey';
const PUT = 'kms:PutKeyPolicy';
const FATE_NAMES = Object.keys(FATES) as Fate[];

/** Dies while it takes `/b` back, with `/a` taken back. */
async function crashedUndo(fate: Fate) {
  const desk = await anUndoDesk({ groups: { '/a': null, '/b': null } });
  const { document } = await desk.apply();
  const sealed = await desk.attached();
  desk.sandbox.setFaults([{ call: UNSEAL, kind: FATES[fate], resource: '/b' }]);
  await crash(desk, `undo --run ${document.run.id} --yes --quiet --format json`, async () => {
    const entries = linesIn(await desk.journal()).filter((line) => line === 'DONE /a').length;
    return entries === 2 && tries(desk, UNSEAL) >= 2;
  });
  desk.sandbox.setFaults([]);
  const lines = await desk.journal();
  expect(linesIn(lines.slice(4)).toSorted()).toEqual(['DONE /a', 'INTENT /a', 'INTENT /b']);
  expect(await desk.attached()).toEqual({ ...sealed, '/a': null, ...(fate === 'made' && { '/b': null }) });
  return { desk, sealed, applied: document.run.id, undone: lines.at(-1)?.runId ?? '' };
}

describe.each(FATE_NAMES)('an undo that died after an intent, with the change %s', (fate) => {
  it('is gone on with by undoing the same run again', async () => {
    const { desk, applied } = await crashedUndo(fate);

    const { status, document } = await desk.undo(`--run ${applied}`);

    expect(status).toBe(0);
    expect(outcomesOf(document).toSorted()).toEqual([
      '/a UNCHANGED',
      `/b ${fate === 'made' ? 'UNCHANGED' : 'UNSEALED'}`,
    ]);
    expect(await desk.attached()).toEqual({ '/a': null, '/b': null });
  });

  it('is itself taken back', async () => {
    const { desk, sealed, undone } = await crashedUndo(fate);

    const { status, document } = await desk.undo(`--run ${undone}`);

    expect(status).toBe(0);
    expect(outcomesOf(document).toSorted()).toEqual(['/a SEALED', `/b ${fate === 'made' ? 'SEALED' : 'UNCHANGED'}`]);
    expect(await desk.attached()).toEqual(sealed);
  });

  it('of a store leaves the store to be sealed again', async () => {
    const { desk, sealed } = await crashedUndo(fate);

    expect((await desk.apply()).status).toBe(0);

    expect(await desk.attached()).toEqual(sealed);
  });
});

/** Dies after the intent to write the policy. */
async function crashedRepair(fate: Fate) {
  const desk = await aRepairDesk(admitting());
  desk.sandbox.setFaults([{ call: PUT, kind: FATES[fate] }]);
  await crash(desk, `${REPAIR} --format json`, () => tries(desk, PUT) >= 1);
  desk.sandbox.setFaults([]);
  const [intent, ...more] = await desk.journal();
  expect({ phase: intent?.phase, more }).toEqual({ phase: 'INTENT', more: [] });
  expect(await desk.policy()).toBe(fate === 'made' ? intent?.to : intent?.from);
  return { desk, runId: intent?.runId ?? '' };
}

describe.each(FATE_NAMES)('a repair that died after its intent, with the policy %s', (fate) => {
  it('is taken back', async () => {
    const { desk, runId } = await crashedRepair(fate);

    const { status, stdout } = await desk.run(`undo --run ${runId} --yes --quiet --format json`);

    expect(status).toBe(0);
    expect(JSON.parse(stdout).policies).toMatchObject([{ outcome: fate === 'made' ? 'CHANGED' : 'UNCHANGED' }]);
    expect(await desk.policy()).toBe(desk.before);
    expect(await desk.journal()).toHaveLength(fate === 'made' ? 3 : 1);
  });

  it('is gone on with', async () => {
    const { desk } = await crashedRepair(fate);

    const { status, document } = await desk.repair();

    expect(status).toBe(0);
    expect(document.repair.outcome).toBe(fate === 'made' ? 'UNCHANGED' : 'CHANGED');
    expect(statementsOf(await desk.policy())).toHaveLength(2);
    expect((await desk.run('key check --key alias/logseal')).status).toBe(0);
  });
});

describe.each(FATE_NAMES)('an undo of a repair that died after its intent, with the policy %s', (fate) => {
  it('is gone on with, and taken back', async () => {
    const desk = await aRepairDesk(admitting());
    const { document } = await desk.repair();
    const repaired = await desk.policy();
    desk.sandbox.resetCalls();
    desk.sandbox.setFaults([{ call: PUT, kind: FATES[fate] }]);
    const words = `undo --run ${document.run.id} --yes --quiet --format json`;
    await crash(desk, words, () => tries(desk, PUT) >= 1);
    desk.sandbox.setFaults([]);
    const journal = await desk.journal();
    expect(journal.map(({ phase }) => phase)).toEqual(['INTENT', 'DONE', 'INTENT']);

    const again = await desk.run(words);
    expect(again.status).toBe(0);
    expect(await desk.policy()).toBe(desk.before);

    const back = await desk.run(`undo --run ${journal.at(-1)?.runId} --yes --quiet`);
    expect(back.status).toBe(0);
    expect(await desk.policy()).toBe(repaired);
  });
});

it('a policy that is written after its run has died is taken back as well', async () => {
  const desk = await aRepairDesk(admitting());
  desk.sandbox.setFaults([{ call: PUT, kind: 'latency', latencyMs: 1_000 }]);
  await crash(desk, REPAIR, () => tries(desk, PUT) >= 1);
  desk.sandbox.setFaults([]);
  while ((await desk.policy()) === desk.before) await wait(20);
  const [intent] = await desk.journal();

  expect((await desk.run(`undo --run ${intent?.runId} --yes --quiet`)).status).toBe(0);

  expect(await desk.policy()).toBe(desk.before);
});
