import { parseArn } from './domain/arn.ts';
import { wrongRegion } from './domain/key-region.ts';
import { isLogGroupName } from './domain/log-store.ts';
import { SERVICE_KEY } from './domain/stores/logstore.ts';
import { UsageError } from './errors.ts';

/**
 * The forms of what users configure, by flag or by environment. Each check answers with the mistake, said as "expected …,
 * got …", or with nothing, so that a caller can gather every mistake before it answers.
 */
type Mistake = string | undefined;

/** KMS: an alias has 1 to 256 characters of these, `alias/` included. */
const ALIAS = /^alias\/[A-Za-z0-9/_-]{1,250}$/;
const KEY_RESOURCE = /^key\/[A-Za-z0-9-]{1,128}$/;

/** A KEY: `alias/NAME`, an alias ARN or a key ARN. */
export function keyMistake(text: string): Mistake {
  if (ALIAS.test(text)) return undefined;
  const arn = parseArn(text);
  const isKms = arn?.service === 'kms' && !regionMistake(arn.region) && !accountMistake(arn.account);
  if (isKms && (ALIAS.test(arn.resource) || KEY_RESOURCE.test(arn.resource))) return undefined;
  return `expected alias/NAME, an alias ARN or a key ARN, got ${JSON.stringify(text)}${/^[0-9a-f-]{36}$|^mrk-/.test(text) ? ' (a bare key id names no Region and no account)' : ''}`;
}

/** A key ARN, where an alias cannot be looked up. */
export function keyArnMistake(text: string): Mistake {
  const isKeyArn = !keyMistake(text) && parseArn(text)?.resource.startsWith('key/');
  return isKeyArn
    ? undefined
    : `expected a key ARN such as arn:aws:kms:eu-west-1:111122223333:key/ID, got ${JSON.stringify(text)}`;
}

/** A CMK of Alibaba Cloud: its id, or its ARN, which tells the Region too. */
const CMK = /^(?:acs:kms:([a-z0-9-]+):\d{1,20}:key\/)?([A-Za-z0-9][A-Za-z0-9-]{0,127})$/;

/** @returns the id, and the Region where the text tells one; undefined when it names no CMK */
export function parseCmk(text: string): { readonly id: string; readonly region: string | undefined } | undefined {
  const [, region, id] = CMK.exec(text) ?? [];
  return id === undefined ? undefined : { id, region };
}

/** @param regions where the Logstores are: the key must be there too */
export function cmkMistake(text: string, regions: readonly string[]): Mistake {
  const cmk = parseCmk(text);
  if (!cmk) return `expected the id or the ARN of a CMK of Alibaba Cloud, got ${JSON.stringify(text)}`;
  if (cmk.id === SERVICE_KEY) return 'expected a CMK; a key of SLS is asked for by --service-key';
  const elsewhere = regions.flatMap((region) => wrongRegion(text, cmk.region, region)?.message ?? []);
  return elsewhere.length === 0 ? undefined : elsewhere.join('; ');
}

const ROLE_ARN = /^acs:ram::(\d{1,20}):role\/[A-Za-z0-9.-]{1,64}$/;

export function slsRoleMistake(text: string): Mistake {
  return ROLE_ARN.test(text)
    ? undefined
    : `expected a role ARN such as acs:ram::123456789012:role/NAME, got ${JSON.stringify(text)}`;
}

/** The account in a role ARN that is well formed, else none. */
export function accountOfRole(text: string | undefined): string {
  return ROLE_ARN.exec(text ?? '')?.[1] ?? '';
}

/** Judged by its form: which Regions exist is AWS's to say. */
export function regionMistake(text: string): Mistake {
  if (/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(text)) return undefined;
  return `expected a Region such as eu-west-1, got ${JSON.stringify(text)}`;
}

/** Regions of Alibaba Cloud, such as cn-hangzhou and ap-southeast-1. */
export function alibabaRegionMistake(text: string): Mistake {
  if (/^[a-z]{2}(-[a-z0-9]+){1,4}$/.test(text)) return undefined;
  return `expected a Region of Alibaba Cloud such as cn-hangzhou, got ${JSON.stringify(text)}`;
}

export function accountMistake(text: string): Mistake {
  return /^\d{12}$/.test(text) ? undefined : `expected an account id of twelve digits, got ${JSON.stringify(text)}`;
}

