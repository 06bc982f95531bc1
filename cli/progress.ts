import { type Target, targetKey } from '../lib/domain/target.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';

/** Counts more log stores of a target as done. */
type Add = (target: Target, count: number) => void;

const REFRESH_MS = 100;

/** A rate means something only after a while. */
const RATE_AFTER_MS = 2_000;

/** As many targets as a line has room for. */
const MAX_TARGETS = 3;

/**
 * Shows the progress of some work in one line on standard error, if that is a terminal: how much is done, how fast, and how long the rest
 * will take. The line is removed when the work ends in any way, so that results and messages start on a clean one.
 * @param verb what was done to each log store, for instance `listed`
 * @param total how many there are to do; null: not known
 */
export async function withProgress<T>(
  verb: string,
  args: Arguments,
  { err, now: clock }: Pick<Host, 'err' | 'now'>,
  work: (add: Add) => Promise<T>,
  total: number | null = null,
): Promise<T> {
  if (args.flag('quiet') || !err.isTTY) return work(() => {});
  const counts = new Map<string, { readonly target: Target; done: number }>();
  const begunAt = clock().getTime();
  let shownAt = 0;
  const add: Add = (target, count) => {
    const key = targetKey(target);
    counts.set(key, { target, done: (counts.get(key)?.done ?? 0) + count });
    const now = clock().getTime();
    if (now - shownAt < REFRESH_MS) return;
    shownAt = now;
    const done = [...counts.values()].reduce((sum, each) => sum + each.done, 0);
    const text = `${verb} ${placesText([...counts.values()], done, total)}${rateText(done, total, now - begunAt)}`;
    err.write(`\r\x1b[K${cut(text, err.columns || 80)}`);
  };
  try {
    return await work(add);
  } finally {
    err.write('\r\x1b[K');
  }
}

/** As many whole parts as a line has room for, so that no account or number looks like another one. */
function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = text.lastIndexOf(', ', width - ELLIPSIS.length);
  return `${text.slice(0, end === -1 ? width - ELLIPSIS.length : end)}${ELLIPSIS}`;
}

const ELLIPSIS = '…';

function placesText(
  targets: readonly { readonly target: Target; readonly done: number }[],
  done: number,
  total: number | null,
): string {
  const sum =
    total === null ? done.toLocaleString('en') : `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`;
  if (targets.length > MAX_TARGETS) return `${sum} in ${targets.length} targets`;
  const isOneAccount = new Set(targets.map(({ target }) => target.account)).size === 1;
  if (targets.length === 1) return `${targets[0]?.target.region}: ${sum}`;
  const parts = targets.map(({ target: { account, region }, done: some }) => {
    return `${isOneAccount ? '' : `${account} `}${region}: ${some.toLocaleString('en')}`;
  });
  return total === null ? parts.join(', ') : `${sum} (${parts.join(', ')})`;
}

/** How fast it goes, and how long the rest takes at that speed; empty as long as that is a guess. */
function rateText(done: number, total: number | null, elapsedMs: number): string {
  if (elapsedMs < RATE_AFTER_MS || done === 0) return '';
  const perSecond = (done / elapsedMs) * 1_000;
  const rate = `, ${perSecond.toLocaleString('en', { maximumSignificantDigits: 2 })}/s`;
  if (total === null || total <= done) return rate;
  return `${rate}, ${durationText((total - done) / perSecond)} left`;
}

function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
