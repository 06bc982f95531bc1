import { setTimeout as realWait } from 'node:timers/promises';

/** The time that the sandbox works by. Every duration is in milliseconds. */
export interface Clock {
  nowMs(): number;
  /** @returns a function that cancels it */
  after(delayMs: number, run: () => void): () => void;
  wait(delayMs: number): Promise<void>;
  /** Asks now and then whether something is due. @returns a function that ends it */
  watch(watched: Watched): () => void;
}

/** Something that is asked whether it is due instead of setting a timer. */
export interface Watched {
  /** When it has something to do next; undefined: not known. */
  dueMs(): number | undefined;
  /** Does what is due. */
  wake(): void;
}

const POLL_MS = 5;

/** Real time. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  wait: (delayMs) => realWait(delayMs),
  watch({ wake }) {
    const timer = setInterval(wake, POLL_MS);
    return () => clearInterval(timer);
  },
};

/** Timers by a clock that may leap: each runs when its time has come, or when `runDue` is called after a leap. */
export class Timers {
  readonly #nowMs: () => number;
  readonly #changed: () => void;
  readonly #timers = new Map<object, { readonly dueMs: number; readonly run: () => void; real: NodeJS.Timeout }>();

  /** @param changed is called when a timer was added or removed */
  constructor(nowMs: () => number, changed: () => void = () => {}) {
    this.#nowMs = nowMs;
    this.#changed = changed;
  }

  add(delayMs: number, run: () => void, handle: object = {}): object {
    const delay = Number.isFinite(delayMs) && delayMs > 0 ? delayMs : 1;
    const fire = () => {
      if (!this.#timers.has(handle)) return;
      this.remove(handle);
      run();
    };
    this.#timers.set(handle, { dueMs: this.#nowMs() + delay, run: fire, real: NATIVE.setTimeout(fire, delay) });
    this.#changed();
    return handle;
  }

  remove(handle: object): void {
    NATIVE.clearTimeout(this.#timers.get(handle)?.real);
    if (this.#timers.delete(handle)) this.#changed();
  }

  /** Runs what is due, the earliest first. */
  runDue(): void {
    const nowMs = this.#nowMs();
    const due = [...this.#timers.values()].filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    for (const { run } of due) run();
  }

  get nextMs(): number | undefined {
    const dues = [...this.#timers.values()].map(({ dueMs }) => dueMs);
    return dues.length ? Math.min(...dues) : undefined;
  }
}

/** Kept before anything replaces the global ones. */
const NATIVE = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
