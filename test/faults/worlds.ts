import { newKey } from '../../sandbox/state.ts';
import type { World } from '../../sandbox/world.ts';
import type { Random } from './random.ts';

export const ACCOUNT = '111122223333';
export const HOME = 'eu-west-1';
export const ELSEWHERE = 'eu-central-1';
const OTHER_ACCOUNT = '444455556666';

type Groups = Record<string, string | null>;

const LOGS_ACTIONS = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'];

/** The policy that lets CloudWatch Logs use a key for all log groups but those below /restricted/. */
export function keyPolicy(isBroken = false): Record<string, unknown> {
  const context = (logGroups: string) => ({ ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } });
  const all = { Effect: 'Allow', Resource: '*' };
  const manage = { ...all, Principal: { AWS: 'arn:aws:iam::{account}:root' }, Action: 'kms:*' };
  const Principal = { Service: 'logs.{region}.amazonaws.com' };
  const logs = {
    ...all,
    Principal,
    Action: LOGS_ACTIONS,
    Condition: context('arn:aws:logs:{region}:{home}:log-group:*'),
  };
  const restricted = context('arn:aws:logs:*:*:log-group:/restricted/*');
  const not = { Effect: 'Deny', Principal: '*', Action: 'kms:GenerateDataKey*', Resource: '*', Condition: restricted };
  const describe = { ...all, Principal: { AWS: '{home}' }, Action: 'kms:DescribeKey' };
  return { Version: '2012-10-17', Statement: isBroken ? [manage] : [manage, logs, not, describe] };
}

/** The text of such a policy, for a key of the account. */
export function keyPolicyText(region: string, isBroken: boolean): string {
  const values: Record<string, string> = { account: ACCOUNT, home: ACCOUNT, region };
  return JSON.stringify(keyPolicy(isBroken)).replace(/\{(\w+)\}/g, (_match, name: string) => values[name] ?? '');
}

/** The ARN of a key of the world. */
export function keyArn(nickname: string, region = HOME): string {
  return newKey(ACCOUNT, region, nickname, { KeyState: 'Enabled', policyText: '' }).Arn;
}

/** The configured key, and a healthy one that somebody else attaches, in each Region. */
export const KEYS = {
  [HOME]: { configured: 'logseal', other: 'other' },
  [ELSEWHERE]: { configured: 'logseal-there', other: 'other-there' },
} as const;

const STATES = [
  [40, null],
  [14, 'logseal'],
  [12, 'other'],
  [8, 'disabled'],
  [4, 'pending-deletion'],
  [4, 'deleted'],
  [3, 'rsa'],
  [3, 'aws-managed'],
  [4, 'partner'],
  [3, 'partner-private'],
] as const;

/** Few log groups in a mix of states, sometimes in two Regions. */
export function drawWorld(random: Random, seed: number, regions: readonly string[]): World {
  const count = random.chance(0.1) ? random.whole(60, 120) : random.whole(20, 60);
  const groups: Groups = { 'aws/reserved': null };
  for (let n = 1; n <= count; n++) {
    const area = random.weighted([
      [90, 'app'],
      [10, 'restricted'],
    ] as const);
    groups[`/${area}/${n}`] = random.weighted(STATES);
  }
  const there: Groups = {};
  for (let n = 1; regions.length > 1 && n <= random.whole(3, 20); n++) {
    there[`/there/${n}`] = random.weighted([
      [60, null],
      [25, 'logseal-there'],
      [15, 'other-there'],
    ] as const);
  }
  const inElsewhere = { policy: 'logs', region: ELSEWHERE };
  return {
    account: ACCOUNT,
    region: HOME,
    seed,
    policies: { logs: keyPolicy() },
    keys: {
      logseal: { alias: 'alias/logseal', policy: 'logs' },
      other: { alias: 'alias/other', policy: 'logs' },
      disabled: { state: 'Disabled', policy: 'logs' },
      'pending-deletion': { state: 'PendingDeletion', policy: 'logs' },
      deleted: { exists: false },
      rsa: { spec: 'RSA_4096' },
      'aws-managed': { alias: 'alias/aws/ssm', manager: 'AWS' },
      partner: { account: OTHER_ACCOUNT, policy: 'logs' },
      'partner-private': { account: OTHER_ACCOUNT },
      'logseal-there': { ...inElsewhere, alias: 'alias/logseal' },
      'other-there': inElsewhere,
    },
    groups,
    elsewhere: [{ region: ELSEWHERE, groups: there }],
  };
}
