import * as v from 'valibot';
import { SEVERITIES } from '../domain/catalogue-entry.ts';
import type { AwsLogStoreType } from '../domain/log-store.ts';
import { ALIAS_NAME, accountMistake, regionMistake } from '../domain/providers/aws.ts';
import { REASON_CODES } from '../domain/reasons.ts';
import { isLogGroupName } from '../domain/stores/log-group.ts';
import { ALL_REGIONS } from '../domain/target.ts';
import { LogsealError } from '../errors.ts';

// The events that the functions take. A schema reads only the fields that say which log stores to check: a status, key or policy in
// an event is ignored, because anyone who may send events could forge it. The counts of a scan that continues are the exception.
// Forged counts falsify a report, but cannot cause a change.

/** As CloudTrail names a caller. */
const PRINCIPAL = /^arn:[a-z-]+:(iam|sts)::\d{12}:[\w+=,.@/-]{1,600}$/;
/** An event counts whoever made the call, and whatever CloudTrail says of them. */
const userIdentity = v.fallback(v.object({ arn: v.nullish(v.pipe(v.string(), v.regex(PRINCIPAL)), null) }), {
  arn: null,
});
const region = textWithout(regionMistake);
const account = textWithout(accountMistake);
const logGroupName = textWithout((text) =>
  isLogGroupName(text) ? undefined : `expected the name of a log group, got ${JSON.stringify(text)}`,
);
/** More log stores than any Region has. */
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000_000));
const counts = v.object({
  stores: count,
  compliant: count,
  nonCompliant: count,
  exempt: count,
  unknown: count,
  filtered: count,
  byReason: v.record(v.picklist(REASON_CODES), count),
  bySeverity: v.record(v.picklist(SEVERITIES), count),
});

/** EventBridge's own id of an event, the same each time the event is delivered. null: it is none that a run could have. */
const eventId = v.fallback(v.nullable(v.pipe(v.string(), v.regex(/^[\w-]{1,128}$/))), null);
const scheduled = v.object({
  source: v.literal('aws.events'),
  'detail-type': v.literal('Scheduled Event'),
  id: eventId,
});
const scanRequested = v.object({
  source: v.literal('logseal'),
  'detail-type': v.literal('Scan Requested'),
  account,
  detail: v.object({
    provider: v.literal('aws'),
    account,
    region: v.union([v.literal(ALL_REGIONS), region]),
    runId: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
    nextToken: v.nullable(v.string()),
    counts,
  }),
});
const inTarget = { provider: v.literal('aws'), account, region };
const foundStore = {
  'log-group': v.object({ ...inTarget, type: v.literal('log-group'), name: logGroupName }),
  'query-results': v.object({ ...inTarget, type: v.literal('query-results') }),
} satisfies { [Type in AwsLogStoreType]: v.GenericSchema<unknown, { readonly type: Type }> };
const finding = v.object({
  source: v.literal('logseal'),
  'detail-type': v.literal('Log Store Finding'),
  account,
  detail: v.variant('type', Object.values(foundStore)),
});
const apiCall = {
  'detail-type': v.literal('AWS API Call via CloudTrail'),
  account,
  region,
};
const KEY_CALLS = [
  'DisableKey',
  'EnableKey',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'PutKeyPolicy',
  'DeleteImportedKeyMaterial',
  'ImportKeyMaterial',
  'DisconnectCustomKeyStore',
  'CreateAlias',
  'UpdateAlias',
  'DeleteAlias',
] as const;
/** A call counts whatever CloudTrail says of the key: one that cannot be read is as one that is not there. */
const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.fallback(v.nullish(schema, null), null);
const keyChanged = v.object({
  ...apiCall,
  id: eventId,
  source: v.literal('aws.kms'),
  detail: v.object({
    eventName: v.picklist(KEY_CALLS),
    errorCode: v.optional(v.string()),
    userIdentity,
    requestParameters: maybe(
      v.object({ keyId: maybe(v.string()), aliasName: maybe(v.pipe(v.string(), v.regex(ALIAS_NAME))) }),
    ),
    resources: maybe(v.array(v.object({ ARN: maybe(v.string()) }))),
  }),
});
/** What KMS itself tells EventBridge (KMS Developer Guide, "Monitor KMS keys with Amazon EventBridge"). */
const keyEnded = v.object({
  id: eventId,
  source: v.literal('aws.kms'),
  'detail-type': v.picklist(['KMS Imported Key Material Expiration', 'KMS CMK Deletion']),
  account,
  region,
  detail: v.object({ 'key-id': maybe(v.string()) }),
});
const logGroupChanged = v.object({
  ...apiCall,
  source: v.literal('aws.logs'),
  detail: v.object({
    eventName: v.picklist(['CreateLogGroup', 'AssociateKmsKey', 'DisassociateKmsKey']),
    errorCode: v.optional(v.string()),
    userIdentity,
    requestParameters: v.nullish(
      v.object({ logGroupName: v.optional(v.string()), resourceIdentifier: v.optional(v.string()) }),
    ),
  }),
});

