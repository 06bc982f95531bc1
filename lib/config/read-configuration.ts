import type { Failure } from '../domain/failure.ts';
import { CloudError } from '../errors.ts';
import type { RightFile, WrongFile } from './config-file.ts';
import { MAX_CONFIG_BYTES } from './config-size.ts';

/** A configuration that could not be read at all, so that nobody knows what it says. */
export interface UnreadableFile {
  readonly status: 'UNREADABLE';
  readonly failure: Failure;
}

export type ReadConfiguration = RightFile | WrongFile | UnreadableFile;

/**
 * Reads a configuration that AWS keeps. Loads what reads YAML only when called.
 * @param bytes reads it, of one that is too large only the beginning; throws a CloudError
 * @param now which days are too far ahead
 */
export async function readConfiguration(
  bytes: (maxBytes: number) => Promise<Uint8Array>,
  now: Date,
): Promise<ReadConfiguration> {
  try {
    const [content, { readConfigFile }] = await Promise.all([bytes(MAX_CONFIG_BYTES), import('./config-file.ts')]);
    return readConfigFile(content, now);
  } catch (error) {
    if (error instanceof CloudError) return { status: 'UNREADABLE', failure: error };
    throw error;
  }
}
