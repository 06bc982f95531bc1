import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { npmHint, refuseOptionsKeptByNpm } from '../../cli/npm-options.ts';
import type { UsageError } from '../../lib/errors.ts';
import { cleanEnvironment, ROOT } from '../support/logseal.ts';

/** What a usage error says after npm ran `logseal` with these words and variables. */
function answerTo(line: string, kept: Readonly<Record<string, string>>, script = 'logseal') {
  const words = line.split(' ');
  const env = { npm_lifecycle_event: script, ...kept };
  let mistakes: readonly string[] = [];
  try {
    refuseOptionsKeptByNpm(words, env);
  } catch (error) {
    mistakes = (error as UsageError).mistakes;
  }
  return { mistakes, hint: npmHint(words, env) };
}

const KEPT = 'npm kept this option, because there was no -- before it';
const hint = (line: string) =>
  `npm keeps every option that has no -- before it. Write: npm run -s logseal -- ${line}\n`;

describe('options that npm kept', () => {
  it.each([
    ['a value', 'scan eu-west-1', { npm_config_region: 'true' }, ['region'], 'scan --region eu-west-1'],
    ['two values', 'scan a b', { npm_config_region: 'true\n\ntrue' }, ['region'], 'scan --region a --region b'],
    ['a flag', 'scan', { npm_config_require_key: 'true' }, ['require-key'], 'scan --require-key'],
    [
      'a flag that switches off',
      'plan',
      { npm_config_caller_check: '' },
      ['no-caller-check'],
      'plan --no-caller-check',
    ],
    ['a value after =', 'scan', { npm_config_region: 'eu-west-1' }, ['region'], 'scan [options]'],
    ['an odd value', 'key check a;b', { npm_config_log_group: 'true' }, ['log-group'], "key check --log-group 'a;b'"],
    ['no command first', 'eu-west-1 scan', { npm_config_region: 'true' }, ['region'], 'COMMAND [options]'],
    [
      'two options',
      'scan eu-west-1 a.json',
      { npm_config_region: 'true', npm_config_output: 'true' },
      ['region', 'output'],
      'scan [options]',
    ],
    [
      'only what stood before --',
      'scan eu-west-1 --format json',
      { npm_config_region: 'true' },
      ['region'],
      'scan [options]',
    ],
  ])('are named, with the right command line: %s', (_, line, kept, names, right) => {
    expect(answerTo(line, kept)).toEqual({ mistakes: names.map((name) => `--${name}: ${KEPT}`), hint: hint(right) });
  });

  it('leave a hint where npm leaves no trace', () => {
    expect(answerTo('plan', {})).toEqual({
      mistakes: [],
      hint: 'If you typed options without -- before them, npm kept them. Write: npm run -s logseal -- plan [options]\n',
    });
  });

  it.each([
    [
      "npm's own options",
      'scan --quiet',
      { npm_config_yes: 'true', npm_config_all: 'true', npm_config_key: 'k' },
      'logseal',
    ],
    ['an option that was passed on too', 'scan --region=a', { npm_config_region: 'b' }, 'logseal'],
    ['another script', 'scan', { npm_config_region: 'true' }, 'test'],
  ])('are not assumed for %s', (_, line, kept, script) => {
    expect(answerTo(line, kept, script)).toEqual({ mistakes: [], hint: '' });
  });
});

it('is what the real npm does', async () => {
  const words = ['run', '-s', 'logseal', 'scan', '--region', 'eu-west-1'];
  const ended = promisify(execFile)('npm', words, { cwd: ROOT, env: cleanEnvironment({}, ROOT) });

  await expect(ended).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(
      `logseal: --region: ${KEPT}\nsee npm run -s logseal -- scan --help\n${hint('scan --region eu-west-1')}`,
    ),
  });
});
