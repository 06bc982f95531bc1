import { describe, expect, it } from 'vitest';
import { aLogstoreDesk, outcomeSchema, SEALING } from '../../support/alibaba.ts';
import { runOnTerminal } from '../../support/terminal.ts';
import { outcomesOf } from './steps.ts';

const APPLY = `apply ${SEALING}`;
const CHANGE = 'log:UpdateLogStoreEncryption';
const STORES = { never: 'off', 'never-2': 'off', off: { key: 'mine', enabled: false } } as const;
const EXPECTED =
  'logseal: --confirm-irreversible: expected 2, the number of Logstores whose encryption would be configured for the first time, and for good; got';

describe('without a terminal', () => {
  it('the right number is enough, also beside --yes', async () => {
    for (const words of ['--confirm-irreversible 2', '--yes --confirm-irreversible=2']) {
      const { json } = await aLogstoreDesk(STORES);

      const { status, document } = await json(outcomeSchema, `${APPLY} ${words}`);

      expect(status).toBe(0);
      expect(outcomesOf(document)).toEqual(['never', 'never-2', 'off'].map((name) => `app-logs/${name} SEALED`));
    }
  });

  it.each([
    ['another number', '--confirm-irreversible 3', '3'],
    ['a smaller number', '--yes --confirm-irreversible 1', '1'],
    ['--yes alone', '--yes', 'none'],
  ])('%s is 2, says the right one, and changes nothing', async (_, words, got) => {
    const { run, sandbox, state, files } = await aLogstoreDesk(STORES);

    const { status, stdout, stderr } = await run(`${APPLY} ${words} --format json`, { stdin: '2\ny\n' });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${EXPECTED} ${got}\n`);
    // The plan is shown all the same.
    expect(stderr).toContain('2 Logstores would be encrypted for good');
    expect(sandbox.calls()[CHANGE]).toBeUndefined();
    expect(await state('app-logs/off')).toContain('off');
    expect(await files()).toEqual([]);
  });

  it('what the selection leaves out and the limit leaves for later does not count', async () => {
    for (const words of ['--exclude */never-2', '--limit 1']) {
      const { json, state } = await aLogstoreDesk(STORES);

      const { document } = await json(outcomeSchema, `${APPLY} ${words} --confirm-irreversible 1`);

      expect(outcomesOf(document)).toContain('app-logs/never SEALED');
      expect(await state('app-logs/never-2')).toBe('never');
    }
  });

  it('--yes is enough where nothing is for good, also beside the number 0', async () => {
    for (const words of ['--yes', '--yes --confirm-irreversible 0']) {
      const { json } = await aLogstoreDesk({ off: { key: 'mine', enabled: false }, service: 'service-key' });

      const { status, document } = await json(outcomeSchema, `${APPLY} ${words}`);

      expect(status).toBe(3);
      expect(outcomesOf(document)).toEqual(['app-logs/off SEALED', 'app-logs/service REFUSED IRREVERSIBLE']);
    }
  });

  it('a number where there is nothing to do is 2 as well', async () => {
    const { run } = await aLogstoreDesk({ sealed: 'mine' });

    const { status, stderr } = await run(`${APPLY} --confirm-irreversible 1`);

    expect(status).toBe(2);
    expect(stderr).toContain('--confirm-irreversible: expected 0, ');
  });

  it('neither, or the number 0 alone, is 2, and nothing is called', async () => {
    const { run, sandbox } = await aLogstoreDesk(STORES);

    for (const words of [APPLY, `${APPLY} --confirm-irreversible 0`]) {
      const { status, stderr } = await run(words);

      expect(status).toBe(2);
      expect(stderr).toContain('This is not a terminal, so nobody can be asked: add --yes');
    }
    expect(sandbox.calls()).toEqual({});
  });
});

describe('on a terminal', () => {
  const QUESTION = 'Type their number to go on: ';

  it.each(['', '--yes'])('the number is typed, %s', async (words) => {
    const { options, state } = await aLogstoreDesk(STORES);

    const typed = { waitFor: QUESTION, type: ' 2\n' };
    const { status, screen } = await runOnTerminal(`${APPLY} ${words}`, typed, options);

    expect(status).toBe(0);
    expect(screen).toContain(
      'The encryption of 2 Logstores would be configured for good: neither type nor key can ever be changed.',
    );
    expect(screen.indexOf('2 Logstores would be encrypted for good')).toBeLessThan(screen.indexOf(QUESTION));
    expect(screen).toMatch(/3 log stores\S* sealed/);
    expect(await state('app-logs/never')).toContain('on ');
  });

  it.each([
    ['another number', '3\n'],
    ['yes', 'y\n'],
    ['nothing', '\n'],
    ['the number and more', '2!\n'],
    ['the end of the input', '\x04'],
  ])('%s is 3, and nothing is changed', async (_, type) => {
    const { sandbox, options, files } = await aLogstoreDesk(STORES);

    const { status, screen } = await runOnTerminal(APPLY, { waitFor: QUESTION, type }, options);

    expect(status).toBe(3);
    expect(screen).toContain('nothing was changed');
    expect(sandbox.calls()[CHANGE]).toBeUndefined();
    expect(await files()).toEqual([]);
  });

  it('an interrupt at the question is 130, and nothing is changed', async () => {
    const { sandbox, options, files } = await aLogstoreDesk(STORES);

    const { status } = await runOnTerminal(APPLY, { waitFor: QUESTION, type: '\x03' }, options);

    expect(status).toBe(130);
    expect(sandbox.calls()[CHANGE]).toBeUndefined();
    expect(await files()).toEqual([]);
  });

  it('yes is enough where nothing is for good', async () => {
    const { options } = await aLogstoreDesk({ off: { key: 'mine', enabled: false } });

    const typed = { waitFor: '[y/N]', type: 'y\n' };
    const { status, screen } = await runOnTerminal(APPLY, typed, options);

    expect(status).toBe(0);
    expect(screen).toMatch(/1 log store\S* sealed/);
  });

  it('the number in an option is asked for no more', async () => {
    const { options } = await aLogstoreDesk(STORES);

    const untyped = { waitFor: QUESTION, type: 'n\n' };
    const { status, screen } = await runOnTerminal(`${APPLY} --confirm-irreversible 2`, untyped, options);

    expect(status).toBe(0);
    expect(screen).not.toContain(QUESTION);
  });
});
