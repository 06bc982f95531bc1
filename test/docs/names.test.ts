import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { HELP, helpFor } from '../../cli/help.ts';
import { CATALOGUE } from '../../lib/domain/catalogue.ts';
import { readDocument } from '../../sandbox/template/document.ts';
import { ROOT } from '../support/logseal.ts';
import { commandsIn, type Page, readPage, readPages, SCRIPTS } from './pages.ts';

type Command = Parameters<typeof helpFor>[0];

interface Template {
  readonly Parameters: Record<string, unknown>;
  readonly Resources: Record<string, { readonly Type: string }>;
  readonly Outputs: Record<string, unknown>;
}

const PAGES = readPages();
const EVERYTHING = PAGES.map(({ text }) => text).join('\n');
const COMMANDS = [...HELP.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map(([, name]) => name as Command);
const OPTIONS = new Map(COMMANDS.map((name) => [name, optionsIn(helpFor(name))]));
/** Options that every command line takes, and those that the documents name of other programs: npm scripts, SAM CLI, AWS CLI, npm. */
const GENERAL = ['--help', '--version'];
const FOREIGN = [
  ...['--burst', '--seed', '--runs', '--report', '--config-env', '--guided', '--stack-name', '--env-vars'],
  ...['--parameter-overrides', '--overwrite', '--tier', '--ignore-scripts', '--save-exact'],
];
/** What only comes with other branches. */

function optionsIn(help: string): string[] {
  return [...new Set(help.match(/(?<![\w-])--[a-z][a-z-]+/g))];
}

/** Every command line of logseal on a page, in its blocks and sentences. */
function commandLinesOf({ spans, blocks }: Page): string[][] {
  const shells = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => commandsIn(text));
  return [...shells, ...spans.flatMap(commandsIn)].filter((words) => words.length > 0);
}

const commandOf = (words: readonly string[]) => COMMANDS.find((name) => `${words.join(' ')} `.startsWith(`${name} `));

describe.each(PAGES.map((page) => [page.path, page] as const))('%s', (_, page) => {
  it('names commands and options of logseal that exist', () => {
    const wrong = commandLinesOf(page).filter((words) => {
      const command = commandOf(words);
      const known = [...GENERAL, ...(command ? (OPTIONS.get(command) ?? []) : [])];
      const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0] ?? '');
      const isNone = !command && !['COMMAND', ...GENERAL].includes(words[0] ?? '');
      return isNone || !options.every((option) => known.includes(option) || words[0] === 'COMMAND');
    });

    expect(wrong).toEqual([]);
  });

  it('names no option that no program has', () => {
    const known = new Set([...GENERAL, ...FOREIGN, ...[...OPTIONS.values()].flat()]);
    const named = page.spans.flatMap((span) => /^--[a-z-]+/.exec(span)?.[0] ?? []);

    expect(named.filter((option) => !known.has(option))).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const named = [...page.text.matchAll(/npm run (?:-s )?([a-z:-]+)/g)].map(([, name = '']) => name);

    expect(named.filter((name) => !SCRIPTS.includes(name))).toEqual([]);
  });

  it('names events in files that exist', () => {
    const named = [...page.text.matchAll(/\bevents\/[\w/-]+\.json\b/g)].map(([path]) => path);

    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('the documents name', () => {
  it.each(COMMANDS)('every option of %s', (command) => {
    const options = optionsIn(helpFor(command));

    expect(options.length).toBeGreaterThan(1);
    expect(PAGES.flatMap(commandLinesOf).map(commandOf)).toContain(command);
    expect(options.filter((option) => !new RegExp(`${option}(?![a-z-])`).test(EVERYTHING))).toEqual([]);
  });

  it('every npm script', () => {
    const mentions = (name: string) => new RegExp(`npm (?:run (?:-s )?)?${name}(?![a-z:-])`).test(EVERYTHING);

    expect(SCRIPTS.filter((name) => !mentions(name))).toEqual([]);
  });

  it('every reason of a log store under its severity', () => {
    const { text } = readPage('docs/concepts.md');
    const reasons = Object.entries(CATALOGUE).filter(([, { use }]) => use === 'REASON' || use === 'KEY_STATE');
    const rowOf = (severity: string) => text.split('\n').find((line) => line.startsWith(`| \`${severity}\``)) ?? '';

    const missing = reasons.filter(([code, { severity }]) => !rowOf(severity).includes(`\`${code}\``));

    // Of a key that was changed, and never of a log store.
    expect(missing.map(([code]) => code).filter((code) => code !== 'KEY_ALIAS_MOVED')).toEqual([]);
  });
});

describe('names of the program', () => {
  let source: string;

  beforeAll(() => {
    const files = ['lib', 'cli', 'functions', 'sandbox'].flatMap((directory) =>
      readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|yaml)$/.test(name))
        .map((name) => join(ROOT, directory, name)),
    );
    const more = ['template.yaml', 'vitest.config.ts', 'package.json'].map((name) => join(ROOT, name));
    source = [...files, ...more].map((file) => readFileSync(file, 'utf8')).join('\n');
  });

  it.each([
    ['codes and statuses', /^"?([A-Z]+(?:_[A-Z]+)+)"?$/],
    ['variables', /^((?:LOGSEAL|ALIBABA_CLOUD|CLICOLOR|NO|XDG)_[A-Z_]+)\b/],
    ['saved queries', /^(?:logseal\/)?([a-z]+(?:-[a-z]+)+)$/],
    ['metrics, outputs and resources', /^([A-Z][a-z]+(?:[A-Z][a-z]+)+)$/],
  ])('are in it: %s', (_, form) => {
    const named = PAGES.flatMap(({ spans }) => spans.flatMap((span) => form.exec(span)?.[1] ?? []));
    const unknown = [...new Set(named)].filter((name) => !source.includes(name) && !ELSEWHERE.includes(name));

    expect(named.length).toBeGreaterThan(2);
    expect(unknown).toEqual([]);
  });

  /** Names of AWS, GitHub and others. */
  const ELSEWHERE: readonly string[] = [
    ...['cloudwatch-log-group-encrypted', 'set-encryption', 'vpc-flow-logs', 'PutObject'],
    ...['StringEqualsIgnoreCase', 'StringNotEquals', 'ArnNotLike', 'FailedFindings', 'GITHUB_STEP_SUMMARY'],
  ];
});

describe('docs/operating.md', () => {
  const template = readDocument(join(ROOT, 'template.yaml')) as Template;
  const { text } = readPage('docs/operating.md');
  const cells = (heading: string) => {
    const section = text.split(/^#+ /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
    return [...section.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/(?<=`)\w+(?=`)/g) ?? []);
  };

  it('has every parameter of template.yaml, and no other', () => {
    expect(cells('Parameters').toSorted()).toEqual(Object.keys(template.Parameters).toSorted());
  });

  it('has every alarm of template.yaml, and no other', () => {
    const alarms = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');

    expect([...new Set(cells('Alarms').filter((name) => name.endsWith('Alarm')))].toSorted()).toEqual(
      alarms.map(([name]) => name).toSorted(),
    );
  });

  it('names outputs of template.yaml that exist', () => {
    const named = PAGES.flatMap((page) => [...page.text.matchAll(/outputs? `(\w+)`(?: (?:and|or) `(\w+)`)?/g)]);
    const outputs = named.flatMap(([, one, other]) => [one, other].filter((name) => name !== undefined));

    expect(outputs.length).toBeGreaterThan(5);
    expect(outputs.filter((name) => !(name in template.Outputs))).toEqual([]);
  });
});
