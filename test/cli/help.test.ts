import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES } from '../../cli/command-names.ts';
import { runLogseal } from '../support/logseal.ts';

describe('help', () => {
  it.each(['--help', 'help', '-h', 'nonsense --help'])(
    '%s names every command and every exit status',
    async (words) => {
      const { status, stdout, stderr } = await runLogseal(words);

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const name of COMMAND_NAMES) expect(stdout).toContain(`\n  ${name} `);
      for (const number of [0, 1, 2, 3, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${number} `, 'm'));
    },
  );

  it.each([
    [
      'scan',
      [
        'region',
        'profile',
        'account',
        'key',
        'require-key',
        'query-results',
        'format',
        'output',
        'all',
        'quiet',
        'no-color',
      ],
    ],
    [
      'plan',
      [
        'region',
        'profile',
        'account',
        'key',
        'require-key',
        'query-results',
        'no-caller-check',
        'format',
        'output',
        'all',
        'quiet',
        'no-color',
      ],
    ],
    [
      'apply',
      [
        'plan',
        'yes',
        'journal',
        'canary',
        'watch',
        'region',
        'key',
        'require-key',
        'query-results',
        'no-caller-check',
        'format',
        'output',
        'all',
        'quiet',
        'no-color',
      ],
    ],
    ['undo', ['run', 'store', 'journal', 'journal-table', 'yes', 'region', 'account', 'format', 'output', 'all']],
    ['runs', ['journal', 'journal-table', 'region', 'profile', 'format', 'output', 'all', 'quiet', 'no-color']],
    ['key check', ['key', 'log-group', 'query-results', 'region', 'profile', 'format', 'output', 'no-color']],
    ['key repair', ['key', 'log-group', 'query-results', 'yes', 'journal', 'region', 'format', 'output']],
    ['policy check', ['policy', 'key-arn', 'log-group-arn', 'query-results', 'format', 'output', 'no-color']],
    ['sandbox', ['port', 'world', 'account']],
  ])('of %s names its options', async (name, options) => {
    const { status, stdout } = await runLogseal(`${name} --help`);

    expect(status).toBe(0);
    expect(stdout).toContain(`Usage: logseal ${name}`);
    for (const option of options) expect(stdout).toMatch(new RegExp(`^ {2}--${option} `, 'm'));
  });

  it('is what a command line of nothing gets, as wrong usage', async () => {
    const { status, stdout } = await runLogseal('');

    expect(status).toBe(2);
    expect(stdout).toContain('Usage: logseal COMMAND');
  });
});

it.each(['', ...COMMAND_NAMES])(
  'the help of "%s" fits a terminal of 80 columns, also from a checkout',
  async (command) => {
    const { stdout } = await runLogseal(`${command} --help`.trim(), { startedAs: 'npm run -s logseal --' });

    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  },
);
