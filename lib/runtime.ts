import type { Cloud, CloudOf, EventBus, MessageQueue, ReadableJournal, ScanTable } from './app/ports.ts';
import { type AccountRole, enterAccounts } from './aws/account-role.ts';
import type { AwsOptions } from './aws/clients.ts';
import { createAwsCloud } from './aws/cloud.ts';
import { withForeignPolicies } from './aws/foreign-policies.ts';
import type { ReadEntry } from './aws/journal-table.ts';
import type { RemoteConfigSource } from './domain/config-source.ts';
import { targetKey } from './domain/target.ts';
import { CloudError } from './errors.ts';

export type { AccountRole } from './aws/account-role.ts';
export { defaultRegion } from './aws/default-region.ts';
export { profileMistake } from './aws/profile.ts';

/** How retries wait, and how many there are. Tests retry as often as production, without the waits. */
export type Pacing = Pick<AwsOptions, 'maxAttempts' | 'retryStrategy' | 'onLongRetry' | 'wait'>;

export interface CloudOptions extends AwsOptions {
  /** Where to ask who calls, once for all Regions. Default: each Region is asked for itself, so that it fails alone. */
  readonly callerRegion?: string;
  /** How accounts other than the caller's own are entered; null, the default: they are not. */
  readonly accountRole?: AccountRole | null;
  /**
   * Whether the run works in an account, so that the policies of its keys may be read there for other accounts. Default: in the
   * caller's own alone.
   */
  readonly isOfRun?: (account: string) => boolean;
}

/**
 * AWS with the credentials that the SDK finds, one target at a time. The clients of a Region are built when it is first
 * asked for, and once.
 */
export function awsClouds({ isOfRun = () => false, ...options }: CloudOptions = {}): CloudOf {
  return withForeignPolicies(targetClouds(options), isOfRun);
}

function targetClouds({ callerRegion, accountRole, ...options }: CloudOptions): CloudOf {
  const clouds = new Map<string, Cloud>();
  const ownRegion = (region: string): Cloud => {
    const known = clouds.get(region);
    if (known) return known;
    const isElsewhere = callerRegion !== undefined && region !== callerRegion;
    const callerElsewhere = isElsewhere ? ownRegion(callerRegion).caller : undefined;
    const cloud = createAwsCloud(region, options, { callerElsewhere });
    clouds.set(region, cloud);
    return cloud;
  };
  if (!accountRole) {
    return ({ account, region }) => (account === '' ? ownRegion(region) : onlyIn(account, ownRegion(region)));
  }
  const enter = enterAccounts(accountRole, options, (region) => ownRegion(region).caller());
  const entered = new Map<string, Cloud>();
  return (target) => {
    const { account, region } = target;
    if (account === '') return ownRegion(region);
    const known = entered.get(targetKey(target));
    if (known) return known;
    const cloud = onlyIn(
      account,
      createAwsCloud(region, options, { credentialsOf: (calls) => enter(account, region, calls) }),
    );
    entered.set(targetKey(target), cloud);
    return cloud;
  };
}

/** The same Region, for a target that names its account: these credentials reach no account but the caller's own. */
function onlyIn(account: string, cloud: Cloud): Cloud {
  return {
    ...cloud,
    async owner() {
      const owner = await cloud.owner();
      if (owner.account === account) return owner;
      const message = `these credentials belong to account ${owner.account} and cannot reach account ${account}`;
      throw new CloudError('CREDENTIALS', 'sts:GetCallerIdentity', message);
    },
  };
}

/** The bus that a deployed function sends its events to, in its own Region. Loads its SDK client only when called. */
export async function awsEventBus({ homeRegion, busName }: { homeRegion: string; busName: string }): Promise<EventBus> {
  const { createAwsEventBus } = await import('./aws/event-bus.ts');
  return createAwsEventBus(homeRegion, busName);
}

/** The queue that invokes a deployed function, in its own Region. Loads its SDK client only when called. */
export async function awsMessageQueue(config: { homeRegion: string; queueUrl: string }): Promise<MessageQueue> {
  const { createAwsMessageQueue } = await import('./aws/message-queue.ts');
  return createAwsMessageQueue(config.homeRegion, config.queueUrl);
}

/**
 * The bytes of a configuration that AWS keeps. Loads its SDK client only when called.
 * @param maxBytes of a larger one only so many bytes and some more are read
 * @throws CloudError
 */
export async function awsConfigBytes(
  source: RemoteConfigSource,
  { region, maxBytes, ...options }: AwsOptions & { readonly region: string; readonly maxBytes: number },
): Promise<Uint8Array> {
  if (source.type === 'SSM') {
    const { readParameter } = await import('./aws/parameter.ts');
    return readParameter(region, source.name, options);
  }
  const { readObject } = await import('./aws/object.ts');
  return readObject(region, source, maxBytes, options);
}

export interface TableOptions extends AwsOptions {
  readonly region: string;
  readonly tableName: string;
}

/**
 * A journal in a table of DynamoDB. Loads its SDK client only when called.
 * @param readEntry reads the text of an entry; throws a UsageError that says where it stands
 */
export async function awsReadableJournal(
  { region, tableName, ...options }: TableOptions,
  readEntry: ReadEntry,
): Promise<ReadableJournal> {
  const [{ createReadableJournalTable }, { openTable }] = await Promise.all([
    import('./aws/journal-table.ts'),
    import('./aws/table.ts'),
  ]);
  return createReadableJournalTable(openTable(region, tableName, options), readEntry);
}

/** The table that scans take turns by, and that holds what they found. Loads its SDK client only when called. */
export async function awsScanTable({ region, tableName, ...options }: TableOptions): Promise<ScanTable> {
  const [{ createScanTable }, { openTable }] = await Promise.all([
    import('./aws/scan-table.ts'),
    import('./aws/table.ts'),
  ]);
  return createScanTable(openTable(region, tableName, options));
}
