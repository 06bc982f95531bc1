import type { Cloud, CloudOf, Owner } from '../lib/app/ports.ts';
import type { Target } from '../lib/domain/target.ts';
import type { Arguments } from './arguments.ts';

/** The Region of a target with the caller's own credentials, whatever account the target is in. */
export function ownCloud(cloudOf: CloudOf, { provider, region }: Target): Cloud {
  return cloudOf({ provider, account: '', region });
}

/**
 * The same clouds, and the caller's own account once one of them has said whose it is; null until then.
 * @param isEntering whether a target that names its account is reached by a role, so that it says nothing about the caller
 */
export function noticingOwn(
  clouds: CloudOf,
  isEntering: boolean,
): { readonly cloudOf: CloudOf; readonly own: () => string | null } {
  let own: string | null = null;
  const noticed =
    <T extends Owner>(ask: () => Promise<T>) =>
    async () => {
      const answer = await ask();
      own = answer.account;
      return answer;
    };
  return {
    own: () => own,
    cloudOf(target) {
      const cloud = clouds(target);
      if (isEntering && target.account !== '') return cloud;
      return { ...cloud, caller: noticed(cloud.caller), owner: noticed(cloud.owner) };
    },
  };
}

/**
 * The mistake of changing an account because a file names it: only the caller's own account may be changed, and those that the
 * options say to enter.
 * @param what begins the message, which goes on with the accounts
 * @param accounts that the file names
 * @param entered the targets in the accounts that the options say to enter; of others only their accounts count
 * @returns one mistake that names all other accounts; undefined: there are none
 */
export function foreignAccountsMistake(
  what: string,
  accounts: readonly string[],
  own: string,
  entered: readonly Pick<Target, 'account'>[],
  args: Arguments,
): string | undefined {
  const mayChange = new Set([own, ...entered.map(({ account }) => account)]);
  const foreign = [...new Set(accounts)].filter((account) => !mayChange.has(account)).sort();
  if (foreign.length === 0) return undefined;
  const named = `account${foreign.length === 1 ? '' : 's'} ${new Intl.ListFormat('en').format(foreign)}`;
  const options = [
    ...foreign.map((account) => `--account ${account}`),
    ...(args.flag('role-name') ? [] : ['--role-name NAME']),
  ];
  return `${what} ${named}, and the credentials are for account ${own}: to enter ${foreign.length === 1 ? 'it' : 'them'}, add ${options.join(' ')}`;
}
