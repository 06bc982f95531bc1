import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import type { Cloud } from '../app/ports.ts';
import { createAccountAlias } from './account-alias.ts';
import { createAccountRegions } from './account-regions.ts';
import { createCaller } from './caller.ts';
import { type Calls, createCalls } from './calls.ts';
import { type AwsOptions, type CredentialSource, clientSettings } from './clients.ts';
import { createLambdaFunctions } from './functions.ts';
import { createIdentityPolicies } from './identity-policies.ts';
import { createIncomingEvents } from './incoming-events.ts';
import { createKeys } from './keys.ts';
import { createStacks } from './log-group-stacks.ts';
import { createLogGroupTags } from './log-group-tags.ts';
import { createLogGroups } from './log-groups.ts';
import { createNewestEvent } from './newest-event.ts';
import { retryAborted } from './retry-aborted.ts';

export interface CloudAccess {
  /** Identifies the caller through another Region. */
  readonly callerElsewhere?: Cloud['caller'] | undefined;
  /** The credentials of another account; the calls that they take are counted with the others. */
  readonly credentialsOf?: (calls: Calls) => CredentialSource;
}

/** One Region of AWS, with its own clients. */
export function createAwsCloud(
  region: string,
  given: AwsOptions,
  { callerElsewhere, credentialsOf }: CloudAccess = {},
): Cloud {
  const calls = createCalls();
  const options = { ...given, credentials: credentialsOf?.(calls) };
  const settings = clientSettings(region, options);
  const logs = retryAborted(new CloudWatchLogsClient(settings));
  // It copies every response for a logger that is not set, which takes 5% of a scan's time.
  logs.middlewareStack.remove('loggerMiddleware');
  const caller = callerElsewhere ?? createCaller(new STSClient(settings), calls);
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
