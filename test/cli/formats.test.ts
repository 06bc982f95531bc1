import { describe, expect, it } from 'vitest';
import { formatNames } from '../../lib/report/formats/index.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { mistakesOf } from './mistakes-of.ts';

const WORLD = aWorld({ groups: { '/a': null } });

describe('a format that a command does not write', () => {
  it.each([
    ['scan', 'scan'],
    ['plan --key alias/a', 'plan'],
    ['apply --key alias/a --yes', 'outcome'],
    ['undo --store /a --journal-table logseal --yes', 'outcome'],
    ['runs', 'runs'],
    ['key check --key alias/a', 'key-check'],
    ['key repair --key alias/a --yes', 'key-repair'],
    [
      'policy check --policy - --key-arn arn:aws:kms:eu-west-1:111122223333:key/1 --query-results 111122223333',
      'policy-verdict',
    ],
  ] as const)('is answered with those of the command: %s', async (words, kind) => {
    const desk = await aDesk(WORLD);
    const names = formatNames(kind);

    expect(names.slice(0, 3)).toEqual(['table', 'json', 'ndjson']);
    expect(await mistakesOf(desk, `${words} --format pdf`)).toEqual([
      `--format: expected one of ${names.join(', ')}, got "pdf"`,
    ]);
  });

  it.each(['pdf', 'sarif', 'Html', 'JSON', ' json', 'constructor'])('is any other name: %j', async (format) => {
    const desk = await aDesk(WORLD);

    expect(await mistakesOf(desk, ['scan', '--format', format])).toEqual([
      `--format: expected one of ${formatNames('scan').join(', ')}, got ${JSON.stringify(format)}`,
    ]);
  });

  it('is no name at all', async () => {
    const desk = await aDesk(WORLD);

    expect(await mistakesOf(desk, ['scan', '--format', ''])).toEqual(['--format: expected a value, got none']);
  });
});
