import type { Worker } from 'node:worker_threads';
import { type Clock, Timers, type Watched } from './clock.ts';

/** What a worker shares with the clock: memory, and how much its own clock is ahead. */
export interface SharedClock {
  /** How far the time has leapt, in microseconds. */
  readonly leapt: BigInt64Array;
  /** What the worker waits for; see `CELL`. */
  readonly own: BigInt64Array;
  readonly skewMs: number;
}

/**
 * The cells of `own`: when the worker's next timer is due (in microseconds; 0: it has none), and how many requests without an answer and
 * files that are being read it has.
 */
export const CELL = { NEXT_US: 0, REQUESTS: 1 } as const;
/** Tells a worker that the time has leapt. */
export const LEAP = { kind: 'LEAP' } as const;

/** A clock that leaps to the next thing that is due as soon as nobody does anything but wait. */
export interface LeapingClock extends Clock {
  /** Includes a worker, which must use `installClock`. @returns what the worker needs, to be sent before it starts */
  share(skewMs: number): { shared: SharedClock; include: (worker: Worker) => void };
  /** Something is done that takes real time. @returns a function that ends it */
  hold(): () => void;
  /** Something happened just now, which may be followed by more. */
  touch(): void;
  /** A request whose answer waits for this clock. @returns a function that ends it */
  delay(connection: { readonly destroyed: boolean }): () => void;
  date(): Date;
  close(): void;
}

/** The current time in milliseconds since 1970, the same in every thread. */
export function realMs(): number {
  return performance.timeOrigin + performance.now();
}

/** How often to find out whether everybody waits, and for how long they must have waited. */
const TICK_MS = 1;
const QUIET_MS = 2.5;
/** A worker that was busy for less than this in a tick was not working. */
const BUSY_MS = 0.15;

/** Time passes as usual while something is done. */
export function leapingClock(): LeapingClock {
  const leapt = new BigInt64Array(new SharedArrayBuffer(8));
  const nowMs = () => realMs() + Number(leapt[0]) / 1000;
  const timers = new Timers(nowMs);
  const watched = new Set<Watched>();
  const workers = new Map<Worker, { own: BigInt64Array; activeMs: number }>();
  const delayed = new Set<{ readonly destroyed: boolean }>();
  let held = 0;
  let touchedMs = 0;
  const touch = () => {
    touchedMs = performance.now();
  };

  function isAnyoneWorking(): boolean {
    let requests = 0;
    for (const [worker, state] of workers) {
      const { active } = worker.performance.eventLoopUtilization();
      if (active - state.activeMs > BUSY_MS) touch();
      state.activeMs = active;
      requests += Number(Atomics.load(state.own, CELL.REQUESTS));
    }
    const waiting = [...delayed].filter(({ destroyed }) => !destroyed).length;
    return held > 0 || requests > waiting || performance.now() - touchedMs < QUIET_MS;
  }

  function nextMs(): number | undefined {
    const ofWorkers = [...workers.values()].map(({ own }) => Number(Atomics.load(own, CELL.NEXT_US)) / 1000);
    const ofOthers = [timers.nextMs, ...[...watched].map((each) => each.dueMs())];
    const dues = [...ofWorkers.filter((due) => due > 0), ...ofOthers.filter((due) => due !== undefined)];
    return dues.length ? Math.min(...dues) : undefined;
  }

  const ticking = setInterval(() => {
    if (isAnyoneWorking()) return;
    const dueMs = nextMs();
    if (dueMs === undefined) return;
    // What is due already is about to happen.
    const leapUs = Math.ceil((dueMs - nowMs()) * 1000);
    if (leapUs > 0) Atomics.add(leapt, 0, BigInt(leapUs));
    for (const worker of workers.keys()) worker.postMessage(LEAP);
    touch();
    timers.runDue();
    for (const each of watched) each.wake();
  }, TICK_MS);

  return {
    nowMs,
    date: () => new Date(nowMs()),
    after(delayMs, run) {
      const handle = timers.add(delayMs, run);
      return () => timers.remove(handle);
    },
    wait: (delayMs) => new Promise((resolve) => void timers.add(delayMs, resolve)),
    watch(each) {
      watched.add(each);
      const polling = setInterval(each.wake, TICK_MS * 2);
      return () => {
        clearInterval(polling);
        watched.delete(each);
      };
    },
    share(skewMs) {
      const shared = { leapt, own: new BigInt64Array(new SharedArrayBuffer(16)), skewMs };
      const include = (worker: Worker) => {
        workers.set(worker, { own: shared.own, activeMs: 0 });
        worker.on('message', touch).once('exit', () => workers.delete(worker));
      };
      return { shared, include };
    },
    hold() {
      held++;
      let isHeld = true;
      return () => {
        if (isHeld) held--;
        isHeld = false;
        touch();
      };
    },
    touch,
    delay(connection) {
      delayed.add(connection);
      return () => void delayed.delete(connection);
    },
    close: () => clearInterval(ticking),
  };
}
