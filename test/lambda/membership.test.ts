import { describe, expect, test } from 'vitest';
import { onlyOrganization } from '../../lib/app/only-organization.ts';
import type { Organization } from '../../lib/app/ports.ts';
import type { Members } from '../../lib/config/members.ts';
import { membership } from '../../lib/lambda/membership.ts';
import { MEMBERS_ASKED_SINGLY, MEMBERSHIP_LASTS_MS, MEMBERSHIPS_KEPT } from '../../lib/pacing.ts';
import { OTHER_ACCOUNT } from '../support/builders.ts';
import { aCloudError } from '../support/fake-cloud.ts';
import { NO_ORGANIZATION } from './support.ts';

const LISTED: Members = {
  ...{ accounts: [OTHER_ACCOUNT], organization: null, units: [] },
  role: { name: 'logseal-member', externalId: 'secret' },
};
const OF_ORGANIZATION: Members = { ...LISTED, accounts: [], organization: 'o-a1b2c3d4e5', units: ['ou-ab12-cd34ef56'] };

/** An organization with one account, which keeps what it was asked. */
function anOrganization(fails: () => Error | undefined = () => undefined) {
  const asked: string[] = [];
  const organization: Organization = {
    ...NO_ORGANIZATION,
    async has(account, units) {
      asked.push(`${account} in ${units}`);
      const error = fails();
      if (error) throw error;
      return account === OTHER_ACCOUNT;
    },
    async accounts(units) {
      asked.push(`all in ${units}`);
      const error = fails();
      if (error) throw error;
      return [
        { id: 'listed', isActive: true },
        { id: 'suspended', isActive: false },
      ];
    },
  };
  return { organization, asked };
}

describe('membership', () => {
  test('without members no account is one, and nobody is asked', async () => {
    expect(await membership(null, NO_ORGANIZATION, Date.now)(OTHER_ACCOUNT)).toBe(false);
  });

  test('of listed accounts is known without asking anybody', async () => {
    const isMember = membership(LISTED, NO_ORGANIZATION, Date.now);

    expect([await isMember(OTHER_ACCOUNT), await isMember('777788889999')]).toEqual([true, false]);
  });

  test('is asked of the organization, and asked again when some minutes have passed', async () => {
    const { organization, asked } = anOrganization();
    let now = 0;
    const isMember = membership(OF_ORGANIZATION, organization, () => now);

    expect(await Promise.all([isMember(OTHER_ACCOUNT), isMember('777788889999'), isMember(OTHER_ACCOUNT)])).toEqual([
      ...[true, false, true],
    ]);
    expect(asked).toEqual([`${OTHER_ACCOUNT} in ou-ab12-cd34ef56`, '777788889999 in ou-ab12-cd34ef56']);

    now = MEMBERSHIP_LASTS_MS - 1;
    await isMember(OTHER_ACCOUNT);
    expect(asked).toHaveLength(2);
    now = MEMBERSHIP_LASTS_MS;
    await isMember(OTHER_ACCOUNT);
    expect(asked).toHaveLength(3);
  });

  test('an answer that failed is not kept', async () => {
    const errors = [aCloudError('THROTTLED')];
    const { organization, asked } = anOrganization(() => errors.pop());
    const isMember = membership(OF_ORGANIZATION, organization, Date.now);

    await expect(isMember(OTHER_ACCOUNT)).rejects.toThrow('THROTTLED');
    expect(await isMember(OTHER_ACCOUNT)).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test('of many accounts is asked by a list, and about those that are not in it once more', async () => {
    const { organization, asked } = anOrganization();
    const isMember = membership(OF_ORGANIZATION, organization, Date.now);
    for (let n = 0; n < MEMBERS_ASKED_SINGLY; n++) await isMember(String(n));
    asked.length = 0;

    expect(await Promise.all(['listed', 'suspended', OTHER_ACCOUNT].map(isMember))).toEqual([true, false, true]);

    const singly = ['suspended', OTHER_ACCOUNT].map((account) => `${account} in ou-ab12-cd34ef56`);
    expect(asked).toEqual(['all in ou-ab12-cd34ef56', ...singly]);
  });

  test('a list that failed is asked for again', async () => {
    const errors: Error[] = [];
    const { organization } = anOrganization(() => errors.pop());
    const isMember = membership(OF_ORGANIZATION, organization, Date.now);
    for (let n = 0; n < MEMBERS_ASKED_SINGLY; n++) await isMember(String(n));
    errors.push(aCloudError('THROTTLED'));

    await expect(isMember('listed')).rejects.toThrow('THROTTLED');
    expect(await isMember('listed')).toBe(true);
  });

  test('keeps no more than so many answers', async () => {
    const { organization, asked } = anOrganization();
    const isMember = membership(OF_ORGANIZATION, organization, () => 0);

    for (let n = 0; n < MEMBERSHIPS_KEPT; n++) await isMember(String(n));
    const before = asked.length;
    await isMember('0');
    expect(asked).toHaveLength(before);
    await isMember('one more');
    await isMember('0');

    expect(asked).toHaveLength(before + 2);
  });
});

describe('an organization', () => {
  const named = (id: string) => {
    let asked = 0;
    const own = {
      async id() {
        asked++;
        return id;
      },
      has: async () => true,
      accounts: async () => [],
    };
    return { organization: { ...NO_ORGANIZATION, ...own }, asked: () => asked };
  };

  test('of the configured id is asked for it once', async () => {
    const { organization, asked } = named('o-a1b2c3d4e5');
    const only = onlyOrganization(organization, 'o-a1b2c3d4e5');

    expect([await only.has(OTHER_ACCOUNT, []), await only.accounts([])]).toEqual([true, []]);
    expect(asked()).toBe(1);
  });

  test('of another id tells nothing, and the error names both with a fix', async () => {
    const only = onlyOrganization(named('o-other00000').organization, 'o-a1b2c3d4e5');

    const error = {
      code: 'ORGANIZATION_UNREADABLE',
      message: 'this account belongs to the organization o-other00000, and the configured one is o-a1b2c3d4e5',
      fix: expect.stringContaining('o-other00000'),
    };
    await expect(only.has(OTHER_ACCOUNT, [])).rejects.toMatchObject(error);
    await expect(only.accounts([])).rejects.toMatchObject(error);
  });
});
