import type { World } from '../../sandbox/world.ts';
import { logsPolicy } from '../sandbox/support.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, type Desk, linesOf } from '../support/logseal.ts';
import { policyOf } from '../support/policies.ts';
import { ACCOUNT, EXTERNAL_ID, JOURNAL, memberRole } from './worlds.ts';

export const [MEMBER, THIRD, CLOSED] = ['444455556666', '777788889999', '222233334444'];
export const ROLE = `--role-name logseal-member --external-id ${EXTERNAL_ID}`;
export const IN_ALL = [ACCOUNT, MEMBER, THIRD].map((account) => `--account ${account}`).join(' ');
export const REGIONS = '--region eu-west-1,us-east-1';

const RIGHTS = ['logs:*', 'kms:*', 'iam:*', 'tag:GetResources', 'cloudwatch:GetMetricData'];
/** A role with the rights of every command. */
export const anywhere = (account: string) => ({
  ...memberRole(account),
  policies: [policyOf({ Effect: 'Allow', Action: RIGHTS, Resource: '*' })],
});
const keyOf = (account: string, region = 'eu-west-1') =>
  ({ account, region, alias: 'alias/logseal', policy: 'member' }) as const;

/**
 * Four accounts with a log group to seal each, one of them in two Regions. The role of the last one does not trust the caller.
 * The log group /app is in two accounts.
 */
export function accountsWorld({ groups = { '/app': null }, roles = {}, ...more }: World = {}): World {
  return aWorld({
    policies: { member: JSON.stringify(logsPolicy()).replaceAll('{home}', '{account}') },
    keys: { member: keyOf(MEMBER), memberUs: keyOf(MEMBER, 'us-east-1'), third: keyOf(THIRD) },
    groups,
    roles: {
      member: anywhere(MEMBER),
      third: anywhere(THIRD),
      closed: memberRole(CLOSED, '999988887777'),
      ...roles,
    },
    elsewhere: [
      { account: MEMBER, groups: { '/app': null } },
      { account: MEMBER, region: 'us-east-1', groups: { '/app-us': null } },
      { account: THIRD, groups: { '/third': null } },
      { account: CLOSED, groups: { '/closed': null } },
    ],
    ...more,
  });
}

/** A desk before these accounts, and what has become of each. */
export async function anAccountsDesk(world: World = accountsWorld()) {
  const desk = await aDesk(world);
  return { ...desk, ...seenIn(desk) };
}

/** What is found in the accounts by somebody who needs no role. */
export function seenIn(desk: Pick<Desk, 'sandbox' | 'read'>) {
  return {
    /** Account and name of each log group that has a key. */
    async sealed(): Promise<string[]> {
      const places = [[ACCOUNT], [MEMBER], [MEMBER, 'us-east-1'], [THIRD], [CLOSED]] as const;
      const all = places.map(async ([account, region = 'eu-west-1']) => {
        const attached = await keysOf(desk.sandbox, { account, region }).attached();
        return Object.keys(attached).flatMap((name) => (attached[name] === null ? [] : [`${account} ${name}`]));
      });
      return (await Promise.all(all)).flat();
    },
    /** Who made the changes of a run in each account, by the journal of the caller's own account. */
    async actors(runId: string): Promise<Record<string, unknown[]>> {
      const entries = linesOf(await desk.read(JOURNAL)).filter((entry) => entry['runId'] === runId);
      const accountOf = ({ store, keyArn }: Record<string, unknown>) =>
        (store as { account: string } | null)?.account ?? String(keyArn).split(':')[4] ?? '';
      const groups = [...Map.groupBy(entries, accountOf)];
      return Object.fromEntries(
        groups.map(([account, some]) => [account, [...new Set(some.map(({ actor }) => actor))]]),
      );
    },
  };
}

export const OWN_ACTOR = `arn:aws:iam::${ACCOUNT}:user/sandbox`;

/** The session that a run has in an account that it entered. */
export function sessionIn(account: string, runId: string): string {
  return `arn:aws:sts::${account}:assumed-role/logseal-member/logseal-${runId}`;
}
