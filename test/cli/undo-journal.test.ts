import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { runOnTerminal } from '../support/terminal.ts';
import { anUndoDesk, JOURNAL, linesIn, type UndoDesk } from '../support/undoing.ts';
import { outcomesOf, runCalls } from './worlds.ts';

const WORLD: World = { groups: { '/a': null, '/b': 'disabled' } };

/** A desk with a run that may be undone. */
async function anAppliedDesk(world = WORLD) {
  const desk = await anUndoDesk(world);
  const { document } = await desk.apply();
  desk.sandbox.resetCalls();
  return { ...desk, runId: document.run.id, lines: await desk.read(JOURNAL) };
}

/** Refused as wrong usage, with nothing changed and nothing written. @returns what is wrong */
async function expectRefused(desk: UndoDesk, words: string): Promise<string> {
  const before = (await desk.files()).includes(JOURNAL) ? await desk.read(JOURNAL) : null;
  const { status, stdout, stderr } = await desk.run(words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).not.toContain('    at ');
  expect(desk.changes()).toBe(0);
  if (before === null) expect(await desk.files()).not.toContain(JOURNAL);
  else expect(await desk.read(JOURNAL)).toBe(before);
  return stderr;
}

describe('what cannot be undone is wrong usage', () => {
  it('as a run or a store that the journal does not know', async () => {
    const desk = await anAppliedDesk();

    expect(await expectRefused(desk, 'undo --run nonsense --yes')).toContain(
      `--run: nonsense is not in ${desk.directory}/${dirname(JOURNAL)}: it changed nothing, so there is nothing to undo`,
    );
    expect(desk.sandbox.calls()).toEqual({});
    expect(await expectRefused(desk, 'undo --store /nonsense --yes')).toContain(
      `--store: /nonsense is not in ${desk.directory}/${JOURNAL} in eu-west-1`,
    );
  });

  it('as a store that can have no such name', async () => {
    const desk = await anAppliedDesk();

    expect(await expectRefused(desk, 'undo --store /a:b --yes')).toContain(
      '--store: expected the name of a log group, got "/a:b"',
    );
    expect(desk.sandbox.calls()).toEqual({});
  });

  it.each(['--run x', '--store /a'])('without a journal, or with an empty one: %s', async (what) => {
    const desk = await anUndoDesk(WORLD);

    expect(await expectRefused(desk, `undo ${what} --yes`)).toContain(
      `--journal: expected the journal of the change, since there is none in ${desk.directory}/${dirname(JOURNAL)}`,
    );
    await desk.write('empty.ndjson', '');
    expect(await expectRefused(desk, `undo ${what} --journal empty.ndjson --yes`)).toContain('got empty.ndjson');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it.each<[string, (lines: string) => string, RegExp]>([
    ['a line that cannot be read', (lines) => lines.replace('\n', '\n{"half":\n'), /line 2 is not an entry/],
    ['a foreign schema', (lines) => lines.replace('journal/1', 'journal/2'), /line 1 is not an entry/],
  ])('for %s', async (_, change, message) => {
    const desk = await anAppliedDesk();
    await desk.write(JOURNAL, change(desk.lines));

    expect(await expectRefused(desk, `undo --run ${desk.runId} --yes`)).toMatch(message);
    expect(await expectRefused(desk, 'undo --store /a --yes')).toMatch(message);
  });

  it('as both a run and a store, or neither', async () => {
    const desk = await anAppliedDesk();

    expect(await expectRefused(desk, `undo --run ${desk.runId} --store /a --yes`)).toContain(
      'expected either --run or --store, got both',
    );
    expect(await expectRefused(desk, 'undo --yes')).toContain('expected either --run or --store, got neither');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('without a yes and without a terminal', async () => {
    const desk = await anAppliedDesk();

    const stderr = await expectRefused(desk, `undo --run ${desk.runId}`);

    expect(stderr).toContain('This is not a terminal, so nobody can be asked: add --yes');
    expect(desk.sandbox.calls()).toEqual({});
  });
});

it('a file of another kind is one mistake, however many lines it has', async () => {
  const desk = await anUndoDesk(WORLD);
  await desk.write('notes.md', '# Notes\n\nnone\n');

  const stderr = await expectRefused(desk, 'undo --run x --journal notes.md --yes');

  expect(stderr.match(/is not an entry/g)).toHaveLength(1);
  expect(stderr).toContain('--journal: notes.md line 1 is not an entry');
  expect(stderr).toContain('(nor is any other line: is this the right file?)');
});

describe('on a terminal', () => {
  it.each([
    ['n\n', 3],
    ['y\n', 0],
  ])('the question is answered %j', async (type, expected) => {
    const desk = await anAppliedDesk({ groups: { '/a': null } });

    const words = `undo --run ${desk.runId}`;
    const { status, screen } = await runOnTerminal(words, { waitFor: '[y/N]', type }, desk.options);

    expect(status).toBe(expected);
    expect(screen).toMatch(new RegExp(`\\nRun ${desk.runId}, begun \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\r?\\n`));
    expect(screen).toMatch(
      /Take back 1 change in account 111122223333, eu-west-1, and detach arn:aws:kms:\S+\? \[y\/N\]/,
    );
    expect(desk.changes()).toBe(expected === 0 ? 1 : 0);
    expect((await desk.read(JOURNAL)) === desk.lines).toBe(expected !== 0);
  });

  it('nothing is asked where nothing is left to undo', async () => {
    const desk = await anAppliedDesk({ groups: { '/a': null } });
    await desk.undo('--store /a');

    const words = `undo --run ${desk.runId}`;
    const { status, screen } = await runOnTerminal(words, { waitFor: '[y/N]', type: 'n\n' }, desk.options);

    expect(status).toBe(0);
    expect(screen).not.toContain('[y/N]');
  });
});

describe('a torn last line', () => {
  it('is ignored and reported, and the next entry stands on a line of its own', async () => {
    const desk = await anAppliedDesk({ groups: { '/a': null, '/b': null } });
    await desk.write(JOURNAL, `${desk.lines}{"schema":"logseal/jour`);

    const { status, stdout, stderr } = await desk.run(`undo --run ${desk.runId} --yes --format json`);

    expect(status).toBe(0);
    expect(stderr).toContain(`${JOURNAL} ends in an unfinished line, as a crash leaves it. The line is ignored:`);
    expect(outcomesOf(JSON.parse(stdout)).toSorted()).toEqual(['/a UNSEALED', '/b UNSEALED']);
    expect((await desk.read(JOURNAL)).startsWith(desk.lines)).toBe(true);
    expect(await desk.journal()).toHaveLength(8);
    expect((await desk.apply()).stderr).toBe('');
  });

  it('that is the only one is an empty journal', async () => {
    const desk = await anUndoDesk(WORLD);
    await desk.write(JOURNAL, '{"schema":"logseal/jour');

    const stderr = await expectRefused(desk, 'undo --store /a --yes');

    expect(stderr).toContain(`${JOURNAL} ends in an unfinished line`);
    expect(stderr).toContain('--store: /a is not in ');
  });
});

describe('sixty groups in trouble', () => {
  it.each<[string, NonNullable<World['faults']>[number]]>([
    ['throttled', { call: '*', kind: 'throttle', rate: 0.3, times: 3 }],
    ['with connections dropped before the answer', { call: '*', kind: 'reset-after', rate: 0.1 }],
    ['with connections dropped before the change', { call: 'logs:DisassociateKmsKey', kind: 'reset', rate: 0.2 }],
    ['aborted', { call: 'logs:DisassociateKmsKey', kind: 'aborted', rate: 0.2 }],
  ])('%s: every change is taken back', async (_, fault) => {
    const desk = await anAppliedDesk({ bulk: [{ name: '/bulk/{n}', count: 60 }] });
    desk.sandbox.setFaults([fault]);

    const { status, document } = await desk.undo(`--run ${desk.runId}`);

    desk.sandbox.setFaults([]);
    expect(status).toBe(0);
    expect(document.steps.map(({ outcome }) => outcome)).toEqual(Array(60).fill('UNSEALED'));
    expect(new Set(Object.values(await desk.attached()))).toEqual(new Set([null]));
    const own = (await desk.journal()).filter(({ runId }) => runId === document.run.id);
    expect(linesIn(own).filter((line) => line.startsWith('DONE'))).toHaveLength(60);
    expect(document.targets[0]?.apiCalls['logs:DisassociateKmsKey']).toBe(60);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });

  it('of which one is denied go back but for that', async () => {
    const desk = await anAppliedDesk({ bulk: [{ name: '/bulk/{n}', count: 60 }] });
    desk.sandbox.setFaults([{ call: 'logs:DisassociateKmsKey', kind: 'deny', resource: '/bulk/7' }]);

    const { status, document } = await desk.undo(`--run ${desk.runId}`);

    expect(status).toBe(3);
    expect(document.steps.filter(({ outcome }) => outcome !== 'UNSEALED')).toMatchObject([
      { store: { name: '/bulk/7' }, outcome: 'REFUSED', refusal: { code: 'CALLER_MISSING_RIGHTS' } },
    ]);
  });
});
