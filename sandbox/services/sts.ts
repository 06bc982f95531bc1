import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { AWS_SUFFIX } from '../../lib/domain/partition.ts';
import { query } from '../wire.ts';
import type { Call, Service } from './service.ts';

function getCallerIdentity({ account, callerArn, role }: Call): GetCallerIdentityResponse {
  const UserId = role ? `${role.id}:${callerArn.split('/').at(-1)}` : `AIDA${account}USER`;
  return { UserId, Account: account, Arn: callerArn };
}

/** AWS Security Token Service. */
export const sts: Service = {
  name: 'sts',
  endpoint: 'sts',
  wire: query(`https://sts.${AWS_SUFFIX}/doc/2011-06-15/`),
  operations: { GetCallerIdentity: getCallerIdentity },
  unavailable: 'ServiceUnavailable',
  resourceArns: () => [],
};