const scanEvent = v.variant('detail-type', [scheduled, scanRequested, keyChanged, keyEnded]);
const remediateEvent = v.variant('detail-type', [finding, logGroupChanged]);

/** What a `Log Store Finding` says of its log store, as far as it is read. */
export type FindingDetail = v.InferOutput<typeof finding>['detail'];

/** What CloudTrail says of a call that changed a key or an alias, as far as it is read. */
export type KeyCall = v.InferOutput<typeof keyChanged>;

/** What was done to a key or an alias, in the words of the event. */
export type KeyEventName = KeyCall['detail']['eventName'] | v.InferOutput<typeof keyEnded>['detail-type'];

/** What CloudTrail says of a call that changed a log group, as far as it is read. */
export type LogGroupChange = v.InferOutput<typeof logGroupChanged>['detail'];

/** An event that is not one of those that a function takes. The message lists what is wrong with it, in at most 2 KB. */
export class UnknownEventError extends LogsealError {
  readonly code = 'UNKNOWN_EVENT';
  /** Lambda shows it as `errorType`. */
  readonly name = 'UnknownEventError';
}

/** Whether reading an event failed in a way that no other attempt changes: it is unknown, or no JSON. */
export function isUnknownEvent(error: Error): boolean {
  return error instanceof UnknownEventError || error instanceof SyntaxError;
}

/** @throws UnknownEventError */
export function parseScanEvent(event: unknown): v.InferOutput<typeof scanEvent> {
  return parse(scanEvent, event);
}

/** @throws UnknownEventError */
export function parseRemediateEvent(event: unknown): v.InferOutput<typeof remediateEvent> {
  return parse(remediateEvent, event);
}

/** @throws UnknownEventError for what cannot be the name of a log group */
export function parseLogGroupName(name: string): string {
  return parse(logGroupName, name);
}

function parse<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, value);
  if (success) return output;
  const mistakes = issues.map((issue) => [v.getDotPath(issue), issue.message].filter(Boolean).join(': '));
  const shown = mistakes.slice(0, MISTAKES_SHOWN).map((mistake) => shortened(mistake));
  const more = mistakes.length > MISTAKES_SHOWN ? [`and ${mistakes.length - MISTAKES_SHOWN} more mistakes`] : [];
  throw new UnknownEventError(`unknown event: ${[...shown, ...more].join('; ')}`);
}

/** Lambda logs the message, and an event may have a quarter of a megabyte of anything. */
const MISTAKES_SHOWN = 5;
const MISTAKE_LENGTH = 300;

function shortened(text: string): string {
  return text.length > MISTAKE_LENGTH ? `${text.slice(0, MISTAKE_LENGTH)}…` : text;
}

/** A text that a check finds no mistake in. The check's own words become the message. */
function textWithout(mistakeIn: (text: string) => string | undefined) {
  const hasNone = (text: string) => mistakeIn(text) === undefined;
  return v.pipe(
    v.string(),
    v.check(hasNone, ({ input }) => mistakeIn(input) ?? ''),
  );
}
