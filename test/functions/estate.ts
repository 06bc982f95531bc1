import type { World } from '../../sandbox/world.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { EXTERNAL_ID, memberRole } from '../support/member-role.ts';
import { admitting, logGroupsUnder } from '../support/policies.ts';
import { aStack, type Deployment } from './stack.ts';

/** Lets CloudWatch Logs use a key for the log groups of the key's own account. */
const OWN_LOG_GROUPS = admitting(logGroupsUnder('arn:{partition}:logs:{region}:{account}:log-group:*'));

export interface Member {
  /** Parameters of deploy/member-role.yaml; null: it is not deployed there. */
  readonly role?: Readonly<Record<string, string>> | null;
  readonly groups?: Readonly<Record<string, null>>;
}

/** A world of a hub's account and of member accounts, each with the alias of the configured key and a log group without a key. */
export function anEstateWorld(members: Readonly<Record<string, Member>>, more: World = {}): World {
  const all = Object.entries(members);
  const ownPolicy = { alias: 'alias/logseal', policy: OWN_LOG_GROUPS };
  const { keys, ...others } = more;
  return aWorld({
    keys: {
      logseal: ownPolicy,
      ...Object.fromEntries(all.map(([account]) => [`of-${account}`, { ...ownPolicy, account }])),
      ...keys,
    },
    roles: Object.fromEntries(
      all.flatMap(([account, { role = {} }]) =>
        role === null
          ? []
          : [[`of-${account}`, memberRole(account, { Mode: 'Enforce', KeyId: 'alias/logseal', ...role })]],
      ),
    ),
    groups: { '/hub/a': null },
    elsewhere: all.map(([account, { groups = { '/member/a': null } }]) => ({ account, groups })),
    ...others,
  });
}

/** Parameters of a hub with these accounts. */
export const ofHub = (...accounts: readonly string[]) => ({ Accounts: accounts.join(','), ExternalId: EXTERNAL_ID });

/** A hub with one member account. */
export async function anEstate(member: Member = {}, { mode = 'Enforce', parameters = {}, ...more }: Deployment = {}) {
  const world = anEstateWorld({ [OTHER_ACCOUNT]: member });
  const estate = await aStack({ world, mode, ...more, parameters: { ...ofHub(OTHER_ACCOUNT), ...parameters } });
  /** What became of the log groups, by account. */
  const results = () =>
    estate
      .outcomes()
      .map(({ store, outcome, action }) => `${store.account === ACCOUNT ? 'hub' : 'member'} ${action} ${outcome}`)
      .sort();
  return { ...estate, results };
}
