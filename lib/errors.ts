/** What went wrong at a cloud, in logseal's own words; the SDK's error is the `cause`. */
export const CLOUD_ERROR_CODES = [
  'NOT_FOUND',
  'ACCESS_DENIED',
  'INVALID_REQUEST',
  'THROTTLED',
  'UNAVAILABLE',
  'NETWORK',
  'CREDENTIALS',
] as const;
export type CloudErrorCode = (typeof CLOUD_ERROR_CODES)[number];

/** Whether Node's code of an error tells of an answer that never came; its TLS errors are among them. */
export function isNetworkCode(code: string): boolean {
  return /^(ECONN|ENOTFOUND$|EAI_|ETIMEDOUT$|EPIPE$|EHOST|ENET|EPROTO$|HPE_|ERR_TLS|ERR_SSL)|CERT|LEAF_SIGNATURE/.test(
    code,
  );
}

/** Failures that another try may fix. */
export function mayPass(code: CloudErrorCode): boolean {
  return code === 'THROTTLED' || code === 'UNAVAILABLE' || code === 'NETWORK';
}

/** Base of every error that logseal throws on purpose. */
export abstract class LogsealError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** A call to a cloud that failed for good: the SDK's own retries are over. `message` keeps the cloud's words. */
export class CloudError extends LogsealError {
  readonly code: CloudErrorCode;
  /** As IAM names it, for instance `kms:DescribeKey`. */
  readonly call: string;

  constructor(code: CloudErrorCode, call: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.call = call;
  }
}

/** A change cannot be written down, so it is not made. */
export class JournalError extends LogsealError {
  readonly code = 'JOURNAL';
}

/** A result cannot be written where it was to go. */
export class OutputError extends LogsealError {
  readonly code = 'OUTPUT';
}

/** What was thrown, as an error in any case. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Wrong usage or configuration. Every mistake is listed; nothing was called and nothing was changed. */
export class UsageError extends LogsealError {
  readonly code = 'USAGE';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}
