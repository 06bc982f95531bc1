import type {
  Cloud,
  CloudOf,
  EventBus,
  MessageQueue,
  Organization,
  ReadableJournal,
  RemediationTurns,
  ScanTable,
} from './app/ports.ts';
import { type AccountRole, enterAccounts } from './aws/account-role.ts';
import { type Calls, createCalls } from './aws/calls.ts';
import { type AwsOptions, newRequestHandler } from './aws/clients.ts';
import { createAwsCloud } from './aws/cloud.ts';
import { withForeignPolicies } from './aws/foreign-policies.ts';
import type { ReadEntry } from './aws/journal-table.ts';
import { lastUsed } from './aws/last-used.ts';
import { createOrganization } from './aws/organization.ts';
import type { RemoteConfigSource } from './domain/config-source.ts';
import { inEveryAccount } from './domain/partition.ts';
import { targetKey } from './domain/target.ts';
import { CloudError } from './errors.ts';
import { ENTERED_TARGETS_KEPT } from './pacing.ts';

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
 * asked for, and once; those of a target in an account that is entered are built again when many others were asked for
 * meanwhile. The calls of each target are counted as long as the clouds are used.
 */
export function awsClouds({ isOfRun = () => false, ...options }: CloudOptions = {}): CloudOf {
  return withForeignPolicies(targetClouds(options), isOfRun);
}

function targetClouds({ callerRegion, accountRole, ...given }: CloudOptions): CloudOf {
  // All clients use the same connections: thousands of targets have few endpoints.
  const options: AwsOptions = { requestHandler: newRequestHandler(), ...given };
  const clouds = new Map<string, Cloud>();
  const ownRegion = (region: string): Cloud => {
    const known = clouds.get(region);
    if (known) return known;
    const isElsewhere = callerRegion !== undefined && region !== callerRegion;
    const caller = isElsewhere ? ownRegion(callerRegion).caller : undefined;
    const cloud = createAwsCloud(region, options, { calls: createCalls(), caller });
    clouds.set(region, cloud);
    return cloud;
  };
  if (!accountRole) {
    return ({ account, region }) => (account === '' ? ownRegion(region) : onlyIn(account, ownRegion(region)));
  }
  let enter: ReturnType<typeof enterAccounts> | undefined;
  const entered = lastUsed<Cloud>(ENTERED_TARGETS_KEPT);
  const callsOf = new Map<string, Calls>();
  return (target) => {
    const { account, region } = target;
    if (account === '') return ownRegion(region);
    return entered(targetKey(target), () => {
      // STS answers only for accounts that have enabled its Region.
      const home = inEveryAccount(callerRegion ?? region);
      enter ??= enterAccounts(accountRole, options, { region: home, caller: ownRegion(home).caller });
      const calls = callsOf.get(targetKey(target)) ?? createCalls();
      callsOf.set(targetKey(target), calls);
      const { credentials, caller } = enter(account, calls);
      return createAwsCloud(region, { ...options, credentials }, { calls, caller });
    });
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

/** The organization of the caller's account. Loads its SDK client only when it is asked. */
export function awsOrganization({ region, ...options }: AwsOptions & { readonly region: string }): Organization {
  return createOrganization(region, options);
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

/** The turns of remediations in the table of the scans. Loads its SDK client only when called. */
export async function awsRemediationTurns({ region, tableName, ...options }: TableOptions): Promise<RemediationTurns> {
  const [{ createRemediationTurns }, { openTable }] = await Promise.all([
    import('./aws/remediation-turns.ts'),
    import('./aws/table.ts'),
  ]);
  return createRemediationTurns(openTable(region, tableName, options));
}

/** The table that scans take turns by, and that holds what they found. Loads its SDK client only when called. */
export async function awsScanTable({ region, tableName, ...options }: TableOptions): Promise<ScanTable> {
  const [{ createScanTable }, { openTable }] = await Promise.all([
    import('./aws/scan-table.ts'),
    import('./aws/table.ts'),
  ]);
  return createScanTable(openTable(region, tableName, options));
}
