import { AWS_SUFFIX } from '../lib/domain/partition.ts';
import type { World } from '../sandbox/world.ts';

/** The key policy that AWS documents for the log groups of the key's account. */
export const LOGS_POLICY = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Service: `logs.{region}.${AWS_SUFFIX}` },
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
    Resource: '*',
    Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:{region}:{account}:log-group:*' } },
  },
};

/** The same, with the rights of the account delegated to its policies, so that a caller may use the key. */
export const DELEGATING_POLICY = {
  ...LOGS_POLICY,
  Statement: [
    LOGS_POLICY.Statement,
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::{account}:root' }, Action: 'kms:*', Resource: '*' },
  ],
};

/** Half of the log groups have one of four healthy keys, the others none. */
export function halfSealed(groups: number): World {
  const names = ['a', 'b', 'c', 'd'];
  return {
    policies: { logs: LOGS_POLICY },
    keys: Object.fromEntries(names.map((name) => [name, { policy: 'logs' }])),
    bulk: [
      { name: '/plain/{n}', count: groups / 2 },
      ...names.map((name) => ({ name: `/sealed-${name}/{n}`, count: groups / 2 / names.length, key: name })),
    ],
  };
}
