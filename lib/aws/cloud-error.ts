import { CloudError, type CloudErrorCode, isNetworkCode } from '../errors.ts';

/** What SDK and Node put on their errors. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * By the error's name, since not every error is modelled: CloudWatch Logs' AccessDeniedException is not. The first
 * that matches counts.
 */
const BY_NAME: readonly (readonly [RegExp, CloudErrorCode])[] = [
  [/^(AccessDenied(Exception)?|UnauthorizedOperation)$/, 'ACCESS_DENIED'],
  [/^((Resource)?NotFound|NoSuchEntity)Exception$/, 'NOT_FOUND'],
  [/^((Request)?Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded)/, 'THROTTLED'],
  [/^(ServiceUnavailable(Exception)?|OperationAbortedException|InternalFailure)$/, 'UNAVAILABLE'],
  [/^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|InvalidClientTokenId)$/, 'CREDENTIALS'],
  [
    /^(UnrecognizedClientException|(InvalidSignature|SignatureDoesNotMatch|IncompleteSignature)(Exception)?)$/,
    'CREDENTIALS',
  ],
  [/^(MissingAuthenticationToken(Exception)?|RequestExpired)$/, 'CREDENTIALS'],
  [/^TimeoutError$/, 'NETWORK'],
];

/** A file that cannot be read: the SDK reads none but those of the credential chain. */
const FILE_CODE = /^(ENOENT|EACCES|EISDIR|ENOTDIR)$/;
/** What the SDK adds for programmers. */
const SDK_HINT = /\s*Deserialization error: to see the raw response.*$/s;
const READ_CALL = /:(Describe|Get|List|StartQuery)/;

/** Says in logseal's words what became of a call. `message` keeps the cloud's words and is never empty. */
export function toCloudError(call: string, thrown: unknown): CloudError {
  if (thrown instanceof CloudError) return thrown;
  const error: SdkError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new CloudError(codeOf(call, error), call, messageOf(error), { cause: thrown });
}

/** A mistake in this program: no answer of a cloud, and not to be taken for one. */
export function isDefect(thrown: unknown): boolean {
  const isProgramError =
    thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError;
  return isProgramError && !('$metadata' in thrown) && !('code' in thrown);
}

function codeOf(call: string, error: SdkError): CloudErrorCode {
  const byName = BY_NAME.find(([names]) => names.test(error.name));
  if (byName) return byName[1];
  // What is full when something is written stays full; a read is only too early.
  if (error.name.startsWith('LimitExceeded') && READ_CALL.test(call)) return 'THROTTLED';
  const status = error.$metadata?.httpStatusCode;
  if (status === 429) return 'THROTTLED';
  if (status !== undefined && status >= 500) return 'UNAVAILABLE';
  // An answer that is none of the service's: a proxy's or a portal's page.
  if (error instanceof SyntaxError) return 'UNAVAILABLE';
  const code = typeof error.code === 'string' ? error.code : '';
  if (isNetworkCode(code)) return 'NETWORK';
  if (FILE_CODE.test(code) || error.message === 'Region is missing') return 'CREDENTIALS';
  return 'INVALID_REQUEST';
}

/**
 * Node joins what happened at each address of a name in an AggregateError that has no message of its own; the SDK says
 * `UnknownError` where an answer says nothing.
 */
function messageOf(error: SdkError): string {
  const words = error.message.replace(SDK_HINT, '').trim();
  if (words && words !== 'UnknownError') return words;
  const inner = Array.isArray(error.errors) ? error.errors.map((each) => String(each?.message ?? each)) : [];
  if (inner.length) return [...new Set(inner)].join('; ');
  const status = error.$metadata?.httpStatusCode;
  return status === undefined ? error.name : `${error.name} (HTTP status ${status})`;
}
