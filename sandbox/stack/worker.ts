import { parentPort, workerData } from 'node:worker_threads';

/** What a worker is started with. */
export interface WorkerSettings {
  readonly file: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly arn: string;
  readonly memoryMb: number;
  readonly logGroup: string;
}

/** One event for the handler. */
export interface Invocation {
  readonly event: unknown;
  readonly requestId: string;
  readonly timeoutMs: number;
  /** How long one of the function's own milliseconds lasts. */
  readonly timeoutScale: number;
}

/** What a worker answers: lines as they are written, then one end. */
export type Answer =
  | { readonly kind: 'OUTPUT'; readonly text: string }
  | { readonly kind: 'RESULT'; readonly json: string }
  | { readonly kind: 'ERROR'; readonly error: Failure };

/** An error as Lambda writes it into answers and failure records. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

const settings: WorkerSettings = workerData;
const answer = (message: Answer) => parentPort?.postMessage(message);

for (const stream of [process.stdout, process.stderr]) {
  // Over the same port as the results, so that no line comes after the end of its invocation.
  stream.write = (chunk: Uint8Array | string) => {
    answer({ kind: 'OUTPUT', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    return true;
  };
}

parentPort?.on('message', async ({ event, requestId, timeoutMs, timeoutScale }: Invocation) => {
  const startedAtMs = performance.now();
  try {
    const module = await import(settings.file);
    const handler: unknown = module[settings.exportName];
    if (typeof handler !== 'function') throw new Error(`${settings.file} exports no function ${settings.exportName}`);
    const result: unknown = await handler(event, {
      functionName: settings.functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: settings.arn,
      memoryLimitInMB: String(settings.memoryMb),
      awsRequestId: requestId,
      logGroupName: settings.logGroup,
      logStreamName: `sandbox/[$LATEST]${requestId}`,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () =>
        Math.max(0, Math.round(timeoutMs - (performance.now() - startedAtMs) / timeoutScale)),
    });
    answer({ kind: 'RESULT', json: JSON.stringify(result ?? null) });
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    answer({ kind: 'ERROR', error: { errorType: name, errorMessage: message, trace: stack.split('\n') } });
  }
});
