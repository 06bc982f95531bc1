import { describe, expect, it } from 'vitest';
import { aLogstoreDesk, HERE, KEY, keyId, ROLE, SEALING } from '../../support/alibaba.ts';
import type { Words } from '../../support/logseal.ts';

async function mistakesOf(words: Words, env: Record<string, string> = {}): Promise<string[]> {
  const { run, sandbox, files } = await aLogstoreDesk({ never: 'off' });
  const { status, stdout, stderr } = await run(words, { env });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(sandbox.calls()).toEqual({});
  expect(await files()).toEqual([]);
  expect(stderr).not.toContain('    at ');
  const lines = stderr.trimEnd().split('\n');
  expect(lines.pop()).toMatch(/^see logseal [a-z -]*--help$/);
  return lines.map((line) => line.replace(/^logseal: /, ''));
}

describe('every mistake is in one answer', () => {
  it('of scan', async () => {
    const words =
      'scan --provider alibaba --region CN --region cn-hangzhou --key alias/x --service-key --sls-role-arn arn:aws:iam::1:role/x --profile p --account 12 --query-results --confirm-irreversible 1';

    expect(
      await mistakesOf(words, { LOGSEAL_SLS_ENDPOINT: 'localhost:1', LOGSEAL_ALIBABA_RAM_ENDPOINT: 'ftp://x' }),
    ).toEqual([
      '--sls-role-arn: expected a role ARN such as acs:ram::123456789012:role/NAME, got "arn:aws:iam::1:role/x"',
      '--account: expected an account id of twelve digits, got "12"',
      '--confirm-irreversible: unknown option',
      '--region: expected a Region of Alibaba Cloud such as cn-hangzhou, got "CN"',
      '--key: expected the id or the ARN of a CMK of Alibaba Cloud, got "alias/x"',
      '--query-results: cannot be combined with --provider alibaba',
      '--profile: cannot be combined with --provider alibaba',
      '--account: cannot be combined with --provider alibaba',
      '--service-key: cannot be combined with --key',
      '--service-key: cannot be combined with --sls-role-arn',
      'LOGSEAL_SLS_ENDPOINT: expected an http or https URL, got "localhost:1"',
      'LOGSEAL_ALIBABA_RAM_ENDPOINT: expected an http or https URL, got "ftp://x"',
    ]);
  });

  it('of apply', async () => {
    const mistakes = await mistakesOf(`apply --provider alibaba --key ${KEY} --confirm-irreversible many --format csv`);

    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      '--confirm-irreversible',
      '--format',
      '--region',
      '--sls-role-arn',
      'This is not a terminal, so nobody can be asked',
    ]);
  });

  it('of undo', async () => {
    const mistakes = await mistakesOf(
      'undo --provider alibaba --store App/logs --region CN --journal-table abc --profile x --account 111122223333',
    );

    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      '--region',
      '--profile',
      '--account',
      '--journal-table',
      '--store',
      'This is not a terminal, so nobody can be asked',
    ]);
  });
});

describe('a single mistake', () => {
  it.each<[Words, string]>([
    ['scan --provider azure', '--provider: expected aws or alibaba, got "azure"'],
    ['scan --provider Alibaba --region eu-west-1', '--provider: expected aws or alibaba, got "Alibaba"'],
    ['scan --provider alibaba', '--region: expected at least one Region with --provider alibaba, got none'],
    [`scan ${HERE} --require-key`, '--require-key: expected --key as well'],
    [`plan ${HERE}`, '--key: expected the key to seal with, got none'],
    [`plan ${HERE} --key ${KEY}`, '--sls-role-arn: expected the RAM role by which SLS uses the key, got none'],
    [
      `plan ${HERE} --key acs:kms:cn-beijing:1234567890123456:key/${keyId('far', 'cn-beijing')} --sls-role-arn ${ROLE}`,
      `--key: acs:kms:cn-beijing:1234567890123456:key/${keyId('far', 'cn-beijing')} is in cn-beijing, but the logs are in cn-hangzhou`,
    ],
    [`plan ${SEALING} --region cn-beijing --key=acs:kms:cn-beijing:1:key/x`, '--key: expected once, got 2 times'],
    [`apply ${SEALING}`, 'This is not a terminal, so nobody can be asked: add --yes'],
    [`apply ${SEALING} --confirm-irreversible -1`, '--confirm-irreversible: expected a number of Logstores, got "-1"'],
    [`apply ${HERE} --yes`, 'expected --key, the key to seal with, --config with key rules, or --plan'],
    ['scan --sls-role-arn acs:ram::1:role/x', '--sls-role-arn: only with --provider alibaba'],
    ['scan --service-key', '--service-key: only with --provider alibaba'],
    ['apply --key alias/x --confirm-irreversible 1', '--confirm-irreversible: only with --provider alibaba'],
    ['scan --provider aws --region cn-hangzhou', '--region: expected a Region such as eu-west-1, got "cn-hangzhou"'],
    ['key check --provider alibaba --key x', '--provider: unknown option'],
  ])('%s', async (words, mistake) => {
    expect(await mistakesOf(words)).toContainEqual(expect.stringContaining(mistake));
  });

  it.each(['acs:ram::x:role/y', 'acs:ram::1:user/y', 'acs:ram::1:role/', 'acs:ram::1:role/a/b', `${ROLE}#`])(
    'the role %s',
    async (role) => {
      const [mistake, ...others] = await mistakesOf(['plan', ...HERE.split(' '), '--key', KEY, '--sls-role-arn', role]);

      expect(mistake).toMatch(/^--sls-role-arn: expected a role ARN such as /);
      expect(others).toEqual([]);
    },
  );

  it.each([
    'app-logs',
    'app-logs/a/b',
    '../never',
    'app-logs/..',
    'App-logs/never',
    'app-logs/Never',
    'app.logs/never',
    'app-logs/ne.ver',
    'app-logs/never#',
    'app-logs/-never',
    'ab/never',
    '/never',
  ])('the Logstore %s', async (store) => {
    const mistakes = await mistakesOf(`undo ${HERE} --yes --store ${store}`);

    expect(mistakes).toContain(`--store: expected PROJECT/LOGSTORE, got ${JSON.stringify(store)}`);
  });

  it.each(['LOGSEAL_SLS_ENDPOINT', 'LOGSEAL_ALIBABA_KMS_ENDPOINT', 'LOGSEAL_ALIBABA_RAM_ENDPOINT'])(
    'of %s',
    async (name) => {
      expect(await mistakesOf(`scan ${HERE}`, { [name]: 'nonsense' })).toEqual([
        `${name}: expected an http or https URL, got "nonsense"`,
      ]);
    },
  );
});
