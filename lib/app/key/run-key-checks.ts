import { type Need, neededRights } from '../../domain/caller-rights.ts';
import type { KeyInspection } from '../../domain/key.ts';
import type { KeyCheck, KeyCheckFacts } from '../../domain/key-check.ts';
import { keyChecks, mayNeedGrant } from '../../domain/key-checks.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { CloudError } from '../../errors.ts';
import type { Cloud } from '../ports.ts';

/** Which rights of the caller are asked for, given the key and the log store. */
type Needs = (keyArn: string, store: LogStore) => readonly Need[];

/** All that attaching the key takes. */
const allNeeds: Needs = (keyArn, store) => neededRights(keyArn, store.arn);
/** Those on the key alone, which are the same for every log store. */
export const keyNeeds: Needs = (keyArn, store) => allNeeds(keyArn, store).filter(({ resource }) => resource === keyArn);

export interface CheckOptions extends Pick<KeyCheckFacts, 'isStoreNamed'> {
  /** Default: all that attaching the key takes. */
  readonly needsOf?: Needs;
}

/**
 * Everything that decides whether a key may be attached to a log store. A fact that cannot be read shows in the result of its
 * check; nothing is thrown.
 * @param inspection what was found out about the key
 */
export async function checkKey(
  key: string,
  inspection: KeyInspection,
  store: LogStore,
  cloud: Pick<Cloud, 'keys' | 'identityPolicies'>,
  { needsOf = allNeeds, isStoreNamed }: CheckOptions = {},
): Promise<KeyCheck[]> {
  const { keyArn } = inspection;
  const needs = keyArn === null ? [] : needsOf(keyArn, store);
  const [grants, identity] = await Promise.all([
    keyArn !== null && mayNeedGrant({ inspection, store }) ? readGrants(cloud, keyArn) : null,
    cloud.identityPolicies(needs),
  ]);
  const facts = { key, store, inspection, needs, identity, isStoreNamed };
  const checks = keyChecks({ ...facts, grants });
  const lacks = checks.some(({ check, result }) => check === 'CALLER_RIGHTS' && result === 'FAIL');
  if (!lacks || grants || keyArn === null) return checks;
  // A grant may give the caller what no policy does.
  return keyChecks({ ...facts, grants: await readGrants(cloud, keyArn) });
}

async function readGrants({ keys }: Pick<Cloud, 'keys'>, keyArn: string): Promise<KeyCheckFacts['grants']> {
  try {
    return await keys.grants(keyArn);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return { unreadable: `its grants could not be read, which takes kms:ListGrants: ${error.message}` };
  }
}
