import { CloudError, type CloudErrorCode, isNetworkCode } from '../errors.ts';

/** The fields that the SDKs and Node put on their errors. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly errors?: unknown;
}

/** Matched by the cloud's error code, because HTTP status and text vary. The first match counts. */
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

/** Translates an error of the SDKs. `message` is the cloud's own and never empty. */
export function toCloudError(call: string, thrown: unknown): CloudError {
  const error: SdkError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new CloudError(codeOf(call, error), call, messageOf(error), { cause: thrown });
}

function codeOf(call: string, error: SdkError): CloudErrorCode {
  const code = typeof error.code === 'string' ? error.code : '';
  // The key's id is the only parameter of DescribeKey.
  if (call === 'kms:DescribeKey' && code.startsWith('InvalidParameter')) return 'NOT_FOUND';
  const byCode = BY_CODE.find(([codes]) => codes.test(code));
  if (byCode) return byCode[1];
  // A write that exceeds a quota will go on failing; a read only came too soon.
  if (/QuotaExceed(ed)?$/.test(code)) return READ_CALL.test(call) ? 'THROTTLED' : 'INVALID_REQUEST';
  const status = typeof error.statusCode === 'number' ? error.statusCode : undefined;
  if (status !== undefined) {
    if (status === 429) return 'THROTTLED';
    if (status >= 500) return 'UNAVAILABLE';
    return status === 401 || status === 403 ? 'ACCESS_DENIED' : 'INVALID_REQUEST';
  }
  if (isNetworkCode(code) || error.name.startsWith('RequestTimeout')) return 'NETWORK';
  // A response that the SDKs cannot parse, for instance the page of a proxy: they throw an Error without its status.
  return code === '' ? 'UNAVAILABLE' : 'INVALID_REQUEST';
}

/**
 * The SDKs write `undefined` for what a response lacks, and append the request to Node's messages; Node collects the
 * failures at each address of a host in an AggregateError without a message.
 */
function messageOf(error: SdkError): string {
  if (error instanceof SyntaxError) return `the response is not JSON: ${error.message}`;
  const words = error.message
    .replace(/(?<=.)(GET|PUT|POST) https?:\S* failed\.$/, '')
    .replace(/\bundefined\b:? ?/g, '')
    .trim();
  const inner = Array.isArray(error.errors) ? error.errors.map((each) => String(each?.message ?? each)) : [];
  const text = [words, ...new Set(inner)].filter((part) => part !== '').join('; ');
  if (text !== '') return text;
  return error.statusCode === undefined ? error.name : `HTTP status ${error.statusCode}`;
}
