import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';

/**
 * Makes the client retry `OperationAbortedException`, which a concurrent change of the same log group causes and the SDK
 * does not treat as transient.
 * @returns the same client
 */
export function retryAborted(client: CloudWatchLogsClient): CloudWatchLogsClient {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error && error.name === 'OperationAbortedException')
          Object.assign(error, { $retryable: {} });
        throw error;
      }
    },
    // The retry middleware has a high priority in the same step, so it runs around this one and sees its error.
    { name: 'retryAborted', step: 'finalizeRequest', priority: 'low' },
  );
  return client;
}
