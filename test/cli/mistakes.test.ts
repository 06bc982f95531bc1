import { describe, expect, it } from 'vitest';
import { formatNames } from '../../lib/report/formats/index.ts';
import { aDesk, aWorld, type Words } from '../support/logseal.ts';
import { mistakesOf } from './mistakes-of.ts';

const WORLD = aWorld({ groups: { '/a': null } });

describe('every mistake is in one answer', () => {
  it('of scan', async () => {
    const desk = await aDesk(WORLD);

    const mistakes = await mistakesOf(
      desk,
      [
        ...['scan', 'stray', '--colour', 'always', '--region', 'Europe', '--region', 'eu-west-1', '--region', 'x'],
        ...['--account', '12', '--key', '1234abcd-12ab-34cd-56ef-1234567890ab', '--format', 'xml', '--all-regions'],
        ...['--output', 'a', '--output', 'b', '--quiet=yes', '--sarif=x', '-v', '--output=', '--profile'],
      ],
      { AWS_ENDPOINT_URL: 'nonsense', AWS_ENDPOINT_URL_KMS: 'ftp://x' },
    );

    expect(mistakes.toSorted()).toEqual(
      [
        'unexpected argument "stray"',
        '--colour: unknown option',
        '--region: expected a Region such as eu-west-1, got "Europe"',
        '--region: expected a Region such as eu-west-1, got "x"',
        '--account: expected an account id of twelve digits, got "12"',
        '--key: expected alias/NAME, an alias ARN or a key ARN, got "1234abcd-12ab-34cd-56ef-1234567890ab" (a bare key id names no Region and no account)',
        `--format: expected one of ${formatNames('scan').join(', ')}, got "xml"`,
        '--all-regions: cannot be combined with --region',
        '--quiet: expected no value, got "yes"',
        '--sarif: unknown option',
        '-v: unknown option',
        '--output: expected a value, got none',
        '--profile: expected a value, got none',
        '--output: can be given only once with --format; without --format, the end of each name chooses the format',
        'AWS_ENDPOINT_URL: expected an http or https URL, got "nonsense"',
        'AWS_ENDPOINT_URL_KMS: expected an http or https URL, got "ftp://x"',
      ].toSorted(),
    );
  });

  it('of apply, its files among them', async () => {
    const desk = await aDesk(WORLD);

    const mistakes = await mistakesOf(
      desk,
      'apply --plan missing.json --require-key --region eu-west-1 --journal no/such/journal --format csv --yes=no',
      { AWS_ENDPOINT_URL: 'http:' },
    );

    expect(mistakes.map((mistake) => mistake.split(':')[0]).toSorted()).toEqual(
      ['--format', '--yes', '--region', '--require-key', '--plan', '--journal', 'AWS_ENDPOINT_URL'].toSorted(),
    );
  });

  it('of policy check', async () => {
    const desk = await aDesk(WORLD);

    const mistakes = await mistakesOf(
      desk,
      'policy check --policy missing.json --key-arn alias/x --log-group-arn /a --query-results 1 --region eu-west-1 --format pdf',
    );

    expect(mistakes.map((mistake) => mistake.split(/[: ]/)[0]).toSorted()).toEqual(
      ['--key-arn', '--log-group-arn', '--query-results', '--region', '--format', 'expected', '--policy'].toSorted(),
    );
  });

  it('of undo, its journal among them', async () => {
    const desk = await aDesk(WORLD);

    const mistakes = await mistakesOf(
      desk,
      'undo --run x --store /a --journal no/such/journal --key alias/a --region Europe --account 12 --format csv',
      { AWS_ENDPOINT_URL: 'http:' },
    );

    expect(mistakes.map((mistake) => mistake.split(/[: ]/)[0]).toSorted()).toEqual(
      ['--key', '--region', '--account', '--format', 'expected', '--journal', 'This', 'AWS_ENDPOINT_URL'].toSorted(),
    );
  });

  it('of key check', async () => {
    const desk = await aDesk(WORLD);

    const mistakes = await mistakesOf(desk, [
      'key',
      'check',
      'stray',
      '--log-group',
      'a b',
      '--region',
      'x',
      '--format',
      'csv',
      '--yes',
      '--require-key',
    ]);

    expect(mistakes.map((mistake) => mistake.split(/[: ]/)[0]).toSorted()).toEqual(
      ['unexpected', '--log-group', '--region', '--format', '--yes', '--require-key', '--key'].toSorted(),
    );
  });

  it('of key repair, its journal among them', async () => {
    const desk = await aDesk(WORLD);

    const mistakes = await mistakesOf(
      desk,
      'key repair --key 1234 --region eu-west-1 --region eu-west-2 --log-group : --journal no/such/journal --output .',
    );

    expect(mistakes.map((mistake) => mistake.split(/[: ]/)[0]).toSorted()).toEqual(
      ['--key', '--log-group', '--output', '--region', 'This', '--journal'].toSorted(),
    );
  });

  it('of sandbox', async () => {
    const desk = await aDesk(WORLD);

    expect(await mistakesOf(desk, 'sandbox --port 99999 --account x --fast --world missing.yaml')).toEqual([
      '--port: expected a port from 0 to 65535, got "99999"',
      '--account: expected an account id of twelve digits, got "x"',
      '--fast: unknown option',
      expect.stringContaining(
        '--world: expected demo, accounts, logstores, writers or a file that can be read, got missing.yaml',
      ),
    ]);
  });
});

