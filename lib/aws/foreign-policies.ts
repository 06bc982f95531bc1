import type { Cloud, CloudOf } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import { CloudError } from '../errors.ts';

/**
 * The same clouds, which read the policy of a key of another account with the credentials of that account: GetKeyPolicy does not
 * work across accounts.
 * @param isOfRun whether the run works in an account, so that its credentials may be used. The caller's own may always be
 */
export function withForeignPolicies(cloudOf: CloudOf, isOfRun: (account: string) => boolean): CloudOf {
  const ownerOf = async (keyArn: string): Promise<Cloud | null> => {
    const { account = '', region = '' } = parseArn(keyArn) ?? {};
    const own = cloudOf({ provider: 'aws', account: '', region });
    if ((await own.caller()).account === account) return own;
    return isOfRun(account) ? cloudOf({ provider: 'aws', account, region }) : null;
  };
  const foreignPolicyText = async (keyArn: string): Promise<string | null> => {
    try {
      const owner = await ownerOf(keyArn);
      return owner && (await owner.keys.policyText(keyArn));
    } catch (error) {
      // An account that cannot be entered is a target of its own, which says so.
      if (error instanceof CloudError && error.code === 'ROLE_REFUSED') return null;
      throw error;
    }
  };
  const known = new WeakMap<Cloud, Cloud>();
  return (target) => {
    const cloud = cloudOf(target);
    const reading = known.get(cloud) ?? { ...cloud, keys: { ...cloud.keys, foreignPolicyText } };
    known.set(cloud, reading);
    return reading;
  };
}
