import { type Target, targetKey } from '../lib/domain/target.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';

/** Counts more log stores of a target as done. */
type Add = (target: Target, count: number) => void;

const REFRESH_MS = 100;

/**
 * Shows the progress of some work in one line on standard error, if that is a terminal. The line is removed when the work ends in
 * any way, so that results and messages start on a clean one.
 * @param verb what was done to each log store, for instance `listed`
 */
export async function withProgress<T>(
  verb: string,
  args: Arguments,
  { err }: Host,
  work: (add: Add) => Promise<T>,
): Promise<T> {
  if (args.flag('quiet') || !err.isTTY) return work(() => {});
  const counts = new Map<string, { readonly target: Target; total: number }>();
  let shownAt = 0;
  const add: Add = (target, count) => {
    const key = targetKey(target);
    counts.set(key, { target, total: (counts.get(key)?.total ?? 0) + count });
    const now = performance.now();
    if (now - shownAt < REFRESH_MS) return;
    shownAt = now;
    const isOneAccount = new Set([...counts.values()].map((each) => each.target.account)).size === 1;
    const parts = [...counts.values()].map(({ target: { account, region }, total }) => {
      return `${isOneAccount ? '' : `${account} `}${region}: ${total.toLocaleString('en')}`;
    });
    err.write(`\r\x1b[K${verb} ${parts.join(', ')}`.slice(0, err.columns || 80));
  };
  try {
    return await work(add);
  } finally {
    err.write('\r\x1b[K');
  }
}
