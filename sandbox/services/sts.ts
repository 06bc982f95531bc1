import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { query } from '../wire.ts';
import type { Call, Service } from './service.ts';

function getCallerIdentity({ account, callerArn }: Call): GetCallerIdentityResponse {
  return { UserId: `AIDA${account}USER`, Account: account, Arn: callerArn };
}

/** AWS Security Token Service. */
export const sts: Service = {
  name: 'sts',
  endpoint: 'sts',
  wire: query('https://sts.amazonaws.com/doc/2011-06-15/'),
  operations: { GetCallerIdentity: getCallerIdentity },
  unavailable: 'ServiceUnavailable',
  resourceArns: () => [],
};
