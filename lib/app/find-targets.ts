import pMap from 'p-map';
import type { Target } from '../domain/target.ts';
import { CloudError } from '../errors.ts';
import { CONCURRENT_TARGETS } from '../pacing.ts';
import type { CloudOf, Organization } from './ports.ts';

/** Which accounts and Regions of AWS to work on, as a person names them. */
export interface TargetChoice {
  /** Accounts by their ids; `''` stands for the caller's own. */
  readonly accounts: readonly string[];
  /** The organizational units whose accounts are wanted as well; none: all accounts of the organization; null: no more accounts. */
  readonly units: readonly string[] | null;
  /** null: in each account the Regions that are enabled there. */
  readonly regions: readonly string[] | null;
}

/** What a choice comes to. */
export interface FoundTargets {
  readonly targets: readonly Target[];
  /** Accounts whose Regions could not be listed: each with the Region that was asked for them, and why. */
  readonly failed: readonly { readonly target: Target; readonly failure: CloudError }[];
  readonly skipped: Skipped;
}

/** What belongs to the choice and is not worked on. */
export interface Skipped {
  /** Accounts of the organization that are not active. */
  readonly accounts: readonly string[];
  /** Regions that are not enabled, by account. */
  readonly regions: readonly { readonly account: string; readonly regions: readonly string[] }[];
}

export interface FindOptions {
  readonly cloudOf: CloudOf;
  /** Asked only where the choice includes accounts of the organization. */
  readonly organization: Organization;
  /** The Region that is asked for the others, and stands for an account that lists none. An account need not have enabled it. */
  readonly homeRegion: string;
  readonly signal?: AbortSignal;
}

/**
 * Finds the targets of a choice, each once, ordered by account as they were listed. An account whose Regions cannot be listed stops
 * no other.
 * @throws CloudError when the organization cannot be read
 */
export async function findTargets(choice: TargetChoice, options: FindOptions): Promise<FoundTargets> {
  const { units, regions } = choice;
  const members = units === null ? [] : await options.organization.accounts(units);
  const active = members.filter(({ isActive }) => isActive).map(({ id }) => id);
  const accounts = [...new Set([...choice.accounts, ...active])];
  const suspended = members.filter(({ isActive }) => !isActive).map(({ id }) => id);
  const found =
    regions === null
      ? await pMap(accounts, (account) => regionsOf(account, options), { concurrency: CONCURRENT_TARGETS })
      : accounts.map((account) => ({ account, id: account, enabled: regions, disabled: [], failure: null }));
  const targetIn = (account: string, region: string): Target => ({ provider: 'aws', account, region });
  return {
    targets: found.flatMap(({ account, enabled }) => enabled.map((region) => targetIn(account, region))),
    failed: found.flatMap(({ account, failure }) =>
      failure ? [{ target: targetIn(account, options.homeRegion), failure }] : [],
    ),
    skipped: {
      accounts: suspended.filter((id) => !choice.accounts.includes(id)),
      regions: found.flatMap(({ id, disabled }) => (disabled.length > 0 ? [{ account: id, regions: disabled }] : [])),
    },
  };
}

interface RegionsOfAccount {
  /** As it was named; `''`: the caller's own. */
  readonly account: string;
  readonly id: string;
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
  readonly failure: CloudError | null;
}

async function regionsOf(account: string, { cloudOf, homeRegion, signal }: FindOptions): Promise<RegionsOfAccount> {
  signal?.throwIfAborted();
  try {
    const cloud = cloudOf({ provider: 'aws', account, region: homeRegion });
    const all = (await cloud.regions?.()) ?? [];
    const id = account === '' ? (await cloud.owner()).account : account;
    const named = (isEnabled: boolean) => all.filter((one) => one.isEnabled === isEnabled).map(({ name }) => name);
    return { account, id, enabled: named(true), disabled: named(false), failure: null };
  } catch (failure) {
    if (!(failure instanceof CloudError)) throw failure;
    return { account, id: account, enabled: [], disabled: [], failure };
  }
}
