import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';

/**
 * Has the client's own retries take up `OperationAbortedException`, which a change of the same log group at the same
 * time causes: the SDK does not count it among the errors that pass.
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
    // The retry middleware is of the same step with a high priority: it sees what a low one lets through.
    { name: 'retryAborted', step: 'finalizeRequest', priority: 'low' },
  );
  return client;
}