/** The `:*` at the end is taken as well as its absence. */
export function logGroupArnMistake(text: string): Mistake {
  const arn = parseArn(text);
  const isLogs = arn?.service === 'logs' && !regionMistake(arn.region) && !accountMistake(arn.account);
  const [, name] = /^log-group:([^:]*)(?::\*)?$/.exec(arn?.resource ?? '') ?? [];
  if (isLogs && name !== undefined && isLogGroupName(name)) return undefined;
  return `expected a log group ARN such as arn:aws:logs:eu-west-1:111122223333:log-group:NAME, got ${JSON.stringify(text)}`;
}

/** DynamoDB: names of tables have 3 to 255 of these characters; or the ARN of one. */
export function tableMistake(text: string): Mistake {
  const isName = /^(arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/)?[\w.-]{3,255}$/.test(text);
  return isName ? undefined : `expected the name of a DynamoDB table, got ${JSON.stringify(text)}`;
}

/** The endpoint variables that are set to something that is no URL. */
export function endpointMistakes(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => /^(AWS_ENDPOINT_URL|LOGSEAL_\w+_ENDPOINT$)/.test(name) && value && !isHttpUrl(value))
    .map(([name, value]) => `${name}: expected an http or https URL, got ${JSON.stringify(value)}`);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** What the deployed functions are configured with. */
export interface FunctionConfig {
  /** Where logseal was deployed, and whose STS it asks who it is. */
  readonly homeRegion: string;
  readonly regions: readonly string[];
  readonly busName: string;
  /** Whether the stored Logs Insights results are looked after too, which takes a query each time. */
  readonly queryResults: boolean;
}

export interface RemediateConfig extends FunctionConfig {
  readonly mode: 'Audit' | 'Enforce';
  readonly key: string;
  /** Of DynamoDB, in the home Region: where each change is written down. */
  readonly journalTable: string;
}

/** Every name that the functions read from their environment; a typo does not compile. */
type Variable =
  | 'AWS_REGION'
  | 'LOGSEAL_REGIONS'
  | 'LOGSEAL_BUS'
  | 'LOGSEAL_QUERY_RESULTS'
  | 'LOGSEAL_MODE'
  | 'LOGSEAL_KEY'
  | 'LOGSEAL_JOURNAL_TABLE';
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UsageError with every mistake */
export function readScanConfig(environment: Environment): FunctionConfig {
  const mistakes: string[] = [];
  const config = readFunctionConfig(environment, mistakes);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return config;
}

/** @throws UsageError with every mistake */
export function readRemediateConfig(environment: Environment): RemediateConfig {
  const mistakes: string[] = [];
  const config = readFunctionConfig(environment, mistakes);
  const mode = read(environment, 'LOGSEAL_MODE', mistakes, (text) =>
    text === 'Audit' || text === 'Enforce' ? undefined : `expected Audit or Enforce, got ${JSON.stringify(text)}`,
  );
  const key = read(environment, 'LOGSEAL_KEY', mistakes, keyMistake);
  const journalTable = read(environment, 'LOGSEAL_JOURNAL_TABLE', mistakes, tableMistake);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return { ...config, mode: mode === 'Enforce' ? mode : 'Audit', key, journalTable };
}

function readFunctionConfig(environment: Environment, mistakes: string[]): FunctionConfig {
  mistakes.push(...endpointMistakes(environment));
  const regions = read(environment, 'LOGSEAL_REGIONS', mistakes, (text) => {
    const wrong = text.split(',').map(regionMistake).filter(Boolean);
    return wrong.length > 0 ? wrong.join('; ') : undefined;
  });
  return {
    homeRegion: read(environment, 'AWS_REGION', mistakes, regionMistake),
    regions: [...new Set(regions.split(','))],
    busName: read(environment, 'LOGSEAL_BUS', mistakes, (text) =>
      /^[/.\-_A-Za-z0-9]{1,256}$/.test(text)
        ? undefined
        : `expected the name of an event bus, got ${JSON.stringify(text)}`,
    ),
    queryResults:
      read(environment, 'LOGSEAL_QUERY_RESULTS', mistakes, (text) =>
        text === 'true' || text === 'false' ? undefined : `expected true or false, got ${JSON.stringify(text)}`,
      ) === 'true',
  };
}

/** @returns what is set, or an empty text beside a mistake */
function read(environment: Environment, name: Variable, mistakes: string[], check: (text: string) => Mistake): string {
  const text = environment[name] ?? '';
  const mistake = check(text);
  if (mistake) mistakes.push(`${name}: ${mistake}`);
  return text;
}
