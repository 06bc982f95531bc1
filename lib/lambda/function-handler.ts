import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { MessageQueue } from '../app/ports.ts';
import { retrySoon } from './retries.ts';
import { retriesOf } from './retries-of.ts';
import { type Delivery, type Handled, handleEach } from './sqs-batch.ts';
import { logger, metrics } from './telemetry.ts';

/**
 * What Lambda calls: handles an event, or a batch of its queue, and has the records that failed delivered again soon.
 * @param openQueue opens the queue that the batches come from; called when it is first needed
 * @param read turns an event into what it asks for; throws for an event that it does not know
 */
export function functionHandler<Trigger>(
  openQueue: () => Promise<MessageQueue>,
  read: (event: unknown) => Trigger,
  handle: (deliveries: readonly Delivery<Trigger>[], context: Context) => Promise<Handled<Trigger>>,
) {
  const retries = retriesOf(openQueue);
  return middy()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler((event: unknown, context: Context) =>
      handleEach(
        event,
        read,
        (deliveries) => handle(deliveries, context),
        (records) => retrySoon(records, retries),
        context.getRemainingTimeInMillis(),
      ),
    );
}
