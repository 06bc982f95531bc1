import { randomUUID } from 'node:crypto';
import type * as Logs from '@aws-sdk/client-cloudwatch-logs';
import { invalidParameter, ServiceError } from '../service-error.ts';
import { arnOf, existing } from './logs-lookup.ts';
import type { Call } from './service.ts';

/** Assumptions: the texts, and that groups of the class DELIVERY cannot be queried. The query string is ignored. */
export function startQuery(call: Call, input: Logs.StartQueryRequest): Logs.StartQueryResponse {
  const { queryString, startTime, endTime } = input;
  const given = [input.logGroupName, input.logGroupNames, input.logGroupIdentifiers];
  const names = queriedNames(call, input);
  if (given.filter((one) => one !== undefined).length !== 1 || names.length === 0) {
    throw invalidParameter('Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given.');
  }
  if (!queryString) throw invalidParameter('queryString must be given.');
  if (startTime === undefined || endTime === undefined || startTime > endTime) {
    throw invalidParameter('startTime must not be after endTime.');
  }
  for (const name of names) {
    if (existing(call, name).logGroupClass === 'DELIVERY') throw invalidParameter(`${name} cannot be queried.`);
  }
  const queryId = randomUUID();
  call.state.queries.set(queryId, { encryptionKey: call.state.queryResults.kmsKeyId, status: 'Running' });
  return { queryId };
}

/** Assumption: a query is complete from the second request for its results on. */
export function getQueryResults(call: Call, { queryId }: Logs.GetQueryResultsRequest): Logs.GetQueryResultsResponse {
  const query = call.state.queries.get(queryId ?? '');
  if (!query) throw new ServiceError('ResourceNotFoundException', `The query ${queryId} does not exist.`); // Assumption: the text.
  const { encryptionKey, status } = query;
  query.status = 'Complete';
  return { encryptionKey, status, results: [], statistics: { bytesScanned: 0, recordsMatched: 0, recordsScanned: 0 } };
}

/** The names of the log groups that a query reads. */
export function queriedNames(call: Call, input: Partial<Logs.StartQueryRequest>): string[] {
  const { logGroupName = [], logGroupNames = [], logGroupIdentifiers = [] } = input;
  return [logGroupName, logGroupNames, logGroupIdentifiers].flat().map((one) => one.replace(arnOf(call, ''), ''));
}
