import { parentPort, workerData } from 'node:worker_threads';

/** What a worker is started with. `timeoutScale`: how long one of the function's own milliseconds lasts. */
export interface WorkerSettings {
  readonly file: string;
  readonly exportName: string;
  readonly timeoutS: number;
  readonly timeoutScale: number;
  /** The part of Lambda's context that is the same for each event. */
  readonly context: object;
}

/** An error as Lambda writes it into answers and failure records. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** What a worker answers to an event: that it begins, lines as they are written, then one end. */
export type Answer =
  | { readonly kind: 'STARTED' }
  | { readonly kind: 'OUTPUT'; readonly text: string }
  | { readonly kind: 'RESULT'; readonly json: string }
  | { readonly kind: 'ERROR'; readonly failure: Failure };

const { file, exportName, timeoutS, timeoutScale, context }: WorkerSettings = workerData;
const answer = (message: Answer) => parentPort?.postMessage(message);

for (const stream of [process.stdout, process.stderr]) {
  // Over the same port as the results, so that no line comes after the end of its invocation.
  stream.write = (chunk: Uint8Array | string) => {
    answer({ kind: 'OUTPUT', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    return true;
  };
}

parentPort?.on('message', async ({ event, awsRequestId }: { event: unknown; awsRequestId: string }) => {
  try {
    const handler: unknown = (await import(file))[exportName];
    if (typeof handler !== 'function') throw new Error(`${file} exports no function ${exportName}`);
    answer({ kind: 'STARTED' });
    const startedAtMs = performance.now();
    const remainingMs = () => timeoutS * 1000 - (performance.now() - startedAtMs) / timeoutScale;
    const getRemainingTimeInMillis = () => Math.max(0, Math.round(remainingMs()));
    const result: unknown = await handler(event, { ...context, awsRequestId, getRemainingTimeInMillis });
    answer({ kind: 'RESULT', json: JSON.stringify(result ?? null) });
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    answer({ kind: 'ERROR', failure: { errorType: name, errorMessage: message, trace: stack.split('\n') } });
  }
});
