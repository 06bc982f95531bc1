import type { Account, OrganizationsClient } from '@aws-sdk/client-organizations';
import pMap from 'p-map';
import type { MemberAccount, Organization } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import { CONCURRENT_UNITS, MEMBERS_PER_CALL } from '../pacing.ts';
import { createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { type Page, pagesOf } from './paging.ts';

/** The SDK's client with its commands. */
type Sdk = typeof import('@aws-sdk/client-organizations') & { readonly client: OrganizationsClient };

/** The organization of the caller's account. Loads its SDK client when called. @param region any of the partition */
export function createOrganization(region: string, options: AwsOptions): Organization {
  const calls = createCalls();
  let opened: Promise<Sdk> | undefined;
  const open = () => {
    opened ??= import('@aws-sdk/client-organizations').then((sdk) => ({
      ...sdk,
      client: new sdk.OrganizationsClient(clientSettings(region, options)),
    }));
    return opened;
  };
  const make = <T>(operation: string, send: (sdk: Sdk) => Promise<T>): Promise<T> =>
    open()
      .then((sdk) => calls.make(`organizations:${operation}`, () => send(sdk)))
      .catch(notReadable);

  /** Every item of a list, page after page. */
  const list = async <T>(operation: string, send: (sdk: Sdk, page: Paged) => Promise<Page<T>>): Promise<T[]> => {
    const pages = pagesOf(
      undefined,
      (NextToken) =>
        make(operation, (sdk) => send(sdk, { MaxResults: MEMBERS_PER_CALL, ...(NextToken && { NextToken }) })),
      () => new CloudError('UNAVAILABLE', `organizations:${operation}`, 'a NextToken was returned twice'),
    );
    const items: T[] = [];
    for await (const page of pages) items.push(...page.items);
    return items;
  };

  const accountsOf = (ParentId: string): Promise<Account[]> =>
    list('ListAccountsForParent', async ({ client, ListAccountsForParentCommand }, page) => {
      const answer = await client.send(new ListAccountsForParentCommand({ ...page, ParentId }));
      return { items: answer.Accounts ?? [], nextToken: answer.NextToken };
    });
  const unitsOf = async (ParentId: string): Promise<string[]> => {
    const units = await list(
      'ListOrganizationalUnitsForParent',
      async ({ client, ListOrganizationalUnitsForParentCommand }, page) => {
        const answer = await client.send(new ListOrganizationalUnitsForParentCommand({ ...page, ParentId }));
        return { items: answer.OrganizationalUnits ?? [], nextToken: answer.NextToken };
      },
    );
    return units.flatMap(({ Id }) => Id ?? []);
  };
  /** The accounts of a unit and of all units below it. */
  const below = async (unit: string): Promise<Account[]> => {
    const [own, units] = [await accountsOf(unit), await unitsOf(unit)];
    return [...own, ...(await pMap(units, below, { concurrency: CONCURRENT_UNITS })).flat()];
  };
  /** What an account or a unit belongs to, the nearest first; an organization has at most seven levels. */
  const isBelow = async (child: string, units: readonly string[]): Promise<boolean> => {
    const parents = await list('ListParents', async ({ client, ListParentsCommand }, page) => {
      const answer = await client.send(new ListParentsCommand({ ...page, ChildId: child }));
      return { items: answer.Parents ?? [], nextToken: answer.NextToken };
    });
    for (const { Id = '', Type } of parents) {
      if (units.includes(Id)) return true;
      if (Type === 'ORGANIZATIONAL_UNIT' && (await isBelow(Id, units))) return true;
    }
    return false;
  };

  return {
    async id() {
      const { Organization: found } = await make('DescribeOrganization', ({ client, DescribeOrganizationCommand }) =>
        client.send(new DescribeOrganizationCommand()),
      );
      return found?.Id ?? '';
    },

    async accounts(units) {
      const found =
        units.length > 0
          ? (await pMap(units, below, { concurrency: CONCURRENT_UNITS })).flat()
          : await list('ListAccounts', async ({ client, ListAccountsCommand }, page) => {
              const answer = await client.send(new ListAccountsCommand(page));
              return { items: answer.Accounts ?? [], nextToken: answer.NextToken };
            });
      return [...new Map(found.map((account) => [account.Id, memberOf(account)])).values()];
    },

    async has(AccountId, units) {
      try {
        const { Account: account = {} } = await make('DescribeAccount', ({ client, DescribeAccountCommand }) =>
          client.send(new DescribeAccountCommand({ AccountId })),
        );
        return isActive(account) && (units.length === 0 || (await isBelow(AccountId, units)));
      } catch (error) {
        if (error instanceof CloudError && error.code === 'NOT_FOUND') return false;
        throw error;
      }
    },
  };
}

interface Paged {
  readonly MaxResults: number;
  readonly NextToken?: string;
}

function memberOf(account: Account): MemberAccount {
  return { id: account.Id ?? '', isActive: isActive(account) };
}

/** `State` takes the place of `Status`, which AWS drops in September 2026 (Organizations API, `Account`). */
function isActive({ State, Status }: Account): boolean {
  return (State ?? Status) === 'ACTIVE';
}

/**
 * Organizations refuses whoever is neither the management account nor a delegated administrator with AccessDeniedException, like a
 * right that is missing, but then it names no right.
 */
function notReadable(error: unknown): never {
  if (!(error instanceof CloudError)) throw error;
  const name = error.cause instanceof Error ? error.cause.name : '';
  const isOutside = error.code === 'ACCESS_DENIED' && error.missingRight === null;
  if (!isOutside && name !== 'AWSOrganizationsNotInUseException') throw error;
  throw new CloudError('ORGANIZATION_UNREADABLE', error.call, error.message, { cause: error });
}
