import { describe, expect, test } from 'vitest';
import { CloudError } from '../../lib/errors.ts';
import { scanTrigger } from '../../lib/lambda/triggers.ts';
import { ACCOUNT, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { anEstate, anOrganization, LISTED, ORGANIZATION, refused, THIRD } from './scan-estate-setup.ts';
import { asEvent, OTHER_REGION, request, SCHEDULE } from './scan-setup.ts';

const here = { name: REGION, isEnabled: true };
const there = { name: OTHER_REGION, isEnabled: true };
const off = { name: OTHER_REGION, isEnabled: false };
const throttled = new CloudError('THROTTLED', 'account:ListRegions', 'Too Many Requests');
const allOf = (account: string, runId = 'scheduled') => request({ runId, target: { account, region: 'all' } });

type Estate = ReturnType<typeof anEstate>;

/** Lets complete scans of these targets have found something. */
async function scanned(
  { table: { scans } }: Estate,
  ...targets: readonly (readonly [account: string, region: string])[]
) {
  for (const [account, region] of targets) {
    const turn = { target: { provider: 'aws', account, region }, runId: 'earlier', nextToken: null } as const;
    await scans.begin({ ...turn, invocation: 'i', heldUntil: 0 }, 0);
    await scans.end({ ...turn, invocation: 'i', heldUntil: 0 }, { critical: 1, keyUnusable: true, matches: new Map() });
  }
}

async function remembered({ table: { scans } }: Estate): Promise<string[]> {
  return [...(await scans.states({ matches: false })).keys()];
}

describe('the schedule with all Regions', () => {
  test('requests the Regions of each account, and lists none itself', async () => {
    const estate = anEstate({ members: LISTED, regions: null });

    expect(await estate.scan(SCHEDULE, SCHEDULE)).toEqual([undefined, undefined]);

    expect(estate.requested()).toEqual([`${ACCOUNT} all`, `${OTHER_ACCOUNT} all`]);
    expect(estate.bus.of('Scan Requested')[0]).toMatchObject({ runId: 'scheduled', nextToken: null });
    expect(estate.entered).toEqual([]);
  });

  test('requests those of a single account as well', async () => {
    const estate = anEstate({ members: null, regions: null });

    expect(await estate.scan(SCHEDULE)).toEqual([undefined]);

    expect(estate.requested()).toEqual([`${ACCOUNT} all`]);
    expect(estate.scans).toEqual([]);
  });

  test('forgets what was found in an account that has left, and no Region of the others', async () => {
    const organization = anOrganization([ACCOUNT, true], [OTHER_ACCOUNT, true], [THIRD, false]);
    const estate = anEstate({ members: ORGANIZATION, regions: null, organization });
    await scanned(estate, [ACCOUNT, REGION], [OTHER_ACCOUNT, OTHER_REGION], [THIRD, REGION]);

    await estate.scan(SCHEDULE);

    expect(await remembered(estate)).toEqual([`aws/${ACCOUNT}/${REGION}`, `aws/${OTHER_ACCOUNT}/${OTHER_REGION}`]);
  });
});

describe('a request for all Regions of an account', () => {
  test('requests each that is enabled under the same run, and says which are not', async () => {
    const estate = anEstate({ members: LISTED, regions: null, regionsOf: { [OTHER_ACCOUNT]: [here, off] } });

    expect(await estate.scan(allOf(OTHER_ACCOUNT))).toEqual([undefined]);

    expect(estate.bus.of('Scan Requested')).toMatchObject([
      { runId: 'scheduled', account: OTHER_ACCOUNT, region: REGION, nextToken: null },
    ]);
    expect(estate.leftOut).toEqual([{ accounts: [], regions: [{ account: OTHER_ACCOUNT, regions: [OTHER_REGION] }] }]);
    expect(estate.scans).toEqual([]);
  });

  test('is understood as the schedule sent it', async () => {
    const estate = anEstate({ members: null, regions: null, regionsOf: { [ACCOUNT]: [here, there] } });
    await estate.scan(SCHEDULE);
    const triggers = estate.bus.sent.map((sent) => scanTrigger(asEvent(sent)));

    expect(await estate.scan(...triggers)).toEqual([undefined]);

    expect(estate.requested()).toEqual([`${ACCOUNT} all`, `${ACCOUNT} ${REGION}`, `${ACCOUNT} ${OTHER_REGION}`]);
  });

  test('that is delivered twice in one batch is carried out once', async () => {
    const estate = anEstate({ members: LISTED, regions: null, regionsOf: { [OTHER_ACCOUNT]: [here] } });

    expect(await estate.scan(allOf(OTHER_ACCOUNT), allOf(OTHER_ACCOUNT))).toEqual([undefined, undefined]);

    expect(estate.requested()).toEqual([`${OTHER_ACCOUNT} ${REGION}`]);
  });

  test('forgets what was found in a Region that was disabled since, and in no other account', async () => {
    const estate = anEstate({ members: LISTED, regions: null, regionsOf: { [ACCOUNT]: [here, off] } });
    await scanned(estate, [ACCOUNT, REGION], [ACCOUNT, OTHER_REGION], [OTHER_ACCOUNT, OTHER_REGION]);

    await estate.scan(allOf(ACCOUNT));

    expect(await remembered(estate)).toEqual([`aws/${ACCOUNT}/${REGION}`, `aws/${OTHER_ACCOUNT}/${OTHER_REGION}`]);
  });

  test('returns to the queue while AWS does not list them, and is reported as FAILED at its last attempt', async () => {
    const regionsOf = { [ACCOUNT]: [here], [OTHER_ACCOUNT]: throttled };
    const estate = anEstate({ members: LISTED, regions: null, regionsOf });

    expect(await estate.scan(allOf(OTHER_ACCOUNT), allOf(ACCOUNT))).toEqual([throttled, undefined]);
    expect(estate.bus.types()).toEqual(['Scan Requested']);
    expect(await estate.attempt(10, [allOf(OTHER_ACCOUNT)])).toEqual([throttled]);

    const failed = { account: OTHER_ACCOUNT, region: REGION, status: 'FAILED', error: { code: 'THROTTLED' } };
    expect(estate.bus.of('Scan Completed')).toMatchObject([{ runId: 'scheduled', ...failed }]);
  });

  test('of one that cannot be entered is reported as FAILED, and stops no other', async () => {
    const regionsOf = { [ACCOUNT]: [here], [OTHER_ACCOUNT]: refused };
    const estate = anEstate({ members: LISTED, regions: null, regionsOf });

    expect(await estate.scan(allOf(OTHER_ACCOUNT), allOf(ACCOUNT))).toEqual([undefined, undefined]);

    expect(estate.requested()).toEqual([`${ACCOUNT} ${REGION}`]);
    const failed = { account: OTHER_ACCOUNT, region: REGION, status: 'FAILED', error: { code: 'ROLE_REFUSED' } };
    expect(estate.bus.of('Scan Completed')).toMatchObject([{ runId: 'scheduled', ...failed }]);
    expect(estate.scans).toMatchObject([[{ report: failed, goesOn: false }, { runId: 'scheduled' }]]);
  });

  test('of one that can no longer be entered is reported as FAILED in each Region that was scanned before, and forgets none', async () => {
    const estate = anEstate({ members: LISTED, regions: null, regionsOf: { [OTHER_ACCOUNT]: refused } });
    await scanned(estate, [ACCOUNT, 'us-east-1'], [OTHER_ACCOUNT, REGION], [OTHER_ACCOUNT, OTHER_REGION]);
    const before = await remembered(estate);

    await estate.scan(allOf(OTHER_ACCOUNT));

    const failed = estate.bus.of('Scan Completed').map(({ account, region, status }) => [account, region, status]);
    expect(failed).toEqual([
      [OTHER_ACCOUNT, REGION, 'FAILED'],
      [OTHER_ACCOUNT, OTHER_REGION, 'FAILED'],
    ]);
    expect(await remembered(estate)).toEqual(before);
  });

  test.each([
    ['of an account that is not configured', THIRD, null],
    ['where Regions are named', ACCOUNT, [REGION]],
  ])('%s is ignored', async (_, account, regions) => {
    const estate = anEstate({ members: LISTED, regions, regionsOf: { [account]: [here] } });

    expect(await estate.scan(allOf(account))).toEqual([undefined]);

    expect(estate.ignored).toHaveLength(1);
    expect(estate.bus.sent).toEqual([]);
  });
});
