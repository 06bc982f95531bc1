import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import type { Cloud } from '../app/ports.ts';
import { createAccountAlias } from './account-alias.ts';
import { createAccountRegions } from './account-regions.ts';
import { createCaller } from './caller.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { createLambdaFunctions } from './functions.ts';
import { createIdentityPolicies } from './identity-policies.ts';
import { createIncomingEvents } from './incoming-events.ts';
import { createKeys } from './keys.ts';
import { createStacks } from './log-group-stacks.ts';
import { createLogGroupTags } from './log-group-tags.ts';
import { createLogGroups } from './log-groups.ts';
import { createNewestEvent } from './newest-event.ts';
import { paced } from './paced.ts';
import { retryAborted } from './retry-aborted.ts';

export interface CloudAccess {
  /** Makes and counts the calls of everything that is done in the target, whoever does it. */
  readonly calls: Calls;
  /** Default: STS is asked in this Region. */
  readonly caller?: Cloud['caller'] | undefined;
}

/** One Region of AWS, with its own clients. */
export function createAwsCloud(region: string, options: AwsOptions, access: CloudAccess): Cloud {
  const { calls } = access;
  const settings = clientSettings(region, options);
  const logs = paced(retryAborted(new CloudWatchLogsClient(settings)), options.wait);
  // It copies every response for a logger that is not set, which takes 5% of a scan's time.
  logs.middlewareStack.remove('loggerMiddleware');
  const caller = access.caller ?? createCaller(new STSClient(settings), calls);
  return {
    provider: 'aws',
    logStores: createLogGroups(logs, calls, { region, owner: caller }, options),
    keys: createKeys(new KMSClient(settings), calls),
    metrics: {
      incomingEvents: createIncomingEvents(region, options, calls),
      newestEvent: createNewestEvent(logs, calls),
    },
    caller,
    owner: caller,
    identityPolicies: createIdentityPolicies(region, options, caller, calls),
    lambdaFunction: createLambdaFunctions(region, options, calls),
    tags: createLogGroupTags(region, options, calls),
    stacks: createStacks(region, options, calls),
    accountAlias: createAccountAlias(region, options, calls),
    regions: createAccountRegions(region, options, calls),
    apiCalls: calls.counts,
  };
}
