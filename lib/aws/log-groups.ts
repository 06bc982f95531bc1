import {
  AssociateKmsKeyCommand,
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  type DescribeLogGroupsCommandOutput,
  DisassociateKmsKeyCommand,
  type LogGroup,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogStorePage, LogStores, Owner } from '../app/ports.ts';
import type { FoundLogStore, LogStore, StoreReading } from '../domain/log-store.ts';
import { logGroupArn, withoutStreamWildcard } from '../domain/stores/log-group.ts';
import type { Target } from '../domain/target.ts';
import { CloudError } from '../errors.ts';
import { GROUPS_PER_CALL } from '../pacing.ts';
import { beforeEachRequest } from './before-each-request.ts';
import type { Calls } from './calls.ts';
import type { AwsOptions } from './clients.ts';
import { lookAhead, type Page, pagesOf } from './paging.ts';
import { createQueryResultsKey, onlyGroup } from './query-results-key.ts';
import { readInBatches } from './read-in-batches.ts';

/** Where a client's log groups are, and whose. */
export interface Place {
  readonly region: string;
  readonly owner: () => Promise<Owner>;
}

/**
 * The log groups of the client's Region. They are never listed by `logGroupNamePattern`, which returns no `kmsKeyId`, so
 * that every group would look unencrypted.
 */
export function createLogGroups(
  client: CloudWatchLogsClient,
  calls: Calls,
  place: Place,
  { queryGroup, wait }: Pick<AwsOptions, 'queryGroup' | 'wait'> = {},
): LogStores {
  /** A log group to run a query over: the first of each class in any response so far. */
  let queryable: Partial<Record<(typeof QUERY_CLASSES)[number], string | undefined>> = {};
  const known = () => queryable.STANDARD ?? queryable.INFREQUENT_ACCESS;

  const describe = (input: DescribeLogGroupsCommandInput, startToken?: string) =>
    pagesOf(
      startToken,
      async (nextToken) => {
        const command = new DescribeLogGroupsCommand(nextToken ? { ...input, nextToken } : input);
        const answer = await calls.make('logs:DescribeLogGroups', () => client.send(command));
        const items = groupsIn(answer);
        // STANDARD supports every query, so no other class is looked for.
        for (const queryClass of queryable.STANDARD === undefined ? QUERY_CLASSES : []) {
          queryable[queryClass] ??= items.find((group) => isOfClass(group, queryClass))?.logGroupName;
        }
        return { items, nextToken: answer.nextToken };
      },
      () => brokenAnswer('it returned a nextToken for the second time, so the list never ends'),
    );

  /** A server that ignores `logGroupIdentifiers`, as moto does, returns pages of all log groups. */
  const readNamed = async (names: readonly string[]) => {
    const wanted = new Set(names);
    const found = new Map<string, NamedGroup>();
    for await (const page of describe({ logGroupIdentifiers: [...names] })) {
      for (const group of page.items) if (wanted.delete(group.logGroupName)) found.set(group.logGroupName, group);
      if (wanted.size === 0) break;
    }
    return found;
  };

  /** A prefix also matches longer names, so the exact one is picked out. */
  const readOne = async (name: string): Promise<NamedGroup | undefined> => {
    for await (const { items } of describe({ logGroupNamePrefix: name })) {
      const group = items.find(({ logGroupName }) => logGroupName === name);
      if (group) return group;
    }
    return undefined;
  };

  const groups = {
    known,
    async find() {
      queryable = {};
      for await (const _ of describe({ limit: GROUPS_PER_CALL })) if (known()) break;
      return known();
    },
  };
  const queryResultsKey = createQueryResultsKey(
    client,
    calls,
    queryGroup === undefined ? groups : onlyGroup(queryGroup, place.region),
    { wait },
  );
  const guarded = beforeEachRequest(client);

  return {
    pages: (startToken) => foundPages(lookAhead(describe({ limit: GROUPS_PER_CALL }, startToken ?? undefined)), place),

    /**
     * Reads log groups first, because the query that shows the key of query results needs one. If the query fails, only
     * query results are unread.
     */
    async read(stores) {
      const groups = stores.filter(({ type }) => type === 'log-group');
      const names = [...new Set(groups.map(({ name }) => name))];
      const found = await readInBatches(names, GROUPS_PER_CALL, readNamed, readOne);
      const key = stores.some(({ type }) => type === 'query-results') ? await queryResultsKey() : null;
      const readingOf = (store: LogStore): StoreReading => {
        switch (store.type) {
          case 'log-group': {
            const group = found.get(store.name);
            if (!group) return { status: 'GONE', store };
            if (group instanceof CloudError) return { status: 'UNREADABLE', store, failure: group };
            return { status: 'FOUND', found: { store, keyArn: keyArnOf(group) } };
          }
          case 'query-results':
            if (key instanceof CloudError) return { status: 'UNREADABLE', store, failure: key };
            return { status: 'FOUND', found: { store, keyArn: key } };
          case 'logstore':
            throw notOfAws(store, 'logs:DescribeLogGroups');
        }
      };
      return stores.map(readingOf);
    },

    async seal(store, kmsKeyId, _mayConfigure, beforeRequest) {
      const call = 'logs:AssociateKmsKey';
      const command = new AssociateKmsKeyCommand({ ...whereToSeal(store, call), kmsKeyId });
      await guarded(command, beforeRequest, () => calls.make(call, () => client.send(command)));
    },

    async unseal(store, beforeRequest) {
      const call = 'logs:DisassociateKmsKey';
      const command = new DisassociateKmsKeyCommand(whereToSeal(store, call));
      await guarded(command, beforeRequest, () => calls.make(call, () => client.send(command)));
    },
  };
}

