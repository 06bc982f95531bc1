import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { World } from '../../sandbox/world.ts';
import { aFindingEvent } from '../events/builders.ts';
import { TEMPLATE } from '../functions/support.ts';
import { aKeyEntry, aLogGroup } from '../support/builders.ts';
import { parseDocument, runsSchema, runsSummarySchema } from '../support/documents.ts';
import { aDirectory, aWorld, linesOf, type RunOptions, runLogseal } from '../support/logseal.ts';
import { policyOf } from '../support/policies.ts';
import { anUndoDesk, JOURNAL } from '../support/undoing.ts';
import { outcomesOf } from './worlds.ts';

const WORLD: World = { groups: { '/a': null, '/b': null, '/c': null } };
const EARLIER = 'logseal-journal.ndjson';
const NONE = { sealed: 0, unsealed: 0, putBack: 0, policies: 0, unfinished: 0, failed: 0 };

async function aDeskWithRuns() {
  const desk = await anUndoDesk(WORLD);
  const { document: applied } = await desk.apply();
  const { document: undone } = await desk.undo('--store /a');
  desk.sandbox.resetCalls();
  return { ...desk, applied: applied.run.id, undone: undone.run.id };
}

/** A journal file of one change in each run. */
function aJournal(runIds: readonly string[]): string {
  const entries = runIds.map((runId, index) =>
    aKeyEntry({
      runId,
      time: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
      store: aLogGroup(`/${index}`),
      phase: 'DONE',
    }),
  );
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

describe('runs', () => {
  it('are those in the journal of the account, the newest first, with what each has changed', async () => {
    const { run, applied, undone, directory, sandbox } = await aDeskWithRuns();

    const { status, stdout, stderr } = await run('runs --format json');

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { runs, journals } = parseDocument(runsSchema, stdout);
    expect(runs.map(({ id, accounts, regions, counts }) => ({ id, accounts, regions, counts }))).toEqual([
      { id: undone, accounts: ['111122223333'], regions: ['eu-west-1'], counts: { ...NONE, unsealed: 1 } },
      { id: applied, accounts: ['111122223333'], regions: ['eu-west-1'], counts: { ...NONE, sealed: 3 } },
    ]);
    expect(journals).toEqual([{ type: 'FILE', name: join(directory, JOURNAL), runs: 2, entries: 8 }]);
    expect(sandbox.calls()).toEqual({ 'sts:GetCallerIdentity': 1 });
  });

  it('are a line each with --format ndjson, and the journal is the last', async () => {
    const { run, applied, undone } = await aDeskWithRuns();

    const { stdout } = await run('runs --format ndjson');

    const lines = linesOf(stdout);
    expect(lines.map(({ id }) => id)).toEqual([undone, applied, undefined]);
    expect(parseDocument(runsSummarySchema, JSON.stringify(lines[2])).journals).toHaveLength(1);
  });

  it('are a table of at most 80 columns, whose ids undo takes', async () => {
    const { run, undo, applied, undone } = await aDeskWithRuns();

    const { stdout } = await run('runs');

    const lines = stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(new RegExp(`^${undone.slice(0, 8)} {2}[\\d-]{10} [\\d:]{5} {2}1 unsealed$`));
    expect(lines[3]).toContain('3 sealed');
    const [id = ''] = lines[3]?.split(' ') ?? [];
    expect((await undo(`--run ${id}`)).document.planRunId).toBe(applied);
  });

  it('are none where the account has no journal, and that is no mistake', async () => {
    const desk = await anUndoDesk(WORLD);

    const { status, stdout } = await desk.run('runs');

    expect(status).toBe(0);
    expect(stdout).toBe(`no runs in ${join(desk.directory, JOURNAL)}\n`);
    expect(await desk.files()).toEqual([]);
  });

  it('are read from a file without any call, also where it may not be written', async () => {
    const desk = await anUndoDesk(WORLD);
    await desk.write('kept.ndjson', `${aJournal(['run-1', 'run-2'])}{"torn`);
    const env = { AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_ACCESS_KEY_ID: '' };

    const { status, stdout, stderr } = await desk.run('runs --journal kept.ndjson --format json', { env });

    expect(status).toBe(0);
    expect(parseDocument(runsSchema, stdout).runs.map(({ id }) => id)).toEqual(['run-2', 'run-1']);
    expect(stderr).toContain('kept.ndjson ends in an unfinished line');
    expect(await desk.read('kept.ndjson')).toContain('{"torn');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it.each([
    ['runs --journal missing.ndjson', '--journal: expected a file that can be read, got missing.ndjson (ENOENT'],
    ['runs --journal notes.md', '--journal: notes.md line 1 is not an entry'],
    ['runs --journal a --journal-table logseal', '--journal-table: cannot be combined with --journal'],
    ['runs --journal-table a', '--journal-table: expected the name of a DynamoDB table, got "a"'],
    ['runs --region Europe', '--region: expected a Region such as eu-west-1, got "Europe"'],
    ['runs --yes', '--yes: unknown option'],
  ])('%s is 2, and nothing is called', async (words, mistake) => {
    const desk = await anUndoDesk(WORLD);
    await desk.write('notes.md', '# Notes\n');

    const { status, stdout, stderr } = await desk.run(words);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(mistake);
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('are the newest 50 in a table without --all', async () => {
    const desk = await anUndoDesk(WORLD);
    await desk.write('many', aJournal(Array.from({ length: 60 }, (_, index) => `${index + 100}-run-id`)));

    const some = (await desk.run('runs --journal many')).stdout;
    const all = (await desk.run('runs --journal many --all')).stdout;

    expect(some).toContain('159-run-');
    expect(some).toContain('110-run-');
    expect(some).not.toContain('109-run-');
    expect(some).toContain('… and 10 more: add --all to show every row');
    expect(all).toContain('100-run-');
    expect(all).toContain('60 runs in many');
  });

  it('of a journal in the current directory are listed beside those of the default one, once each, and that is said', async () => {
    const { run, applied, undone, read, write } = await aDeskWithRuns();
    await write(EARLIER, aJournal(['earlier']) + (await read(JOURNAL)));

    const { stdout, stderr } = await run('runs --format json');

    const { runs, journals } = parseDocument(runsSchema, stdout);
    expect(runs.map(({ id }) => id)).toEqual([undone, applied, 'earlier']);
    expect(journals.map(({ runs: count }) => count)).toEqual([2, 1]);
    expect(stderr).toMatch(/^not in \S+, but in logseal-journal\.ndjson of this directory: 1 run\n$/);
  });
});

describe('the beginning of a run id', () => {
  it('of one character is enough where no other run begins with it', async () => {
    const desk = await aDeskWithRuns();
    const first = desk.undone.startsWith(desk.applied.slice(0, 1)) ? desk.applied : desk.applied.slice(0, 1);

    const { status, document } = await desk.undo(`--run ${first}`);

    expect(status).toBe(0);
    expect(document.planRunId).toBe(desk.applied);
    expect(outcomesOf(document)).toContain('/b UNSEALED');
  });

  it.each(['', '--journal kept'])(
    'of several runs is 2, with the first of them, and nothing is called: %s',
    async (journal) => {
      const desk = await anUndoDesk(WORLD);
      const ids = Array.from({ length: 9 }, (_, index) => `abc-${index}`);
      await desk.write(journal === '' ? JOURNAL : 'kept', aJournal([...ids, 'x']));

      const { status, stderr } = await desk.run(`undo --run a ${journal} --yes`);

      expect(status).toBe(2);
      expect(stderr).toContain(
        "logseal: --run: expected the beginning of one run's id, got a, with which several begin: abc-0, abc-1, abc-2, abc-3, abc-4, 4 more\n",
      );
      expect(stderr.match(/^logseal: /gm)).toHaveLength(1);
      expect(desk.sandbox.calls()).toEqual({});
    },
  );

  it('that is itself the id of a run names that one', async () => {
    const desk = await anUndoDesk({ groups: { '/0': null, '/1': null } });
    await desk.write(JOURNAL, aJournal(['run-1', 'run-10']));

    const { document } = await desk.undo('--run run-1');

    expect(document.planRunId).toBe('run-1');
    expect(document.steps.map(({ store }) => store.name)).toEqual(['/0']);
  });
});

/** The stack of template.yaml, whose remediate function has sealed three log groups in two runs. */
async function aRemediatedStack() {
  const rights = ['dynamodb:Query', 'logs:*', 'kms:*'];
  const world = aWorld({
    ...WORLD,
    roles: { noscan: { policies: [policyOf({ Effect: 'Allow', Action: rights, Resource: '*' })] } },
  });
  const parameters = { KeyId: 'alias/logseal', Mode: 'Enforce' };
  const sandbox = await startSandbox({ world, stack: { template: TEMPLATE, parameters } });
  onTestFinished(() => sandbox.close());
  const { stack } = sandbox;
  if (!stack) throw new Error('the sandbox has no stack');
  for (const names of [['/a', '/b'], ['/c']]) {
    for (const name of names) stack.send('RemediateQueue', aFindingEvent(name));
    await stack.idle();
  }
  const cwd = await aDirectory();
  const table = stack.environment('RemediateFunction')['LOGSEAL_JOURNAL_TABLE'] ?? '';
  sandbox.resetCalls();
  const run = (words: string, options: RunOptions = {}) =>
    runLogseal(words, { cwd, ...options, env: { ...sandbox.environment(), ...options.env } });
  return { sandbox, table, run };
}

describe('the table of the functions', () => {
  it('is listed by a scan, by its name and by its ARN', async () => {
    const { run, table, sandbox } = await aRemediatedStack();

    for (const name of [table, `arn:aws:dynamodb:eu-west-1:111122223333:table/${table}`]) {
      const { status, stdout, stderr } = await run(`runs --journal-table ${name} --format json`);

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { runs, journals } = parseDocument(runsSchema, stdout);
      expect(runs.reduce((sum, { counts }) => sum + counts.sealed, 0)).toBe(3);
      expect(journals).toEqual([{ type: 'TABLE', name, runs: runs.length, entries: 6 }]);
    }
    expect(sandbox.calls()).toEqual({ 'dynamodb:Scan': 2 });
  });

  it('is searched for the beginning of a run id, and queried for a whole one', async () => {
    const { run, table, sandbox } = await aRemediatedStack();
    const { stdout } = await run(`runs --journal-table ${table} --format json`);
    const [newest] = parseDocument(runsSchema, stdout).runs;
    const undo = `undo --journal-table ${table} --yes --quiet --format json`;
    sandbox.resetCalls();

    const begun = await run(`${undo} --run ${newest?.id.slice(0, 8)}`);
    expect(begun.status).toBe(0);
    expect(JSON.parse(begun.stdout).planRunId).toBe(newest?.id);
    expect(sandbox.calls()['dynamodb:Scan']).toBe(1);

    expect((await run(`${undo} --run ${newest?.id}`)).status).toBe(0);
    expect(sandbox.calls()['dynamodb:Scan']).toBe(1);
  });

  it('takes dynamodb:Scan: one clear error without it', async () => {
    const { run, table } = await aRemediatedStack();
    const env = { AWS_ACCESS_KEY_ID: 'noscan' };

    for (const words of [`runs --journal-table ${table}`, `undo --journal-table ${table} --run a --yes`]) {
      const { status, stdout, stderr } = await run(words, { env });

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`the journal cannot be read: DynamoDB table ${table} in eu-west-1: `);
      expect(stderr).toContain('not authorized to perform: dynamodb:Scan');
    }
  });
});
