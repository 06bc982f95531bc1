import { environmentMistakes } from '../lib/config/endpoints.ts';
import { regionMistake } from '../lib/domain/providers/aws.ts';
import { DEFAULT_PROVIDER, PROVIDER_NAMES, PROVIDERS } from '../lib/domain/providers/index.ts';
import type { Provider } from '../lib/domain/target.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import { type Where, whereOf } from './connect.ts';
import type { Host } from './host.ts';
import { keyOf, providerOf } from './options.ts';
import { realFile } from './output.ts';

/** Adds the mistakes in options that differ by provider. */
export function validateProvider(args: Arguments): void {
  const provider = providerOf(args);
  const add = (name: string, mistake: string | undefined) => mistake && args.mistakes.push(`--${name}: ${mistake}`);
  const regions = args.list('region');
  const key = args.value('key');
  const { regionMistake, keyMistake, hasDefaultRegion, serviceKey, roleOption } = PROVIDERS[provider];
  for (const region of regions) add('region', regionMistake(region));
  if (key !== undefined) add('key', keyMistake(key, regions));
  refuseForeignOptions(args, provider);
  if (!hasDefaultRegion && regions.length === 0) {
    add('region', `expected at least one Region with --provider ${provider}, got none`);
  }
  if (serviceKey === null) return;
  for (const name of ['key', ...(roleOption ? [roleOption.name] : [])].filter(args.flag)) {
    if (args.flag('service-key')) add('service-key', `cannot be combined with --${name}`);
  }
}

/** Adds the options that only another provider knows. */
export function refuseForeignOptions(args: Arguments, provider: Provider): void {
  for (const name of foreignOptions(provider).filter(args.flag)) {
    // The provider of a plan in a file is known only once the file is read.
    if (name === 'confirm-irreversible' && args.flag('plan')) continue;
    const owners = PROVIDER_NAMES.filter((other) => PROVIDERS[other].ownOptions.includes(name));
    const isDefault = provider === DEFAULT_PROVIDER;
    const mistake = isDefault
      ? `only with --provider ${owners.join(' or ')}`
      : `cannot be combined with --provider ${provider}`;
    args.mistakes.push(`--${name}: ${mistake}`);
  }
}

function foreignOptions(provider: Provider): string[] {
  const options = new Set(PROVIDER_NAMES.flatMap((other) => PROVIDERS[other].ownOptions));
  return [...options].filter((name) => !PROVIDERS[provider].ownOptions.includes(name));
}

/**
 * Adds what entering other accounts lacks, and choices of accounts or Regions that exclude each other.
 * @param isEntering whether the accounts of the organization are entered, and not only named
 */
export function validateEntering(args: Arguments, isEntering = true): void {
  const { mistakes } = args;
  const choices = ['organization', 'organizational-unit'].filter(args.flag);
  if (args.flag('external-id') && !args.flag('role-name')) {
    mistakes.push('--external-id: expected --role-name as well, the role that asks for it');
  }
  if (args.flag('role-name') && !args.flag('account') && choices.length === 0) {
    mistakes.push(
      '--role-name: expected --account, --organization or --organizational-unit as well, the accounts to enter',
    );
  }
  if (isEntering && choices.length > 0 && !args.flag('role-name')) {
    mistakes.push(`--${choices[0]}: expected --role-name as well, the role to enter the accounts by`);
  }
  if (choices.length > 1) {
    mistakes.push('--organizational-unit: cannot be combined with --organization, which takes every account');
  }
  if (args.flag('all-regions') && args.flag('region')) {
    mistakes.push('--all-regions: cannot be combined with --region');
  }
}

/** Adds the mistake of entering several accounts for one thing. @param what it is */
export function validateOneAccount(args: Arguments, what: string): void {
  const { length } = args.list('account');
  if (args.flag('role-name') && length > 1) {
    args.mistakes.push(`--account: expected one with --role-name, the account of the ${what}; got ${length}`);
  }
  for (const name of ['organization', 'organizational-unit'].filter(args.flag)) {
    args.mistakes.push(`--${name}: expected --account instead, the account of the ${what}`);
  }
}

/** Adds what sealing lacks. @param mayNameKeys whether a configuration may name the keys */
export function validateSealing(args: Arguments, mayNameKeys: boolean): void {
  if (keyOf(args) === undefined && !mayNameKeys) args.mistakes.push('--key: expected the key to seal with, got none');
  const { roleOption } = PROVIDERS[providerOf(args)];
  if (roleOption && args.flag('key') && !args.flag(roleOption.name)) {
    args.mistakes.push(`--${roleOption.name}: expected ${roleOption.what}, got none`);
  }
}

/** Adds the mistake of naming two things that a key would be used for. */
export function validateSubject(args: Arguments): void {
  const given = ['log-group', 'all-log-groups', 'query-results', 'readers-and-writers'].filter(args.flag);
  for (const name of given.slice(1)) args.mistakes.push(`--${name}: cannot be combined with --${given[0]}`);
}

/**
 * @param where the log stores or the key are: a plan in a file says so itself, and so does the ARN of a key; null: nothing is called
 * @throws UsageError with every mistake in the options and in the environment that the SDK reads
 */
export async function refuseMistakes(
  args: Arguments,
  host: Host,
  where: Pick<Where, 'provider' | 'regions'> | null = whereOf(args),
): Promise<void> {
  const all = [
    ...args.allMistakes(),
    ...environmentMistakes(host.environment),
    ...(where ? await SDK_MISTAKES[where.provider](args, host, where.regions) : []),
  ];
  const kept = { journal: args.value('journal'), plan: args.value('plan'), configuration: args.value('config') };
  for (const [name, path] of Object.entries(kept)) {
    if (path !== undefined) all.push(...sameFileMistakes(args, path, name, host));
  }
  if (all.length > 0) throw new UsageError(all);
}

/** The mistakes of writing a result to a file that is needed. @param what names the file that is at `path` */
export function sameFileMistakes(args: Arguments, path: string, what: string, host: Host): string[] {
  const same = args.list('output').filter((output) => realFile(output, host) === realFile(path, host));
  return same.map((output) => `--output: expected another file than that of the ${what}, got ${output}`);
}

type SdkMistakes = (args: Arguments, host: Host, regions: readonly string[]) => Promise<string[]>;

/** The mistakes in what a provider's SDK reads of its own accord. No trait of the domain: it takes the SDK to know. */
const SDK_MISTAKES: Readonly<Record<Provider, SdkMistakes>> = {
  aws: awsMistakes,
  alibaba: async () => [],
};

async function awsMistakes(args: Arguments, host: Host, regions: readonly string[]): Promise<string[]> {
  const profile = await missingProfile(args, host);
  const region = regions.length > 0 ? undefined : await defaultRegionMistake(args, host, profile === undefined);
  return [profile, region].filter((mistake) => mistake !== undefined);
}

/** Loads the SDK only where a profile is named. */
async function missingProfile(args: Arguments, { environment }: Host): Promise<string | undefined> {
  const named = args.value('profile');
  if (!named && !environment['AWS_PROFILE']) return undefined;
  const { profileMistake } = await import('../lib/runtime.ts');
  return profileMistake(named, environment);
}

/**
 * What is wrong with the Region that the SDK would take, where no option and no file names one.
 * @param mayAskProfile false: the profile does not exist, so it has no Region either
 */
async function defaultRegionMistake(
  args: Arguments,
  { environment }: Host,
  mayAskProfile: boolean,
): Promise<string | undefined> {
  const isInJournal = args.flag('run') && !args.flag('journal-table');
  if (isInJournal || ['region', 'plan'].some(args.flag)) return undefined;
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
