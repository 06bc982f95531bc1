import * as v from 'valibot';
import { accountMistake, regionMistake } from '../config.ts';
import { isLogGroupName } from '../domain/log-store.ts';
import { REASON_CODES } from '../domain/reasons.ts';
import { LogsealError } from '../errors.ts';

/**
 * The events that the functions take. A schema reads only the fields that say which log stores to check: a status, key or
 * policy in an event is ignored, because anyone who may send events could forge it. The counts of a scan that continues are
 * the exception. Forged counts falsify a report, but cannot cause a change.
 */
const region = textWithout(regionMistake);
const account = textWithout(accountMistake);
const logGroupName = textWithout((text) =>
  isLogGroupName(text) ? undefined : `expected the name of a log group, got ${JSON.stringify(text)}`,
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const counts = v.object({
  stores: count,
  compliant: count,
  nonCompliant: count,
  exempt: count,
  unknown: count,
  byReason: v.record(v.picklist(REASON_CODES), count),
});

const scheduled = v.object({ source: v.literal('aws.events'), 'detail-type': v.literal('Scheduled Event') });
const scanRequested = v.object({
  source: v.literal('logseal'),
  'detail-type': v.literal('Scan Requested'),
  account,
  detail: v.object({
    provider: v.literal('aws'),
    account,
    region,
    runId: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
    nextToken: v.nullable(v.string()),
    counts,
  }),
});
const finding = v.object({
  source: v.literal('logseal'),
  'detail-type': v.literal('Log Store Finding'),
  account,
  detail: v.variant('type', [
    v.object({ provider: v.literal('aws'), account, region, type: v.literal('log-group'), name: logGroupName }),
    v.object({ provider: v.literal('aws'), account, region, type: v.literal('query-results') }),
  ]),
});
const apiCall = {
  'detail-type': v.literal('AWS API Call via CloudTrail'),
  account,
  region,
};
const keyChanged = v.object({
  ...apiCall,
  source: v.literal('aws.kms'),
  detail: v.object({
    eventName: v.picklist(['DisableKey', 'EnableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion', 'PutKeyPolicy']),
    errorCode: v.optional(v.string()),
  }),
});
const logGroupChanged = v.object({
  ...apiCall,
  source: v.literal('aws.logs'),
  detail: v.object({
    eventName: v.picklist(['CreateLogGroup', 'AssociateKmsKey', 'DisassociateKmsKey']),
    errorCode: v.optional(v.string()),
    requestParameters: v.nullish(
      v.object({ logGroupName: v.optional(v.string()), resourceIdentifier: v.optional(v.string()) }),
    ),
  }),
});

const scanEvent = v.variant('detail-type', [scheduled, scanRequested, keyChanged]);
const remediateEvent = v.variant('detail-type', [finding, logGroupChanged]);

/** An event that is not one of those that a function takes. The message lists everything that is wrong with it. */
export class UnknownEventError extends LogsealError {
  readonly code = 'UNKNOWN_EVENT';
  /** Written out, because the class has another name in the minified bundle. Lambda shows this one as `errorType`. */
  override get name(): string {
    return 'UnknownEventError';
  }
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
  throw new UnknownEventError(`unknown event: ${mistakes.join('; ')}`);
}

/** A text that a check finds no mistake in. The check's own words become the message. */
function textWithout(mistakeIn: (text: string) => string | undefined) {
  const hasNone = (text: string) => mistakeIn(text) === undefined;
  return v.pipe(
    v.string(),
    v.check(hasNone, ({ input }) => mistakeIn(input) ?? ''),
  );
}
