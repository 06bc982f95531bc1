import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { journalSchema } from '../support/documents.ts';
import { aDesk, aWorld, type Desk, linesOf } from '../support/logseal.ts';
import { JOURNAL, runCalls } from './worlds.ts';

const APPLY = 'apply --key alias/logseal --yes --quiet';
const WORLD = aWorld({ groups: { '/a': null } });

/** What an earlier run left. */
const ENTRY = {
  schema: 'logseal/journal/1',
  runId: '6d1d9e0c-0000-4000-8000-000000000000',
  time: '2026-11-20T00:00:00.000Z',
  actor: 'arn:aws:iam::111122223333:user/sandbox',
  store: {
    provider: 'aws',
    account: '111122223333',
    region: 'eu-west-1',
    type: 'log-group',
    name: '/earlier',
    arn: 'arn:aws:logs:eu-west-1:111122223333:log-group:/earlier',
  },
  change: 'KEY',
  from: null,
  to: 'arn:aws:kms:eu-west-1:111122223333:key/1234',
  phase: 'INTENT',
  error: null,
};
const LINE = `${JSON.stringify(ENTRY)}\n`;

/** Applies on top of a journal. */
async function applyOn(
  journal: string | Uint8Array,
  words = APPLY,
): Promise<{ desk: Desk; status: number | null; stderr: string }> {
  const desk = await aDesk(WORLD);
  await desk.write(JOURNAL, journal);
  const { status, stderr } = await desk.run(words);
  return { desk, status, stderr };
}

describe('a journal that is there', () => {
  it('is added to, and nothing of it is touched', async () => {
    const { desk, status, stderr } = await applyOn(LINE + LINE);

    const text = await desk.read(JOURNAL);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(text.startsWith(LINE + LINE)).toBe(true);
    expect(v.parse(v.array(journalSchema), linesOf(text))).toHaveLength(4);
  });

  it('may be empty', async () => {
    const { desk, status } = await applyOn('');

    expect(status).toBe(0);
    expect(linesOf(await desk.read(JOURNAL))).toHaveLength(2);
  });
});

describe('a last line without its end', () => {
  it.each([
    ['half a line', LINE.slice(0, 100)],
    ['one character', '{'],
    // It may be whole: what its writer knew of it is not known.
    ['a whole line', LINE.trimEnd()],
    ['half a character', Buffer.concat([Buffer.from('{"store":"'), Buffer.from('ä').subarray(0, 1)])],
    ['what no line would be', 'garbage \0'],
  ])('that is %s is reported, ignored and cut off before the next entry', async (_, torn) => {
    const { desk, status, stderr } = await applyOn(Buffer.concat([Buffer.from(LINE), Buffer.from(torn)]));

    const text = await desk.read(JOURNAL);
    expect(status).toBe(0);
    expect(stderr).toContain(`${JOURNAL} ends in an unfinished line`);
    expect(text.startsWith(LINE)).toBe(true);
    expect(v.parse(v.array(journalSchema), linesOf(text)).map(({ store, phase }) => `${store.name} ${phase}`)).toEqual([
      '/earlier INTENT',
      '/a INTENT',
      '/a DONE',
    ]);
  });

  it('stays as it is where nothing is written', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': 'logseal' } }));
    await desk.write('journal', `${LINE}{"torn`);

    const { status, stderr } = await desk.run(`${APPLY} --journal journal`);

    expect(status).toBe(0);
    expect(stderr).toContain('unfinished line');
    expect(await desk.read('journal')).toBe(`${LINE}{"torn`);
  });
});

describe('any other line that is not of this journal', () => {
  it.each([
    ['unreadable', `${LINE}{"half":\n${LINE}`, [2]],
    ['empty', `${LINE}\n${LINE}`, [2]],
    ['unreadable and the last one, yet ended', `${LINE}${LINE}oops\n`, [3]],
    ['of a foreign schema', LINE.replace('journal/1', 'journal/2') + LINE, [1]],
    ['of another program', '{"level":"info"}\n', [1]],
    ['of no such phase', LINE.replace('INTENT', 'PERHAPS'), [1]],
    ['of a store that contradicts itself', LINE.replace('"name":"/earlier"', '"name":"/other"'), [1]],
    ['more than one, and all are named', `x\n${LINE}[]\n${LINE}null\n`, [1, 3, 5]],
  ])('is %s: 2, with its number, and nothing is changed', async (_, journal, numbers) => {
    const { desk, status, stderr } = await applyOn(journal);

    expect(status).toBe(2);
    expect(
      [...stderr.matchAll(/^logseal: --journal: .* line (\d+) is not an entry/gm)].map(([, n]) => Number(n)),
    ).toEqual(numbers);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await desk.read(JOURNAL)).toBe(journal);

    desk.sandbox.resetCalls();
    const named = await desk.run(`${APPLY} --journal ${JOURNAL}`);

    // A file that is named is read first of all.
    expect(named.stderr.match(/ is not an entry/g)).toHaveLength(numbers.length);
    expect(desk.sandbox.calls()).toEqual({});
  });
});

describe('a journal of several accounts', () => {
  it('is added to, and what it has of another account counts for no log store of this one', async () => {
    // As if the log group had lost its key twice within a day, which is refused in the account where it did.
    const time = new Date().toISOString();
    const lost = [0, 1].map((n) => JSON.stringify({ ...ENTRY, time, runId: `run-${n}`, phase: 'DONE' }));
    const foreign = `${lost.join('\n')}\n`.replaceAll('/earlier', '/a').replaceAll('111122223333', '444455556666');

    const { desk, status, stderr } = await applyOn(LINE + foreign);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(1);
    const text = await desk.read(JOURNAL);
    expect(text.startsWith(LINE + foreign)).toBe(true);
    expect(linesOf(text)).toHaveLength(5);
  });
});

describe('a journal that cannot be written', () => {
  it.each(['no/such/directory/journal.ndjson', '.'])('is wrong usage: %s', async (path) => {
    const desk = await aDesk(WORLD);

    const { status, stdout, stderr } = await desk.run(`${APPLY} --journal ${path}`);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('logseal: --journal: expected a file that can be');
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });
});

it('only its owner may read it', async () => {
  const desk = await aDesk(WORLD);

  await desk.run(APPLY);

  expect((await stat(join(desk.directory, JOURNAL))).mode & 0o777).toBe(0o600);
});

it('what a newer version adds to a line is no mistake', async () => {
  const { desk, status } = await applyOn(LINE.replace('"error":null', '"error":null,"added":"later"'));

  expect(status).toBe(0);
  expect(await desk.read(JOURNAL)).toContain('"added":"later"');
});
