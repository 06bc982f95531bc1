import { type FoundTargets, findTargets, type Skipped, type TargetChoice } from '../lib/app/find-targets.ts';
import type { CloudOf } from '../lib/app/ports.ts';
import type { TargetReport } from '../lib/app/scan/scan-target.ts';
import { parseArn } from '../lib/domain/arn.ts';
import { ALWAYS_ENABLED, isOptInRegion } from '../lib/domain/partition.ts';
import { accountOfRole } from '../lib/domain/providers/alibaba.ts';
import type { Provider, Target } from '../lib/domain/target.ts';
import { UsageError } from '../lib/errors.ts';
import type { AccountRole } from '../lib/runtime.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';
import { providerOf } from './options.ts';
import { noticingOwn, ownCloud } from './own-account.ts';

/** Which provider's targets a command works on. */
export interface Where {
  readonly provider: Provider;
  /** None: the SDK's own. */
  readonly regions: readonly string[];
  /** The RAM role by which SLS uses the key. */
  readonly roleArn: string | null;
  /** The accounts to work in. Absent: as `--account` says. */
  readonly accounts?: readonly string[];
}

/** As the options say. */
export function whereOf(args: Arguments): Where {
  return {
    provider: providerOf(args),
    regions: args.list('region'),
    roleArn: args.value('sls-role-arn') ?? null,
  };
}

/** As the options of a command about one key say: without `--region` where an ARN has the key. */
export function whereOfKey(args: Arguments): Where {
  const where = whereOf(args);
  const region = parseArn(args.value('key') ?? '')?.region;
  return where.regions.length === 0 && region ? { ...where, regions: [region] } : where;
}

export interface Connection {
  readonly cloudOf: CloudOf;
  /** The caller's own account, known by the time that anything is known of a target; null: not known. */
  readonly own: () => string | null;
  readonly targets: readonly Target[];
  /** Accounts whose Regions are not known, so that none of them is among the targets. */
  readonly unlisted: readonly TargetReport[];
  /** What was left out of the organization and of all Regions; null: nothing was, as every target was named. */
  readonly skipped: Skipped | null;
}

/** The first target of a command, which is the only one where the options let no more than one Region and account through. */
export function firstTarget({ cloudOf, targets }: Connection): { cloudOf: CloudOf; target: Target } {
  const [target] = targets;
  if (!target) throw new Error('a command that works on one target was given none');
  return { cloudOf, target };
}

/**
 * Clouds and targets of a command. The SDK is loaded here, once the command line is known to be right.
 * @param runId named by the sessions of a command that enters other accounts
 */
export async function connect(
  args: Arguments,
  own: Host,
  where: Where = whereOf(args),
  runId?: string,
): Promise<Connection> {
  const { onLongRetry: _, ...silent } = own.pacing;
  const host = args.flag('quiet') ? { ...own, pacing: silent } : own;
  switch (where.provider) {
    case 'aws':
      return connectAws(args, host, where, runId);
    case 'alibaba':
      return connectAlibaba(host, where);
  }
}

async function connectAlibaba({ environment, pacing }: Host, { regions, roleArn }: Where): Promise<Connection> {
  const { alibabaClouds } = await import('../lib/runtime-alibaba.ts');
  const account = accountOfRole(roleArn);
  const cloudOf = alibabaClouds({ environment, ...pacing, account, roleArn });
  const targets = regions.map((region): Target => ({ provider: 'alibaba', account, region }));
  return { cloudOf, targets, own: () => null, ...ALL_NAMED };
}

