import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aDirectory, journalOf, linesOf } from '../support/logseal.ts';
import { aRepairDesk } from '../support/repairs.ts';
import { anUndoDesk, JOURNAL } from '../support/undoing.ts';
import { outcomesOf, runCalls } from './worlds.ts';

const WORLD: World = { groups: { '/a': null, '/b': 'disabled' } };
const EARLIER = 'logseal-journal.ndjson';
const OTHER = '444455556666';

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

/** A desk on which a run was made, whose journal is in another place now. */
async function aDeskWithJournalAt(path: string) {
  const desk = await anUndoDesk(WORLD);
  const { document } = await desk.apply(path === JOURNAL ? '' : `--journal ${path}`);
  desk.sandbox.resetCalls();
  return { ...desk, runId: document.run.id };
}

describe('the default journal', () => {
  it.each<[string, string | undefined, string]>([
    ['XDG_STATE_HOME', 'state', 'state/logseal'],
    ['~/.local/state without it', undefined, '.local/state/logseal'],
    ['~/.local/state where it is empty', '', '.local/state/logseal'],
    ['~/.local/state where it is not absolute', './relative', '.local/state/logseal'],
  ])('is the file of the account in %s, readable by its owner alone', async (_, state, directory) => {
    const desk = await anUndoDesk(WORLD);
    const home = await aDirectory();
    const isAbsolute = state === 'state';
    const env = { HOME: home, XDG_STATE_HOME: isAbsolute ? join(home, state) : (state ?? '') };

    const { status } = await desk.apply('', { env });

    expect(status).toBe(0);
    expect(await modeOf(join(home, directory))).toBe(0o700);
    expect(await modeOf(join(home, directory, '111122223333.ndjson'))).toBe(0o600);
    expect(await desk.files()).toEqual([]);
    expect((await desk.undo('--store /a', { env })).status).toBe(0);
  });

  it('is written by key repair too, and the undo that it prints finds it', async () => {
    const desk = await aRepairDesk(
      '{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}',
    );
    const { stdout } = await desk.run('key repair --key alias/logseal --yes');
    const [, command = ''] = /logseal (undo --run [0-9a-f-]{36})\n/.exec(stdout) ?? [];

    expect(await desk.journal()).toHaveLength(2);
    expect((await desk.run(`${command} --yes`)).status).toBe(0);
    expect(await desk.policy()).toBe(desk.before);
  });

  it('is one of each account', async () => {
    const desk = await anUndoDesk(WORLD);
    const env = { AWS_ACCESS_KEY_ID: OTHER };
    await desk.apply();
    await desk.run('apply --key alias/logseal --yes', { env });

    expect(await desk.files()).toEqual([JOURNAL]);
    // That account has no log group.
    expect((await desk.run('undo --store /a --yes', { env })).stderr).toContain(
      `--store: /a is not in ${join(desk.directory, journalOf(OTHER))} in eu-west-1`,
    );
  });

  it.each(['apply --key alias/logseal --yes', 'undo --run x --yes', 'key repair --key alias/logseal --yes'])(
    'that could not be written is 2 before anything is called: %s',
    async (words) => {
      const desk = await anUndoDesk(WORLD);
      await desk.write('file', '');
      const env = { XDG_STATE_HOME: join(desk.directory, 'file') };

      const { status, stdout, stderr } = await desk.run(words, { env });

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(
        `--journal: expected a file, since the default directory ${join(desk.directory, 'file/logseal')} cannot be written`,
      );
      expect(desk.sandbox.calls()).toEqual({});
    },
  );

  it('is not made where there is nothing to seal', async () => {
    const desk = await anUndoDesk({ groups: { '/a': 'logseal' } });

    expect((await desk.apply()).status).toBe(0);
    expect(await desk.files()).toEqual([]);
  });

  it('is named with its line where it has a mistake, for key repair too', async () => {
    const desk = await anUndoDesk(WORLD);
    await desk.write(JOURNAL, 'nonsense\n');

    for (const words of ['key repair --key alias/logseal --yes', 'undo --store /a --yes', 'runs']) {
      const { status, stderr } = await desk.run(words);

      expect(status).toBe(2);
      expect(stderr).toContain(`--journal: ${join(desk.directory, JOURNAL)} line 1 is not an entry`);
    }
    expect(desk.changes()).toBe(0);
  });
});

