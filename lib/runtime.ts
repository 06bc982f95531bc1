import type { Cloud, CloudOf, EventBus, Journal, ReadableJournal } from './app/ports.ts';
import type { AwsOptions } from './aws/clients.ts';
import { createAwsCloud } from './aws/cloud.ts';
import type { ReadEntry } from './aws/journal-table.ts';

export { defaultRegion } from './aws/default-region.ts';
export { profileMistake } from './aws/profile.ts';

export interface CloudOptions extends AwsOptions {
  /** Where to ask who calls, once for all Regions. Default: each Region is asked for itself, so that it fails alone. */
  readonly callerRegion?: string;
}

/**
 * AWS as the SDK's environment shows it, one Region at a time. The clients of a Region are built when it is first asked
 * for, and once.
 */
export function awsClouds({ callerRegion, ...options }: CloudOptions = {}): CloudOf {
  const clouds = new Map<string, Cloud>();
  const cloudOf: CloudOf = (region) => {
    const known = clouds.get(region);
    if (known) return known;
    const isElsewhere = callerRegion !== undefined && region !== callerRegion;
    const cloud = createAwsCloud(region, options, isElsewhere ? cloudOf(callerRegion).caller : undefined);
    clouds.set(region, cloud);
    return cloud;
  };
  return cloudOf;
}

/** The bus that a deployed function sends its events to, in its own Region. Its SDK client is loaded for nobody else. */
export async function awsEventBus({ homeRegion, busName }: { homeRegion: string; busName: string }): Promise<EventBus> {
  const { createAwsEventBus } = await import('./aws/event-bus.ts');
  return createAwsEventBus(homeRegion, busName);
}

export interface JournalTableOptions extends AwsOptions {
  readonly region: string;
  readonly tableName: string;
}

/** A journal to write, in a table of DynamoDB. Its SDK client is loaded for nobody else. */
export async function awsJournal({ region, tableName, ...options }: JournalTableOptions): Promise<Journal> {
  const { createJournalTable, openTable } = await import('./aws/journal-table.ts');
  return createJournalTable(openTable(region, tableName, options));
}

/** The same to be read again. @param readEntry reads the text of an entry; throws a UsageError that says where it stands */
export async function awsReadableJournal(
  { region, tableName, ...options }: JournalTableOptions,
  readEntry: ReadEntry,
): Promise<ReadableJournal> {
  const { createReadableJournalTable, openTable } = await import('./aws/journal-table.ts');
  return createReadableJournalTable(openTable(region, tableName, options), readEntry);
}
