import { NO_CONFIGURATION, type PreparedConfiguration, prepare } from '../../lib/domain/configuration.ts';
import type { CloudErrorCode } from '../../lib/errors.ts';
import type { ConfigReader } from '../../lib/lambda/config-reader.ts';
import { anExemption } from '../support/configuration.ts';
import { aCloudError } from '../support/fake-cloud.ts';

/** A file that says this. */
export const reads =
  (configuration: PreparedConfiguration): ConfigReader =>
  async () => ({ status: 'READ', configuration, unreadConfiguration: null });

/** A file that cannot be read. */
export const unreadable =
  (code: CloudErrorCode): ConfigReader =>
  async () => ({
    status: 'UNREADABLE',
    configuration: NO_CONFIGURATION,
    unreadConfiguration: aCloudError(code, 'no file'),
  });

/** Exemptions for these names, each by the id of its place. */
export const exemptions = (...matches: readonly (readonly [name: string, expires: string])[]): PreparedConfiguration =>
  prepare({
    exemptions: matches.map(([name, expires], index) =>
      anExemption({ id: `e-${index + 1}`, expires, match: { names: [name] } }),
    ),
    keys: [],
  });