describe('a key that AWS manages', () => {
  it.each(['scan --require-key', 'plan', 'apply --yes', 'key check', 'key repair --yes'])(
    'is refused by its alias: %s',
    async (words) => {
      const desk = await aDesk(WORLD);

      for (const key of ['alias/aws/ssm', 'arn:aws:kms:eu-west-1:111122223333:alias/aws/ssm']) {
        expect(await mistakesOf(desk, `${words} --key ${key}`)).toEqual([
          expect.stringMatching(`^--key: expected a customer managed key, got "${key}": AWS manages that key`),
        ]);
      }
    },
  );
});

describe('a single mistake', () => {
  it.each<[Words, string]>([
    ['scan --require-key', '--require-key: expected --key as well, or --config with key rules'],
    ['plan', '--key: expected the key to seal with, got none'],
    ['plan --key', '--key: expected a value, got none'],
    ['plan --key alias/a --key alias/b', '--key: expected once, got 2 times'],
    ['plan --key alias/a --yes', '--yes: unknown option'],
    ['plan --key alias/a --journal x', '--journal: unknown option'],
    ['scan --key=logseal', '--key: expected alias/NAME, an alias ARN or a key ARN, got "logseal"'],
    ['scan --region=eu-west-1 -- eu-west-2', 'unexpected argument "eu-west-2"'],
    ['scan --sarif=x stray', 'unexpected argument "stray"'],
    ['scan --no-quiet', '--no-quiet: unknown option'],
    ['scan --constructor', '--constructor: unknown option'],
    [['scan', '--region', ''], '--region: expected a value, got none'],
    [
      'apply --yes',
      'expected --key, the key to seal with, --config with key rules, or --plan, a file that logseal plan wrote; got none',
    ],
    ['apply --key alias/a', 'This is not a terminal, so nobody can be asked: add --yes'],
    ['undo --run x', 'This is not a terminal, so nobody can be asked: add --yes'],
    ['undo --yes', 'expected either --run or --store, got neither'],
    ['undo --run x --store /a --yes', 'expected either --run or --store, got both'],
    ['undo --run x --yes', '--journal: expected the journal of the change, since there is none in '],
    ['undo --run x --journal-table a --yes', '--journal-table: expected the name of a DynamoDB table, got "a"'],
    ['undo --run x --journal y --journal-table logseal --yes', '--journal-table: cannot be combined with --journal'],
    ['undo --run x --run y --yes', '--run: expected once, got 2 times'],
    ['key check', '--key: expected the key to check, got none'],
    ['key check --key alias/a --log-group /a --query-results', '--query-results: cannot be combined with --log-group'],
    [
      'apply --plan x --yes --require-key',
      '--require-key: cannot be combined with --plan, which names the targets and the key',
    ],
    ['key check --key alias/a --log-group', '--log-group: expected a value, got none'],
    ['key check --key alias/a --journal x', '--journal: unknown option'],
    ['key repair --yes', '--key: expected the key whose policy to repair, got none'],
    ['key repair --key alias/a', 'This is not a terminal, so nobody can be asked: add --yes'],
    [
      'key check --key alias/a --log-group /app/*',
      '--log-group: expected the name of a log group, got "/app/*": key check takes one name, without *',
    ],
    [
      'key check --key alias/a --log-group arn:aws:logs:eu-west-1:111122223333:log-group:/app/web:*',
      ': the name in this ARN is /app/web',
    ],
    [
      'key repair --key alias/a --yes --log-group arn:aws:logs:eu-west-1:111122223333:log-group:/app/web',
      ': the name in this ARN is /app/web',
    ],
    ['undo --yes --store arn:aws:logs:eu-west-1:111122223333:log-group:/app/web', ': the name in this ARN is /app/web'],
    ['sandbox', '--port: expected a port, or 0 for any free one; got none'],
    ['scan --output .', '--output: expected a file that can be written, got .'],
    [
      'scan --output no/such/directory/x.json',
      '--output: expected a file that can be written, got no/such/directory/x.json',
    ],
    [
      'policy check --policy - --key-arn arn:aws:kms:eu-west-1:111122223333:key/1',
      'expected either --log-group-arn or --query-results, got neither',
    ],
  ])('%s', async (words, mistake) => {
    const desk = await aDesk(WORLD);

    expect(await mistakesOf(desk, words)).toContainEqual(expect.stringContaining(mistake));
  });

  it.each(['estimate', 'Scan', 'policy', 'policy lint', 'scan-all', '--region eu-west-1', 'constructor'])(
    'the command %s',
    async (words) => {
      const desk = await aDesk(WORLD);

      expect(await mistakesOf(desk, words)).toEqual([
        expect.stringMatching(/^expected a command, one of scan, plan, apply, .*; got "/),
      ]);
    },
  );
});

describe('what is only known once the cloud is asked', () => {
  it('is an account that is not the one of the credentials', async () => {
    const desk = await aDesk(WORLD);

    const { status, stdout, stderr } = await desk.run('scan --account 444455556666 --account 111122223333');

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('--account: the credentials are for account 111122223333, not for 444455556666');
    expect(desk.sandbox.calls()).toEqual({ 'sts:GetCallerIdentity': 1 });
  });

  it('is no mistake where the account is right, and costs nothing more', async () => {
    const desk = await aDesk(WORLD);

    expect((await desk.run('scan --account 111122223333')).status).toBe(3);
    expect(desk.sandbox.calls()['sts:GetCallerIdentity']).toBe(1);
  });
});
