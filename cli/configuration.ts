import type { RightFile, WrongFile } from '../lib/config/config-file.ts';
import { MAX_CONFIG_MIB } from '../lib/config/config-size.ts';
import { configMistake, parseConfigSource } from '../lib/config/config-source.ts';
import { noteText } from '../lib/domain/file-note.ts';
import type { RemoteConfigSource } from '../lib/domain/config-source.ts';
import { type ConfigStatus, NO_CONFIGURATION, type PreparedConfiguration, prepare } from '../lib/domain/configuration.ts';
import type { Failure } from '../lib/domain/failure.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import type { Host } from './host.ts';
import { readInput } from './read-input.ts';

export const CONFIG_OPTION = { config: { kind: 'value', check: configMistake } } as const satisfies OptionSpecs;

/** What the option `--config` brought. */
export interface RunConfiguration {
  readonly configuration: PreparedConfiguration;
  /** Why it could not be read; null: it was, or none was named. */
  readonly failure: Failure | null;
  readonly status: ConfigStatus;
}

export const NO_RUN_CONFIGURATION: RunConfiguration = { configuration: NO_CONFIGURATION, failure: null, status: null };

/** A configuration that was named, and may still have to be read. */
export interface NamedConfiguration {
  /** Whether it may name keys, so that a key need not be named beside it. */
  readonly mayNameKeys: boolean;
  /** @throws UsageError with every mistake in it */
  read(): Promise<RunConfiguration>;
}

/** @throws UsageError where neither the options nor a configuration that was read later name a key to seal with */
export function refuseWithoutKey(args: Arguments, { status, configuration }: RunConfiguration): void {
  if (status !== 'READ' || configuration.keys.length > 0 || args.flag('key') || args.flag('service-key')) return;
  throw new UsageError([
    `--key: expected the key to seal with, since ${args.value('config')} has no key rules; got none`,
  ]);
}

/** Reads a file at once, so that its mistakes are listed along with those of the options. What AWS keeps is read later. */
export async function nameConfiguration(args: Arguments, host: Host): Promise<NamedConfiguration> {
  const text = args.value('config');
  const source = text === undefined ? undefined : parseConfigSource(text);
  if (!text || !source) return { mayNameKeys: text !== undefined, read: async () => NO_RUN_CONFIGURATION };
  if (source.type !== 'FILE') {
    if (args.value('provider') === 'alibaba')
      args.mistakes.push(`--config: expected a file with --provider alibaba, got ${text}`);
    return { mayNameKeys: true, read: () => readRemote(text, source, args, host) };
  }
  const bytes = await readInput({ option: 'config', path: source.path, maxMib: MAX_CONFIG_MIB }, host, args.mistakes);
  if (!bytes) return { mayNameKeys: true, read: async () => NO_RUN_CONFIGURATION };
  const { readConfigFile } = await import('../lib/config/config-file.ts');
  const file = readConfigFile(bytes, host.now());
  if (file.status === 'MISTAKES') args.mistakes.push(...mistakesIn(text, file));
  else warn(text, file, args, host);
  const config = file.status === 'READ' ? prepared(file) : NO_RUN_CONFIGURATION;
  return { mayNameKeys: file.status === 'MISTAKES' || file.configuration.keys.length > 0, read: async () => config };
}

async function readRemote(
  text: string,
  source: RemoteConfigSource,
  args: Arguments,
  host: Host,
): Promise<RunConfiguration> {
  const [{ awsConfigBytes, defaultRegion }, { readConfiguration }] = await Promise.all([
    import('../lib/runtime.ts'),
    import('../lib/config/read-configuration.ts'),
  ]);
  const profile = args.value('profile');
  const [first] = args.list('region');
  const region = host.environment['AWS_REGION'] || (await defaultRegion(profile).catch(orElse(first)));
  const read = (maxBytes: number) => awsConfigBytes(source, { region, maxBytes, profile, ...host.pacing });
  const file = await readConfiguration(read, host.now());
  switch (file.status) {
    case 'MISTAKES':
      throw new UsageError(mistakesIn(text, file));
    case 'UNREADABLE': {
      const { failure } = file;
      host.err.write(
        `The configuration could not be read, so no exemption counts and nothing may be changed: ${text}: ${failure.code}: ${failure.call}: ${failure.message}\n`,
      );
      return { configuration: NO_CONFIGURATION, failure, status: 'UNREADABLE' };
    }
    case 'READ':
      warn(text, file, args, host);
      return prepared(file);
  }
}

/** Where no default Region is configured, the first that was named. */
function orElse(region: string | undefined): (error: unknown) => string {
  return (error) => {
    if (region === undefined) throw error;
    return region;
  };
}

function prepared({ configuration }: RightFile): RunConfiguration {
  return { configuration: prepare(configuration), failure: null, status: 'READ' };
}

function mistakesIn(name: string, { mistakes }: WrongFile): string[] {
  return mistakes.map((mistake) => `--config: ${name}: ${noteText(mistake)}`);
}

function warn(name: string, { warnings }: RightFile, args: Arguments, { err }: Host): void {
  if (args.flag('quiet')) return;
  for (const warning of warnings) err.write(`warning: ${name}: ${noteText(warning)}\n`);
}
