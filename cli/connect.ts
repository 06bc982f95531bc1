import type { CloudOf } from '../lib/app/ports.ts';
import { accountOfRole } from '../lib/config.ts';
import type { Provider } from '../lib/domain/log-store.ts';
import { UsageError } from '../lib/errors.ts';
import type { Arguments } from './arguments.ts';
import { isAlibaba } from './common.ts';

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

/** Clouds and Regions of a command. The SDK is loaded here, once the command line is known to be right. */
export async function connect(
  args: Arguments,
  signal: AbortSignal,
  { provider, regions, roleArn, acceptsServiceKey }: Where = whereOf(args),
): Promise<{ cloudOf: CloudOf; regions: readonly string[] }> {
  if (provider === 'alibaba') {
    const { alibabaClouds } = await import('../lib/runtime-alibaba.ts');
    const account = accountOfRole(roleArn ?? '');
    return { cloudOf: alibabaClouds({ environment: process.env, account, roleArn, acceptsServiceKey }), regions };
  }
  const { awsClouds, defaultRegion } = await import('../lib/runtime.ts');
  const profile = args.value('profile');
  const cloudOf = awsClouds(profile === undefined ? {} : { profile });
  // The SDK, too, looks there first; a client to ask it by takes 4 ms.
  const known = regions.length > 0 ? regions : [process.env['AWS_REGION'] || (await defaultRegion(profile))];
  const accounts = args.list('account');
  const [first] = known;
  if (accounts.length > 0 && first !== undefined) {
    const { account } = await unlessInterrupted(signal, cloudOf(first).caller());
    const others = accounts.filter((other) => other !== account);
    if (others.length > 0) {
      throw new UsageError(
        others.map((other) => `--account: expected the account of the credentials, ${account}, got ${other}`),
      );
    }
  }
  return { cloudOf, regions: known };
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
