import { describe, expect, it } from 'vitest';
import {
  aLogstoreDesk,
  aRelay,
  BEIJING,
  HERE,
  JOURNAL,
  KEY,
  NAMELESS_JOURNAL,
  outcomeSchema,
  SEALING,
  undoSchema,
} from '../../support/alibaba.ts';
import { linesOf } from '../../support/logseal.ts';
import { outcomesOf } from './steps.ts';

const UNDO = 'undo --provider alibaba --yes';
const STORES = { never: 'off', off: { key: 'mine', enabled: false }, sealed: 'mine' } as const;
const NOTE =
  'A Logstore that is unsealed stores new logs in the clear. What was encrypted stays encrypted, and the type and the\nkey of its encryption stay configured for good.';

async function aSealedDesk() {
  const desk = await aLogstoreDesk(STORES);
  const { document } = await desk.json(outcomeSchema, `apply ${SEALING} --confirm-irreversible 1`);
  desk.sandbox.resetCalls();
  return { ...desk, runId: document.run.id };
}

describe('undo', () => {
  it('of a run switches off what it switched on, and sends nothing else', async () => {
    const desk = await aSealedDesk();
    const { env, changes } = await aRelay(desk);

    const { status, document } = await desk.json(undoSchema, `${UNDO} --run ${desk.runId}`, { env });

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never UNSEALED', 'app-logs/off UNSEALED']);
    expect(document.planRunId).toBe(desk.runId);
    expect(changes().map(({ body }) => body)).toEqual([{ enable: false }, { enable: false }]);
    expect([await desk.state('app-logs/never'), await desk.state('app-logs/sealed')]).toEqual([
      `off ${KEY}`,
      `on ${KEY}`,
    ]);
    const own = (await desk.journal()).filter(({ runId }) => runId === document.run.id);
    expect(own.map(({ store, phase, from, to }) => ({ name: store.name, phase, from, to }))).toContainEqual({
      ...{ name: 'app-logs/never', phase: 'DONE', from: KEY, to: null },
    });
    expect(own).toHaveLength(4);
  });

  it('of a Logstore is of that alone', async () => {
    const desk = await aSealedDesk();

    const { status, document } = await desk.json(undoSchema, `undo ${HERE} --yes --store app-logs/off`);

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/off UNSEALED']);
    expect([await desk.state('app-logs/never'), await desk.state('app-logs/off')]).toEqual([`on ${KEY}`, `off ${KEY}`]);
  });

  it('says what it does not undo, after something was switched off', async () => {
    const { run, runId } = await aSealedDesk();

    const undone = await run(`${UNDO} --run ${runId}`);
    const again = await run(`${UNDO} --run ${runId}`);

    expect(undone.stdout).toContain(NOTE);
    expect(undone.stdout).toContain('2 log stores to unseal\n');
    expect(undone.stdout).toContain('0 log stores sealed, 2 unsealed, 0 unchanged');
    expect(again.stdout).toContain('\nnothing to undo\n');
    expect(again.stdout).toContain('0 log stores sealed, 2 unchanged, 0 refused, 0 failed');
    expect(again.stdout).not.toContain('A Logstore that is unsealed');
  });

  it('is undone without a role: what was configured is switched on again', async () => {
    const desk = await aSealedDesk();
    const { document: undone } = await desk.json(undoSchema, `${UNDO} --run ${desk.runId}`);
    desk.sandbox.resetCalls();
    const { env, changes } = await aRelay(desk);

    const { status, document } = await desk.json(undoSchema, `${UNDO} --run ${undone.run.id}`, { env });

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never SEALED', 'app-logs/off SEALED']);
    expect(changes().map(({ body }) => body)).toEqual([{ enable: true }, { enable: true }]);
    expect(Object.keys(desk.sandbox.calls()).filter((call) => call.startsWith('ram:'))).toEqual([]);
    expect(await desk.state('app-logs/never')).toBe(`on ${KEY}`);
  });

  it('of an undo brings the service key back, too', async () => {
    const desk = await aLogstoreDesk({ never: 'off' });
    await desk.run(`apply ${HERE} --service-key --confirm-irreversible 1`);
    await desk.run(`undo ${HERE} --yes --store app-logs/never`);
    expect(await desk.state('app-logs/never')).toBe('off service-key');

    const { status, document } = await desk.json(undoSchema, `undo ${HERE} --yes --store app-logs/never`);

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never SEALED']);
    expect(await desk.state('app-logs/never')).toBe('on service-key');
  });

  it('of an undo whose key has died since is refused', async () => {
    const desk = await aSealedDesk();
    const { document: undone } = await desk.json(undoSchema, `${UNDO} --run ${desk.runId}`);
    await desk.kms('DisableKey', { KeyId: KEY });

    const { status, document } = await desk.json(undoSchema, `${UNDO} --run ${undone.run.id}`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['app-logs/never REFUSED KEY_DISABLED', 'app-logs/off REFUSED KEY_DISABLED']);
  });

  it('switches off also under a key that has died, which is what the Logstore needs', async () => {
    const desk = await aSealedDesk();
    await desk.kms('DisableKey', { KeyId: KEY });

    expect((await desk.run(`${UNDO} --run ${desk.runId}`)).status).toBe(0);
    expect(await desk.state('app-logs/never')).toBe(`off ${KEY}`);
  });

  it('finds what is undone already with nothing to do', async () => {
    const desk = await aSealedDesk();
    await desk.run(`${UNDO} --run ${desk.runId}`);
    desk.sandbox.resetCalls();

    const { status, document } = await desk.json(undoSchema, `${UNDO} --run ${desk.runId}`);

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never UNCHANGED', 'app-logs/off UNCHANGED']);
    expect(desk.sandbox.calls()['log:UpdateLogStoreEncryption']).toBeUndefined();
  });

  it('leaves what has another key since', async () => {
    const desk = await aSealedDesk();
    const journal = await desk.read(JOURNAL);
    // As if the run had found a Logstore of another key.
    const edited = linesOf(journal).map((entry) => JSON.stringify({ ...entry, to: 'key-of-then' }));
    await desk.write(JOURNAL, `${edited.join('\n')}\n`);

    const { status, document } = await desk.json(undoSchema, `${UNDO} --run ${desk.runId}`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['never', 'off'].map((name) => `app-logs/${name} REFUSED STORE_CHANGED`));
    expect(document.steps[0]?.refusal?.message).toContain(
      `had key-of-then after run ${desk.runId}, and now has ${KEY}`,
    );
  });

  it('reaches the Regions of the journal', async () => {
    const north = { keys: { mine: {} }, projects: { north: { off: { key: 'service-key', enabled: false } } } } as const;
    const desk = await aLogstoreDesk({ never: 'off' }, { alibaba: { regions: { [BEIJING]: north } } });
    const words = `apply ${HERE} --region ${BEIJING} --service-key --confirm-irreversible 1`;
    const { document: applied } = await desk.json(outcomeSchema, words);

    const { status, document } = await desk.json(undoSchema, `${UNDO} --run ${applied.run.id}`);

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['north/off UNSEALED', 'app-logs/never UNSEALED']);
    expect(document.targets.map(({ provider, region }) => `${provider} ${region}`)).toEqual([
      `alibaba ${BEIJING}`,
      'alibaba cn-hangzhou',
    ]);
  });
});

