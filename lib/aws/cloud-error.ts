import {
  type Authorization,
  asError,
  CloudError,
  type CloudErrorCode,
  isNetworkCode,
  type MissingRight,
  type PolicyRefusalKind,
} from '../errors.ts';

/** The fields that the SDK and Node put on their errors. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly errors?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * Matched by name, since not every error has a class in the SDK: CloudWatch Logs' AccessDeniedException has none. The
 * first match counts.
 */
const BY_NAME: readonly (readonly [RegExp, CloudErrorCode])[] = [
  [/^(AccessDenied(Exception)?|UnauthorizedOperation)$/, 'ACCESS_DENIED'],
  [/^([A-Za-z]*NotFoundException|NoSuchEntityException|Parameter(Version)?NotFound|NoSuch(Bucket|Key))$/, 'NOT_FOUND'],
  [/^((Request)?Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded)/, 'THROTTLED'],
  [/^(ServiceUnavailable(Exception)?|OperationAbortedException|InternalFailure)$/, 'UNAVAILABLE'],
  [
    /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|InvalidClientTokenId|InvalidAccessKeyId)$/,
    'CREDENTIALS',
  ],
  [
    /^(UnrecognizedClientException|(InvalidSignature|SignatureDoesNotMatch|IncompleteSignature)(Exception)?)$/,
    'CREDENTIALS',
  ],
  [/^(MissingAuthenticationToken(Exception)?|RequestExpired)$/, 'CREDENTIALS'],
  [/^TimeoutError$/, 'NETWORK'],
  [/^RegionDisabledException$/, 'REGION_DISABLED'],
];

/** A file that cannot be read. The only files that the SDK reads are those of the credential chain. */
const FILE_CODE = /^(ENOENT|EACCES|EISDIR|ENOTDIR)$/;
/** The SDK appends this for its own users. */
const SDK_HINT = /\s*Deserialization error: to see the raw response.*$/s;
const READ_CALL = /:(Describe|Get|List|StartQuery)/;

/**
 * Translates an error of the SDK. `message` is AWS's own and never empty; `missingRight` is set where AWS names the right
 * that the caller lacks, and `policyRefusal` where KMS says why it refuses a key policy.
 */
export function toCloudError(call: string, thrown: unknown): CloudError {
  if (thrown instanceof CloudError) return thrown;
  const error: SdkError = asError(thrown);
  const [code, message] = [codeOf(call, error), messageOf(error)];
  const isDenied = code === 'ACCESS_DENIED';
  const missingRight = isDenied ? missingRightIn(message) : null;
  const authorization = isDenied ? authorizationIn(message) : null;
  const policyRefusal = error.name === 'MalformedPolicyDocumentException' ? policyRefusalIn(message) : null;
  return new CloudError(code, call, message, { cause: thrown, missingRight, authorization, policyRefusal });
}

/**
 * With `authorizationIn` and `policyRefusalIn` the only place that reads AWS's English. AWS documents the form ("Troubleshoot access denied error
 * messages", IAM User Guide): `User: ARN is not authorized to perform: ACTION on resource: ARN because no identity-based policy
 * allows …`, or `… with an explicit deny in a resource-based policy`. IAM names some resources without an ARN ("role NAME"),
 * S3 in quotes.
 */
function missingRightIn(message: string): MissingRight | null {
  const [, action] = /not authorized to perform: ([\w-]+:[\w*]+)/.exec(message) ?? [];
  if (!action) return null;
  const [, resource] = /on resource: "?(arn:[^\s"]+|\*)/.exec(message) ?? [];
  return {
    action,
    // CloudWatch Logs appends an empty stream name, which no policy has to name.
    resource: resource?.replace(/:log-stream:$/, '') ?? null,
    isExplicitDeny: message.includes('explicit deny'),
  };
}

/**
 * AWS documents two forms: `Encoded authorization failure message: TEXT` (STS API, `DecodeAuthorizationMessage`), and `… call the
 * GetRequestAuthorizationDetails API with the following authorization id: ID` ("Troubleshoot access denied error messages
 * with authorization ID (Preview)", IAM User Guide).
 */
function authorizationIn(message: string): Authorization | null {
  const [, encoded] = /encoded authorization failure message:\s*([\w+/=-]+)/i.exec(message) ?? [];
  if (encoded) return { kind: 'MESSAGE', text: encoded };
  const [, id] = /authorization id:\s*([a-z0-9]+)/i.exec(message) ?? [];
  return id ? { kind: 'ID', text: id } : null;
}

/** The texts are those that issues of public repositories quote. */
function policyRefusalIn(message: string): PolicyRefusalKind | null {
  if (/invalid (service )?principals?/i.test(message)) return 'PRINCIPAL';
  return /update the key policy in the future/i.test(message) ? 'LOCKOUT' : null;
}

function codeOf(call: string, error: SdkError): CloudErrorCode {
  const byName = BY_NAME.find(([names]) => names.test(error.name));
  if (byName) return byName[1];
  // A write that exceeds a limit will go on failing; a read only came too soon.
  if (error.name.startsWith('LimitExceeded') && READ_CALL.test(call)) return 'THROTTLED';
  const status = error.$metadata?.httpStatusCode;
  if (status === 429) return 'THROTTLED';
  if (status !== undefined && status >= 500) return 'UNAVAILABLE';
  // The answer is not the service's, but for instance the page of a proxy.
  if (error instanceof SyntaxError) return 'UNAVAILABLE';
  const code = typeof error.code === 'string' ? error.code : '';
  if (isNetworkCode(code)) return 'NETWORK';
  if (FILE_CODE.test(code) || error.message === 'Region is missing') return 'CREDENTIALS';
  return 'INVALID_REQUEST';
}

/**
 * Node collects the failures at each address of a host in an AggregateError without a message; the SDK's message for an
 * empty answer is `UnknownError`.
 */
function messageOf(error: SdkError): string {
  const words = error.message.replace(SDK_HINT, '').trim();
  if (words && words !== 'UnknownError') return words;
  const inner = Array.isArray(error.errors) ? error.errors.map((each) => String(each?.message ?? each)) : [];
  if (inner.length) return [...new Set(inner)].join('; ');
  const status = error.$metadata?.httpStatusCode;
  return status === undefined ? error.name : `${error.name} (HTTP status ${status})`;
}
