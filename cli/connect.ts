import type { CloudOf } from '../lib/app/ports.ts';
import { accountOfRole } from '../lib/config.ts';
import type { Provider, Target } from '../lib/domain/target.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import { isAlibaba } from './common.ts';
import type { Host } from './host.ts';

/** Which cloud to look at, and where. */
export interface Where {
  readonly provider: Provider;
  /** None: the SDK's own. */
  readonly regions: readonly string[];
  /** By which SLS uses the key. */
  readonly roleArn: string | null;
  readonly acceptsServiceKey: boolean;
}

/** As the options say. */
export function whereOf(args: Arguments): Where {
  return {
    provider: isAlibaba(args) ? 'alibaba' : 'aws',
    regions: args.list('region'),
    roleArn: args.value('sls-role-arn') ?? null,
    acceptsServiceKey: args.flag('service-key'),
  };
}

export interface Connection {
  readonly cloudOf: CloudOf;
  readonly targets: readonly Target[];
}

/** The target of a command that works on one: the options let no more than one Region through. */
export function onlyTarget({ cloudOf, targets }: Connection): { cloudOf: CloudOf; target: Target } {
  const [target] = targets;
  if (!target) throw new Error('a command that works on one target was given none');
  return { cloudOf, target };
}

/** Clouds and targets of a command. The SDK is loaded here, once the command line is known to be right. */
export async function connect(
  args: Arguments,
  { environment, signal, pacing }: Host,
  { provider, regions, roleArn, acceptsServiceKey }: Where = whereOf(args),
): Promise<Connection> {
  if (provider === 'alibaba') {
    const { alibabaClouds } = await import('../lib/runtime-alibaba.ts');
    const account = accountOfRole(roleArn ?? '');
    const cloudOf = alibabaClouds({ environment, ...pacing, account, roleArn, acceptsServiceKey });
    return { cloudOf, targets: regions.map((region) => ({ provider, account, region })) };
  }
  const { awsClouds, defaultRegion } = await import('../lib/runtime.ts');
  const profile = args.value('profile');
  const cloudOf = awsClouds({ profile, ...pacing });
  // The SDK, too, looks there first; a client to ask it by takes 4 ms.
  const known = regions.length > 0 ? regions : [environment['AWS_REGION'] || (await defaultRegion(profile))];
  // Whose credentials they are is asked while the first page is read, not before.
  const targets = known.map((region): Target => ({ provider, account: '', region }));
  const accounts = args.list('account');
  const [first] = targets;
  if (accounts.length > 0 && first) {
    const { account } = await unlessInterrupted(signal, cloudOf(first).caller());
    const others = accounts.filter((other) => other !== account);
    if (others.length > 0) {
      throw new UsageError(
        others.map((other) => `--account: expected the account of the credentials, ${account}, got ${other}`),
      );
    }
  }
  return { cloudOf, targets };
}

/** For work that changes nothing: an interrupt ends it at once, whatever call is under way. */
export function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  return Promise.race([work, interrupted]);
}
