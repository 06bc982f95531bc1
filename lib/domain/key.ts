import type { Failure } from './failure.ts';
import type { ReadPolicy } from './key-policy/read.ts';
import type { LogsService } from './key-policy/service-call.ts';
import { PROVIDERS } from './providers/index.ts';
import { type KeyPolicyCode, type Problem, problem, type Reason, type ReasonCode } from './reasons.ts';
import type { Provider } from './target.ts';
import { type KeyUse, pendingDeletion, pendingReplicaDeletion } from './unusable-key.ts';

/** What `DescribeKey` says of a key, in the values of AWS's KMS. */
export interface KeyFacts {
  readonly arn: string;
  readonly account: string;
  /** null, like spec and usage, where KMS did not return it. */
  readonly state: string | null;
  readonly spec: string | null;
  readonly usage: string | null;
  /** When a key in the state PendingDeletion is deleted. */
  readonly deletionDate?: Date | undefined;
  /** How long after its last replica a key in the state PendingReplicaDeletion is deleted. */
  readonly waitingPeriodDays?: number | undefined;
  /**
   * `AWS` or `CUSTOMER`. Not known counts as the customer's: the key policy still decides, and that of an AWS-managed key
   * does not let CloudWatch Logs use it, so such a key is never attached by mistake.
   */
  readonly manager?: string | undefined;
  /** Where it is, where that is not part of its identifier. */
  readonly region?: string | undefined;
}

/** What was found out about a key of one Region. */
export interface KeyInspection {
  /** null: an alias that could not be resolved. */
  readonly keyArn: string | null;
  /** Why logs cannot be encrypted with the key, KEY_UNREADABLE where that could not be found out; none: they can. */
  readonly reasons: readonly Reason[];
  /** Its state, as `KeyFacts` has it. Absent: the key was not described, or not in this Region. */
  readonly state?: string | null;
  /** null: not read, since nothing asked for it. */
  readonly policy: PolicyInspection | null;
  /** Why the key or its policy could not be read this time, where another try may succeed. */
  readonly transientError: Failure | null;
  /** The right that the caller lacks to describe the key, where the cloud's refusal names it. */
  readonly missingRight?: { readonly action: string; readonly isExplicitDeny: boolean };
}

export type PolicyInspection =
  | ReadPolicy
  | ({ readonly status: 'UNREADABLE'; readonly service: LogsService } & Pick<
      Problem<KeyPolicyCode>,
      'message' | 'fix' | 'missingRight'
    >)
  /** A role, not a key policy, lets the service use the key (Alibaba Cloud). */
  | { readonly status: 'ROLE'; readonly problem: Problem<KeyPolicyCode> | null };

const HMAC = /^HMAC_/;

/** Every reason for which logs cannot be encrypted with the key, in the order of `REASON_CODES`; none: they can. */
export function whyUnusable(key: KeyFacts, provider: Provider, use: KeyUse): Reason[] {
  return [
    stateReason(key, provider, use),
    specReason(key, provider),
    usageReason(key, provider),
    managerReason(key),
    unknownFacts(key),
  ].filter((reason) => reason !== undefined);
}

/** A field that KMS left out of its answer may hold anything, so nothing can be said of the key. */
function unknownFacts({ arn, state, spec, usage }: KeyFacts): Reason | undefined {
  const missing = Object.entries({ KeyState: state, KeySpec: spec, KeyUsage: usage }).filter(
    ([, value]) => value === null,
  );
  if (missing.length === 0) return undefined;
  const names = missing.map(([name]) => name).join(', ');
  return problem('KEY_UNREADABLE', `DescribeKey did not return the ${names} of ${arn}`, 'scan again');
}

/** AWS KMS Developer Guide, "Key states of AWS KMS keys": only Enabled and Updating work. */
function stateReason(key: KeyFacts, provider: Provider, use: KeyUse): Reason | undefined {
  const { enableCommand, cancelDeletionCommand } = PROVIDERS[provider];
  const cancelDeletion = `${cancelDeletionCommand(key.arn)}, then ${enableCommand(key.arn)}`;
  const reason = (code: ReasonCode, message: string, fix: string) => problem(code, `${key.arn} ${message}`, fix);
  switch (key.state) {
    case null:
    case 'Enabled':
    case 'Updating':
      return undefined;
    case 'Disabled':
      return reason('KEY_DISABLED', 'is disabled', enableCommand(key.arn));
    case 'PendingDeletion':
      return pendingDeletion(key.arn, use, key.deletionDate, cancelDeletion);
    case 'PendingReplicaDeletion':
      return pendingReplicaDeletion(key.arn, use, key.waitingPeriodDays, cancelDeletion);
    case 'PendingImport':
      return reason('KEY_PENDING_IMPORT', 'has no key material yet', 'import the key material');
    case 'Creating':
      return reason('KEY_CREATING', 'is still being created', 'wait until its KeyState is Enabled, then scan again');
    case 'Unavailable':
      return reason('KEY_UNAVAILABLE', 'is unavailable', 'reconnect its custom key store');
    default:
      return reason(
        'KEY_UNAVAILABLE',
        `is in the state ${key.state}, which logseal does not know`,
        'use a key whose KeyState is Enabled',
      );
  }
}

/** HMAC keys are symmetric too: what is wrong with them is their usage. */
function specReason(key: KeyFacts, provider: Provider): Reason | undefined {
  if (key.spec === null || key.spec === 'SYMMETRIC_DEFAULT' || HMAC.test(key.spec)) return undefined;
  return problem(
    'KEY_NOT_SYMMETRIC',
    `${key.arn} has the key spec ${key.spec}`,
    `use a key with KeySpec ${PROVIDERS[provider].symmetricSpec}: a key spec cannot be changed`,
  );
}

function usageReason(key: KeyFacts, provider: Provider): Reason | undefined {
  const isHmac = key.spec !== null && HMAC.test(key.spec);
  if ((key.usage === null || key.usage === 'ENCRYPT_DECRYPT') && !isHmac) return undefined;
  return problem(
    'KEY_WRONG_USAGE',
    `${key.arn} (${key.spec}) has the key usage ${key.usage}`,
    `use a key with KeyUsage ${PROVIDERS[provider].encryptUsage}: a key usage cannot be changed`,
  );
}

/** AWS KMS Developer Guide, "Change a key policy": that of an AWS-managed key cannot be changed. */
function managerReason({ arn, manager }: KeyFacts): Reason | undefined {
  if (manager !== 'AWS') return undefined;
  return problem(
    'KEY_AWS_MANAGED',
    `${arn} is an AWS-managed key: nobody in its account can change its policy`,
    'use a customer managed key: the policy of an AWS-managed key does not let CloudWatch Logs use it',
  );
}
