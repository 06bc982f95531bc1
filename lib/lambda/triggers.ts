import { parse } from '@aws-lambda-powertools/parser';
import * as v from 'valibot';
import type { ScanRequest } from '../app/scan/scan-run.ts';
import { accountMistake, regionMistake } from '../config.ts';
import { EMPTY_SUMMARY } from '../domain/finding.ts';
import { isLogGroupName, QUERY_RESULTS_NAME } from '../domain/log-store.ts';
import { REASON_CODES } from '../domain/reasons.ts';
import { type Target, targetOf } from '../domain/target.ts';

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

/** Why to scan: now and everywhere, or one target. */
export type ScanTrigger =
  | { readonly kind: 'SCHEDULE' }
  | { readonly kind: 'REQUEST'; readonly request: ScanRequest }
  | { readonly kind: 'KEY_CHANGED'; readonly target: Target }
  | Ignored;

/** Which log store to check. */
export type RemediateTrigger =
  | { readonly kind: 'LOG_GROUP'; readonly target: Target; readonly name: string }
  | { readonly kind: 'QUERY_RESULTS'; readonly target: Target }
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
    case 'Scan Requested': {
      const { runId, nextToken } = known.detail;
      // A run that begins has counted nothing, whatever the event says.
      const counts = nextToken === null ? EMPTY_SUMMARY : known.detail.counts;
      const request = { runId, target: targetOf(known.detail), nextToken, counts };
      return senderMismatch(known) ?? { kind: 'REQUEST', request };
    }
    default:
      if (known.detail.errorCode !== undefined) return FAILED_CALL;
      return { kind: 'KEY_CHANGED', target: sourceOf(known) };
  }
}

/** @throws ParseError for an event that is none of those which the remediate function takes */
export function remediateTrigger(event: unknown): RemediateTrigger {
  const known = parse(event, undefined, v.variant('detail-type', [finding, logGroupChanged]));
  if (known['detail-type'] === 'Log Store Finding') {
    const { detail } = known;
    const target = targetOf(detail);
    if (detail.type === 'query-results') return senderMismatch(known) ?? { kind: 'QUERY_RESULTS', target };
    return senderMismatch(known) ?? { kind: 'LOG_GROUP', target, name: detail.name };
  }
  const { detail } = known;
  const target = sourceOf(known);
  if (detail.errorCode !== undefined) return FAILED_CALL;
  const { logGroupName: named, resourceIdentifier: arn } = detail.requestParameters ?? {};
  if (named === undefined && arn?.endsWith(`:${QUERY_RESULTS_NAME}`)) {
    return { kind: 'QUERY_RESULTS', target };
  }
  const name = named ?? nameIn(arn);
  if (name === undefined) return { kind: 'IGNORED', because: 'the call that CloudTrail tells of names no log store' };
  return { kind: 'LOG_GROUP', target, name: parse(name, undefined, logGroupName) };
}

/** Where EventBridge took an event from: the envelope, which no sender can forge. */
function sourceOf({ account, region }: { readonly account: string; readonly region: string }): Target {
  return { provider: 'aws', account, region };
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
