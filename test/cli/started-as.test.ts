import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asTyped, startedAs } from '../../cli/started-as.ts';
import { aDesk, aDirectory, aWorld, DEMO } from '../support/logseal.ts';
import { JOURNAL } from './worlds.ts';

const NPM = 'npm run -s logseal --';

const INSTALLED = 'node_modules/logseal/dist/main.js';

describe('what a person types to start logseal', () => {
  it.each([
    ['a checkout', { npm_lifecycle_event: 'logseal' }, '/checkout/cli/main.ts', NPM],
    ['a checkout, by another npm script', { npm_lifecycle_event: 'demo' }, '/checkout/cli/main.ts', NPM],
    ['the installed command', {}, `/usr/lib/${INSTALLED}`, 'logseal'],
    ['npx, in a project that depends on it', { npm_lifecycle_event: 'npx' }, `/project/${INSTALLED}`, 'npx logseal'],
    ["a project's own npm script", { npm_lifecycle_event: 'audit' }, `/project/${INSTALLED}`, 'npx logseal'],
  ])('is known of %s', (_, environment, file, expected) => {
    expect(startedAs(environment, file)).toBe(expected);
  });

  it.each([
    ['./logseal-0.1.0.tgz', 'npx ./logseal-0.1.0.tgz'],
    ["./it's new/logseal.tgz", "npx './it'\\''s new/logseal.tgz'"],
    ['logseal@0.1.0', 'npx logseal@0.1.0'],
  ])('is known of npx with the package %s', async (named, expected) => {
    const cache = await aDirectory();
    await writeFile(join(cache, 'package.json'), JSON.stringify({ _npx: { packages: [named] } }));

    expect(startedAs({ npm_lifecycle_event: 'npx' }, join(cache, INSTALLED))).toBe(expected);
  });
});

describe('a command in a text', () => {
  it.each([
    ['attach a key: logseal apply --key KEY', `attach a key: ${NPM} apply --key KEY`],
    ["'logseal runs' name it", `'${NPM} runs' name it`],
    ['Usage: logseal COMMAND [options]', `Usage: ${NPM} COMMAND [options]`],
    ['see logseal --help', `see ${NPM} --help`],
    ['logseal key repair --key a; logseal undo', `${NPM} key repair --key a; ${NPM} undo`],
  ])('is written as it must be typed: %s', (text, expected) => {
    expect(asTyped(text, { startedAs: NPM })).toBe(expected);
  });

  it.each([
    'logseal: --key: expected a value',
    'run 1 of logseal plans nothing',
    'logseal scanned nothing',
    'logseal scan: list every log store',
    'npm run -s logseal -- scan',
    '/app/logseal scan',
    'not-logseal scan',
  ])('is not found in %s', (text) => {
    expect(asTyped(text, { startedAs: NPM })).toBe(text);
  });
});

/** A command that is not written as it must be typed. */
const BARE =
  /(?<!-s |npx )\blogseal (?:scan|plan|apply|undo|runs|key check|key repair|policy check|config check|sandbox|--help)\b(?!:)/;

describe('every command that is printed', () => {
  it.each([
    'scan',
    'plan --key alias/logseal',
    'plan --key alias/payments',
    'apply --key alias/logseal --yes',
    'undo --store /app/web --yes',
    'runs',
    'key check --key alias/payments --log-group /app/web',
    'key repair --key alias/payments --yes',
    'scan --provider alibaba --region cn-hangzhou',
    'apply --yes',
    'scan --unknown',
    '--help',
    'undo --help',
  ])('works in the way logseal was started: %s', async (words) => {
    const { run, write } = await aDesk(DEMO);
    await write(JOURNAL, '');
    if (words.startsWith('undo --store')) await run('apply --key alias/logseal --yes --quiet');

    const { stdout, stderr } = await run(words, { startedAs: NPM });

    expect(`${stdout}${stderr}`).not.toMatch(BARE);
  });

  it('has its arguments quoted as before', async () => {
    const { run } = await aDesk(aWorld({ groups: { '/a': null } }));

    const { stdout } = await run(['apply', '--key', 'alias/logseal', '--yes', '--journal', 'my journal'], {
      startedAs: NPM,
    });

    expect(stdout).toMatch(/^undo: npm run -s logseal -- undo --run \S+ --journal='my journal'$/m);
  });

  it('is the same in documents for programs, however logseal was started', async () => {
    const { run } = await aDesk(DEMO);
    const fixes = async (startedAs: string) => {
      const { stdout } = await run('scan --format json', { startedAs });
      return stdout.match(/"fix":"[^"]*"/g);
    };

    const [typed, plain] = [await fixes(NPM), await fixes('logseal')];

    expect(typed).toEqual(plain);
    expect(plain?.join('')).toContain('logseal apply --key KEY');
  });
});
