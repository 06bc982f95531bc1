import { describe, expect, it } from 'vitest';
import { outcomeSchema, parseDocument } from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, linesOf } from '../support/logseal.ts';
import { runOnTerminal } from '../support/terminal.ts';
import { JOURNAL, runCalls } from './worlds.ts';

const APPLY = 'apply --key alias/logseal';
const WORLD = aWorld({ groups: { '/a': null, '/b': 'disabled' } });
const QUESTION = 'Seal 2 log stores in account 111122223333, eu-west-1 with alias/logseal? [y/N]';

/** Long lines were broken to fit the terminal. */
const unbroken = (screen: string) => screen.replace(/\n {2}(?=\S)/g, ' ');

describe('on a terminal', () => {
  it.each(['y', 'yes', ' Y '])('the answer %j seals, after the plan was shown', async (answer) => {
    const { sandbox, options, read } = await aDesk(WORLD);

    const { status, screen } = await runOnTerminal(APPLY, { waitFor: QUESTION, type: `${answer}\n` }, options);

    expect(status).toBe(0);
    expect(screen.indexOf('to seal')).toBeLessThan(screen.indexOf(QUESTION));
    expect(screen).toMatch(/2 log stores\S* sealed/);
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(2);
    expect(linesOf(await read(JOURNAL))).toHaveLength(4);
  });

  it('what is at stake stands above the question: the key, and the command that takes the run back', async () => {
    const { sandbox, options, read } = await aDesk(WORLD);

    const words = `${APPLY} --format json --output out.json --journal changes.ndjson`;
    const { screen } = await runOnTerminal(words, { waitFor: QUESTION, type: 'y\n' }, options);

    const { run } = parseDocument(outcomeSchema, await read('out.json'));
    const arn = await keysOf(sandbox).arn();
    const stakes = `\nThe key is alias/logseal: ${arn}\n1 of them has another key now, which is not compliant and is replaced\nTo take it back: logseal undo --run ${run.id} --journal=changes.ndjson\nUndo cannot attach an earlier key again that does not work: such a log store then keeps the new key\n`;
    expect(screen).toContain(stakes);
    expect(screen.indexOf(stakes)).toBeLessThan(screen.indexOf(QUESTION));
  });

  it('with --quiet, what is at stake is shown all the same, where there is a question', async () => {
    const { options } = await aDesk(WORLD);

    const { screen } = await runOnTerminal(`${APPLY} --quiet`, { waitFor: QUESTION, type: 'n\n' }, options);

    expect(screen).toMatch(/^The key is alias\/logseal: /);
    expect(screen).toContain('\nTo take it back: logseal undo --run ');
  });

  it('the alias of a key that is named by its ARN is at stake too', async () => {
    const desk = await aDesk(WORLD);
    const arn = await keysOf(desk.sandbox).arn();

    const waitFor = `with ${arn}? [y/N]`;
    const { screen } = await runOnTerminal(`apply --key ${arn}`, { waitFor, type: 'n\n' }, desk.options);

    expect(unbroken(screen)).toContain(
      `\nThe key is ${arn}, alias arn:aws:kms:eu-west-1:111122223333:alias/logseal\n1 of them`,
    );
  });

  it('above the question of a canary it says as well how many log stores are receiving logs', async () => {
    const writer = { key: null, writer: { perMinute: 60 } };
    const { options } = await aDesk(aWorld({ groups: { '/a': writer, '/b': null, '/c': writer } }));

    const waitFor = 'Seal 3 log stores in account 111122223333, eu-west-1 with alias/logseal? [y/N]';
    const { status, screen } = await runOnTerminal(`${APPLY} --canary 1 --watch 6`, { waitFor, type: 'n\n' }, options);

    expect(status).toBe(3);
    expect(unbroken(screen)).toContain(
      '\nReceiving logs now: 2 of 3 log stores; one of them is sealed first, and watched for about 9 minutes (6 were asked for, and the metric is not complete before)\nTo take it back: ',
    );
  });

  it.each([
    ['no', 'n\n'],
    ['nothing', '\n'],
    ['anything else', 'yeah, why not\n'],
    ['the end of the input', '\x04'],
  ])('the answer %s is 3, and nothing is changed', async (_, type) => {
    const { sandbox, options, files } = await aDesk(WORLD);

    const words = `${APPLY} --format json --output out.json`;
    const { status, screen } = await runOnTerminal(words, { waitFor: QUESTION, type }, options);

    expect(status).toBe(3);
    expect(screen).toContain('nothing was changed');
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await files()).toEqual([]);
  });

  it('an interrupt at the question is 130, and nothing is changed', async () => {
    const { sandbox, options, files } = await aDesk(WORLD);

    const { status, screen } = await runOnTerminal(APPLY, { waitFor: QUESTION, type: '\x03' }, options);

    expect(status).toBe(130);
    expect(screen).not.toContain('    at ');
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await files()).toEqual([]);
  });

  it('nothing is asked with --yes, or where there is nothing to do', async () => {
    const { options, read } = await aDesk(WORLD);
    const untyped = { waitFor: '[y/N]', type: 'n\n' };

    const first = await runOnTerminal(`${APPLY} --yes --format json --output out.json`, untyped, options);
    const second = await runOnTerminal(APPLY, untyped, options);

    expect([first.status, second.status]).toEqual([0, 0]);
    expect(first.screen + second.screen).not.toContain('[y/N]');
    expect(second.screen).not.toContain('To take it back');
    expect(parseDocument(outcomeSchema, await read('out.json')).steps).toHaveLength(2);
  });

  it('there are colours, unless they are not wanted', async () => {
    const { options } = await aDesk(WORLD);
    const untyped = { waitFor: '[y/N]', type: 'n\n' };
    const noColor = { ...options, env: { ...options.env, NO_COLOR: '1' } };
    // What clears the line of the progress is no colour.
    const isColored = ({ screen }: { screen: string }) => screen.replaceAll('\x1b[K', '').includes('\x1b');

    expect(isColored(await runOnTerminal('scan', untyped, options))).toBe(true);
    expect(isColored(await runOnTerminal('scan --no-color', untyped, options))).toBe(false);
    expect(isColored(await runOnTerminal('scan', untyped, noColor))).toBe(false);
  });

  it('there is progress, unless it is not wanted', async () => {
    const { options } = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 120, key: 'logseal' }] }));
    const untyped = { waitFor: '[y/N]', type: 'n\n' };

    expect((await runOnTerminal('scan', untyped, options)).screen).toContain('listed eu-west-1: ');
    expect((await runOnTerminal('scan --quiet', untyped, options)).screen).not.toContain('listed');
  });
});
