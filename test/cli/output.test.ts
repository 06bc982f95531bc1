import { once } from 'node:events';
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../cli/arguments.ts';
import { reportOptions } from '../../cli/report.ts';
import { extensionsOf } from '../../lib/report/formats/index.ts';
import { outcomeSchema, parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { aHost } from '../support/host.ts';
import { aDesk, aWorld, DEMO, startLogseal } from '../support/logseal.ts';
import { JOURNAL } from './worlds.ts';

/** A second run may make another number of calls. */
const withoutCalls = (table: string) => table.replace(/\(\d+ API calls\)/, '');

describe('a result in a file', () => {
  it('is the document, beside nothing on standard output', async () => {
    const { run, read, files } = await aDesk(DEMO);

    const { status, stdout, stderr } = await run('scan --format json --output out.json');

    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: '', stderr: '' });
    expect(parseDocument(scanSchema, await read('out.json')).findings).toHaveLength(28);
    expect(await files()).toEqual(['out.json']);
  });

  it('is where the command was typed, or where it says', async () => {
    const { run, read, directory } = await aDesk(DEMO);
    await mkdir(join(directory, 'sub'));

    await run('scan --format table --output sub/relative.txt');
    await run(['scan', '--format', 'table', '--output', join(directory, 'absolute.txt')]);
    await run('scan --format table --output ../up.txt', { cwd: join(directory, 'sub') });

    const [relative, absolute, up] = [await read('sub/relative.txt'), await read('absolute.txt'), await read('up.txt')];
    expect(relative).toContain('28 log stores');
    expect(absolute).toBe(relative);
    expect(up).toBe(relative);
  });

  it('takes the place of what was there, but only once it is whole', async () => {
    const { run, read, write, files } = await aDesk(aWorld({ groups: { '/a': null } }));
    await write('out.json', 'what was there');

    const refused = await run('scan --format json --output out.json --account 444455556666');
    const kept = await read('out.json');
    const done = await run('scan --format json --output out.json');

    expect([refused.status, kept]).toEqual([2, 'what was there']);
    expect(done.status).toBe(3);
    expect(parseDocument(scanSchema, await read('out.json')).findings).toHaveLength(1);
    expect(await files()).toEqual(['out.json']);
  });

  it('is readable by its owner only, also where it takes the place of a file that others could read', async () => {
    const { run, write, directory } = await aDesk(aWorld({ groups: { '/a': null } }));
    await write('there.json', 'what was there');
    await chmod(join(directory, 'there.json'), 0o644);

    await run('scan --output new.json --output there.json');

    const modes = ['new.json', 'there.json'].map(async (name) => (await stat(join(directory, name))).mode & 0o777);
    expect(await Promise.all(modes)).toEqual([0o600, 0o600]);
  });

  it.each([
    ['a directory', 'sub'],
    ['in no directory', 'no/such/x.json'],
    ['below a file', 'file/x.json'],
  ])('that cannot be written is wrong usage, and nothing is called: %s', async (_, path) => {
    const { run, sandbox, directory } = await aDesk(DEMO);
    await mkdir(join(directory, 'sub'));
    await writeFile(join(directory, 'file'), '');

    const { status, stdout, stderr } = await run(`scan --output ${path}`);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`--output: expected a file that can be written, got ${path}`);
    expect(sandbox.calls()).toEqual({});
  });

  it.each([
    ['apply --key alias/logseal --yes --output same.json --journal ./same.json', 'same.json', 'journal'],
    ['runs --output same.json --journal same.json', 'same.json', 'journal'],
    ['apply --plan plan.json --yes --output plan.json', 'plan.json', 'plan'],
  ])('is never that of something else: %s', async (words, path, what) => {
    const { run, read, write, sandbox } = await aDesk(DEMO);
    await run('plan --key alias/logseal --format json --output plan.json');
    const plan = await read('plan.json');
    await write('same.json', '');
    sandbox.resetCalls();

    const { status, stderr } = await run(words);

    expect(status).toBe(2);
    expect(stderr).toContain(`logseal: --output: expected another file than that of the ${what}, got ${path}\n`);
    expect(sandbox.calls()).toEqual({});
    expect(await read('plan.json')).toBe(plan);
  });

  it('is not that of the default journal, which is known once the caller is', async () => {
    const { run, files, sandbox, directory } = await aDesk(aWorld({ groups: { '/a': null } }));
    await mkdir(join(directory, dirname(JOURNAL)), { recursive: true });

    const { status, stderr } = await run(`apply --key alias/logseal --yes --output ${JOURNAL}`);

    expect(status).toBe(2);
    expect(stderr).toContain(`logseal: --output: expected another file than that of the journal, got ${JOURNAL}\n`);
    expect(sandbox.calls()).not.toHaveProperty('logs:AssociateKmsKey');
    expect(await files()).toEqual([]);
  });

  it('is not that of a journal by another way either', async () => {
    const { run, directory, sandbox } = await aDesk(aWorld({ groups: { '/a': null } }));
    await mkdir(join(directory, 'd'));
    await symlink('d', join(directory, 'link'));
    await symlink('real.ndjson', join(directory, 'dangling'));

    const linked = await run('apply --key alias/logseal --yes --journal d/j.json --output link/j.json');
    expect(linked).toMatchObject({ status: 2, stdout: '' });
    expect(sandbox.calls()).toEqual({});

    // What is there only once it is sealed is seen at the end.
    const { status, stderr } = await run('apply --key alias/logseal --yes --journal dangling --output real.ndjson');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /\nlogseal: OUTPUT: real\.ndjson could not be written: it has become a journal, which undo needs\n$/,
      ),
    });
  });

  it('never takes the place of a journal, whatever its name', async () => {
    const { run, read } = await aDesk(aWorld({ groups: { '/a': null } }));
    await run('apply --key alias/logseal --yes --journal kept.ndjson');
    const journal = await read('kept.ndjson');

    const { status, stderr } = await run('scan --output kept.ndjson');

    expect(status).toBe(2);
    expect(stderr).toContain(
      'expected a file that can be written, got kept.ndjson (it is a journal, which undo needs)',
    );
    expect(await read('kept.ndjson')).toBe(journal);
  });

  it('beside the table on standard output, in the format that its name tells, and in several at once', async () => {
    const { run, read, files, sandbox } = await aDesk(DEMO);
    const { stdout: table } = await run('scan');
    sandbox.resetCalls();

    const { status, stdout, stderr } = await run('scan --output out.json --output OUT.NDJSON');

    expect({ status, stdout: withoutCalls(stdout), stderr }).toEqual({
      status: 3,
      stdout: withoutCalls(table),
      stderr: '',
    });
    const { findings } = parseDocument(scanSchema, await read('out.json'));
    const lines = (await read('OUT.NDJSON')).trimEnd().split('\n');
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual(findings);
    expect((await files()).toSorted()).toEqual(['OUT.NDJSON', 'out.json']);
    expect(sandbox.calls()['sts:GetCallerIdentity']).toBe(1);
  });

  it('in a format that its name does not tell takes --format, which goes with one file alone', async () => {
    const { run, files, sandbox } = await aDesk(DEMO);

    const unknown = await run('scan --output a.txt --output b.json --output .json.');
    const several = await run('scan --format json --output a.json --output b.json');

    const rest = `expected a file whose name ends with one of ${extensionsOf('scan').join(', ')}; or add --format; got`;
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain(`logseal: --output: ${rest} a.txt\nlogseal: --output: ${rest} .json.\n`);
    expect(several).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'logseal: --output: can be given only once with --format; without --format, the end of each name chooses the format\nsee',
      ),
    });
    expect(sandbox.calls()).toEqual({});
    expect(await files()).toEqual([]);
  });

  it('leaves none of several where one cannot be written', async () => {
    const { run, files, directory } = await aDesk(DEMO);
    await symlink('/dev/full', join(directory, 'full.ndjson'));

    const { status, stderr } = await run('scan --output out.json --output full.ndjson');

    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'logseal: OUTPUT: full.ndjson could not be written: ENOSPC: no space left on device, write\n',
    });
    expect(await files()).toEqual(['full.ndjson']);
  });

  it('may be a device', async () => {
    const { run } = await aDesk(DEMO);

    expect(await run('scan --format table --output /dev/null')).toEqual({ status: 3, stdout: '', stderr: '' });
  });

  it('that is full could not be written', async () => {
    const { run } = await aDesk(DEMO);

    const { status, stderr } = await run('scan --format table --output /dev/full');

    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'logseal: OUTPUT: /dev/full could not be written: ENOSPC: no space left on device, write\n',
    });
  });
});

