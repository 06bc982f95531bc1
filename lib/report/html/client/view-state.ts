/** Which findings are shown, and in which order. It is what the address has after its `#`. */
export interface ViewState {
  readonly q: string;
  /** Any of these; none: all. */
  readonly status: readonly string[];
  readonly severity: readonly string[];
  /** Empty: all. */
  readonly reason: string;
  /** null: all, since an account that is not known is the empty text. */
  readonly account: string | null;
  readonly region: string;
  readonly key: string;
  readonly sort: SortColumn | null;
  readonly isDescending: boolean;
}

export const SORT_COLUMNS = ['severity', 'name', 'account', 'region', 'reason', 'key'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** Everything, the worst first. */
export const ALL: ViewState = {
  q: '',
  status: [],
  severity: [],
  reason: '',
  account: null,
  region: '',
  key: '',
  sort: null,
  isDescending: false,
};

/** @param hash of an address; what it does not say, or says wrongly, is as in `ALL` */
export function readHash(hash: string): ViewState {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (name: string) => words.get(name) ?? '';
  const several = (name: string) =>
    text(name)
      .split(',')
      .filter((word) => /^[A-Z_]+$/.test(word));
  return {
    q: text('q'),
    status: several('status'),
    severity: several('severity'),
    reason: text('reason'),
    account: words.get('account'),
    region: text('region'),
    key: text('key'),
    sort: SORT_COLUMNS.find((column) => column === text('sort')) ?? null,
    isDescending: text('order') === 'descending',
  };
}

/** The hash that `readHash` reads as this state; empty for `ALL`. */
export function writeHash({
  q,
  status,
  severity,
  reason,
  account,
  region,
  key,
  sort,
  isDescending,
}: ViewState): string {
  const words: readonly (readonly [string, string | null])[] = [
    ['q', q || null],
    ['status', status.join(',') || null],
    ['severity', severity.join(',') || null],
    ['reason', reason || null],
    ['account', account],
    ['region', region || null],
    ['key', key || null],
    ['sort', sort],
    ['order', sort && isDescending ? 'descending' : null],
  ];
  const said = words.filter((word): word is [string, string] => word[1] !== null);
  return said.length === 0 ? '' : `#${new URLSearchParams(Object.fromEntries(said))}`;
}

/** Whether a hash is a state and not the name of a section. */
export function isState(hash: string): boolean {
  return hash.includes('=');
}
