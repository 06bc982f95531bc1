import { parentPort, workerData } from 'node:worker_threads';
import type { SharedClock } from '../leaping-clock.ts';

/** What a worker is started with. `timeoutScale`: real milliseconds for each millisecond of the function's timeout. */
export interface WorkerSettings {
  readonly file: string;
  readonly exportName: string;
  readonly timeoutS: number;
  readonly timeoutScale: number;
  /** The part of Lambda's context that is the same for every event. */
  readonly context: object;
  /** Absent: the function runs in real time. */
  readonly clock?: SharedClock;
}

/** An error as it appears in Lambda's answers and failure records. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** A worker's answers to an event: STARTED, OUTPUT whenever something is written, then one RESULT or ERROR. */
export type Answer =
  | { readonly kind: 'STARTED' }
  | { readonly kind: 'OUTPUT'; readonly text: string }
  | { readonly kind: 'RESULT'; readonly json: string }
  | { readonly kind: 'ERROR'; readonly failure: Failure };

const { file, exportName, timeoutS, timeoutScale, context, clock }: WorkerSettings = workerData;
const nowMs = clock ? (await import('./worker-clock.ts')).installClock(clock) : () => performance.now();
const answer = (message: Answer) => parentPort?.postMessage(message);

for (const stream of [process.stdout, process.stderr]) {
  // Sent over the same port as the results, so that no line arrives after its invocation has ended.
  stream.write = (chunk: Uint8Array | string) => {
    answer({ kind: 'OUTPUT', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    return true;
  };
}

parentPort?.on('message', async ({ event, awsRequestId }: { event?: unknown; awsRequestId?: string }) => {
  if (awsRequestId === undefined) return;
  try {
    const handler: unknown = (await import(file))[exportName];
    if (typeof handler !== 'function') throw new Error(`${file} exports no function ${exportName}`);
    answer({ kind: 'STARTED' });
    const startedAtMs = nowMs();
    const remainingMs = () => timeoutS * 1000 - (nowMs() - startedAtMs) / timeoutScale;
    const getRemainingTimeInMillis = () => Math.max(0, Math.round(remainingMs()));
    const result: unknown = await handler(event, { ...context, awsRequestId, getRemainingTimeInMillis });
    answer({ kind: 'RESULT', json: JSON.stringify(result ?? null) });
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    answer({ kind: 'ERROR', failure: { errorType: name, errorMessage: message, trace: stack.split('\n') } });
  }
});
