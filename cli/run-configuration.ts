import { type ConfigStatus, NO_CONFIGURATION, type PreparedConfiguration } from '../lib/domain/configuration.ts';
import type { Failure } from '../lib/domain/failure.ts';

/** What the option `--config` brought. */
export interface RunConfiguration {
  readonly configuration: PreparedConfiguration;
  /** Why it could not be read; null: it was, or none was named. */
  readonly failure: Failure | null;
  readonly status: ConfigStatus;
}

export const NO_RUN_CONFIGURATION: RunConfiguration = { configuration: NO_CONFIGURATION, failure: null, status: null };