describe('standard output', () => {
  it.each([
    ['scan --format json', scanSchema],
    ['plan --key alias/logseal --format json', planSchema],
    ['apply --key alias/logseal --yes --format json', outcomeSchema],
  ] as const)('holds one document and nothing else, an item a line: %s', async (words, schema) => {
    const { run } = await aDesk(DEMO);

    const { status, stdout } = await run(words);

    expect(status).toBe(3);
    expect(stdout.endsWith('}\n')).toBe(true);
    const document: { findings?: unknown[]; steps?: unknown[] } = parseDocument(schema, stdout);
    expect(stdout.trimEnd().split('\n')).toHaveLength((document.findings ?? document.steps ?? []).length);
  });

  it('may be closed by a reader that has seen enough', async () => {
    const { options } = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 2000 }] }));
    const child = startLogseal('scan --format ndjson', options);
    if (!child.stdout || !child.stderr) throw new Error('no pipes');
    const errors = text(child.stderr);

    const [head] = await once(child.stdout, 'data');
    child.stdout.destroy();
    const [status] = await once(child, 'exit');

    expect(JSON.parse(String(head).split('\n')[0] ?? '')).toMatchObject({ name: '/bulk/1' });
    expect({ status, errors: await errors }).toEqual({ status: 1, errors: '' });
  });
});

