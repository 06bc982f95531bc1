import { describe, expect, it } from 'vitest';
import { admitting, LOG_GROUPS, QUERY_RESULTS } from '../support/policies.ts';
import { anUndoDesk, JOURNAL, linesIn } from '../support/undoing.ts';
import { outcomesOf, runCalls } from './worlds.ts';

/** One log group without a key, two under a key that does not meet the demand, so that they go back to it. */
const WORLD = {
  keys: { other: { policy: 'logs' }, third: { alias: 'alias/third', policy: 'logs' } },
  groups: { '/a': null, '/b': 'other', '/c': 'other' },
};

describe('a run', () => {
  it('is taken back whole: to no key, and to the key that was there', async () => {
    const desk = await anUndoDesk(WORLD);
    const before = await desk.attached();
    const applied = await desk.apply('--require-key');
    expect(new Set(Object.values(await desk.attached())).size).toBe(1);

    const { status, stderr, document } = await desk.undo(`--run ${applied.document.run.id}`);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(outcomesOf(document).toSorted()).toEqual(['/a UNSEALED', '/b SEALED', '/c SEALED']);
    expect(document).toMatchObject({ planRunId: applied.document.run.id, key: null, policies: [] });
    expect(await desk.attached()).toEqual(before);
    const own = (await desk.journal()).filter(({ runId }) => runId === document.run.id);
    expect(linesIn(own).toSorted()).toEqual(
      ['/a', '/b', '/c'].flatMap((name) => [`DONE ${name}`, `INTENT ${name}`]).toSorted(),
    );
    for (const { store, fromKeyArn: from, toKeyArn: to } of document.steps) {
      expect(own.find((entry) => entry.store?.name === store.name)).toMatchObject({ from, to });
    }
  });

  it('whose earlier key is disabled by now is taken back except for that key', async () => {
    const desk = await anUndoDesk(WORLD);
    const { '/b': other, '/a': none } = await desk.attached();
    const { document: applied } = await desk.apply('--require-key');
    await desk.keys.disable(other ?? '');

    const { status, document } = await desk.undo(`--run ${applied.run.id}`);

    expect(status).toBe(3);
    expect(outcomesOf(document).toSorted()).toEqual([
      '/a UNSEALED',
      '/b REFUSED KEY_DISABLED',
      '/c REFUSED KEY_DISABLED',
    ]);
    expect((await desk.attached())['/a']).toBe(none);
    await desk.keys.enable(other ?? '');
    expect((await desk.undo(`--run ${applied.run.id}`)).status).toBe(0);
    expect((await desk.attached())['/c']).toBe(other);
  });

  it('that somebody else has changed in part is left as it is there, and the result says so', async () => {
    const desk = await anUndoDesk(WORLD);
    const { document: applied } = await desk.apply('--require-key');
    const third = await desk.keys.arn('alias/third');
    await desk.keys.attach('/b', third);

    const { status, document } = await desk.undo(`--run ${applied.run.id}`);

    const left = document.steps.find(({ store }) => store.name === '/b');
    expect(status).toBe(3);
    expect(left).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'STORE_CHANGED' } });
    expect(left?.refusal?.message).toContain(third);
    expect((await desk.attached())['/b']).toBe(third);
    expect(
      outcomesOf(document)
        .filter((line) => !line.startsWith('/b'))
        .toSorted(),
    ).toEqual(['/a UNSEALED', '/c SEALED']);
  });

  it('of an undo is undone again', async () => {
    const desk = await anUndoDesk(WORLD);
    const { document: applied } = await desk.apply('--require-key');
    const sealed = await desk.attached();
    const { document: undone } = await desk.undo(`--run ${applied.run.id}`);

    const { status, document } = await desk.undo(`--run ${undone.run.id}`);

    expect(status).toBe(0);
    expect(outcomesOf(document).toSorted()).toEqual(['/a SEALED', '/b SEALED', '/c SEALED']);
    expect(await desk.attached()).toEqual(sealed);
  });

  it('that was undone already ends with 0, without a question and without a journal entry', async () => {
    const desk = await anUndoDesk(WORLD);
    const { document: applied } = await desk.apply('--require-key');
    await desk.undo(`--run ${applied.run.id}`);
    const [journal, changes] = [await desk.read(JOURNAL), desk.changes()];

    const { status, document } = await desk.undo(`--run ${applied.run.id}`);

    expect(status).toBe(0);
    expect(document.steps.map(({ outcome }) => outcome)).toEqual(Array(3).fill('UNCHANGED'));
    expect(await desk.read(JOURNAL)).toBe(journal);
    expect(desk.changes()).toBe(changes);
  });

  it('in two Regions is taken back in both', async () => {
    const desk = await anUndoDesk({
      keys: { there: { alias: 'alias/logseal', region: 'us-east-1', policy: 'logs' } },
      groups: { '/here': null },
      elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
    });
    const { document: applied } = await desk.apply('--region eu-west-1 --region us-east-1');
    expect(applied.steps).toHaveLength(2);

    const { status, document } = await desk.undo(`--run ${applied.run.id}`);

    expect(status).toBe(0);
    expect(outcomesOf(document).toSorted()).toEqual(['/here UNSEALED', '/there UNSEALED']);
    expect(document.targets.map(({ region, stores }) => [region, stores]).toSorted()).toEqual([
      ['eu-west-1', 1],
      ['us-east-1', 1],
    ]);
  });

  it('of query results is taken back like any other', async () => {
    const desk = await anUndoDesk({
      policies: { all: admitting(LOG_GROUPS, QUERY_RESULTS) },
      keys: { logseal: { alias: 'alias/logseal', policy: 'all' } },
      groups: { '/a': null },
    });
    const { document: applied } = await desk.apply('--query-results');
    expect(outcomesOf(applied).toSorted()).toEqual(['/a SEALED', 'query-result:* SEALED']);
    expect(await desk.keys.ofQueryResults('/a')).toBe(await desk.keys.arn());

    const byStore = await desk.undo('--store query-result:*');
    expect(byStore).toMatchObject({ status: 0, document: { steps: [{ outcome: 'UNSEALED' }] } });
    expect(await desk.keys.ofQueryResults('/a')).toBe(null);

    const byRun = await desk.undo(`--run ${applied.run.id}`);
    expect(byRun.status).toBe(0);
    expect(outcomesOf(byRun.document).toSorted()).toEqual(['/a UNSEALED', 'query-result:* UNCHANGED']);
  });
});

