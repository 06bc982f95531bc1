import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Answer, Failure, WorkerSettings } from './worker.ts';

/** The failure of a function, with the names that Lambda uses. */
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
  readonly memoryMb: number;
  onLine(line: string): void;
}

/**
 * Runs a function's exported handler from its source. Like Lambda's instances, each worker thread has its own
 * environment and handles one event at a time.
 */
export function runFunction({ environment: env, memoryMb, onLine, ...settings }: RunSettings) {
  const { timeoutS, timeoutScale } = settings;
  let isClosed = false;
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const resourceLimits = { maxOldGenerationSizeMb: memoryMb };
  const options = { env, workerData: settings, resourceLimits, execArgv: [] };

  function newWorker(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), options);
    all.add(worker.setMaxListeners(0).on('error', () => {}));
    return worker.once('exit', () => all.delete(worker));
  }

  /** @throws FunctionError when the function fails or times out, or the worker exits */
  async function invoke(event: unknown): Promise<unknown> {
    if (isClosed) throw new Error('The sandbox is closed');
    const worker = idle.pop() ?? newWorker();
    const awsRequestId = randomUUID();
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const end = () => {
        clearTimeout(timer);
        worker.off('message', onAnswer).off('error', onError).off('exit', onExit);
      };
      const die = (errorType: string, why: string) => {
        end();
        const errorMessage = `${awsRequestId} ${why}`;
        onLine(errorMessage);
        void worker.terminate();
        reject(new FunctionError({ errorType, errorMessage, trace: [] }));
      };
      const onError = ({ message }: Error) => die('Runtime.ExitError', message);
      const onExit = () => die('Runtime.ExitError', 'Runtime exited without providing a reason');
      const onTimeout = () => die('Sandbox.Timedout', `Task timed out after ${timeoutS.toFixed(2)} seconds`);
      const onAnswer = (answer: Answer) => {
        if (answer.kind === 'OUTPUT') return answer.text.split('\n').forEach((line) => void (line && onLine(line)));
        // As on Lambda, the time to load the code does not count.
        if (answer.kind === 'STARTED') timer = setTimeout(onTimeout, timeoutS * 1000 * timeoutScale);
        else {
          end();
          idle.push(worker);
          if (answer.kind === 'RESULT') resolve(JSON.parse(answer.json));
          else {
            onLine(JSON.stringify({ level: 'ERROR', message: answer.failure }));
            reject(new FunctionError(answer.failure));
          }
        }
      };
      worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
      worker.postMessage({ event, awsRequestId });
    });
  }

  async function close(): Promise<void> {
    isClosed = true;
    await Promise.all([...all].map((worker) => worker.terminate()));
  }
  return { invoke, close };
}
