import { describe, expect, it } from 'vitest';
import { readArguments } from '../../cli/arguments.ts';
import { ENTER_OPTIONS, ORGANIZATION_OPTIONS, PROFILE_OPTION, TARGET_OPTIONS } from '../../cli/options.ts';
import { reachedAgain } from '../../cli/reached-again.ts';
import { keysOf } from '../support/keys.ts';
import { policyOf } from '../support/policies.ts';
import { accountsWorld, anAccountsDesk, IN_ALL, MEMBER, REGIONS, ROLE, THIRD } from './member-accounts.ts';
import { ACCOUNT } from './worlds.ts';

const SPECS = { ...TARGET_OPTIONS, ...ENTER_OPTIONS, ...ORGANIZATION_OPTIONS, ...PROFILE_OPTION };
const again = (text: string, words: string, own: string | null = ACCOUNT) =>
  reachedAgain(text, readArguments(words.split(' ').filter(Boolean), SPECS, { directory: '/' }), own);

const keyIn = (account: string) => `arn:aws:kms:eu-west-1:${account}:key/k --region eu-west-1`;
const ENTERING = `--account ${MEMBER} --role-name r --external-id x-1`;
const REPAIR = `logseal key repair --key ${keyIn(MEMBER)}`;
const KMS = `aws kms enable-key --key-id ${keyIn(MEMBER)}`;

describe('a command in a fix', () => {
  it.each([
    ['', 'attach a key: logseal apply --key KEY', ''],
    [
      '--profile p --region eu-west-1,us-east-1',
      'logseal apply --key KEY',
      '--region eu-west-1 --region us-east-1 --profile p',
    ],
    [`--all-regions ${ENTERING}`, 'logseal apply --query-results --key KEY', `--all-regions ${ENTERING}`],
    [
      `--organization --role-name r --all-regions`,
      'logseal plan --key KEY',
      '--all-regions --organization --role-name r',
    ],
    [`--all-regions ${ENTERING}`, 'logseal apply --key KEY --region eu-west-1', ENTERING],
    [ENTERING, 'logseal apply --provider alibaba --key KEY', ''],
    [`${ENTERING} --profile p`, REPAIR, `${ENTERING} --profile p`],
    ['--organizational-unit ou-ab12-11111111 --role-name r', REPAIR, `--account ${MEMBER} --role-name r`],
    [ENTERING, `logseal key check --key ${keyIn(ACCOUNT)} --account ${MEMBER}`, '--role-name r --external-id x-1'],
    [`${ENTERING} --profile p`, `logseal key repair --key ${keyIn(ACCOUNT)}`, '--profile p'],
    [`${ENTERING} --profile p`, `aws kms enable-key --key-id ${keyIn(ACCOUNT)}`, '--profile p'],
  ])('carries of %j what reaches the same accounts: %s', (words, command, options) => {
    expect(again(`${command}, or not`, words)).toBe(`${command}${options && ` ${options}`}, or not`);
  });

  it.each([
    ['', REPAIR],
    [ENTERING.replace(MEMBER, THIRD), REPAIR],
    [ENTERING, `${REPAIR} --account ${THIRD}`],
    [ENTERING, `${REPAIR} --readers-and-writers --org-id o-a1b2c3d4e5`],
    [ENTERING, KMS],
  ])('names the account whose credentials it takes, where those of a run with %j do not do: %s', (words, command) => {
    expect(again(`${command}; if not`, words)).toBe(`in account ${MEMBER}: ${command}; if not`);
  });

  it('has the account once for all that follow', () => {
    expect(again(`${KMS}, then ${KMS}`, '')).toBe(`in account ${MEMBER}: ${KMS}, then ${KMS}`);
  });

  it('stays as it is where it is not known who calls, or where it is none', () => {
    expect(again(KMS, ENTERING, null)).toBe(KMS);
    expect(again('logseal plan shows where it can', ENTERING)).toBe('logseal plan shows where it can');
    expect(again('aws sts get-caller-identity --region eu-west-1', ENTERING)).not.toContain(MEMBER);
  });
});

it('a repair that a plan prints for a key of another account works as it is printed', async () => {
  const broken = { account: MEMBER, region: 'eu-west-1', alias: 'alias/logseal' };
  const desk = await anAccountsDesk(accountsWorld({ keys: { member: broken } }));
  const { stdout } = await desk.run(`plan --key alias/logseal ${REGIONS} ${IN_ALL} ${ROLE}`);
  const [, command = ''] = /or run: logseal (key repair .*)/.exec(stdout) ?? [];

  const repaired = await desk.run(`${command} --yes`);

  expect(repaired).toMatchObject({ status: 0 });
  const keys = keysOf(desk.sandbox, { account: MEMBER });
  expect(await keys.policy(await keys.arn())).toContain('logs.eu-west-1.amazonaws.com');
});

it('an apply that a scan prints seals in the accounts that were scanned', async () => {
  const desk = await anAccountsDesk();
  const { stdout } = await desk.run(`scan ${REGIONS} ${IN_ALL} ${ROLE}`);
  const [, command = ''] = /attach a key: logseal (apply .*)/.exec(stdout) ?? [];

  const applied = await desk.run(`${command.replace('KEY', 'alias/logseal')} --yes`);

  expect(applied.status).toBe(0);
  expect(await desk.sealed()).toHaveLength(4);
});

it('a key of another account is enabled there, as the fix for it says in a scan without a role too', async () => {
  const shared = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  const world = accountsWorld({
    policies: { shared: policyOf(shared) },
    keys: { theirs: { account: MEMBER, region: 'eu-west-1', state: 'Disabled', policy: 'shared' } },
    groups: { '/app': 'theirs' },
  });
  const desk = await anAccountsDesk(world);

  const { stdout } = await desk.run('scan --region eu-west-1');

  expect(stdout).toContain(
    `fix: in account ${MEMBER}: aws kms enable-key --key-id arn:aws:kms:eu-west-1:${MEMBER}:key/`,
  );
});
