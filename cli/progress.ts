/** One line on a terminal's standard error that says how far the work is; nothing anywhere else. */
export interface Progress {
  /** So many log stores more are done in a Region. */
  add(region: string, count: number): void;
  /** Takes the line away, so that results and messages start on a clean one. */
  clear(): void;
}

const SILENT: Progress = { add() {}, clear() {} };
const REFRESH_MS = 100;

/** @param verb what was done to each log group, for instance `listed` */
export function progress(verb: string, isQuiet: boolean): Progress {
  if (isQuiet || !process.stderr.isTTY) return SILENT;
  const counts = new Map<string, number>();
  let shownAt = 0;
  return {
    add(region, count) {
      counts.set(region, (counts.get(region) ?? 0) + count);
      const now = performance.now();
      if (now - shownAt < REFRESH_MS) return;
      shownAt = now;
      const parts = [...counts].map(([name, total]) => `${name}: ${total.toLocaleString('en')}`);
      process.stderr.write(`\r\x1b[K${verb} ${parts.join(', ')}`.slice(0, process.stderr.columns || 80));
    },
    clear: () => void process.stderr.write('\r\x1b[K'),
  };
}