describe('a log store', () => {
  it('goes back by its last change alone', async () => {
    const desk = await anUndoDesk(WORLD);
    const before = await desk.attached();
    await desk.apply();
    const { document: second } = await desk.apply('--require-key');
    const sealed = await desk.attached();

    const { status, document } = await desk.undo('--store /b');

    expect(status).toBe(0);
    expect(document).toMatchObject({ planRunId: second.run.id, steps: [{ store: { name: '/b' }, outcome: 'SEALED' }] });
    expect(await desk.attached()).toEqual({ ...sealed, '/b': before['/b'] });
    // Its last change is now that undo.
    expect((await desk.undo('--store /b')).status).toBe(0);
    expect(await desk.attached()).toEqual(sealed);
  });

  it('is searched for in the Region that is named', async () => {
    const desk = await anUndoDesk({
      keys: { there: { alias: 'alias/logseal', region: 'us-east-1', policy: 'logs' } },
      elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
    });
    await desk.apply('--region us-east-1');

    const here = await desk.run('undo --store /there --yes');
    const there = await desk.undo('--store /there --region us-east-1');

    expect(here.status).toBe(2);
    expect(here.stderr).toContain(`--store: /there is not in ${desk.directory}/${JOURNAL} in eu-west-1`);
    expect(outcomesOf(there.document)).toEqual(['/there UNSEALED']);
  });

  it('that no longer exists is refused as STORE_GONE', async () => {
    const desk = await anUndoDesk({ groups: { '/a': null } });
    await desk.apply();
    await desk.write(JOURNAL, (await desk.read(JOURNAL)).replaceAll('/a"', '/gone"'));

    const { status, document } = await desk.undo('--store /gone');

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['/gone REFUSED STORE_GONE']);
  });
});

describe('what is shown', () => {
  it('is what would be done, and then what became of it', async () => {
    const desk = await anUndoDesk(WORLD);
    const { document } = await desk.apply('--require-key');

    const { status, stdout, stderr } = await desk.run(`undo --run ${document.run.id} --yes`);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^UNSEAL +\/a( |$)/m);
    expect(stdout).toContain(`\nattaches ${(await desk.attached())['/b']} to 2 log stores\n`);
    expect(stdout).toContain('1 log store to unseal, 2 to seal with the keys that the journal says they had\n');
    expect(stdout).not.toContain('SEALED');
    expect(stdout).toMatch(
      /2 log stores sealed, 1 unsealed, 0 unchanged, 0 refused, 0 failed \(run ([0-9a-f-]{36})\)\nundo: logseal undo --run \1\n$/,
    );
    expect(runCalls(desk.sandbox, 'logs:DisassociateKmsKey')).toBe(1);
  });

  it('by apply is a command that runs as it is, wherever the journal is and without a Region', async () => {
    const desk = await anUndoDesk(WORLD);
    const before = await desk.attached();
    const { stdout } = await desk.run(['apply', '--key', 'alias/logseal', '--yes', '--journal', "it's mine.ndjson"]);
    const [, options = ''] =
      /\nundo: logseal undo (--run [0-9a-f-]{36} --journal='it'\\''s mine\.ndjson')\n$/.exec(stdout) ?? [];
    const [run = ''] = options.match(/[0-9a-f-]{36}/) ?? [];

    const env = { AWS_REGION: '', AWS_DEFAULT_REGION: '' };
    const undone = await desk.run(['undo', '--run', run, '--journal', "it's mine.ndjson", '--yes'], { env });

    expect(undone).toMatchObject({ status: 0, stderr: '' });
    expect(await desk.attached()).toEqual(before);
  });
});
