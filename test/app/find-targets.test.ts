import { describe, expect, test } from 'vitest';
import { findTargets, type TargetChoice } from '../../lib/app/find-targets.ts';
import type { AccountRegion, Cloud, CloudOf, Organization } from '../../lib/app/ports.ts';
import { CloudError } from '../../lib/errors.ts';

const [OWN, MEMBER, SUSPENDED] = ['111122223333', '444455556666', '777788889999'];
const ORGANIZATION: Pick<Organization, 'accounts'> = {
  accounts: async () => [
    { id: OWN, isActive: true },
    { id: MEMBER, isActive: true },
    { id: SUSPENDED, isActive: false },
  ],
};
const REGIONS: readonly AccountRegion[] = [
  { name: 'eu-west-1', isEnabled: true },
  { name: 'us-east-1', isEnabled: true },
  { name: 'af-south-1', isEnabled: false },
];

function find(choice: Partial<TargetChoice>, cloudOf: CloudOf = cloudWith(async () => REGIONS)) {
  const whole = { accounts: [], units: null, regions: ['eu-west-1'], ...choice };
  return findTargets(whole, { cloudOf, organization: ORGANIZATION as Organization, homeRegion: 'eu-west-1' });
}

function cloudWith(regions: (account: string) => Promise<readonly AccountRegion[]>): CloudOf {
  return ({ account }) => ({ regions: () => regions(account) }) as Partial<Cloud> as Cloud;
}

function placesIn({ targets }: Awaited<ReturnType<typeof find>>): string[] {
  return targets.map(({ account, region }) => `${account} ${region}`);
}

describe('findTargets', () => {
  test('takes each account in each Region that was named, each once, and calls nothing', async () => {
    const found = await find({ accounts: [OWN, MEMBER, OWN], regions: ['eu-west-1', 'us-east-1'] });

    expect(placesIn(found)).toEqual([
      `${OWN} eu-west-1`,
      `${OWN} us-east-1`,
      `${MEMBER} eu-west-1`,
      `${MEMBER} us-east-1`,
    ]);
    expect(found).toMatchObject({ failed: [], skipped: { accounts: [], regions: [] } });
  });

  test('takes the active accounts of the organization, and says which are not', async () => {
    const found = await find({ units: [] });

    expect(placesIn(found)).toEqual([`${OWN} eu-west-1`, `${MEMBER} eu-west-1`]);
    expect(found.skipped.accounts).toEqual([SUSPENDED]);
  });

  test('takes an account that was named although the organization has suspended it', async () => {
    const found = await find({ units: [], accounts: [SUSPENDED] });

    expect(placesIn(found)).toContain(`${SUSPENDED} eu-west-1`);
    expect(found.skipped.accounts).toEqual([]);
  });

  test('takes the enabled Regions of each account, and says which are not', async () => {
    const found = await find({ accounts: [OWN], regions: null });

    expect(placesIn(found)).toEqual([`${OWN} eu-west-1`, `${OWN} us-east-1`]);
    expect(found.skipped.regions).toEqual([{ account: OWN, regions: ['af-south-1'] }]);
  });

  test('goes on where the Regions of an account cannot be listed', async () => {
    const refused = new CloudError('ROLE_REFUSED', 'sts:AssumeRole', 'no');
    const cloudOf = cloudWith(async (account) => (account === MEMBER ? Promise.reject(refused) : REGIONS));

    const found = await find({ accounts: [MEMBER, OWN], regions: null }, cloudOf);

    expect(placesIn(found)).toEqual([`${OWN} eu-west-1`, `${OWN} us-east-1`]);
    expect(found.failed).toEqual([
      { target: { provider: 'aws', account: MEMBER, region: 'eu-west-1' }, failure: refused },
    ]);
  });
});
