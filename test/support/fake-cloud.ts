import type { Caller, Cloud, StoreJournal } from '../../lib/app/ports.ts';
import type { IdentityDecision, IdentityPolicies, Need } from '../../lib/domain/caller-rights.ts';
import { changedArn, type JournalEntry } from '../../lib/domain/journal.ts';
import type { KeyFacts } from '../../lib/domain/key.ts';
import type { Grant } from '../../lib/domain/key-check.ts';
import type { StoreReading } from '../../lib/domain/log-store.ts';
import { QUERY_RESULTS_NAME } from '../../lib/domain/stores/query-results.ts';
import { CloudError, type CloudErrorCode, type MissingRight } from '../../lib/errors.ts';
import { ACCOUNT, aFoundLogGroup, aLogGroup, aLogsPolicy } from './builders.ts';

export const CALLER: Caller = { account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/test`, partition: 'aws' };

export interface FakeWorld {
  /** The key of each log group by its name; they are listed in this order, and a page's token says where it begins. */
  readonly groups?: Readonly<Record<string, string | null>>;
  /** The key of query results; default none. Where `logs:StartQuery` fails, it cannot be read. */
  readonly queryResults?: string | null;
  /** By the names that they are described by: ARNs and aliases. */
  readonly keys?: Readonly<Record<string, KeyFacts>>;
  /** By key ARN; default AWS's documented one. */
  readonly policies?: Readonly<Record<string, string>>;
  /** By key ARN; default none. */
  readonly grants?: Readonly<Record<string, readonly Grant[]>>;
  /** Default: the caller may do everything. */
  readonly identity?: IdentityPolicies | ((needs: readonly Need[]) => IdentityPolicies);
  /** Tags by the name of a log group; default: tags are not read. */
  readonly tags?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By the ARN of a log group; default: there are no stacks. */
  readonly stacks?: Readonly<Record<string, string>>;
  /** What calls fail with, by the call alone or with what it is about: `logs:AssociateKmsKey /app`. */
  readonly failures?: Readonly<Record<string, Error>>;
  /** Called as each call comes, with the key of each store: what time passes, and what somebody else does meanwhile. */
  readonly onCall?: (line: string, attached: Map<string, string | null>) => void;
}

/** A failure for good, as the adapters answer it. */
export function aCloudError(code: CloudErrorCode, message = `${code}, in the words of AWS`): CloudError {
  return new CloudError(code, 'a:Call', message);
}

/** A refusal that names the right that the caller lacks. */
export function aDenial(missingRight: MissingRight): CloudError {
  return new CloudError('ACCESS_DENIED', 'a:Call', 'ACCESS_DENIED, in the words of AWS', { missingRight });
}

/** A caller who may do everything but what is decided otherwise. */
export function aCallerWith(decide: (need: Need) => IdentityDecision | undefined): Required<FakeWorld>['identity'] {
  return (needs) => ({
    principalArn: CALLER.arn,
    decisions: needs.map((need) => decide(need) ?? 'ALLOWED'),
    because: null,
  });
}

/** The ports on plain maps. `log` holds every call, with what it was about. */
export function fakeCloud(world: FakeWorld = {}) {
  const { groups = {}, queryResults, keys = {}, policies = {}, grants = {}, identity, stacks, failures = {} } = world;
  const { tags } = world;
  const { onCall } = world;
  const attached = new Map(Object.entries(groups));
  if (queryResults !== undefined) attached.set(QUERY_RESULTS_NAME, queryResults);
  const described = new Map(Object.entries(keys));
  const texts = new Map(Object.entries(policies));
  const broken = new Map(Object.entries(failures));
  const log: string[] = [];
  const call = (name: string, subject: string | number): void => {
    log.push(`${name} ${subject}`);
    onCall?.(`${name} ${subject}`, attached);
    const failure = broken.get(`${name} ${subject}`) ?? broken.get(name);
    if (failure) throw failure;
  };
  const cloud: Cloud & { stacks?: Cloud['stacks']; tags?: Cloud['tags'] } = {
    provider: 'aws',
    logStores: {
      async *pages(startToken) {
        const found = [...attached]
          .filter(([name]) => name !== QUERY_RESULTS_NAME)
          .map(([name, keyArn]) => ({ status: 'FOUND', found: aFoundLogGroup(name, keyArn) }) as const);
        let start = Number(startToken ?? 0);
        do {
          call('logs:DescribeLogGroups', start / 50 + 1);
          const next = start + 50;
          yield { readings: found.slice(start, next), nextToken: next < found.length ? String(next) : null };
          start = next;
        } while (start < found.length);
      },
      async read(stores) {
        const logGroups = stores.filter(({ type }) => type === 'log-group');
        if (logGroups.length > 0) call('logs:DescribeLogGroups', logGroups.map(({ name }) => name).join(' '));
        return stores.map((store): StoreReading => {
          const keyArn = attached.get(store.name);
          if (store.type === 'log-group') {
            return keyArn === undefined ? { status: 'GONE', store } : { status: 'FOUND', found: { store, keyArn } };
          }
          try {
            call('logs:StartQuery', store.name);
          } catch (error) {
            if (error instanceof CloudError) return { status: 'UNREADABLE', store, failure: error };
            throw error;
          }
          return { status: 'FOUND', found: { store, keyArn: keyArn ?? null } };
        });
      },
      async seal({ name }, keyArn, _, beforeRequest) {
        await beforeRequest?.();
        call('logs:AssociateKmsKey', name);
        attached.set(name, keyArn);
      },
      async unseal({ name }, beforeRequest) {
        await beforeRequest?.();
        call('logs:DisassociateKmsKey', name);
        attached.set(name, null);
      },
    },
    keys: {
      async describe(key) {
        call('kms:DescribeKey', key);
        const facts = described.get(key) ?? [...described.values()].find(({ arn }) => arn === key);
        if (facts) return facts;
        throw aCloudError('NOT_FOUND', `${key} is not found`);
      },
      async policyText(keyArn) {
        call('kms:GetKeyPolicy', keyArn);
        return texts.get(keyArn) ?? aLogsPolicy();
      },
      async putPolicy(keyArn, text) {
        call('kms:PutKeyPolicy', keyArn);
        texts.set(keyArn, text);
      },
      async grants(keyArn) {
        call('kms:ListGrants', keyArn);
        return grants[keyArn] ?? [];
      },
      async aliases(keyArn) {
        call('kms:ListAliases', keyArn);
        const names = [...described].filter(([name, { arn }]) => name.startsWith('alias/') && arn === keyArn);
        return names.map(([name]) => keyArn.replace(/key\/.*/, name));
      },
    },
    async caller() {
      if (!log.includes('sts:GetCallerIdentity me')) call('sts:GetCallerIdentity', 'me');
      return CALLER;
    },
    owner: () => cloud.caller(),
    async identityPolicies(needs) {
      if (needs.length > 0) call('iam:SimulatePrincipalPolicy', needs.length);
      if (typeof identity === 'function') return identity(needs);
      return identity ?? { principalArn: CALLER.arn, decisions: needs.map(() => 'ALLOWED'), because: null };
    },
    apiCalls: () => {
      const names = Map.groupBy(log, (line) => line.split(' ')[0] ?? '');
      return Object.fromEntries([...names].map(([name, lines]) => [name, lines.length]));
    },
  };
  if (tags) {
    const tagged = (names: readonly string[], keys: readonly string[]) =>
      new Map(
        names.flatMap((name) => {
          const asked = Object.entries(tags[name] ?? {}).filter(([key]) => keys.includes(key));
          return asked.length === 0 ? [] : [[aLogGroup(name).arn, new Map(asked)] as const];
        }),
      );
    cloud.tags = {
      async all(keys) {
        call('tag:GetResources', `all ${keys.join(' ')}`);
        return tagged(Object.keys(tags), keys);
      },
      async of(stores, keys) {
        const names = stores.map(({ name }) => name);
        call('tag:GetResources', names.join(' '));
        return tagged(names, keys);
      },
    };
  }
  if (stacks) {
    cloud.stacks = async () => {
      call('tag:GetResources', 'all');
      return { stackOf: new Map(Object.entries(stacks)), isComplete: true };
    };
  }
  return { cloud, log, attached, keys: described, policies: texts, failures: broken };
}

/** A journal in memory. */
export function fakeJournal() {
  const entries: JournalEntry[] = [];
  const journal: StoreJournal = {
    append: async (entry) => void entries.push(entry),
    ofStore: async ({ arn }) => entries.filter((entry) => changedArn(entry) === arn),
  };
  return {
    journal,
    entries,
    phases: () => entries.map((entry) => `${entry.store?.name ?? changedArn(entry)} ${entry.phase}`),
  };
}

/** Many log groups of one key. */
export function manyGroups(count: number, keyArn: string | null = null): Record<string, string | null> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`/many/${index}`, keyArn]));
}
