export type Provider = 'aws' | 'alibaba';

/** One account's Region of a cloud: what a scan lists, and the unit that quotas apply to. */
export interface Target {
  readonly provider: Provider;
  /** `''` while it is not known: for AWS until STS has named the caller, for Alibaba Cloud without `--sls-role-arn`. */
  readonly account: string;
  readonly region: string;
}

/** In place of a Region: all that the account has enabled. */
export const ALL_REGIONS = 'all';

/** A text that is the same for the same target, to group and look up by. */
export function targetKey({ provider, account, region }: Target): string {
  return `${provider}/${account}/${region}`;
}

/** The target that has this `targetKey`. */
export function targetOfKey(key: string): Target {
  const [provider = '', account = '', region = ''] = key.split('/');
  return { provider: provider as Provider, account, region };
}

/** The target of a log store, or of anything else that has these three fields. */
export function targetOf({ provider, account, region }: Target): Target {
  return { provider, account, region };
}

/** Groups things by the target that each is about, in the order in which the targets first appear. */
export function byTarget<T>(items: Iterable<T>, targetOfItem: (item: T) => Target): [Target, T[]][] {
  const groups = new Map<string, [Target, T[]]>();
  for (const item of items) {
    const target = targetOf(targetOfItem(item));
    const key = targetKey(target);
    const group = groups.get(key);
    if (group) group[1].push(item);
    else groups.set(key, [target, [item]]);
  }
  return [...groups.values()];
}
