import type { RemoteConfigSource } from '../domain/config-source.ts';
import type { PRINCIPAL_VARIABLE } from '../domain/key-policy/service-call.ts';
import { keyMistake, regionMistake } from '../domain/providers/aws.ts';
import { ALL_REGIONS } from '../domain/target.ts';
import { UsageError } from '../errors.ts';
import { parseRemoteConfigSource, remoteConfigMistake } from './config-source.ts';
import { environmentMistakes } from './endpoints.ts';
import { type Environment, listMistake, partsOf, readVariable, unlessEmpty } from './environment.ts';
import { readLogsPrincipal } from './logs-principal.ts';
import { type Members, readMembers } from './members.ts';
import { tableMistake } from './table-name.ts';

/** The empty log group that the functions query to read the key of query results; their roles may query no other. */
export const PROBE_GROUP = '/logseal/probe';

/** What the deployed functions are configured with. */
export interface FunctionConfig {
  /** Where logseal was deployed. Its STS names the account. */
  readonly homeRegion: string;
  /** null: in each account the Regions that are enabled there. */
  readonly regions: readonly string[] | null;
  /** null: none, only its own. */
  readonly members: Members | null;
  readonly busName: string;
  /** The queue that delivers events to the function. */
  readonly queueUrl: string;
  /** Whether the stored Logs Insights results are included, which takes a query each time. */
  readonly queryResults: boolean;
  /** The service principal of CloudWatch Logs, where AWS does not document it; null: none was named. */
  readonly logsPrincipal: string | null;
  /** `Audit`: only report what would be done. */
  readonly mode: 'Audit' | 'Enforce';
  /** The key that log stores are sealed with: `alias/NAME`, an alias ARN or a key ARN. */
  readonly key: string;
  /** Where exemptions and key rules are; null: there are none. */
  readonly configSource: RemoteConfigSource | null;
}

export interface ScanConfig extends FunctionConfig {
  /** A DynamoDB table in the home Region, with the scan of each target that is under way and the result of the last. */
  readonly scanTable: string;
}

export interface RemediateConfig extends FunctionConfig {
  /** A DynamoDB table in the home Region, where each change is written down. */
  readonly journalTable: string;
  /** The table of the scans, where remediations take turns, too. */
  readonly scanTable: string;
}

/** Every name that the functions read from their environment; a typo does not compile. */
type Variable =
  | 'AWS_REGION'
  | 'LOGSEAL_REGIONS'
  | 'LOGSEAL_BUS'
  | 'LOGSEAL_QUEUE_URL'
  | 'LOGSEAL_QUERY_RESULTS'
  | 'LOGSEAL_MODE'
  | 'LOGSEAL_KEY'
  | 'LOGSEAL_CONFIG_URI'
  | 'LOGSEAL_JOURNAL_TABLE'
  | 'LOGSEAL_SCAN_TABLE'
  | typeof PRINCIPAL_VARIABLE;

/** @throws UsageError with every mistake */
export function readScanConfig(environment: Environment): ScanConfig {
  const mistakes: string[] = [];
  const config = readFunctionConfig(environment, mistakes);
  const scanTable = read(environment, 'LOGSEAL_SCAN_TABLE', mistakes, tableMistake);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return { ...config, scanTable };
}

/** @throws UsageError with every mistake */
export function readRemediateConfig(environment: Environment): RemediateConfig {
  const mistakes: string[] = [];
  const config = readFunctionConfig(environment, mistakes);
  const journalTable = read(environment, 'LOGSEAL_JOURNAL_TABLE', mistakes, tableMistake);
  const scanTable = read(environment, 'LOGSEAL_SCAN_TABLE', mistakes, tableMistake);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return { ...config, journalTable, scanTable };
}

function readFunctionConfig(environment: Environment, mistakes: string[]): FunctionConfig {
  mistakes.push(...environmentMistakes(environment));
  const regions = read(environment, 'LOGSEAL_REGIONS', mistakes, (text) =>
    text === ALL_REGIONS ? undefined : listMistake(regionMistake)(text),
  );
  const mode = read(environment, 'LOGSEAL_MODE', mistakes, (text) =>
    text === 'Audit' || text === 'Enforce' ? undefined : `expected Audit or Enforce, got ${JSON.stringify(text)}`,
  );
  const configUri = read(environment, 'LOGSEAL_CONFIG_URI', mistakes, unlessEmpty(remoteConfigMistake));
  return {
    homeRegion: read(environment, 'AWS_REGION', mistakes, regionMistake),
    regions: regions === ALL_REGIONS ? null : partsOf(regions),
    members: readMembers(environment, mistakes),
    busName: read(environment, 'LOGSEAL_BUS', mistakes, (text) =>
      /^[/.\-_A-Za-z0-9]{1,256}$/.test(text)
        ? undefined
        : `expected the name of an event bus, got ${JSON.stringify(text)}`,
    ),
    queueUrl: read(environment, 'LOGSEAL_QUEUE_URL', mistakes, (text) =>
      /^https?:$/.test(URL.parse(text)?.protocol ?? '')
        ? undefined
        : `expected the URL of a queue, got ${JSON.stringify(text)}`,
    ),
    queryResults:
      read(environment, 'LOGSEAL_QUERY_RESULTS', mistakes, (text) =>
        text === 'true' || text === 'false' ? undefined : `expected true or false, got ${JSON.stringify(text)}`,
      ) === 'true',
    logsPrincipal: readLogsPrincipal(environment),
    mode: mode === 'Enforce' ? mode : 'Audit',
    key: read(environment, 'LOGSEAL_KEY', mistakes, keyMistake),
    configSource: parseRemoteConfigSource(configUri) ?? null,
  };
}

function read(environment: Environment, name: Variable, mistakes: string[], check: Parameters<typeof readVariable>[3]) {
  return readVariable(environment, name, mistakes, check);
}
