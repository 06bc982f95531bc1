import type { Target } from '../lib/domain/target.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';

/** So many log stores more are done in a target. */
type Add = (target: Target, count: number) => void;

const REFRESH_MS = 100;

/**
 * While the work goes on, one line on a terminal's standard error says how far it is; nothing anywhere else. However it
 * ends, the line is gone then, so that results and messages start on a clean one.
 * @param verb what was done to each log store, for instance `listed`
 */
export async function withProgress<T>(
  verb: string,
  args: Arguments,
  { err }: Host,
  work: (add: Add) => Promise<T>,
): Promise<T> {
  if (args.flag('quiet') || !err.isTTY) return work(() => {});
  const counts = new Map<string, number>();
  let shownAt = 0;
  const add: Add = ({ region }, count) => {
    counts.set(region, (counts.get(region) ?? 0) + count);
    const now = performance.now();
    if (now - shownAt < REFRESH_MS) return;
    shownAt = now;
    const parts = [...counts].map(([name, total]) => `${name}: ${total.toLocaleString('en')}`);
    err.write(`\r\x1b[K${verb} ${parts.join(', ')}`.slice(0, err.columns || 80));
  };
  try {
    return await work(add);
  } finally {
    err.write('\r\x1b[K');
  }
}
