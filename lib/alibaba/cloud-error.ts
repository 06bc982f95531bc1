import { CloudError, type CloudErrorCode, isNetworkCode } from '../errors.ts';

/** What the SDKs and Node put on their errors. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly errors?: unknown;
}

/** By the cloud's own code, whatever the HTTP status and the text, which vary. The first that matches counts. */
const BY_CODE: readonly (readonly [RegExp, CloudErrorCode])[] = [
  [/^(ProjectNotExist|LogStoreNotExist|Forbidden\.(Key|Alias)NotFound|EntityNotExist\b.*)$/, 'NOT_FOUND'],
  [
    /^(Signature(Not|DoesNot)Match|IncompleteSignature|Request(TimeExpired|TimeTooSkewed)|InvalidTimeStamp)/,
    'CREDENTIALS',
  ],
  [/^((Invalid|Missing|Miss)?(AccessKeyId|SecurityToken)|InvalidCredentials$)/, 'CREDENTIALS'],
  [/^(Unauthorized|Forbidden|NoPermission|AccessDenied)/, 'ACCESS_DENIED'],
  [/^ServerBusy$|(^|\.)Throttling|^(TooManyRequests|RequestLimitExceeded)/, 'THROTTLED'],
  [/^(Internal(Server)?(Error|Failure)|ServiceUnavailable|RequestTimeout$)/, 'UNAVAILABLE'],
  [/^(ParameterInvalid|LogStoreInfoInvalid|InvalidParameter)/, 'INVALID_REQUEST'],
];

const READ_CALL = /:(Describe|Get|List)/;

/** Says in logseal's words what became of a call. `message` keeps the cloud's words and is never empty. */
export function toCloudError(call: string, thrown: unknown): CloudError {
  const error: SdkError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new CloudError(codeOf(call, error), call, messageOf(error), { cause: thrown });
}

function codeOf(call: string, error: SdkError): CloudErrorCode {
  const code = typeof error.code === 'string' ? error.code : '';
  // DescribeKey has no parameter but the key's id.
  if (call === 'kms:DescribeKey' && code.startsWith('InvalidParameter')) return 'NOT_FOUND';
  const byCode = BY_CODE.find(([codes]) => codes.test(code));
  if (byCode) return byCode[1];
  // What is full when something is written stays full; a read is only too early.
  if (/QuotaExceed(ed)?$/.test(code)) return READ_CALL.test(call) ? 'THROTTLED' : 'INVALID_REQUEST';
  const status = typeof error.statusCode === 'number' ? error.statusCode : undefined;
  if (status !== undefined) {
    if (status === 429) return 'THROTTLED';
    if (status >= 500) return 'UNAVAILABLE';
    return status === 401 || status === 403 ? 'ACCESS_DENIED' : 'INVALID_REQUEST';
  }
  if (isNetworkCode(code) || error.name.startsWith('RequestTimeout')) return 'NETWORK';
  // The SDKs trip over an answer that is none of the service's, a proxy's page for instance, and leave out its status.
  return code === '' ? 'UNAVAILABLE' : 'INVALID_REQUEST';
}

/**
 * The SDKs say `undefined` where an answer says nothing, and glue the request to Node's words; Node joins what happened at
 * each address of a name in an AggregateError that has no message of its own.
 */
function messageOf(error: SdkError): string {
  if (error instanceof SyntaxError) return `the answer is no JSON: ${error.message}`;
  const words = error.message
    .replace(/(?<=.)(GET|PUT|POST) https?:\S* failed\.$/, '')
    .replace(/\bundefined\b:? ?/g, '')
    .trim();
  const inner = Array.isArray(error.errors) ? error.errors.map((each) => String(each?.message ?? each)) : [];
  const text = [words, ...new Set(inner)].filter((part) => part !== '').join('; ');
  if (text !== '') return text;
  return error.statusCode === undefined ? error.name : `HTTP status ${error.statusCode}`;
}
