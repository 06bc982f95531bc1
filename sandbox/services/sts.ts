import { createHash, randomBytes } from 'node:crypto';
import type { AssumeRoleRequest, AssumeRoleResponse, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { parseArn } from '../../lib/domain/arn.ts';
import { AWS_SUFFIX } from '../../lib/domain/partition.ts';
import { admissionOf } from '../rights.ts';
import { ask, sessionArnOf } from '../role.ts';
import { ServiceError } from '../service-error.ts';
import { organizationKeys } from '../state.ts';
import { query } from '../wire.ts';
import type { Call, Service } from './service.ts';

const DEFAULT_S = 3600;

function getCallerIdentity({ account, callerArn, role }: Call): GetCallerIdentityResponse {
  const UserId = role ? `${role.id}:${callerArn.split('/').at(-1)}` : `AIDA${account}USER`;
  return { UserId, Account: account, Arn: callerArn };
}

/**
 * Begins a session, if both the caller's policies and the trust of the role allow it; within an account a trust that names
 * the caller is enough. As on AWS, a role that does not exist is refused in the same words.
 */
function assumeRole(call: Call, input: AssumeRoleRequest): AssumeRoleResponse {
  const { RoleArn = '', RoleSessionName = '', ExternalId, DurationSeconds = DEFAULT_S } = input;
  const { cloud, account, callerArn, role: caller } = call;
  const role = cloud.roles.get(RoleArn);
  const keys = {
    'aws:principalaccount': [account],
    'aws:principalarn': [caller?.arn ?? callerArn],
    'aws:resourceaccount': [parseArn(RoleArn)?.account ?? ''],
    ...organizationKeys(cloud, 'aws:principalorgid', account),
    ...organizationKeys(cloud, 'aws:resourceorgid', parseArn(RoleArn)?.account ?? ''),
    ...(ExternalId !== undefined && { 'sts:externalid': [ExternalId] }),
  };
  const request = { action: 'sts:AssumeRole', resource: RoleArn, keys };
  const own = caller ? ask(caller, request) : 'ALLOW';
  const byTrust = admissionOf(call, role?.trust ?? null, request);
  const isNamed = byTrust === 'ALLOW' && role?.account === account;
  const isTrusted = byTrust === 'ALLOW' || byTrust === 'DELEGATED';
  if (!role || !isTrusted || own === 'EXPLICIT_DENY' || (own === 'IMPLICIT_DENY' && !isNamed)) {
    const denied = `User: ${callerArn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
    throw new ServiceError('AccessDenied', denied, 403);
  }
  const arn = sessionArnOf(role, RoleSessionName);
  const expiresAt = new Date(cloud.now().getTime() + DurationSeconds * 1000);
  const AccessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
  cloud.sessions.set(AccessKeyId, { role, arn, expiresAt });
  const SecretAccessKey = createHash('sha256').update(AccessKeyId).digest('hex');
  return {
    Credentials: { AccessKeyId, SecretAccessKey, SessionToken: `${AccessKeyId}-token`, Expiration: expiresAt },
    AssumedRoleUser: { Arn: arn, AssumedRoleId: `${role.id}:${RoleSessionName}` },
  };
}

/** AWS Security Token Service. */
export const sts: Service = {
  name: 'sts',
  endpoint: 'sts',
  wire: query(`https://sts.${AWS_SUFFIX}/doc/2011-06-15/`),
  operations: { AssumeRole: assumeRole, GetCallerIdentity: getCallerIdentity },
  unavailable: 'ServiceUnavailable',
  resourceArns: () => [],
};
