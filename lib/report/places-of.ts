import type { Target } from '../domain/target.ts';

/** Names Regions of an account, with the account where the targets are in several. */
export function placesOf(
  targets: readonly Pick<Target, 'account'>[],
): (account: string, regions: Iterable<string>) => string {
  const isOneAccount = new Set(targets.map(({ account }) => account)).size <= 1;
  const list = new Intl.ListFormat('en');
  return (account, regions) => {
    const named = list.format(regions);
    return isOneAccount || account === '' ? named : `${account} ${named}`;
  };
}
