import { describe, expect, test } from 'vitest';
import type { AccountRegion, Cloud, CloudOf, Organization } from '../../lib/app/ports.ts';
import type { Members } from '../../lib/config/members.ts';
import type { Target } from '../../lib/domain/target.ts';
import { CloudError } from '../../lib/errors.ts';
import { ACCOUNT, aKeyArn, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { CALLER, fakeCloud } from '../support/fake-cloud.ts';
import { exemptions, reads } from './configurations.ts';
import { aSetup, OTHER_REGION, request, SCHEDULE, WORLD } from './scan-setup.ts';
import { CONFIG, NO_ORGANIZATION } from './support.ts';

const THIRD = '777788889999';
const LATER = '2099-12-31';
const role = { name: 'logseal-member', externalId: 'secret' };
const LISTED: Members = { accounts: [OTHER_ACCOUNT], organization: null, units: [], role };
const ORGANIZATION: Members = { accounts: [], organization: 'o-a1b2c3d4e5', units: [], role };

const refused = new CloudError('ROLE_REFUSED', 'sts:AssumeRole', 'not authorized to perform: sts:AssumeRole');
const anOrganization = (...members: [id: string, isActive: boolean][]): Organization => ({
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
function anEstate({ members, regions = [REGION], organization = NO_ORGANIZATION, ...estate }: Estate) {
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

describe('the schedule', () => {
  test('requests a scan of the own account and of each member, in each Region, under its own id', async () => {
    const estate = anEstate({ members: LISTED, regions: [REGION, OTHER_REGION] });

    expect(await estate.scan(SCHEDULE)).toEqual([undefined]);

    expect(estate.requested()).toEqual([
      `${ACCOUNT} ${REGION}`,
      `${ACCOUNT} ${OTHER_REGION}`,
      `${OTHER_ACCOUNT} ${REGION}`,
      `${OTHER_ACCOUNT} ${OTHER_REGION}`,
    ]);
    expect(new Set(estate.bus.of('Scan Requested').map(({ runId }) => runId))).toEqual(new Set(['scheduled']));
    expect(estate.entered).toEqual([]);
  });

  test('requests scans of the active accounts of the organization, and says which are left out', async () => {
    const organization = anOrganization([ACCOUNT, true], [OTHER_ACCOUNT, true], [THIRD, false]);
    const estate = anEstate({ members: ORGANIZATION, organization });

    expect(await estate.scan(SCHEDULE)).toEqual([undefined]);

    expect(estate.requested()).toEqual([`${ACCOUNT} ${REGION}`, `${OTHER_ACCOUNT} ${REGION}`]);
    expect(estate.leftOut).toEqual([{ accounts: [THIRD], regions: [] }]);
  });

  test('with all Regions requests those that each account has enabled', async () => {
    const here = { name: REGION, isEnabled: true };
    const regionsOf = {
      [ACCOUNT]: [here, { name: OTHER_REGION, isEnabled: true }],
      [OTHER_ACCOUNT]: [here, { name: OTHER_REGION, isEnabled: false }],
    };
    const estate = anEstate({ members: LISTED, regions: null, regionsOf });

    expect(await estate.scan(SCHEDULE)).toEqual([undefined]);

    expect(estate.requested()).toEqual([
      ...[`${ACCOUNT} ${REGION}`, `${ACCOUNT} ${OTHER_REGION}`],
      `${OTHER_ACCOUNT} ${REGION}`,
    ]);
    expect(estate.leftOut).toEqual([{ accounts: [], regions: [{ account: OTHER_ACCOUNT, regions: [OTHER_REGION] }] }]);
  });

  test('reports an account whose Regions cannot be listed as FAILED, and the others are scanned', async () => {
    const regionsOf = { [ACCOUNT]: [{ name: REGION, isEnabled: true }], [OTHER_ACCOUNT]: refused };
    const estate = anEstate({ members: LISTED, regions: null, regionsOf });

    expect(await estate.scan(SCHEDULE)).toEqual([undefined]);

    expect(estate.requested()).toEqual([`${ACCOUNT} ${REGION}`]);
    const failed = { account: OTHER_ACCOUNT, region: REGION, status: 'FAILED', error: { code: 'ROLE_REFUSED' } };
    expect(estate.bus.of('Scan Completed')).toMatchObject([{ runId: 'scheduled', ...failed }]);
    expect(estate.scans).toMatchObject([[{ report: failed, goesOn: false }, { runId: 'scheduled' }]]);
  });

  test('fails where the organization cannot be read, after it has requested what is known without it', async () => {
    const organization = { ...NO_ORGANIZATION, accounts: () => Promise.reject(refused) };
    const estate = anEstate({ members: { ...ORGANIZATION, accounts: [OTHER_ACCOUNT] }, organization });
    await estate.scan(request({ target: { account: OTHER_ACCOUNT, region: REGION } }));

    expect(await estate.scan(SCHEDULE)).toEqual([refused]);
    await estate.scan(SCHEDULE);

    const known = [`${ACCOUNT} ${REGION}`, `${OTHER_ACCOUNT} ${REGION}`];
    expect(estate.requested()).toEqual([...known, ...known]);
    expect(new Set(estate.bus.of('Scan Requested').map(({ runId }) => runId))).toEqual(new Set(['scheduled']));
    expect(estate.errors[0]).toMatch(/^the organization cannot be read: /);
    // Nor is anything forgotten.
    expect((await estate.table.scans.states({ matches: false })).size).toBe(1);
  });
});

test('what was found in an account that has left, or in a Region that was disabled, is forgotten by the schedule', async () => {
  const regionsOf = { [ACCOUNT]: [{ name: REGION, isEnabled: true }], [OTHER_ACCOUNT]: refused };
  const organization = anOrganization([ACCOUNT, true], [OTHER_ACCOUNT, true], [THIRD, false]);
  const estate = anEstate({ members: ORGANIZATION, regions: null, organization, regionsOf });
  const { scans } = estate.table;
  for (const [account, region] of [
    ...[[ACCOUNT, REGION] as const, [ACCOUNT, OTHER_REGION] as const],
    ...[[OTHER_ACCOUNT, REGION] as const, [THIRD, REGION] as const],
  ]) {
    const target = { provider: 'aws', account, region } as const;
    const turn = { target, runId: 'earlier', nextToken: null, invocation: 'i', heldUntil: 0 };
    await scans.begin(turn, 0);
    await scans.end(turn, { critical: 1, keyUnusable: true, matches: new Map() });
  }

  await estate.scan(SCHEDULE);

  // Whether the Regions of an account are still there is not known while they cannot be listed.
  expect([...(await scans.states({ matches: false })).keys()]).toEqual([
    `aws/${ACCOUNT}/${REGION}`,
    `aws/${OTHER_ACCOUNT}/${REGION}`,
  ]);
});

describe('a request', () => {
  test('of a member is carried out, and of any other account ignored', async () => {
    const estate = anEstate({ members: LISTED });

    await estate.scan(request({ target: { account: OTHER_ACCOUNT } }), request({ target: { account: THIRD } }));

    expect(estate.entered.map(({ account }) => account)).toEqual([OTHER_ACCOUNT]);
    expect(estate.bus.of('Log Store Finding')).toMatchObject([{ name: '/app/open' }]);
    expect(estate.ignored).toEqual([expect.stringContaining(THIRD)]);
  });

  test('for an account that cannot be entered ends as FAILED, and stops no other', async () => {
    const estate = anEstate({ members: LISTED, closed: [OTHER_ACCOUNT] });

    expect(await estate.scan(request({ target: { account: OTHER_ACCOUNT } }), request())).toEqual([
      ...[undefined, undefined],
    ]);

    const statuses = estate.bus
      .of('Scan Completed')
      .map(({ account, status, error }) => [account, status, error?.code]);
    expect(statuses.sort()).toEqual([
      [ACCOUNT, 'COMPLETE', undefined],
      [OTHER_ACCOUNT, 'FAILED', 'ROLE_REFUSED'],
    ]);
  });
});

test('exemptions are reported after scans of the own account, and not again after those of hundreds of others', async () => {
  const configuration = reads(exemptions(['/app/open', LATER], ['/none', LATER]));
  const estate = anEstate({ members: LISTED });
  const member = { account: OTHER_ACCOUNT };

  await estate.attempt(1, [request({ target: member })], { configuration });
  expect(estate.exemptions).toEqual([]);
  await estate.attempt(1, [request()], { configuration });

  expect(estate.exemptions).toEqual([{ expired: 0, endingSoon: 0, unmatched: 1 }]);
  expect(estate.bus.of('Exemptions Reported')).toMatchObject([{ account: ACCOUNT, exemptions: [{ id: 'e-2' }] }]);
});

describe('the totals', () => {
  test('are those of all accounts', async () => {
    const groupsOf = (account: string) => ({ '/a': aKeyArn('gone', { account }) });
    const estate = anEstate({ members: ORGANIZATION, organization: anOrganization(), groupsOf });

    await estate.scan(request());
    await estate.scan(request({ target: { account: OTHER_ACCOUNT } }));

    expect(estate.totals.map(({ critical }) => critical)).toEqual([1, 2]);
  });

  test('are read once for scans that end together', async () => {
    const estate = anEstate({ members: LISTED, regions: [REGION, OTHER_REGION] });
    let reads = 0;
    const scans = {
      ...estate.table.scans,
      states: () => {
        reads++;
        return estate.table.scans.states({ matches: false });
      },
    };
    const all = [ACCOUNT, OTHER_ACCOUNT].flatMap((account) =>
      [REGION, OTHER_REGION].map((region) => request({ target: { account, region } })),
    );

    await estate.attempt(1, all, { scans });

    expect(estate.totals).toHaveLength(4);
    expect(reads).toBeLessThanOrEqual(2);
  });
});
