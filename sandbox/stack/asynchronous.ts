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
  invoke(event: unknown): Promise<unknown>;
  /** Receives the record of an event when its last attempt has failed. */
  onFailure(record: unknown): void;
}

/** Invokes the function until it succeeds or its attempts are used up. Never throws. */
export async function invokeLater(settings: AsynchronousSettings, event: unknown, attempt = 1): Promise<void> {
  const { functionArn, maxRetries, timeScale, clock, invoke, onFailure } = settings;
  const error: unknown = await invoke(event).then(
    () => undefined,
    (reason) => reason,
  );
  if (error === undefined) return;
  if (attempt <= maxRetries) {
    await clock.wait((RETRY_DELAYS_S[attempt - 1] ?? 0) * 1000 * timeScale);
    return invokeLater(settings, event, attempt + 1);
  }
  const request = { requestId: randomUUID(), functionArn: `${functionArn}:$LATEST`, condition: 'RetriesExhausted' };
  onFailure({
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: { ...request, approximateInvokeCount: attempt },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: error instanceof FunctionError ? error.failure : { errorMessage: String(error) },
  });
}
