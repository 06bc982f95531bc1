import { parseArn } from './arn.ts';
import type { Reason, ReasonCode } from './reason.ts';

/** What `DescribeKey` says of a key, in KMS's own values. */
export interface KeyFacts {
  readonly arn: string;
  readonly account: string;
  readonly state: string;
  readonly spec: string;
  readonly usage: string;
}

/** What was found out about a key; a policy is read only where it is needed. */
export type KeyLook =
  | { readonly status: 'FOUND'; readonly key: KeyFacts; readonly policy: PolicyLook }
  | { readonly status: 'WRONG_REGION'; readonly keyArn: string }
  | { readonly status: 'NOT_FOUND'; readonly message: string }
  | { readonly status: 'UNREADABLE'; readonly message: string; readonly missingRight: string | null };

export type PolicyLook =
  | { readonly status: 'READ'; readonly text: string }
  | { readonly status: 'UNREADABLE'; readonly message: string; readonly cure: string }
  | { readonly status: 'NOT_READ' };

const HMAC = /^HMAC_/;

/** Every reason for which CloudWatch Logs cannot use the key, in the order of `REASON_CODES`; none: it can. */
export function whyUnusable(key: KeyFacts): Reason[] {
  return [stateReason(key), specReason(key), usageReason(key)].filter((reason) => reason !== undefined);
}

/** KeyState values as KMS documents them ("Key states of AWS KMS keys"); only Enabled and Updating work. */
function stateReason(key: KeyFacts): Reason | undefined {
  const remark = (code: ReasonCode, message: string, cure: string): Reason => ({
    code,
    message: `${key.arn} ${message}`,
    cure,
  });
  switch (key.state) {
    case 'Enabled':
    case 'Updating':
      return undefined;
    case 'Disabled':
      return remark('KEY_DISABLED', 'is disabled', `aws kms enable-key --key-id ${key.arn}${regionFlag(key)}`);
    case 'PendingDeletion':
      return remark(
        'KEY_PENDING_DELETION',
        'is scheduled for deletion',
        `aws kms cancel-key-deletion --key-id ${key.arn}${regionFlag(key)}, then enable it`,
      );
    case 'PendingReplicaDeletion':
      return remark(
        'KEY_PENDING_REPLICA_DELETION',
        'is a primary key that is deleted once its replicas are',
        `aws kms cancel-key-deletion --key-id ${key.arn}${regionFlag(key)}, then enable it`,
      );
    case 'PendingImport':
      return remark(
        'KEY_PENDING_IMPORT',
        'waits for its key material',
        'import the key material (aws kms import-key-material)',
      );
    case 'Creating':
      return remark('KEY_CREATING', 'is still being created', 'wait until its KeyState is Enabled, then scan again');
    case 'Unavailable':
      return remark(
        'KEY_UNAVAILABLE',
        'is unavailable',
        'reconnect its custom key store (aws kms connect-custom-key-store)',
      );
    default:
      return remark(
        'KEY_UNAVAILABLE',
        `is in the state ${key.state}, which logseal does not know`,
        'use a key whose KeyState is Enabled',
      );
  }
}

/** HMAC keys are symmetric, and unusable for their usage. */
function specReason(key: KeyFacts): Reason | undefined {
  if (key.spec === 'SYMMETRIC_DEFAULT' || HMAC.test(key.spec)) return undefined;
  return {
    code: 'KEY_NOT_SYMMETRIC',
    message: `${key.arn} has the key spec ${key.spec}`,
    cure: 'use a key with KeySpec SYMMETRIC_DEFAULT: a key spec cannot be changed',
  };
}

function usageReason(key: KeyFacts): Reason | undefined {
  if (key.usage === 'ENCRYPT_DECRYPT' && !HMAC.test(key.spec)) return undefined;
  return {
    code: 'KEY_WRONG_USAGE',
    message: `${key.arn} (${key.spec}) has the key usage ${key.usage}`,
    cure: 'use a key with KeyUsage ENCRYPT_DECRYPT: a key usage cannot be changed',
  };
}

function regionFlag(key: KeyFacts): string {
  const arn = parseArn(key.arn);
  return arn ? ` --region ${arn.region}` : '';
}
