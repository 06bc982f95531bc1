import { describe, expect, it } from 'vitest';
import { aDesk, aWorld, type Words } from '../support/logseal.ts';
import { admitting } from '../support/policies.ts';
import { aRepairDesk } from '../support/repairs.ts';
import { mistakesOf } from './mistakes-of.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1';

describe('an option without its value is one mistake', () => {
  it.each<[Words, string]>([
    ['apply --plan --yes', '--plan: expected a value, got the option --yes'],
    ['apply --key alias/a --journal --yes', '--journal: expected a value, got the option --yes'],
    ['plan --key --region eu-west-1', '--key: expected a value, got the option --region'],
    ['key repair --key --yes', '--key: expected a value, got the option --yes'],
    ['sandbox --port 0 --world', '--world: expected a value, got none'],
    [['key', 'repair', '--key', '', '--yes'], '--key: expected a value, got none'],
    [
      ['policy', 'check', '--policy', '', '--key-arn', KEY, '--query-results', '111122223333'],
      '--policy: expected a value, got none',
    ],
  ])('%s', async (words, mistake) => {
    const desk = await aDesk(aWorld());

    expect(await mistakesOf(desk, words)).toEqual([mistake]);
  });

  it.each<[Words, string]>([
    ['undo --run --yes', '--run: expected a value, got the option --yes'],
    ['undo --store --yes', '--store: expected a value, got the option --yes'],
    [['undo', '--store', '', '--yes'], '--store: expected a value, got none'],
  ])('where the journal has runs: %s', async (words, mistake) => {
    const desk = await aRepairDesk(admitting());
    await desk.repair();

    const { status, stderr } = await desk.run(words);

    expect(status).toBe(2);
    expect(stderr).toBe(`logseal: ${mistake}\nsee logseal undo --help\n`);
  });

  it('beside those of other options', async () => {
    const desk = await aDesk(aWorld());

    expect(await mistakesOf(desk, 'plan --key --region --org-id x --region Europe')).toEqual([
      '--key: expected a value, got the option --region',
      '--region: expected a value, got the option --org-id',
      expect.stringMatching(/^--org-id: .*got "x"$/),
    ]);
  });
});
