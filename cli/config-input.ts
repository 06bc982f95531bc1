import type { RightFile } from '../lib/config/config-file.ts';
import { MAX_CONFIG_MIB } from '../lib/config/config-size.ts';
import { configMistake, parseConfigSource } from '../lib/config/config-source.ts';
import { readConfiguration, type UnreadableFile } from '../lib/config/read-configuration.ts';
import { noteText } from '../lib/domain/file-note.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import { unlessInterrupted } from './connect.ts';
import type { Host } from './host.ts';
import { readInput } from './read-input.ts';

export const CONFIG_OPTION = { config: { kind: 'value', check: configMistake } } as const satisfies OptionSpecs;

/**
 * Reads the file that `--config` names. What is wrong with it goes to `args.mistakes`, so that it is listed with all others.
 * @returns undefined after a mistake, and where the option names no file
 */
export async function readConfigFileOf(args: Arguments, host: Host): Promise<RightFile | undefined> {
  const source = parseConfigSource(args.value('config') ?? '');
  if (source?.type !== 'FILE') return undefined;
  const { path } = source;
  const bytes = await readInput({ option: 'config', path, maxMib: MAX_CONFIG_MIB }, host, args.mistakes);
  if (!bytes) return undefined;
  const { readConfigFile } = await import('../lib/config/config-file.ts');
  const file = readConfigFile(bytes, host.now());
  if (file.status === 'READ') return file;
  args.mistakes.push(...file.mistakes.map((mistake) => `--config: ${path}: ${noteText(mistake)}`));
  return undefined;
}

/**
 * Reads the parameter or the object that `--config` names, with the caller's credentials and in the SDK's own Region.
 * @returns undefined where the option names none
 * @throws UsageError with every mistake in what was read
 */
export async function readConfigInAws(args: Arguments, host: Host): Promise<RightFile | UnreadableFile | undefined> {
  const name = args.value('config') ?? '';
  const source = parseConfigSource(name);
  if (!source || source.type === 'FILE') return undefined;
  const { awsConfigBytes, defaultRegion } = await import('../lib/runtime.ts');
  const profile = args.value('profile');
  const region = await defaultRegion(profile);
  const bytes = (maxBytes: number) => awsConfigBytes(source, { region, profile, maxBytes, ...host.pacing });
  const file = await unlessInterrupted(host.signal, readConfiguration(bytes, host.now()));
  if (file.status !== 'MISTAKES') return file;
  throw new UsageError(file.mistakes.map((mistake) => `--config: ${name}: ${noteText(mistake)}`));
}