async function* foundPages(
  listing: AsyncIterable<Page<NamedGroup>>,
  { region, owner }: Place,
): AsyncGenerator<LogStorePage> {
  const { account, partition } = await owner();
  const target: Target = { provider: 'aws', account, region };
  for await (const { items, nextToken } of listing) {
    const readings = items.map(
      (group) => ({ status: 'FOUND', found: foundLogGroup(group, target, partition) }) as const,
    );
    yield { readings, nextToken: nextToken ?? null };
  }
}

/** Log groups go by `logGroupName`: names may contain a `#`, which the pattern of `resourceIdentifier` does not allow. */
function whereToSeal(store: LogStore, call: string): { logGroupName: string } | { resourceIdentifier: string } {
  switch (store.type) {
    case 'log-group':
      return { logGroupName: store.name };
    case 'query-results':
      return { resourceIdentifier: store.arn };
    case 'logstore':
      throw notOfAws(store, call);
  }
}

function notOfAws({ name }: LogStore, call: string): CloudError {
  return new CloudError('INVALID_REQUEST', call, `${name} is not a log store in AWS`);
}

function foundLogGroup(group: NamedGroup, target: Target, partition: string): FoundLogStore {
  const { logGroupName: name } = group;
  const arn = withoutStreamWildcard(group.logGroupArn || group.arn || logGroupArn(partition, target, name));
  const { provider, account, region } = target;
  return { store: { provider, account, region, type: 'log-group', name, arn }, keyArn: keyArnOf(group) };
}

/**
 * The classes of log groups that the query can run over, the better one first: INFREQUENT_ACCESS supports only part of
 * Logs Insights. A log group without a class is STANDARD.
 */
const QUERY_CLASSES = ['STANDARD', 'INFREQUENT_ACCESS'] as const;

function isOfClass({ logGroupClass = 'STANDARD' }: LogGroup, wanted: string): boolean {
  return logGroupClass === wanted;
}

/**
 * Checks the response, since the SDK does not: a response without a list must not pass for the end of the list, and no log
 * group may be left out silently. @throws CloudError
 */
function groupsIn({ logGroups, nextToken }: DescribeLogGroupsCommandOutput): NamedGroup[] {
  if (!isTextOrNothing(nextToken)) throw brokenAnswer('it returned a nextToken that is not a string');
  if (!logGroups && nextToken) return [];
  if (!Array.isArray(logGroups)) throw brokenAnswer('it returned no list of log groups');
  if (logGroups.every(isNamed)) return logGroups;
  throw brokenAnswer('it returned a log group without a name, or with a key or an ARN that is not a string');
}

interface NamedGroup extends LogGroup {
  logGroupName: string;
}

function isNamed(group: LogGroup | null): group is NamedGroup {
  const { logGroupName, kmsKeyId, arn, logGroupArn } = group ?? {};
  return typeof logGroupName === 'string' && logGroupName !== '' && [kmsKeyId, arn, logGroupArn].every(isTextOrNothing);
}

function isTextOrNothing(value: unknown): boolean {
  return typeof (value ?? '') === 'string';
}

function keyArnOf({ kmsKeyId }: LogGroup): string | null {
  return kmsKeyId || null;
}

function brokenAnswer(problem: string): CloudError {
  return new CloudError('UNAVAILABLE', 'logs:DescribeLogGroups', `CloudWatch Logs cannot be listed: ${problem}`);
}
