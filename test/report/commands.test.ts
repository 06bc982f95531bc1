import { describe, expect, it } from 'vitest';
import { commandsIn, partsOfText, placeholdersIn } from '../../lib/report/commands.ts';
import { fitted } from '../../lib/report/fit.ts';
import { HOSTILE } from './html/hostile.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/8f14e45f-ceea';

describe('the commands in a fix', () => {
  it.each([
    [
      `aws kms enable-key --key-id ${KEY} --region eu-west-1`,
      [`aws kms enable-key --key-id ${KEY} --region eu-west-1`],
    ],
    ['attach a key: logseal apply --key KEY', ['logseal apply --key KEY']],
    [
      'logseal apply --provider alibaba --key CMK_ID --sls-role-arn ROLE_ARN: once, and for good',
      ['logseal apply --provider alibaba --key CMK_ID --sls-role-arn ROLE_ARN'],
    ],
    ['logseal apply --provider alibaba, which asks for that', ['logseal apply --provider alibaba']],
    [
      `logseal key repair --key ${KEY} --region eu-west-1 --log-group '/app/*'`,
      [`logseal key repair --key ${KEY} --region eu-west-1 --log-group '/app/*'`],
    ],
    [`it is theirs; or run aws kms enable-key --key-id ${KEY}.`, [`aws kms enable-key --key-id ${KEY}`]],
  ])('%s', (fix, commands) => {
    expect(commandsIn(fix)).toEqual(commands);
  });

  it('are both calls that it takes to cancel a deletion', () => {
    expect(
      commandsIn(
        `aws kms cancel-key-deletion --key-id ${KEY} --region eu-west-1, then aws kms enable-key --key-id ${KEY} --region eu-west-1`,
      ),
    ).toEqual([
      `aws kms cancel-key-deletion --key-id ${KEY} --region eu-west-1`,
      `aws kms enable-key --key-id ${KEY} --region eu-west-1`,
    ]);
    expect(commandsIn('aliyun kms CancelKeyDeletion --KeyId k-1, then aliyun kms EnableKey --KeyId k-1')).toEqual([
      'aliyun kms CancelKeyDeletion --KeyId k-1',
      'aliyun kms EnableKey --KeyId k-1',
    ]);
  });

  it.each([
    'attach the configured key: logseal plan shows where it can',
    'wait until its KeyState is Enabled, then scan again',
    'xaws kms enable-key --key-id k',
  ])('are none in: %s', (fix) => {
    expect(commandsIn(fix)).toEqual([]);
  });

  it.each([...HOSTILE, 'k;reboot', 'k$(reboot)', 'k`reboot`', 'k\nreboot', "k'", 'k|sh', 'k>x', 'k&', 'k\\'])(
    'never hold what a shell would run: %j',
    (text) => {
      const commands = commandsIn(`aws kms enable-key --key-id ${text} --region eu-west-1`);

      for (const command of commands) expect(command).toMatch(/^[\w ./:@=+-]+$/);
    },
  );
});

it('the placeholders of a command are what is in capital letters', () => {
  expect(placeholdersIn('logseal apply --key CMK_ID --sls-role-arn ROLE_ARN --region eu-west-1')).toEqual([
    'CMK_ID',
    'ROLE_ARN',
  ]);
  expect(placeholdersIn(`aws kms enable-key --key-id ${KEY}`)).toEqual([]);
});

describe('a command in a sentence', () => {
  it.each([
    "logseal undo --run 1 --journal='dir with space/j o.ndjson'",
    "logseal undo --run 1 --journal='it'\\''s here/j.ndjson' --profile=a%b-production",
    "logseal key check --key alias/a --region eu-west-1 --log-group '/x/a#b'",
    "npx './a b/logseal-0.1.0.tgz' plan --key alias/a",
  ])('is whole, whatever is in quotes: %s', (command) => {
    expect(partsOfText(`run ${command}, then scan again`)).toEqual([
      { type: 'WORDS', text: 'run ' },
      { type: 'COMMAND', text: command },
      { type: 'WORDS', text: ', then scan again' },
    ]);
  });

  it('of which a part is not understood is words, never a shorter command', () => {
    const text = 'logseal undo --run 1 --journal=$(pwd)/j';

    expect(partsOfText(text)).toEqual([{ type: 'WORDS', text }]);
  });

  it('is broken before an option alone', () => {
    const command = "logseal undo --run 1 --journal='a long name -- with two dashes/j.ndjson' --org-id o-1";

    const lines = fitted(`undo: ${command}`, 40).split(' \\\n');

    expect(lines.map((line) => line.trim())).toEqual([
      'undo:\n  logseal undo --run 1',
      "--journal='a long name -- with two dashes/j.ndjson'",
      '--org-id o-1',
    ]);
  });
});
