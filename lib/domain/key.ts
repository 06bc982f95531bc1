import { parseArn } from './arn.ts';
import type { ReadPolicy } from './key-policy/read.ts';
import type { KeyPolicyCode, Problem, Reason, ReasonCode } from './reasons.ts';
import type { Provider } from './target.ts';

/** What `DescribeKey` says of a key, in the values of AWS's KMS. */
export interface KeyFacts {
  readonly arn: string;
  readonly account: string;
  /** null, like spec and usage: KMS did not say. */
  readonly state: string | null;
  readonly spec: string | null;
  readonly usage: string | null;
  /** Where it is, if its identifier does not tell. */
  readonly region?: string | undefined;
}

/** What was found out about a key of one Region. */
export interface KeyInspection {
  /** null: an alias that could not be resolved. */
  readonly keyArn: string | null;
  /** Why CloudWatch Logs cannot use the key, KEY_UNREADABLE where that could not be found out; none: it can. */
  readonly reasons: readonly Reason[];
  /** null: not read, since nothing asked for it. */
  readonly policy: PolicyInspection | null;
  /** What kept the key or its policy from being read this time, and may not the next. */
  readonly transientError: { readonly code: string; readonly call: string; readonly message: string } | null;
  /** The right that the caller lacks to describe the key, where the cloud's refusal names it. */
  readonly missingRight?: { readonly action: string; readonly isExplicitDeny: boolean };
}

export type PolicyInspection =
  | ReadPolicy
  | { readonly status: 'UNREADABLE'; readonly message: string; readonly fix: string }
  /** A role, not a key policy, lets the service use the key (Alibaba Cloud). */
  | { readonly status: 'ROLE'; readonly problem: Problem<KeyPolicyCode> | null };

const HMAC = /^HMAC_/;

/** Every reason for which CloudWatch Logs cannot use the key, in the order of `REASON_CODES`; none: it can. */
export function whyUnusable(key: KeyFacts, provider: Provider = 'aws'): Reason[] {
  return [stateReason(key, provider), specReason(key, provider), usageReason(key, provider), unsaid(key)].filter(
    (reason) => reason !== undefined,
  );
}

/** What KMS did not say is not known to be bad. */
function unsaid({ arn, state, spec, usage }: KeyFacts): Reason | undefined {
  const missing = Object.entries({ KeyState: state, KeySpec: spec, KeyUsage: usage }).filter(
    ([, value]) => value === null,
  );
  if (missing.length === 0) return undefined;
  const names = missing.map(([name]) => name).join(', ');
  return { code: 'KEY_UNREADABLE', message: `DescribeKey does not tell the ${names} of ${arn}`, fix: 'scan again' };
}

/** KeyState values as KMS documents them ("Key states of AWS KMS keys"); only Enabled and Updating work. */
function stateReason(key: KeyFacts, provider: Provider): Reason | undefined {
  const problem = (code: ReasonCode, message: string, fix: string): Reason => ({
    code,
    message: `${key.arn} ${message}`,
    fix,
  });
  switch (key.state) {
    case null:
    case 'Enabled':
    case 'Updating':
      return undefined;
    case 'Disabled':
      return problem('KEY_DISABLED', 'is disabled', command(key, provider, 'enable-key', 'EnableKey'));
    case 'PendingDeletion':
      return problem(
        'KEY_PENDING_DELETION',
        'is scheduled for deletion',
        `${command(key, provider, 'cancel-key-deletion', 'CancelKeyDeletion')}, then enable it`,
      );
    case 'PendingReplicaDeletion':
      return problem(
        'KEY_PENDING_REPLICA_DELETION',
        'is a primary key that is deleted once its replicas are',
        `${command(key, provider, 'cancel-key-deletion', 'CancelKeyDeletion')}, then enable it`,
      );
    case 'PendingImport':
      return problem('KEY_PENDING_IMPORT', 'waits for its key material', 'import the key material');
    case 'Creating':
      return problem('KEY_CREATING', 'is still being created', 'wait until its KeyState is Enabled, then scan again');
    case 'Unavailable':
      return problem('KEY_UNAVAILABLE', 'is unavailable', 'reconnect its custom key store');
    default:
      return problem(
        'KEY_UNAVAILABLE',
        `is in the state ${key.state}, which logseal does not know`,
        'use a key whose KeyState is Enabled',
      );
  }
}

/** HMAC keys are symmetric, and unusable for their usage. */
function specReason(key: KeyFacts, provider: Provider): Reason | undefined {
  if (key.spec === null || key.spec === 'SYMMETRIC_DEFAULT' || HMAC.test(key.spec)) return undefined;
  return {
    code: 'KEY_NOT_SYMMETRIC',
    message: `${key.arn} has the key spec ${key.spec}`,
    fix: `use a key with KeySpec ${SYMMETRIC[provider]}: a key spec cannot be changed`,
  };
}

function usageReason(key: KeyFacts, provider: Provider): Reason | undefined {
  const isHmac = key.spec !== null && HMAC.test(key.spec);
  if ((key.usage === null || key.usage === 'ENCRYPT_DECRYPT') && !isHmac) return undefined;
  return {
    code: 'KEY_WRONG_USAGE',
    message: `${key.arn} (${key.spec}) has the key usage ${key.usage}`,
    fix: `use a key with KeyUsage ${provider === 'aws' ? 'ENCRYPT_DECRYPT' : 'ENCRYPT/DECRYPT'}: a key usage cannot be changed`,
  };
}

/** What a new key is asked for as. */
const SYMMETRIC: Readonly<Record<Provider, string>> = { aws: 'SYMMETRIC_DEFAULT', alibaba: 'Aliyun_AES_256' };

/** By the cloud's own command line. */
function command({ arn }: KeyFacts, provider: Provider, awsVerb: string, alibabaVerb: string): string {
  if (provider === 'alibaba') return `aliyun kms ${alibabaVerb} --KeyId ${arn}`;
  const region = parseArn(arn)?.region;
  return `aws kms ${awsVerb} --key-id ${arn}${region === undefined ? '' : ` --region ${region}`}`;
}
