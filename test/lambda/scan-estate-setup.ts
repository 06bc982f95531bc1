import type { AccountRegion, Cloud, CloudOf, Organization } from '../../lib/app/ports.ts';
import type { Members } from '../../lib/config/members.ts';
import type { Target } from '../../lib/domain/target.ts';
import { CloudError } from '../../lib/errors.ts';
import { ACCOUNT, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { CALLER, fakeCloud } from '../support/fake-cloud.ts';
import { aSetup, WORLD } from './scan-setup.ts';
import { CONFIG, NO_ORGANIZATION } from './support.ts';

export const THIRD = '777788889999';
const role = { name: 'logseal-member', externalId: 'secret' };
export const LISTED: Members = { accounts: [OTHER_ACCOUNT], organization: null, units: [], role };
export const ORGANIZATION: Members = { accounts: [], organization: 'o-a1b2c3d4e5', units: [], role };

export const refused = new CloudError('ROLE_REFUSED', 'sts:AssumeRole', 'not authorized to perform: sts:AssumeRole');
export const anOrganization = (...members: [id: string, isActive: boolean][]): Organization => ({
  ...NO_ORGANIZATION,
  accounts: async () => members.map(([id, isActive]) => ({ id, isActive })),
});

interface Estate {
  readonly members: Members | null;
  readonly regions?: readonly string[] | null;
  readonly organization?: Organization;
  /** The Regions of each account, or why they cannot be listed. */
  readonly regionsOf?: Readonly<Record<string, readonly AccountRegion[] | CloudError>>;
  /** The accounts that cannot be entered. */
  readonly closed?: readonly string[];
  /** Of an account; default: one without a key. */
  readonly groupsOf?: (account: string) => Readonly<Record<string, string | null>>;
}

/** A hub and its accounts. */
export function anEstate({ members, regions = [REGION], organization = NO_ORGANIZATION, ...estate }: Estate) {
  const { regionsOf = {}, closed = [], groupsOf = () => ({ '/app/open': null }) } = estate;
  const entered: Target[] = [];
  const cloudOf: CloudOf = (target) => {
    const account = target.account || ACCOUNT;
    const { cloud } = fakeCloud({ ...WORLD, groups: groupsOf(account) });
    const owner = async () => ({ ...CALLER, account });
    const enter = async () => {
      entered.push(target);
      if (closed.includes(account)) throw refused;
      return owner();
    };
    const listed: Cloud['regions'] = async () => {
      const found = regionsOf[account] ?? [];
      if (found instanceof CloudError) throw found;
      return found;
    };
    return { ...cloud, caller: owner, owner: enter, regions: listed };
  };
  const isMember = async (account: string) => account !== THIRD;
  const setup = aSetup(undefined, {
    config: { ...CONFIG, members, regions },
    ...{ cloudOf, organization, isMember },
  });
  const requested = () => setup.bus.of('Scan Requested').map(({ account, region }) => `${account} ${region}`);
  return { ...setup, requested, entered };
}