describe('colours', () => {
  it.each(['scan', 'scan --no-color', 'plan --key alias/logseal', 'apply --key alias/logseal --yes'])(
    'are for terminals: %s',
    async (words) => {
      const { run, files } = await aDesk(DEMO);

      const { stdout, stderr } = await run(words);

      expect(stdout + stderr).not.toContain('\x1b');
      expect(await files()).toEqual(words.startsWith('apply') ? [JOURNAL] : []);
    },
  );

  it.each([
    ['a pipe', {}, 'scan', false],
    ['a pipe, but colours are forced', { CLICOLOR_FORCE: '1' }, 'scan', true],
    ['a pipe, and 0 forces nothing', { CLICOLOR_FORCE: '0' }, 'scan', false],
    ['a pipe, and an option forbids what is forced', { CLICOLOR_FORCE: '1' }, 'scan --no-color', false],
    ['a pipe, and a variable forbids what is forced', { CLICOLOR_FORCE: '1', NO_COLOR: '1' }, 'scan', false],
  ])('for %s', async (_, env, words, isColored) => {
    const { run } = await aDesk(DEMO);

    expect((await run(words, { env })).stdout.includes('\x1b')).toBe(isColored);
  });
});

describe('the width of what is no terminal', () => {
  it.each([80, 200])('is that in COLUMNS: %i', async (columns) => {
    const { run } = await aDesk(DEMO);

    const { stdout } = await run('plan --key alias/logseal', { env: { COLUMNS: `${columns}` } });

    // An ARN has no place to be broken at.
    const tooLong = stdout.split('\n').filter((line) => line.length > columns && !/arn:\S+( \\|:)?$/.test(line));
    expect(tooLong).toEqual([]);
  });

  it('is not known without it, so that nothing is broken or cut off', async () => {
    const { run } = await aDesk(DEMO);

    const { stdout } = await run('plan --key alias/logseal');

    expect(stdout.replaceAll('{…}', '')).not.toContain('…');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeGreaterThan(400);
  });
});

it.each([
  [{ COLUMNS: '100' }, 100],
  [{}, null],
])('a terminal whose width is 0 has that in COLUMNS, or none: %j', (environment, width) => {
  const flag = { kind: 'flag' } as const;
  const flags = { 'no-color': flag, all: flag, quiet: flag, verbose: flag };
  const { host } = aHost({ environment });
  const args = readArguments([], flags, host);

  expect(reportOptions(args, host, { isTerminal: true, columns: 0 }).width).toBe(width);
});