describe('undo without a Region', () => {
  it('asks in that of the run, which the journal names', async () => {
    const desk = await anUndoDesk(WORLD);
    const before = await desk.attached();
    const { document } = await desk.apply('--region eu-west-1');

    const { status } = await desk.undo(`--run ${document.run.id}`, {
      env: { AWS_REGION: '', AWS_DEFAULT_REGION: '' },
    });

    expect(status).toBe(3);
    expect((await desk.attached())['/a']).toBe(before['/a']);
  });
});

describe('a journal in the current directory, where it was kept once', () => {
  it.each(['--run', '--store'])(
    'is used by undo %s for what the default journal does not have, and said',
    async (how) => {
      const desk = await aDeskWithJournalAt(EARLIER);
      const what = how === '--run' ? `--run ${desk.runId}` : '--store /a';

      const { status, document, stderr } = await desk.undo(what);

      expect(outcomesOf(document)).toContain('/a UNSEALED');
      expect(status).toBe(how === '--run' ? 3 : 0);
      expect(stderr).toMatch(
        /^not in \S+, but in logseal-journal\.ndjson of this directory: (run [\da-f-]{36}|\/a)\n$/,
      );
      // The undo is written where the run is, so that neither is read without the other.
      expect(linesOf(await desk.read(EARLIER)).some(({ runId }) => runId === document.run.id)).toBe(true);
      expect(await desk.files()).toEqual([EARLIER]);
    },
  );

  it('is left alone where the default journal has it', async () => {
    const desk = await aDeskWithJournalAt(JOURNAL);
    await desk.write(EARLIER, 'nonsense\n');

    for (const what of ['--store /a', `--run ${desk.runId}`]) {
      const { document, stderr } = await desk.undo(what);

      expect(stderr).toBe('');
      expect(document.steps).not.toEqual([]);
    }
    expect(await desk.read(EARLIER)).toBe('nonsense\n');
  });

  it('is named with its line where it has a mistake', async () => {
    const desk = await aDeskWithJournalAt(EARLIER);
    await desk.write(EARLIER, `${await desk.read(EARLIER)}nonsense\n`);

    for (const what of ['--store /a', `--run ${desk.runId}`]) {
      const { status, stderr } = await desk.run(`undo ${what} --yes`);

      expect(status).toBe(2);
      expect(stderr).toContain(`--journal: ${EARLIER} line 5 is not an entry`);
    }
    expect(desk.changes()).toBe(0);
  });

  it('is never written by apply', async () => {
    const desk = await anUndoDesk(WORLD);
    await desk.write(EARLIER, '');

    await desk.apply();

    expect(await desk.read(EARLIER)).toBe('');
    expect(linesOf(await desk.read(JOURNAL))).toHaveLength(4);
  });

  it('is named beside the default one where neither has it', async () => {
    const desk = await aDeskWithJournalAt(EARLIER);
    const state = join(desk.directory, dirname(JOURNAL));

    expect((await desk.run('undo --run none --yes')).stderr).toContain(`none is not in ${state} and in ${EARLIER}`);
    expect(desk.sandbox.calls()).toEqual({});
    expect((await desk.run('undo --store /none --yes')).stderr).toContain(
      `/none is not in ${join(desk.directory, JOURNAL)} and in ${EARLIER} in eu-west-1`,
    );
  });
});

describe('a run of another account', () => {
  it.each([
    ['in the default journal of that account', ''],
    ['in a journal of several accounts', '--journal both'],
  ])('%s is refused with its id, and nothing is changed', async (_, journal) => {
    const desk = await anUndoDesk(WORLD);
    const { document } = await desk.apply(journal);
    desk.sandbox.resetCalls();

    const words = `undo --run ${document.run.id} ${journal} --yes`;
    const { status, stdout, stderr } = await desk.run(words, { env: { AWS_ACCESS_KEY_ID: OTHER } });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(
      `logseal: --run: run ${document.run.id} changed account 111122223333, and the credentials are for account ${OTHER}: to enter it, add --account 111122223333 --role-name NAME\n`,
    );
    expect(desk.changes()).toBe(0);
  });

  it('does not hinder a log store of the same name in the own account', async () => {
    const desk = await anUndoDesk(WORLD);
    await desk.apply('--journal both');
    const lines = await desk.read('both');
    await desk.write('both', lines + lines.replaceAll('111122223333', OTHER));

    const { status, document } = await desk.undo('--store /a --journal both');

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['/a UNSEALED']);
    expect(runCalls(desk.sandbox, 'logs:DisassociateKmsKey')).toBe(1);
  });
});
