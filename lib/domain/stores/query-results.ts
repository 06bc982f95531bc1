import { formatArn } from '../arn.ts';
import { problem, type Reason } from '../reasons.ts';
import type { Target } from '../target.ts';
import type { LogStoreKind } from './kind.ts';

/** As in their ARN. No log group can have this name. */
export const QUERY_RESULTS_NAME = 'query-result:*';

/** The stored results of all future Logs Insights queries of an account in a Region. */
export const QUERY_RESULTS: LogStoreKind = {
  type: 'query-results',
  provider: 'aws',
  noun: 'query results',
  serviceName: 'AWS',
  readingRights: 'logs:StartQuery on the log groups and logs:GetQueryResults; at least one log group must exist',
  isReadTogether: false,
  sealing: {
    each: { 'logs:AssociateKmsKey': 1, 'logs:StartQuery': 1, 'logs:GetQueryResults': 1 },
    together: null,
    perSecond: 5,
  },
  configuresForGood: false,
  unsealedNote: null,
  neverConfigured: null,
  exemptions: [],
  refusedFix: null,
  nameMistake: (name) =>
    name === QUERY_RESULTS_NAME ? undefined : `expected ${QUERY_RESULTS_NAME}, got ${JSON.stringify(name)}`,
  anyName: QUERY_RESULTS_NAME,
  arnOf: queryResultsArn,
  whyNotSealed: ({ keyArn }) => (keyArn === null ? NO_KEY : undefined),
  fixedKey: () => null,
  whyUnchangeable: () => undefined,
  policySubject: ({ account }) => ({ type: 'query-results', account }),
};

/** What `AssociateKmsKey` takes as `resourceIdentifier`. */
export function queryResultsArn(partition: string, { region, account }: Target): string {
  return formatArn({ partition, service: 'logs', region, account, resource: QUERY_RESULTS_NAME });
}

const NO_KEY: Reason = problem(
  'NO_KEY',
  'no KMS key is attached: the results are encrypted with a key that AWS owns',
  'attach a key: logseal apply --query-results --key KEY',
);
