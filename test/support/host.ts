import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** Default: `logseal`. */
  readonly startedAs?: string;
  readonly interruption?: AbortController;
  readonly pacing?: Pacing;
  /** Default: what time it is. */
  readonly now?: () => Date;
  /** All three streams are a terminal's; `onScreen` is called with all that is on it, after each write. */
  readonly onScreen?: (screen: string) => void;
}

/** Nothing is written to the home of whoever runs the tests. */
const ENVIRONMENT = { XDG_STATE_HOME: join(tmpdir(), 'logseal-test-state') };

/** Stands in for the process of a command, and keeps its output. */
export function aHost(options: HostOptions = {}) {
  const { input = Readable.from([]), environment = ENVIRONMENT, directory = '/', pacing = NO_WAITS } = options;
  const { startedAs = 'logseal', interruption = new AbortController(), now = () => new Date(), onScreen } = options;
  let [stdout, stderr, screen] = ['', '', ''];
  const show = (text: string) => {
    screen += text;
    onScreen?.(screen);
  };
  const onTerminal = <Stream extends object>(stream: Stream) =>
    onScreen ? Object.assign(stream, { isTTY: true, columns: 120 }) : stream;
  const host: Host = {
    out: onTerminal(
      aSink((text) => {
        stdout += text;
        show(text);
      }),
    ),
    err: onTerminal(
      aSink((text) => {
        stderr += text;
        show(text);
      }),
    ),
    input: onTerminal(input),
    environment,
    directory,
    startedAs,
    signal: interruption.signal,
    interrupt: () => interruption.abort(),
    complete: (work) => work(),
    onExit() {},
    now,
    pacing,
  };
  return { host, stdout: () => stdout, stderr: () => stderr, screen: () => screen };
}

function aSink(onText: (text: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(text: string, _, done) {
      onText(text);
      done();
    },
  });
}
