import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { FunctionError } from './function.ts';

/** Lambda: "one minute before the second attempt, two minutes before the third". */
const RETRY_DELAYS_S = [60, 120];

/** How a function is invoked when no caller waits for it. */
export interface AsynchronousSettings {
  readonly functionArn: string;
  readonly maxRetries: number;
  readonly timeScale: number;
  readonly clock: Clock;
  /** @param requestId the same in each attempt at an event */
  invoke(event: unknown, requestId: string): Promise<unknown>;
  /** Receives the record of an event when its last attempt has failed. */
  onFailure(record: unknown): void;
}

/** Invokes the function until it succeeds or its attempts are used up. Never throws. */
export async function invokeLater(settings: AsynchronousSettings, event: unknown): Promise<void> {
  await attemptAt(settings, event, randomUUID(), 1);
}

async function attemptAt(
  settings: AsynchronousSettings,
  event: unknown,
  requestId: string,
  attempt: number,
): Promise<void> {
  const { functionArn, maxRetries, timeScale, clock, invoke, onFailure } = settings;
  const error: unknown = await invoke(event, requestId).then(
    () => undefined,
    (reason) => reason,
  );
  if (error === undefined) return;
  if (attempt <= maxRetries) {
    await clock.wait((RETRY_DELAYS_S[attempt - 1] ?? 0) * 1000 * timeScale);
    return attemptAt(settings, event, requestId, attempt + 1);
  }
  const request = { requestId, functionArn: `${functionArn}:$LATEST`, condition: 'RetriesExhausted' };
  onFailure({
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: { ...request, approximateInvokeCount: attempt },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: error instanceof FunctionError ? error.failure : { errorMessage: String(error) },
  });
}
