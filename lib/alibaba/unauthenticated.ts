import type { Cloud } from '../app/ports.ts';
import { CloudError } from '../errors.ts';

/**
 * Stands for a Region of Alibaba Cloud where there are no credentials: every call fails before it is sent, so that each target
 * fails as it would if the cloud refused the credentials.
 */
export function createUnauthenticatedCloud(why: string): Cloud {
  const refuse = async () => {
    throw new CloudError('CREDENTIALS', 'log:ListProject', why);
  };
  return {
    provider: 'alibaba',
    logStores: {
      pages: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }),
      read: refuse,
      seal: refuse,
      unseal: refuse,
    },
    keys: { describe: refuse, policyText: refuse, putPolicy: refuse, grants: refuse },
    caller: refuse,
    owner: refuse,
    identityPolicies: refuse,
    apiCalls: () => ({}),
  };
}
