import type { ReadConfiguration } from '../config/read-configuration.ts';
import { type ConfigStatus, NO_CONFIGURATION, type PreparedConfiguration, prepare } from '../domain/configuration.ts';
import type { Failure } from '../domain/failure.ts';
import { noteText } from '../domain/file-note.ts';
import { CloudError } from '../errors.ts';
import { CONFIG_LASTS_MS } from '../pacing.ts';

/** What a function goes by: the configuration file as it was read last. */
export interface CurrentConfiguration {
  readonly status: ConfigStatus;
  readonly configuration: PreparedConfiguration;
  /** Why it could not be read, or is wrong; null: it was read, or there is none. */
  readonly unreadConfiguration: Failure | null;
}

/** Reads the file where it was not read within the last minute. */
export type ConfigReader = () => Promise<CurrentConfiguration>;

export interface ConfigReaderOptions {
  /** For messages: where the file is. */
  readonly where: string;
  readonly read: (now: Date) => Promise<ReadConfiguration>;
  readonly clock: () => Date;
  /** Called with what each reading brought. */
  readonly onRead: (file: ReadConfiguration) => void;
}

const NO_FILE: CurrentConfiguration = { status: null, configuration: NO_CONFIGURATION, unreadConfiguration: null };

export const noConfigFile: ConfigReader = async () => NO_FILE;

/** Reads at most once a minute, failures included. No earlier reading is used in place of one that failed: it may lack an exemption. */
export function configReader({ where, read, clock, onRead }: ConfigReaderOptions): ConfigReader {
  let last: { readonly at: number; readonly current: Promise<CurrentConfiguration> } | undefined;
  const readNow = async (now: Date): Promise<CurrentConfiguration> => {
    const file = await read(now);
    onRead(file);
    if (file.status === 'READ') {
      return { status: 'READ', configuration: prepare(file.configuration), unreadConfiguration: null };
    }
    const unreadConfiguration = file.status === 'UNREADABLE' ? file.failure : wrong(where, file.mistakes.map(noteText));
    return { status: 'UNREADABLE', configuration: NO_CONFIGURATION, unreadConfiguration };
  };
  return () => {
    const now = clock();
    if (!last || now.getTime() - last.at >= CONFIG_LASTS_MS) last = { at: now.getTime(), current: readNow(now) };
    return last.current;
  };
}

/** @throws CloudError where another attempt may read the file, unless this is the last one */
export async function readOrRetry(read: ConfigReader, isLastAttempt: boolean): Promise<CurrentConfiguration> {
  const current = await read();
  const failure = current.unreadConfiguration;
  if (failure?.isTransient && !isLastAttempt) throw new CloudError('UNAVAILABLE', failure.call, failure.message);
  return current;
}

/** Every refusal repeats this, and the log has all mistakes. */
const MISTAKES_SHOWN = 3;
const MISTAKE_LENGTH = 300;

function wrong(where: string, mistakes: readonly string[]): Failure {
  const shown = mistakes.slice(0, MISTAKES_SHOWN).map((mistake) => mistake.slice(0, MISTAKE_LENGTH));
  const more = mistakes.length - shown.length;
  return {
    code: 'MISTAKES',
    call: where,
    message: [...shown, ...(more > 0 ? [`and ${more} more mistakes`] : [])].join('; '),
    isTransient: false,
    fix: `correct the mistakes in ${where}, all of which logseal config check FILE lists`,
  };
}