async function connectAws(
  args: Arguments,
  { environment, signal, pacing }: Host,
  where: Where,
  runId: string | undefined,
): Promise<Connection> {
  const { awsClouds, awsOrganization, defaultRegion } = await import('../lib/runtime.ts');
  const { regions, accounts = args.list('account') } = where;
  const profile = args.value('profile');
  const isEntering = runId !== undefined && where.accounts?.length !== 0;
  const accountRole = isEntering ? accountRoleOf(args, runId) : null;
  // The SDK reads AWS_REGION first, too; a client just to ask for the Region takes 4 ms.
  const known = regions.length > 0 ? regions : [environment['AWS_REGION'] || (await defaultRegion(profile))];
  // Whoever enters other accounts is asked for in a Region that every account has: one that is named may be disabled in some.
  const callerRegion = known.find((region) => !isOptInRegion(region)) ?? ALWAYS_ENABLED;
  const ofRun = new Set(accounts);
  const isOfRun = (account: string) => ofRun.has(account);
  const clouds = awsClouds({ profile, ...pacing, accountRole, isOfRun, ...(accountRole && { callerRegion }) });
  const { cloudOf, own } = noticingOwn(clouds, accountRole !== null);
  // Each account that is entered asks for it, and says why where that fails.
  if (accountRole) {
    ownCloud(cloudOf, { provider: 'aws', account: '', region: callerRegion })
      .caller()
      .catch(() => {});
  }
  if (!accountRole) await refuseForeign(accounts, runId, known, cloudOf, signal);
  const isEveryRegion = args.flag('all-regions');
  const units = where.accounts === undefined ? unitsOf(args) : null;
  if (accountRole || isEveryRegion) {
    const organization = awsOrganization({ region: callerRegion, profile, ...pacing });
    const choice: TargetChoice = {
      accounts: accountRole ? accounts : [''],
      units,
      regions: isEveryRegion ? null : known,
    };
    const finding = findTargets(choice, { cloudOf, organization, homeRegion: callerRegion, signal });
    const { targets, failed, skipped } = await unlessInterrupted(signal, finding);
    if (targets.length + failed.length === 0) {
      throw new UsageError([`--organizational-unit: ${units?.join(', ')}: expected an active account, got none`]);
    }
    for (const { account } of targets) ofRun.add(account);
    const isNamed = choice.units === null && choice.regions !== null;
    return { cloudOf, own, targets, unlisted: failed.map(unlistedReport), skipped: isNamed ? null : skipped };
  }
  // STS names the account while the first page is being read, not before.
  const targets = known.map((region): Target => ({ provider: 'aws', account: '', region }));
  return { cloudOf, own, targets, ...ALL_NAMED };
}

/** The organizational units that the options name; none: the whole organization; null: neither. */
function unitsOf(args: Arguments): readonly string[] | null {
  const units = args.list('organizational-unit');
  return args.flag('organization') || units.length > 0 ? units : null;
}

/** The active accounts of the organization or of the units that the options name; none where they name neither. */
export async function organizationAccounts(
  args: Arguments,
  { pacing }: Host,
  { region }: Target,
): Promise<readonly string[]> {
  const units = unitsOf(args);
  if (units === null) return [];
  const { awsOrganization } = await import('../lib/runtime.ts');
  const members = await awsOrganization({ region, profile: args.value('profile'), ...pacing }).accounts(units);
  return members.filter(({ isActive }) => isActive).map(({ id }) => id);
}

/** Without a role there is no way into any account but the caller's own. @throws UsageError that lists the others */
async function refuseForeign(
  accounts: readonly string[],
  runId: string | undefined,
  [region = '']: readonly string[],
  cloudOf: CloudOf,
  signal: AbortSignal,
): Promise<void> {
  if (accounts.length === 0) return;
  const { account } = await unlessInterrupted(signal, cloudOf({ provider: 'aws', account: '', region }).caller());
  const hint = runId === undefined ? '' : '; --role-name names the role to enter it by';
  const mistakes = accounts
    .filter((other) => other !== account)
    .map((other) => `--account: the credentials are for account ${account}, not for ${other}${hint}`);
  if (mistakes.length > 0) throw new UsageError(mistakes);
}

const ALL_NAMED = { unlisted: [], skipped: null } as const;

function unlistedReport({ target, failure }: FoundTargets['failed'][number]): TargetReport {
  const message = `the Regions of the account could not be listed: ${failure.call}: ${failure.message}`;
  const error = { code: failure.code, message };
  return { ...target, status: 'FAILED', error, stores: 0, regionsUnlisted: true, apiCalls: {} };
}

/** How accounts other than the caller's own are entered; null: they are not. */
function accountRoleOf(args: Arguments, runId: string): AccountRole | null {
  const name = args.value('role-name');
  if (name === undefined) return null;
  return { name, externalId: args.value('external-id') ?? null, sessionName: `logseal-${runId}` };
}

/** For work that changes nothing: an interrupt ends it at once, whatever call is under way. */
export async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    // The signal lives as long as the command: a listener would keep what the work returned.
    signal.removeEventListener('abort', end);
  }
}
