import { onlyOrganization } from '../app/only-organization.ts';
import type { Organization } from '../app/ports.ts';
import type { FunctionConfig } from '../config/functions.ts';
import { membership } from './membership.ts';

/**
 * How a function reaches the accounts that it is configured with beside its own.
 * @param open opens the organization of a Region's partition, without a call
 * @param sessionName what CloudTrail calls the sessions of the function in other accounts
 */
export function memberAccess(
  { members, homeRegion }: FunctionConfig,
  open: (options: { readonly region: string }) => Organization,
  sessionName: string,
) {
  const organization = onlyOrganization(open({ region: homeRegion }), members?.organization ?? '');
  return {
    organization,
    isMember: membership(members, organization, Date.now),
    accountRole: members && { ...members.role, sessionName },
  };
}
