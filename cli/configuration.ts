import type { RightFile } from '../lib/config/config-file.ts';
import { parseConfigSource } from '../lib/config/config-source.ts';
import { unreadFix } from '../lib/domain/config-source.ts';
import { NO_CONFIGURATION, prepare } from '../lib/domain/configuration.ts';
import { noteText } from '../lib/domain/file-note.ts';
import { printable } from '../lib/domain/printable.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import { readConfigFileOf, readConfigInAws } from './config-input.ts';
import type { Host } from './host.ts';
import { NO_RUN_CONFIGURATION, type RunConfiguration } from './run-configuration.ts';

/** A configuration that was named, and may still have to be read. */
export interface NamedConfiguration {
  /** Whether it may name keys, so that a key need not be named beside it. */
  readonly mayNameKeys: boolean;
  /** @throws UsageError with every mistake in it */
  read(): Promise<RunConfiguration>;
}

/** Reads a file at once, so that its mistakes are listed along with those of the options. What AWS keeps is read later. */
export async function nameConfiguration(args: Arguments, host: Host): Promise<NamedConfiguration> {
  const text = args.value('config');
  const source = text === undefined ? undefined : parseConfigSource(text);
  if (text === undefined || !source) return { mayNameKeys: text !== undefined, read: async () => NO_RUN_CONFIGURATION };
  if (source.type !== 'FILE') return { mayNameKeys: true, read: () => readRemote(text, args, host) };
  const file = await readConfigFileOf(args, host);
  if (!file) return { mayNameKeys: true, read: async () => NO_RUN_CONFIGURATION };
  const config = prepared(text, file, args, host);
  return { mayNameKeys: config.configuration.keys.length > 0, read: async () => config };
}

async function readRemote(text: string, args: Arguments, host: Host): Promise<RunConfiguration> {
  const file = await readConfigInAws(args, host);
  if (!file) return NO_RUN_CONFIGURATION;
  if (file.status === 'READ') return prepared(text, file, args, host);
  const { failure } = file;
  host.err.write(
    `The configuration ${text} could not be read, so no exemption counts and nothing may be changed: ${failure.code}: ${failure.call}: ${printable(failure.message)}\n  fix: ${printable(unreadFix(failure))}\n`,
  );
  return { configuration: NO_CONFIGURATION, failure, status: 'UNREADABLE' };
}

function prepared(
  text: string,
  { configuration, warnings }: RightFile,
  args: Arguments,
  { err }: Host,
): RunConfiguration {
  if (!args.flag('quiet')) for (const warning of warnings) err.write(`warning: ${text}: ${noteText(warning)}\n`);
  return { configuration: prepare(configuration), failure: null, status: 'READ' };
}

/** @throws UsageError where neither the options nor a configuration that was read later name a key to seal with */
export function refuseWithoutKey(args: Arguments, { status, configuration }: RunConfiguration): void {
  if (status !== 'READ' || configuration.keys.length > 0 || args.flag('key') || args.flag('service-key')) return;
  throw new UsageError([
    `--key: expected the key to seal with, since ${args.value('config')} has no key rules; got none`,
  ]);
}
