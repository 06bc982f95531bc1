/** Why a call to a cloud failed, in logseal's own terms; the SDK's error is kept as the `cause`. */
export const CLOUD_ERROR_CODES = [
  'NOT_FOUND',
  'ACCESS_DENIED',
  'INVALID_REQUEST',
  'THROTTLED',
  'UNAVAILABLE',
  'NETWORK',
  'CREDENTIALS',
  'ROLE_REFUSED',
  'ORGANIZATION_UNREADABLE',
  'REGION_DISABLED',
] as const;
export type CloudErrorCode = (typeof CLOUD_ERROR_CODES)[number];

/** Whether an error code of Node means that no answer arrived. Its TLS errors count. */
export function isNetworkCode(code: string): boolean {
  return /^(ECONN|ENOTFOUND$|EAI_|ETIMEDOUT$|EPIPE$|EHOST|ENET|EPROTO$|HPE_|ERR_TLS|ERR_SSL)|CERT|LEAF_SIGNATURE/.test(
    code,
  );
}

/**
 * Whether an error comes from a bug in this program rather than from a cloud or the network. The errors that the SDKs
 * and Node throw for those carry a code, a status or, in AWS's SDK, `$metadata`.
 */
export function isDefect(thrown: unknown): boolean {
  const isProgramError =
    thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError;
  return isProgramError && !['code', 'statusCode', '$metadata'].some((name) => name in thrown);
}

/** Base class of every error that logseal throws on purpose. */
export abstract class LogsealError extends Error {
  abstract readonly code: string;
  /** Written out in each class: a minified bundle renames the classes. */
  abstract override readonly name: string;
}

/** The right that the caller lacks, where a refusal names it. */
export interface MissingRight {
  /** As IAM names it, for instance `kms:DescribeKey`. */
  readonly action: string;
  /** The ARN that a policy must name to allow the action; null: the refusal does not say. */
  readonly resource: string | null;
  /** A policy denies the action explicitly, so that allowing it in another policy does not help. */
  readonly isExplicitDeny: boolean;
}

/** What a refusal carries for whoever may ask the cloud which policy refused. */
export interface Authorization {
  /** `MESSAGE`: the details themselves, encoded. `ID`: what they are kept under, for at least 24 hours. */
  readonly kind: 'MESSAGE' | 'ID';
  /** Letters, digits and the signs of base64 only. */
  readonly text: string;
}

/** Why KMS refuses a key policy: a principal in it cannot be, or the caller could not change the policy any more. */
export type PolicyRefusalKind = 'PRINCIPAL' | 'LOCKOUT';

export interface CloudErrorOptions extends ErrorOptions {
  readonly missingRight?: MissingRight | null;
  readonly authorization?: Authorization | null;
  readonly policyRefusal?: PolicyRefusalKind | null;
  readonly fix?: string | null;
}

/** A call to a cloud that failed after all retries. `message` is the cloud's own. */
export class CloudError extends LogsealError {
  readonly name = 'CloudError';
  readonly code: CloudErrorCode;
  /** As IAM names it, for instance `kms:DescribeKey`. */
  readonly call: string;
  /** Set only with ACCESS_DENIED, and null where the cloud does not name the right. */
  readonly missingRight: MissingRight | null;
  /** Set only with ACCESS_DENIED, and null where the refusal has none. */
  readonly authorization: Authorization | null;
  /** Set only where a key policy was refused, and null where the words of the refusal are not known. */
  readonly policyRefusal: PolicyRefusalKind | null;
  /** What a person can do about it; null: what its code says. */
  readonly fix: string | null;

  constructor(code: CloudErrorCode, call: string, message: string, options: CloudErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.call = call;
    this.missingRight = options.missingRight ?? null;
    this.authorization = options.authorization ?? null;
    this.policyRefusal = options.policyRefusal ?? null;
    this.fix = options.fix ?? null;
  }

  /** Whether a later attempt may succeed without anybody changing anything. */
  get isTransient(): boolean {
    return isTransientCode(this.code);
  }
}

/** Whether a call that failed with this code may succeed later without anybody changing anything. */
export function isTransientCode(code: string): boolean {
  return code === 'THROTTLED' || code === 'UNAVAILABLE' || code === 'NETWORK';
}

/** Events that were not accepted, after all retries. All others of the same sending were. */
export class NotAcceptedError extends CloudError {
  /** Why each was not accepted, by the event as it was handed over. */
  readonly errors: ReadonlyMap<object, CloudError>;

  constructor(errors: ReadonlyMap<object, CloudError>) {
    const all = [...errors.values()];
    const first = all.find(({ isTransient }) => !isTransient) ?? all[0];
    const { code = 'UNAVAILABLE', call = '', message = '' } = first ?? {};
    super(code, call, `${errors.size} events were not accepted: ${message}`, { ...first, cause: first });
    this.errors = errors;
  }
}

/** The journal cannot be written or read. A change that cannot be journalled is not made. */
export class JournalError extends LogsealError {
  readonly name = 'JournalError';
  readonly code = 'JOURNAL';
}

/** Another invocation does the same at this moment, so that this one must wait for its end. It is no failure of anything. */
export class StillRunningError extends LogsealError {
  readonly name = 'StillRunningError';
  readonly code = 'STILL_RUNNING';
}

/** The invocation is nearly over, and its work is not done. */
export class OutOfTimeError extends LogsealError {
  readonly name = 'OutOfTimeError';
  readonly code = 'OUT_OF_TIME';
}

/** A result cannot be written to its destination. */
export class OutputError extends LogsealError {
  readonly name = 'OutputError';
  readonly code = 'OUTPUT';
}

/** Wraps anything that was thrown and is not an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Wrong usage or configuration. Lists every mistake; nothing was changed. */
export class UsageError extends LogsealError {
  readonly name = 'UsageError';
  readonly code = 'USAGE';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}
