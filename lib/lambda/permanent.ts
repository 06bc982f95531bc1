import { CloudError } from '../errors.ts';
import type { Delivery } from './sqs-batch.ts';

/**
 * Whether an event need not come again, since the next scan finds what it is about once somebody has put the failure right. Not where an
 * earlier attempt may have made a change that is not reported, nor where the credentials of the function itself are refused.
 */
export function isRefusedUnchecked(error: unknown, { attempt }: Delivery<unknown>): error is CloudError {
  return isPermanent(error) && error.code !== 'CREDENTIALS' && attempt === 1;
}

/** Whether no later attempt succeeds until somebody changes something. */
export function isPermanent(error: unknown): error is CloudError {
  return error instanceof CloudError && !error.isTransient;
}
