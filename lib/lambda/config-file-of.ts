import type { FunctionConfig } from '../config/functions.ts';
import { readConfiguration } from '../config/read-configuration.ts';
import { type RemoteConfigSource, sourceText } from '../domain/config-source.ts';
import { type ConfigReader, configReader, noConfigFile } from './config-reader.ts';
import { recordConfiguration } from './telemetry.ts';

/** How a deployed function reads its configuration file. @param bytes reads it from AWS; called when the file is first needed */
export function configFileOf(
  { configSource, homeRegion }: FunctionConfig,
  bytes: (source: RemoteConfigSource, from: { region: string; maxBytes: number }) => Promise<Uint8Array>,
): ConfigReader {
  if (!configSource) return noConfigFile;
  const where = sourceText(configSource);
  return configReader({
    where,
    read: (now) => readConfiguration((maxBytes) => bytes(configSource, { region: homeRegion, maxBytes }), now),
    clock: () => new Date(),
    onRead: (file) => recordConfiguration(file, where),
  });
}
