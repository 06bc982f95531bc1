import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Answer, Failure, Invocation, WorkerSettings } from './worker.ts';

/** A function's own failure, by Lambda's names. */
export class FunctionError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.errorMessage);
    this.name = failure.errorType;
    this.failure = failure;
  }
}

/** How a function runs. */
export interface RunSettings extends WorkerSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutS: number;
  /** How long one of the function's own seconds lasts; 1 in earnest. */
  readonly timeoutScale: number;
  onLine(line: string): void;
}

/** Runs a function's exported handler from its source. */
export type RunningFunction = ReturnType<typeof runFunction>;

/** Each worker thread has an environment of its own and takes one event after the other, as Lambda's instances do. */
export function runFunction(settings: RunSettings) {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const { timeoutS, timeoutScale, environment: env, memoryMb, onLine } = settings;
  const { file, exportName, functionName, arn, logGroup } = settings;

  function newWorker(): Worker {
    const workerData: WorkerSettings = { file, exportName, functionName, arn, memoryMb, logGroup };
    const resourceLimits = { maxOldGenerationSizeMb: memoryMb };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      env,
      workerData,
      resourceLimits,
      execArgv: [],
    });
    all.add(worker.on('error', () => {}));
    return worker;
  }

  /** @throws FunctionError also when it takes too long, or the worker dies */
  async function invoke(event: unknown): Promise<unknown> {
    const worker = idle.pop() ?? newWorker();
    const requestId = randomUUID();
    const timer = new AbortController();
    try {
      const result = await Promise.race([
        resultOf(worker, requestId, event),
        wait(timeoutS * 1000 * timeoutScale, undefined, { signal: timer.signal }).then(() => {
          throw died('Sandbox.Timedout', `${requestId} Task timed out after ${timeoutS.toFixed(2)} seconds`);
        }),
      ]);
      idle.push(worker);
      return result;
    } catch (error) {
      const { failure } = error as FunctionError;
      if (failure.trace.length) idle.push(worker);
      else {
        onLine(failure.errorMessage);
        all.delete(worker);
        await worker.terminate();
      }
      throw error;
    } finally {
      timer.abort();
    }
  }

  function resultOf(worker: Worker, requestId: string, event: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        worker.off('message', onAnswer).off('error', onError).off('exit', onExit);
        settle();
      };
      const onAnswer = (answer: Answer) => {
        if (answer.kind === 'OUTPUT') for (const line of answer.text.split('\n')) line && onLine(line);
        else if (answer.kind === 'RESULT') end(() => resolve(JSON.parse(answer.json)));
        else end(() => reject(new FunctionError(answer.error)));
      };
      const onError = (error: Error) => end(() => reject(died('Runtime.ExitError', `${requestId} ${error.message}`)));
      const onExit = () => onError(new Error('Runtime exited without providing a reason'));
      worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
      const invocation: Invocation = { event, requestId, timeoutMs: timeoutS * 1000, timeoutScale };
      worker.postMessage(invocation);
    });
  }

  const close = () => Promise.all([...all].map((worker) => worker.terminate()));
  return { invoke, close };
}

function died(errorType: string, errorMessage: string): FunctionError {
  return new FunctionError({ errorType, errorMessage, trace: [] });
}
