import { CloudError } from '../errors.ts';
import type { Organization } from './ports.ts';

/** The same organization, of which nothing is told unless it has a certain id: an account can leave its organization and join another. */
export function onlyOrganization(organization: Organization, id: string): Organization {
  let checked: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    const found = await organization.id();
    if (found === id) return;
    const message = `this account belongs to the organization ${found}, and the configured one is ${id}`;
    const fix = `configure ${found} if its accounts are meant, or go to an account of ${id}`;
    throw new CloudError('ORGANIZATION_UNREADABLE', 'organizations:DescribeOrganization', message, { fix });
  };
  /** A failure is not remembered. */
  const isTheOne = (): Promise<void> => {
    checked ??= check().catch((error: unknown) => {
      checked = undefined;
      throw error;
    });
    return checked;
  };
  return {
    ...organization,
    accounts: (units) => isTheOne().then(() => organization.accounts(units)),
    has: (account, units) => isTheOne().then(() => organization.has(account, units)),
  };
}
