import { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AdaptiveRetryStrategy } from '@smithy/core/retry';
import type { Host } from '../../cli/host.ts';
import type { Pacing } from '../../lib/runtime.ts';

/** As many attempts as in production, by the SDK's own strategy, without the waits between them. */
export const NO_WAITS: Pacing = {
  wait: () => nextTurn(),
  retryStrategy: (maxAttempts) =>
    new AdaptiveRetryStrategy(maxAttempts, {
      maxAttempts,
      backoff: { computeNextBackoffDelay: () => 0, setDelayBase() {} },
      rateLimiter: { getSendToken: async () => {}, updateClientSendingRate() {} },
    }),
};

/** What a test sets of a command's process. */
export interface HostOptions {
  /** Default: nothing. */
  readonly input?: Readable;
  readonly environment?: NodeJS.ProcessEnv;
  readonly directory?: string;
  readonly interruption?: AbortController;
  readonly pacing?: Pacing;
}

/** Stands in for the process of a command: no terminal, and its output is kept. */
export function aHost(options: HostOptions = {}) {
  const { input = Readable.from([]), environment = {}, directory = '/', pacing = NO_WAITS } = options;
  const { interruption = new AbortController() } = options;
  const [out, err] = [aSink(), aSink()];
  const host: Host = {
    out: out.stream,
    err: err.stream,
    input,
    environment,
    directory,
    signal: interruption.signal,
    interrupt: () => interruption.abort(),
    onExit() {},
    pacing,
  };
  return { host, stdout: out.text, stderr: err.text };
}

function aSink() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
