import { parseArn } from '../arn.ts';
import { logsPrincipals } from '../partition.ts';
import { type KeyValue, SOME_VALUE, someValueFrom, someValueLike } from './operators.ts';
import { isPartial } from './partial-text.ts';
import { type Tri, tri } from './tri.ts';

/** What CloudWatch Logs would encrypt with the key: one log group, or an account's stored Logs Insights results. */
export type PolicySubject =
  | {
      readonly type: 'log-group' /** Without `:*`. Parts of it may not be known (`partial-text.ts`). */;
      readonly arn: string;
    }
  | { readonly type: 'query-results'; readonly account: string };

/** The environment variable by which a person says the service principal of CloudWatch Logs. */
export const PRINCIPAL_VARIABLE = 'LOGSEAL_LOGS_PRINCIPAL';

/** The condition key with the ARN of a log group. */
export const LOGS_CONTEXT = 'kms:EncryptionContext:aws:logs:arn';
/** The same as conditions have it: in lower case. */
export const LOGS_CONTEXT_KEY = LOGS_CONTEXT.toLowerCase();

/** What is known of the calls that CloudWatch Logs makes, beside the key and the log store. */
export interface CallFacts {
  /** Decides conditions on `aws:CurrentTime` and `aws:EpochTime`. */
  readonly now: Date;
  /** The AWS Organization of the key and the logs, `o-…`; null or absent: not known. */
  readonly orgId?: string | null | undefined;
  /** The service principal of CloudWatch Logs, where AWS does not document it and a person says which one it is. */
  readonly logsPrincipal?: string | null | undefined;
}

/** How CloudWatch Logs calls KMS with a key: what is the same for every log store. */
export interface LogsService {
  readonly keyArn: string;
  /** The documented service principal, with the Region of the key (docs/key-policy-rules.md#rule-12). */
  readonly regionalName: string;
  /** Not documented, but seen to work (docs/key-policy-rules.md#rule-12). */
  readonly globalName: string;
  /** Whether a service principal is that of CloudWatch Logs. UNKNOWN: the sources disagree, or none names the partition. */
  isNamed(principal: string): Tri;
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

/** Condition keys that an organization's id decides, at least in part. */
export const ORGANIZATION_KEYS: readonly string[] = [
  'aws:sourceorgid',
  'aws:resourceorgid',
  'aws:sourceorgpaths',
  'aws:resourceorgpaths',
];

/**
 * Condition keys whose value cannot be known from outside AWS (docs/key-policy-rules.md#rule-14). A key that is in no list here is absent from
 * a direct call by a service: `aws:PrincipalOrgID`, `aws:PrincipalArn`, `kms:ViaService`, `aws:SourceVpce` and others.
 */
const UNKNOWN_KEYS: ReadonlySet<string> = new Set([
  'aws:sourceip',
  'aws:useragent',
  'aws:referer',
  ...ORGANIZATION_KEYS,
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

export function logsService(keyArn: string, { now, orgId, logsPrincipal }: CallFacts): LogsService {
  const { partition = 'aws', region = '', account = '' } = parseArn(keyArn) ?? {};
  const { regional, global, isCertain } = logsPrincipals(partition, region, logsPrincipal);
  const names = new Set([...regional, ...global]);
  const [regionalName = '', globalName = ''] = [regional[0], global[0]];
  const possibleValues: [string, readonly KeyValue[]][] = [
    ['kms:encryptioncontextkeys', [['aws:logs:arn']]],
    ['aws:principalisawsservice', [['true']]],
    ['aws:principalservicename', [...names].map((name) => [name])],
    ['aws:principalservicenameslist', isCertain ? [[regionalName, globalName]] : UNKNOWN],
    ['aws:securetransport', [['true']]],
    ['aws:viaawsservice', [['false']]],
    ['aws:requestedregion', [[region]]],
    ['aws:resourceaccount', [[account]]],
    ['aws:currenttime', [[now.toISOString()]]],
    ['aws:epochtime', [[String(Math.floor(now.getTime() / 1000))]]],
    ...(orgId ? organizationValues(orgId) : []),
  ];
  const isNamed = (principal: string): Tri => {
    if (isCertain) return tri(names.has(principal));
    return isLogsOf(region, principal) ? 'UNKNOWN' : 'NO';
  };
  return { keyArn, regionalName, globalName, isNamed, possibleValues: new Map(possibleValues) };
}

/** Whether a service principal is one of CloudWatch Logs, whatever its suffix: of the Region, or without a Region. */
function isLogsOf(region: string, principal: string): boolean {
  const [first, second = ''] = principal.split('.');
  return first === 'logs' && (second === region || !/-\d+$/.test(second));
}

/** Of a path only its beginning is known: `o-…/`, then the root and the organizational units. */
function organizationValues(orgId: string): [string, readonly KeyValue[]][] {
  return ORGANIZATION_KEYS.map((key) => [key, [[key.endsWith('paths') ? someValueFrom(`${orgId}/`) : orgId]]]);
}

/** The call that CloudWatch Logs makes for one log store. */
export function serviceCall(service: LogsService, subject: PolicySubject): ServiceCall {
  return callFrom(service, subject, sourceOf(subject, service.keyArn));
}

/** The call for whichever log store of the subject's kind, account and Region: a log group may have any name. */
export function anyServiceCall(service: LogsService, subject: PolicySubject): ServiceCall {
  const source = sourceOf(subject, service.keyArn);
  if (subject.type !== 'log-group') return callFrom(service, subject, source);
  const arn = [[someValueFrom(subject.arn.replace(/(:log-group:).*$/, '$1'))]];
  return callFrom(service, subject, { ...source, arn, encryptionContext: arn });
}

function callFrom({ possibleValues }: LogsService, subject: PolicySubject, source: Source): ServiceCall {
  const account = accountOf(subject);
  return {
    isLogGroup: source.isLogGroup,
    possibleValues(key) {
      switch (key) {
        case LOGS_CONTEXT_KEY:
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
      const arn = [[isPartial(subject.arn) ? someValueLike(subject.arn) : subject.arn]];
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
