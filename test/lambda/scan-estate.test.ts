import { describe, expect, test } from 'vitest';
import { CloudError } from '../../lib/errors.ts';
import { ACCOUNT, aKeyArn, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aCloudError } from '../support/fake-cloud.ts';
import { exemptions, reads } from './configurations.ts';
import { anEstate, anOrganization, LISTED, ORGANIZATION, THIRD } from './scan-estate-setup.ts';
import { OTHER_REGION, request, SCHEDULE } from './scan-setup.ts';
import { NO_ORGANIZATION } from './support.ts';

const LATER = '2099-12-31';

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

  const unread = (failure: CloudError) => ({
    members: { ...ORGANIZATION, accounts: [OTHER_ACCOUNT] },
    organization: { ...NO_ORGANIZATION, accounts: () => Promise.reject(failure) },
  });
  const known = [`${ACCOUNT} ${REGION}`, `${OTHER_ACCOUNT} ${REGION}`];

  test('requests once what is known without an organization that AWS does not let it read, and raises an alarm', async () => {
    const estate = anEstate(
      unread(new CloudError('ORGANIZATION_UNREADABLE', 'organizations:ListAccounts', 'not here')),
    );
    await estate.scan(request({ target: { account: OTHER_ACCOUNT, region: REGION } }));

    expect(await estate.scan(SCHEDULE)).toEqual([undefined]);

    expect(estate.requested()).toEqual(known);
    expect(estate.errors).toEqual([expect.stringMatching(/^the organization cannot be read: .*: not here$/)]);
    expect(estate.timesFailedAgain()).toBe(1);
    // Nothing is forgotten.
    expect((await estate.table.scans.states({ matches: false })).size).toBe(1);
  });

  test('fails where another try may read the organization, after it has requested what is known without it', async () => {
    const throttled = aCloudError('THROTTLED');
    const estate = anEstate(unread(throttled));

    expect(await estate.scan(SCHEDULE)).toEqual([throttled]);
    await estate.scan(SCHEDULE);

    expect(estate.requested()).toEqual([...known, ...known]);
    expect(new Set(estate.bus.of('Scan Requested').map(({ runId }) => runId))).toEqual(new Set(['scheduled']));
    expect(estate.timesFailedAgain()).toBe(0);
  });
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
