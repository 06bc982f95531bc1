import { randomUUID } from 'node:crypto';
import type { Owner } from '../lib/app/ports.ts';
import {
  accountMistake,
  alibabaRegionMistake,
  cmkMistake,
  endpointMistakes,
  keyMistake,
  parseCmk,
  regionMistake,
  slsRoleMistake,
} from '../lib/config.ts';
import type { KeyInspection } from '../lib/domain/key.ts';
import {
  ANY_LOG_GROUP_NAME,
  isLogGroupName,
  type LogStore,
  logGroupOf,
  queryResultsOf,
} from '../lib/domain/log-store.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { SERVICE_KEY } from '../lib/domain/stores/logstore.ts';
import type { Provider, Target } from '../lib/domain/target.ts';
import { CloudError, type CloudErrorCode, UsageError } from '../lib/errors.ts';
import { type Colors, colors } from '../lib/report/colors.ts';
import type { Run } from '../lib/report/documents.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import type { Host } from './host.ts';
import { type Output, outputMistake, realFile } from './output.ts';

export const FORMATS = ['table', 'json', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

export const JOURNAL_OPTION = { journal: { kind: 'value' } } as const satisfies OptionSpecs;

/** The file of the journal, as the user names it. */
export function journalPath(args: Arguments): string {
  return args.value('journal') ?? 'logseal-journal.ndjson';
}

/** What takes a run back, ready to run: with the options without which its journal would not be found. */
export function undoCommand(args: Arguments, runId: string, provider: Provider = 'aws'): string {
  const given = ['profile', 'journal', 'journal-table'].filter((name) => args.value(name) !== undefined);
  const options = given.map((name) => ` --${name}=${quoted(args.value(name) ?? '')}`).join('');
  return `logseal undo --run ${runId}${provider === 'alibaba' ? ' --provider alibaba' : ''}${options}`;
}

/** As a shell takes it for one word. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Options that every command with results has. */
export const OUTPUT_OPTIONS = {
  format: {
    kind: 'value',
    check: (value) =>
      (FORMATS as readonly string[]).includes(value)
        ? undefined
        : `expected one of ${FORMATS.join(', ')}, got ${JSON.stringify(value)}`,
  },
  output: { kind: 'value', check: outputMistake },
  quiet: { kind: 'flag' },
  'no-color': { kind: 'flag' },
} as const satisfies OptionSpecs;

/** Options that say where to look, and with which key. Those whose form hangs on the provider: `validateProvider`. */
export const TARGET_OPTIONS = {
  provider: { kind: 'value', check: providerMistake },
  region: { kind: 'list' },
  account: { kind: 'list', check: accountMistake },
  key: { kind: 'value' },
  'sls-role-arn': { kind: 'value', check: slsRoleMistake },
  'service-key': { kind: 'flag' },
  'require-key': { kind: 'flag' },
  'query-results': { kind: 'flag' },
} as const satisfies OptionSpecs;

/** Options of what looks at the configured key alone. */
export const KEY_OPTIONS = {
  region: { kind: 'list', check: regionMistake },
  account: TARGET_OPTIONS.account,
  key: { kind: 'value', check: keyMistake },
  'log-group': {
    kind: 'value',
    check: (name) =>
      isLogGroupName(name) ? undefined : `expected the name of a log group, got ${JSON.stringify(name)}`,
  },
  'query-results': TARGET_OPTIONS['query-results'],
} as const satisfies OptionSpecs;

export const ONE_REGION = { region: { kind: 'value', check: regionMistake } } as const satisfies OptionSpecs;

function providerMistake(text: string): string | undefined {
  return text === 'aws' || text === 'alibaba' ? undefined : `expected aws or alibaba, got ${JSON.stringify(text)}`;
}

export function isAlibaba(args: Arguments): boolean {
  return args.value('provider') === 'alibaba';
}

/** What the Logstores are to be encrypted with: the id of a CMK, or the service key; for AWS the key as it was named. */
export function keyOf(args: Arguments): string | undefined {
  if (args.flag('service-key')) return SERVICE_KEY;
  const key = args.value('key');
  return key !== undefined && isAlibaba(args) ? (parseCmk(key)?.id ?? key) : key;
}

/** Adds the mistakes in options whose form, or place, hangs on the provider. */
export function validateProvider(args: Arguments): void {
  const { mistakes } = args;
  const add = (name: string, mistake: string | undefined) => mistake && mistakes.push(`--${name}: ${mistake}`);
  const regions = args.list('region');
  const key = args.value('key');
  if (!isAlibaba(args)) {
    for (const region of regions) add('region', regionMistake(region));
    if (key !== undefined) add('key', keyMistake(key));
    // A plan in a file names its provider.
    const names = ['sls-role-arn', 'service-key', ...(args.flag('plan') ? [] : ['confirm-irreversible'])];
    for (const name of names.filter(args.flag)) add(name, 'expected beside --provider alibaba');
    return;
  }
  for (const region of regions) add('region', alibabaRegionMistake(region));
  if (regions.length === 0) add('region', 'expected at least one beside --provider alibaba, got none');
  if (key !== undefined) add('key', cmkMistake(key, regions));
  for (const name of ['key', 'sls-role-arn'].filter(args.flag)) {
    if (args.flag('service-key')) add('service-key', `expected not to be beside --${name}`);
  }
  for (const name of ['query-results', 'profile', 'account']) {
    if (args.flag(name)) add(name, 'expected not to be beside --provider alibaba');
  }
}

export const PROFILE_OPTION = { profile: { kind: 'value' } } as const satisfies OptionSpecs;

export function formatOf(args: Arguments): Format {
  return (args.value('format') ?? 'table') as Format;
}

/** Colours where a terminal reads them, unless the user does not want any. */
export function paintFor(args: Arguments, { environment }: Host, output: Pick<Output, 'isTerminal'>): Colors {
  return colors(output.isTerminal && !args.flag('no-color') && !environment['NO_COLOR']);
}

/**
 * @param provider of the log stores: a plan in a file names its own
 * @throws UsageError with every mistake of the flags and of the environment that the SDK reads
 */
export async function refuseMistakes(
  args: Arguments,
  host: Host,
  provider: Provider = isAlibaba(args) ? 'alibaba' : 'aws',
): Promise<void> {
  const all = [...args.mistakes, ...endpointMistakes(host.environment)];
  const profile = provider === 'aws' ? await missingProfile(args, host) : undefined;
  const region = await defaultRegionMistake(args, host, profile === undefined);
  all.push(...[profile, region].filter((mistake) => mistake !== undefined));
  const output = args.value('output');
  const kept = { journal: journalPath(args), plan: args.value('plan') };
  for (const [name, path] of Object.entries(kept)) {
    const isSame = output !== undefined && path !== undefined && realFile(output, host) === realFile(path, host);
    if (isSame) all.push(`--output: expected another file than that of the ${name}, got ${output}`);
  }
  if (all.length > 0) throw new UsageError(all);
}

/** The SDK is loaded for a profile that somebody names, and not otherwise. */
async function missingProfile(args: Arguments, { environment }: Host): Promise<string | undefined> {
  const named = args.value('profile');
  if (!named && !environment['AWS_PROFILE']) return undefined;
  const { profileMistake } = await import('../lib/runtime.ts');
  return profileMistake(named, process.env);
}

/**
 * What is wrong with the Region that the SDK would take, where nothing else tells one.
 * @param mayAskProfile false: the profile does not exist, so it has no Region either
 */
async function defaultRegionMistake(
  args: Arguments,
  { environment }: Host,
  mayAskProfile: boolean,
): Promise<string | undefined> {
  const isInJournal = args.flag('run') && !args.flag('journal-table');
  if (isAlibaba(args) || isInJournal || ['region', 'plan'].some(args.flag)) return undefined;
  const region = environment['AWS_REGION'];
  const mistake = region ? regionMistake(region) : undefined;
  if (region) return mistake && `AWS_REGION: ${mistake}`;
  if (!mayAskProfile) return undefined;
  const { defaultRegion } = await import('../lib/runtime.ts');
  try {
    const wrong = regionMistake(await defaultRegion(args.value('profile')));
    return wrong && `the Region of the profile: ${wrong}`;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** What kept the key from being looked at this time says nothing of the key. @throws CloudError */
export function refuseUninspected({ transientError }: KeyInspection): void {
  if (transientError)
    throw new CloudError(transientError.code as CloudErrorCode, transientError.call, transientError.message);
}

/** What the key is looked at for is one thing. */
export function validateSubject(args: Arguments): void {
  const isBoth = args.flag('log-group') && args.flag('query-results');
  if (isBoth) args.mistakes.push('--query-results: expected not to be beside --log-group');
}

/** What a key would be attached to: the log group that is named, one that no policy names, or the query results. */
export function storeToSeal(args: Arguments, { provider, region }: Target, { account, partition }: Owner): LogStore {
  const target = { provider, account, region };
  if (args.flag('query-results')) return queryResultsOf(partition, target);
  return logGroupOf(partition, target, args.value('log-group') ?? ANY_LOG_GROUP_NAME);
}

/** What the query costs that shows which key query results have, before it is run. @param about what is to be looked at */
export function tellOfQuery(args: Arguments, { err }: Host, about: readonly Pick<Step, 'store'>[] = []): void {
  const isWanted = args.flag('query-results') || about.some(({ store }) => store.type === 'query-results');
  if (!isWanted || args.flag('quiet')) return;
  err.write(
    'query results: only a query shows which key they have, so one is run in each Region, over one second of one log ' +
      'group (next to no bytes, at the price of Logs Insights); it takes logs:StartQuery and logs:GetQueryResults\n',
  );
}

export function newRun(): Omit<Run, 'finishedAt'> {
  return { id: randomUUID(), startedAt: new Date().toISOString() };
}

export function finished(run: Omit<Run, 'finishedAt'>): Run {
  return { ...run, finishedAt: new Date().toISOString() };
}
