import type { Host } from './host.ts';

/** Calls that run side by side are throttled together: one message is enough for all of them. */
const QUIET_MS = 5_000;

/** Says on standard error that a call waits to be tried again, and why, so that nobody takes it for a hang. */
export function longRetryNotice(err: Host['err'], clock = () => performance.now()) {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (error: string): void => {
    if (clock() - saidAt < QUIET_MS) return;
    saidAt = clock();
    // Progress is on the same line of a terminal.
    const clear = err.isTTY ? '\r\x1b[K' : '';
    err.write(`${clear}${error}: waiting to try again\n`);
  };
}