describe('the default journal', () => {
  it('is that of the account in the role, else one of its own; undo finds the Logstore in either, and writes there', async () => {
    const desk = await aLogstoreDesk({ never: 'off', other: 'off' });
    await desk.run(`apply ${SEALING} --confirm-irreversible 2`);
    expect(await desk.files()).toEqual([JOURNAL]);

    expect((await desk.run(`undo ${HERE} --yes --store app-logs/never`)).status).toBe(0);
    await desk.run(`apply ${HERE} --service-key --yes`);
    expect((await desk.files()).toSorted()).toEqual([JOURNAL, NAMELESS_JOURNAL]);

    const { status, stderr } = await desk.run(`undo ${HERE} --yes --quiet --store app-logs/never`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(linesOf(await desk.read(JOURNAL))).toHaveLength(6);
    expect(linesOf(await desk.read(NAMELESS_JOURNAL))).toHaveLength(4);
  });
});

describe('what is 2', () => {
  it.each([
    ['a run that is not in the journal', `${UNDO} --run nothing`, '--run: nothing is not in '],
    ['a Logstore that is not', `undo ${HERE} --yes --store app-logs/sealed`, '--store: app-logs/sealed is not in '],
    [
      'one of another Region',
      `${UNDO} --region ${BEIJING} --store app-logs/never`,
      `${NAMELESS_JOURNAL} in ${BEIJING}`,
    ],
    [
      'a Logstore without a Region',
      `${UNDO} --store app-logs/never`,
      '--region: expected the Region of the Logstore, got none',
    ],
  ])('is %s', async (_, words, mistake) => {
    const { run, sandbox } = await aSealedDesk();

    const { status, stdout, stderr } = await run(words);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(mistake);
    expect(sandbox.calls()).toEqual({});
  });

  it('is a run of the other cloud', async () => {
    const { run, runId } = await aSealedDesk();

    const { status, stderr } = await run(`undo --run ${runId} --yes --region eu-west-1`);

    expect(status).toBe(2);
    expect(stderr).toContain('--provider: the run was on alibaba, got aws');
  });
});
