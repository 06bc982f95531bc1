import fc from 'fast-check';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  CONTEXT,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  LOGS,
  type Question,
} from './builders.ts';

/** Random key policies that keep to the grammar. Other seeds: `LOGSEAL_TEST_SEED=7 vitest run …`. */
export const SEED = Number(process.env.LOGSEAL_TEST_SEED ?? 20261121);

const ORG_ID = 'o-a1';

export const elements = <T>(...values: T[]) => fc.constantFrom(...values);
const oneOrMore = <T>(item: fc.Arbitrary<T>) =>
  fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<T | T[]>);

const actions = fc.oneof(
  {
    weight: 4,
    arbitrary: elements<string | string[]>('kms:*', '*', ['kms:*Encrypt*', 'kms:Decrypt', 'kms:GenerateDataKey*']),
  },
  {
    weight: 2,
    arbitrary: oneOrMore(
      elements(
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:ReEncryptTo',
        'kms:GenerateDataKey',
        'kms:Describe*',
        's3:*',
      ),
    ),
  },
);
const resources = fc.oneof(
  { weight: 6, arbitrary: elements<string | string[]>('*', KEY_ARN, ['arn:aws:s3:::b', 'arn:aws:kms:*']) },
  { weight: 1, arbitrary: elements<string | string[]>(`${KEY_ARN}0`, [], `arn:aws:kms:us-east-1:\${aws:x}:key/*`) },
);
/** Operator, key and values; true, false and undocumented ones in about equal shares. */
const condition = elements<[string, string, unknown]>(
  ['ArnLike', CONTEXT, LOG_GROUP_ARN],
  ['ArnLike', CONTEXT, ['arn:aws:logs:*', 'arn:aws:logs:us-east-1:111122223333:*']],
  ['StringEquals', 'aws:SourceAccount', '111122223333'],
  ['Bool', 'aws:SecureTransport', true],
  ['NumericGreaterThan', 'aws:EpochTime', 0],
  ['StringNotEqualsIfExists', 'aws:SourceVpce', 'vpce-1'],
  ['StringEquals', CONTEXT, `${LOG_GROUP_ARN}:*`],
  ['ArnEquals', 'aws:SourceArn', 'arn:aws:logs:us-east-1:111122223333:query-result:*'],
  ['StringEquals', 'kms:ViaService', [LOGS]],
  ['Bool', 'aws:PrincipalIsAWSService', 'false'],
  ['Null', CONTEXT, 'true'],
  ['StringLike', 'aws:RequestedRegion', []],
  ['ArnLike', CONTEXT, '*'],
  ['StringNotEquals', 'kms:CallerAccount', '111122223333'],
  ['NotIpAddress', 'aws:SourceIp', '10.0.0.0/8'],
  ['StringEquals', 'aws:PrincipalServiceName', LOGS],
  ['ForAnyValue:StringEqualsIfExists', 'aws:CalledVia', 'a'],
  ['StringEquals', 'aws:SourceOrgID', ORG_ID],
  ['ForAnyValue:StringLike', 'aws:SourceOrgPaths', ['o-b2/*', `${ORG_ID}/r-x/*`]],
  ['StringLike', 'aws:ResourceAccount', `\${aws:PrincipalAccount}`],
).map(([operator, key, values]) => ({ [operator]: { [key]: values } }));
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Json>({}) },
  { weight: 3, arbitrary: condition },
  { weight: 1, arbitrary: fc.tuple(condition, condition).map(([one, other]) => ({ ...one, ...other })) },
);
const principals = fc.oneof(
  {
    weight: 8,
    arbitrary: elements<Json>(
      { Principal: { Service: LOGS } },
      { Principal: '*' },
      { Principal: { Service: ['ec2.amazonaws.com', 'logs.amazonaws.com'] } },
    ),
  },
  {
    weight: 1,
    arbitrary: elements<Json>(
      { Principal: { AWS: '*' } },
      { NotPrincipal: { AWS: ['*'] } },
      { NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' } },
    ),
  },
);
export const otherPrincipals = elements<Json>(
  { Principal: { AWS: 'arn:aws:iam::111122223333:root' } },
  { Principal: { AWS: ['111122223333', 'arn:aws:iam::444455556666:role/*'] } },
  { Principal: { Service: ['logs.eu-west-1.amazonaws.com', 'delivery.logs.amazonaws.com', '*'] } },
  { Principal: { Federated: '*', CanonicalUser: '*' } },
  { Principal: { Service: [] } },
);

export function statement(effects: fc.Arbitrary<string>, who: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc
    .record({ effect: effects, who, action: actions, resource: resources, conditions })
    .map(({ effect, who: principal, action, resource, conditions: when }) => ({
      Effect: effect,
      ...principal,
      Action: action,
      Resource: resource,
      ...(Object.keys(when).length > 0 && { Condition: when }),
    }));
}

const someone = fc.oneof({ weight: 5, arbitrary: principals }, { weight: 1, arbitrary: otherPrincipals });
export const allows = statement(fc.constant('Allow'), someone);
export const denies = statement(fc.constant('Deny'), someone);
export const statements = fc
  .tuple(
    fc.array(allows, { minLength: 1, maxLength: 3 }),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant<Json[]>([]) },
      { weight: 1, arbitrary: fc.array(denies, { maxLength: 2 }) },
    ),
  )
  .map((parts) => parts.flat())
  .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
export const questions = elements<Question>(
  ABOUT_A_LOG_GROUP,
  ABOUT_A_LOG_GROUP,
  { ...ABOUT_A_LOG_GROUP, orgId: ORG_ID },
  ABOUT_QUERY_RESULTS,
);
