import { parseArn } from '../arn.ts';
import { type KeyValue, SOME_VALUE } from './operators.ts';

/** What CloudWatch Logs would encrypt with the key: one log group, or an account's stored Logs Insights results. */
export type PolicySubject =
  | { readonly type: 'log-group' /** Without `:*`. */; readonly arn: string }
  | { readonly type: 'query-results'; readonly account: string };

/** How CloudWatch Logs calls KMS with a key: what is the same for every log store. */
export interface LogsService {
  readonly keyArn: string;
  /** The documented service principal, with the Region of the key (docs/key-policy-rules.md#rule-12). */
  readonly regionalName: string;
  /** Not documented, but seen to work (docs/key-policy-rules.md#rule-12). */
  readonly globalName: string;
  /** Condition keys that are the same for every log store. */
  readonly possibleValues: ReadonlyMap<string, readonly KeyValue[]>;
}

/** A direct call by CloudWatch Logs to KMS, as a key policy sees it. */
export interface ServiceCall {
  readonly isLogGroup: boolean;
  /** Every value that a condition key may have. More than one: AWS does not document which. @param key in lower case */
  possibleValues(key: string): readonly KeyValue[];
}

const ABSENT: readonly KeyValue[] = [undefined];
const UNKNOWN: readonly KeyValue[] = [undefined, [SOME_VALUE]];

/**
 * Condition keys whose value cannot be known from outside AWS (docs/key-policy-rules.md#rule-14). A key that is in no list here is absent from
 * a direct call by a service: `aws:PrincipalOrgID`, `aws:PrincipalArn`, `kms:ViaService`, `aws:SourceVpce` and others.
 */
const UNKNOWN_KEYS: ReadonlySet<string> = new Set([
  'aws:sourceip',
  'aws:useragent',
  'aws:referer',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:resourceorgid',
  'aws:resourceorgpaths',
  'kms:calleraccount',
  'kms:keyspec',
  'kms:keyusage',
  'kms:keyorigin',
  'kms:customermasterkeyspec',
  'kms:customermasterkeyusage',
  'kms:multiregion',
  'kms:multiregionkeytype',
  'kms:primaryregion',
  'kms:resourcealiases',
  'kms:requestalias',
  'kms:encryptionalgorithm',
  'kms:reencryptonsamekey',
]);
const RESOURCE_TAG = 'aws:resourcetag/';

/** @param now the time of the calls, for conditions on `aws:CurrentTime` and `aws:EpochTime` */
export function logsService(keyArn: string, now: Date): LogsService {
  const { partition = 'aws', region = '', account = '' } = parseArn(keyArn) ?? {};
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const regionalName = `logs.${region}.${suffix}`;
  const globalName = `logs.${suffix}`;
  const possibleValues: [string, readonly KeyValue[]][] = [
    ['kms:encryptioncontextkeys', [['aws:logs:arn']]],
    ['aws:principalisawsservice', [['true']]],
    ['aws:principalservicename', [[regionalName], [globalName]]],
    ['aws:principalservicenameslist', [[regionalName, globalName]]],
    ['aws:securetransport', [['true']]],
    ['aws:viaawsservice', [['false']]],
    ['aws:requestedregion', [[region]]],
    ['aws:resourceaccount', [[account]]],
    ['aws:currenttime', [[now.toISOString()]]],
    ['aws:epochtime', [[String(Math.floor(now.getTime() / 1000))]]],
  ];
  return { keyArn, regionalName, globalName, possibleValues: new Map(possibleValues) };
}

/** The call that CloudWatch Logs makes for one log store. */
export function serviceCall({ keyArn, possibleValues }: LogsService, subject: PolicySubject): ServiceCall {
  const source = sourceOf(subject, keyArn);
  const account = accountOf(subject);
  return {
    isLogGroup: source.isLogGroup,
    possibleValues(key) {
      switch (key) {
        case 'kms:encryptioncontext:aws:logs:arn':
          return source.encryptionContext;
        case 'aws:sourcearn':
          return source.arn;
        case 'aws:sourceaccount':
          return [[account ?? '']];
        default:
          return possibleValues.get(key) ?? (UNKNOWN_KEYS.has(key) || key.startsWith(RESOURCE_TAG) ? UNKNOWN : ABSENT);
      }
    },
  };
}

/** The Region of the logs: that of the log group; query results are stored in the key's own. */
export function regionOf(subject: PolicySubject, keyArn: string): string | undefined {
  switch (subject.type) {
    case 'log-group':
      return parseArn(subject.arn)?.region;
    case 'query-results':
      return parseArn(keyArn)?.region;
  }
}

/** The account of the logs; undefined: the ARN of the log group is malformed. */
export function accountOf(subject: PolicySubject): string | undefined {
  switch (subject.type) {
    case 'log-group':
      return parseArn(subject.arn)?.account;
    case 'query-results':
      return subject.account;
  }
}

interface Source {
  readonly isLogGroup: boolean;
  readonly arn: readonly KeyValue[];
  readonly encryptionContext: readonly KeyValue[];
}

/**
 * What a call says about the log store that it is for (docs/key-policy-rules.md#rule-7, #rule-15). For query results AWS documents the form
 * `…:query-result:*` of `aws:SourceArn`, but neither what replaces the `*` in a call nor whether there is an encryption
 * context, so every possibility is listed.
 */
function sourceOf(subject: PolicySubject, keyArn: string): Source {
  switch (subject.type) {
    case 'log-group': {
      const arn = [[subject.arn]];
      return { isLogGroup: true, arn, encryptionContext: arn };
    }
    case 'query-results': {
      const { partition, region } = parseArn(keyArn) ?? {};
      const prefix = `arn:${partition}:logs:${region}:${subject.account}:query-result:`;
      const arns = [[`${prefix}*`], [`${prefix}00000000-0000-0000-0000-000000000000`]];
      return { isLogGroup: false, arn: arns, encryptionContext: [undefined, ...arns] };
    }
  }
}
