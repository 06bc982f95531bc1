import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type Clock, realClock } from '../clock.ts';
import type { LeapingClock } from '../leaping-clock.ts';
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
export interface RunSettings extends Omit<WorkerSettings, 'clock'> {
  /** The environment of one more instance. */
  readonly environmentOf: (instance: number) => Readonly<Record<string, string>>;
  readonly clock?: Clock | LeapingClock;
  /** How much the clock of an instance is ahead; only by a clock that leaps. */
  readonly skewMs?: (instance: number) => number;
  readonly memoryMb: number;
  onLine(line: string): void;
}

/**
 * Runs a function's exported handler from its source. Like Lambda's instances, each worker thread has its own
 * environment and handles one event at a time.
 */
export function runFunction({ environmentOf, memoryMb, onLine, clock = realClock, skewMs, ...settings }: RunSettings) {
  const { timeoutS, timeoutScale } = settings;
  let isClosed = false;
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const resourceLimits = { maxOldGenerationSizeMb: memoryMb };
  const leaping = 'share' in clock ? clock : undefined;
  const crashes = new Map<number, (why: string) => void>();
  const instances = new Map<Worker, number>();
  let count = 0;

  function newWorker(): Worker {
    const instance = ++count;
    const mine = leaping?.share(skewMs?.(instance) ?? 0);
    const workerData = { ...settings, ...(mine && { clock: mine.shared }) };
    const options = { env: environmentOf(instance), workerData, resourceLimits, execArgv: [] };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), options);
    mine?.include(worker);
    instances.set(worker, instance);
    all.add(worker.setMaxListeners(0).on('error', () => {}));
    return worker.once('exit', () => all.delete(worker));
  }

  /** @throws FunctionError when the function fails or times out, or the worker exits */
  async function invoke(event: unknown, awsRequestId = randomUUID() as string): Promise<unknown> {
    if (isClosed) throw new Error('The sandbox is closed');
    const worker = idle.pop() ?? newWorker();
    const instance = instances.get(worker) ?? 0;
    // Loading the code takes real time.
    const loaded = leaping?.hold();
    return new Promise((resolve, reject) => {
      let cancelTimeout = () => {};
      const end = () => {
        loaded?.();
        cancelTimeout();
        crashes.delete(instance);
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
        if (answer.kind === 'STARTED') {
          loaded?.();
          cancelTimeout = clock.after(timeoutS * 1000 * timeoutScale, onTimeout);
        } else {
          end();
          idle.push(worker);
          if (answer.kind === 'RESULT') resolve(JSON.parse(answer.json));
          else {
            onLine(JSON.stringify({ level: 'ERROR', message: answer.failure }));
            reject(new FunctionError(answer.failure));
          }
        }
      };
      crashes.set(instance, (why) => die('Runtime.ExitError', why));
      worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
      worker.postMessage({ event, awsRequestId });
    });
  }

  async function close(): Promise<void> {
    isClosed = true;
    await Promise.all([...all].map((worker) => worker.terminate()));
  }
  /** Ends what an instance does, as when its memory is used up. */
  const crash = (instance: number) => crashes.get(instance)?.('Runtime exited with error: signal: killed');
  return { invoke, crash, close };
}
