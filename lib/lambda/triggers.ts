import { parse } from '@aws-lambda-powertools/parser';
import * as v from 'valibot';
import { accountMistake, regionMistake } from '../config.ts';
import { EMPTY_SUMMARY, type Summary } from '../domain/finding.ts';
import { isLogGroupName, QUERY_RESULTS_NAME } from '../domain/log-store.ts';
import { REASON_CODES } from '../domain/reasons.ts';

/**
 * The events that the functions take, and of each only what says where to look. Statuses, keys and policies that an event
 * claims are not even read. What the rest of a run has counted before is believed: it can falsify counts, never a change.
 */
const region = v.pipe(
  v.string(),
  v.check((text) => !regionMistake(text), 'expected a Region'),
);
const account = v.pipe(
  v.string(),
  v.check((text) => !accountMistake(text), 'expected an account id of twelve digits'),
);
const logGroupName = v.pipe(v.string(), v.check(isLogGroupName, 'expected the name of a log group'));
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

/** Why to scan: now, everywhere; or one Region of one account. */
export type ScanTrigger =
  | { readonly kind: 'SCHEDULE' }
  | {
      readonly kind: 'REQUEST';
      readonly account: string;
      readonly region: string;
      readonly runId: string;
      readonly nextToken: string | null;
      readonly counts: Summary;
    }
  | { readonly kind: 'KEY_CHANGED'; readonly account: string; readonly region: string }
  | Ignored;

/** Which log store to look at. */
export type RemediateTrigger =
  | { readonly kind: 'LOG_GROUP'; readonly account: string; readonly region: string; readonly name: string }
  | { readonly kind: 'QUERY_RESULTS'; readonly account: string; readonly region: string }
  | Ignored;

export interface Ignored {
  readonly kind: 'IGNORED';
  readonly because: string;
}

const FAILED_CALL: Ignored = { kind: 'IGNORED', because: 'the call that CloudTrail tells of failed' };

/** @throws ParseError for an event that is none of those which the scan function takes */
export function scanTrigger(event: unknown): ScanTrigger {
  const known = parse(event, undefined, v.variant('detail-type', [scheduled, scanRequested, keyChanged]));
  switch (known['detail-type']) {
    case 'Scheduled Event':
      return { kind: 'SCHEDULE' };
    case 'Scan Requested':
      return (
        senderMismatch(known) ?? {
          kind: 'REQUEST',
          ...known.detail,
          // A run that begins has counted nothing, whatever the event says.
          counts: known.detail.nextToken === null ? EMPTY_SUMMARY : known.detail.counts,
        }
      );
    default:
      if (known.detail.errorCode !== undefined) return FAILED_CALL;
      return { kind: 'KEY_CHANGED', account: known.account, region: known.region };
  }
}

/** @throws ParseError for an event that is none of those which the remediate function takes */
export function remediateTrigger(event: unknown): RemediateTrigger {
  const known = parse(event, undefined, v.variant('detail-type', [finding, logGroupChanged]));
  if (known['detail-type'] === 'Log Store Finding') {
    const { detail } = known;
    const { account: of, region: at } = detail;
    if (detail.type === 'query-results') {
      return senderMismatch(known) ?? { kind: 'QUERY_RESULTS', account: of, region: at };
    }
    return senderMismatch(known) ?? { kind: 'LOG_GROUP', account: of, region: at, name: detail.name };
  }
  const { account: owner, region: where, detail } = known;
  if (detail.errorCode !== undefined) return FAILED_CALL;
  const { logGroupName: named, resourceIdentifier: arn } = detail.requestParameters ?? {};
  if (named === undefined && arn?.endsWith(`:${QUERY_RESULTS_NAME}`)) {
    return { kind: 'QUERY_RESULTS', account: owner, region: where };
  }
  const name = named ?? nameIn(arn);
  if (name === undefined) return { kind: 'IGNORED', because: 'the call that CloudTrail tells of names no log store' };
  return { kind: 'LOG_GROUP', account: owner, region: where, name: parse(name, undefined, logGroupName) };
}

/** An account may put events on the bus of another: then the envelope tells, whatever the event claims. */
function senderMismatch({
  account: sender,
  detail,
}: {
  account: string;
  detail: { account: string };
}): Ignored | undefined {
  if (sender === detail.account) return undefined;
  return { kind: 'IGNORED', because: `it was sent by account ${sender}, about account ${detail.account}` };
}

/** `AssociateKmsKey` takes a log group's ARN as well as its name. */
function nameIn(resourceIdentifier: string | undefined): string | undefined {
  return /:log-group:([^:]+)/.exec(resourceIdentifier ?? '')?.[1];
}
