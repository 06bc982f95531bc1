import type { ScanRequest } from '../app/scan/scan-run.ts';
import { formatArn } from '../domain/arn.ts';
import { partitionOfRegion } from '../domain/partition.ts';
import { QUERY_RESULTS_NAME } from '../domain/stores/query-results.ts';
import { EMPTY_SUMMARY } from '../domain/summary.ts';
import { type Target, targetOf } from '../domain/target.ts';
import {
  type FindingDetail,
  type KeyCall,
  type KeyEventName,
  type LogGroupChange,
  parseLogGroupName,
  parseRemediateEvent,
  parseScanEvent,
} from './known-events.ts';

/**
 * Why the scan function was invoked: to scan every configured target, or one. `sender`: the account that sent an event of logseal itself,
 * as EventBridge names it.
 */
export type ScanTrigger =
  | ({ readonly kind: 'SCHEDULE' } & Occurrence)
  | { readonly kind: 'REQUEST'; readonly request: ScanRequest; readonly sender: string }
  | KeyTrigger
  | Ignored;

interface Occurrence {
  /** Of the event, the same each time it is delivered; null: it has none that could be the id of a run. */
  readonly eventId: string | null;
}

/** A key of a target was changed, or an alias. */
export interface KeyTrigger extends Occurrence {
  readonly kind: 'KEY_CHANGED';
  readonly target: Target;
  readonly eventName: KeyEventName;
  /** In the target, whatever the event says; null: the event names none, or is about an alias. */
  readonly keyArn: string | null;
  /** `alias/NAME`; null: the event is about no alias. */
  readonly alias: string | null;
  /** ARN of who made the change; null: the event does not say, or no call made it. */
  readonly changedBy: string | null;
}

/** Why the remediate function was invoked: which log store to check. */
export type RemediateTrigger =
  | ({ readonly kind: 'LOG_GROUP'; readonly target: Target; readonly name: string } & Change)
  | ({ readonly kind: 'QUERY_RESULTS'; readonly target: Target } & Change)
  | Ignored;

interface Change {
  /** ARN of who changed the key; null: the event does not say, or nobody did. */
  readonly changedBy: string | null;
  /** The account that sent a finding, as EventBridge names it. Absent: AWS sent the event. */
  readonly sender?: string;
}

export interface Ignored {
  readonly kind: 'IGNORED';
  readonly because: string;
}

/** @throws UnknownEventError for an event that the scan function does not take */
export function scanTrigger(event: unknown): ScanTrigger {
  const known = parseScanEvent(event);
  switch (known['detail-type']) {
    case 'Scheduled Event':
      return { kind: 'SCHEDULE', eventId: known.id };
    case 'Scan Requested': {
      const { runId, nextToken } = known.detail;
      // A scan from the beginning has counted nothing, whatever the event says.
      const counts = nextToken === null ? EMPTY_SUMMARY : known.detail.counts;
      const request = { runId, target: targetOf(known.detail), nextToken, counts };
      return { kind: 'REQUEST', request, sender: known.account };
    }
    case 'AWS API Call via CloudTrail':
      return failedCall(known.detail) ?? keyChange(known);
    case 'KMS Imported Key Material Expiration':
    case 'KMS CMK Deletion': {
      const target = sourceOf(known);
      const keyArn = keyArnIn(target, known.detail['key-id']);
      const nobody = { alias: null, changedBy: null };
      return { kind: 'KEY_CHANGED', target, eventName: known['detail-type'], keyArn, ...nobody, eventId: known.id };
    }
  }
}

/** A call that changes a key names it by its id or its ARN, and `resources` has the ARN. */
function keyChange(event: KeyCall): KeyTrigger | Ignored {
  const { eventName, userIdentity, requestParameters, resources } = event.detail;
  const by = { eventId: event.id, changedBy: userIdentity.arn };
  const target = sourceOf(event);
  const changed = { kind: 'KEY_CHANGED', target, eventName, ...by } as const;
  if (eventName.endsWith('Alias')) {
    const alias = requestParameters?.aliasName ?? null;
    if (alias === null) return { kind: 'IGNORED', because: 'the CloudTrail event names no alias' };
    return { ...changed, keyArn: null, alias };
  }
  const named = requestParameters?.keyId ?? resources?.find(({ ARN }) => ARN?.includes(':key/'))?.ARN ?? null;
  return { ...changed, keyArn: keyArnIn(target, named), alias: null };
}

const KEY_ID = /^(?:arn:[^/]{1,200}:key\/)?([A-Za-z0-9-]{1,128})$/;

/** The ARN that a key has in the account and the Region where its event comes from. */
function keyArnIn({ account, region }: Target, named: string | null): string | null {
  const [, id] = KEY_ID.exec(named ?? '') ?? [];
  if (id === undefined) return null;
  const partition = partitionOfRegion(region)?.name ?? 'aws';
  return formatArn({ partition, service: 'kms', region, account, resource: `key/${id}` });
}

/** @throws UnknownEventError for an event that the remediate function does not take */
export function remediateTrigger(event: unknown): RemediateTrigger {
  const known = parseRemediateEvent(event);
  switch (known['detail-type']) {
    case 'Log Store Finding':
      return storeOfFinding(known.detail, known.account);
    case 'AWS API Call via CloudTrail':
      return failedCall(known.detail) ?? storeIn(known.detail, sourceOf(known));
  }
}

function storeOfFinding(detail: FindingDetail, sender: string): RemediateTrigger {
  const about = { target: targetOf(detail), changedBy: null, sender };
  switch (detail.type) {
    case 'log-group':
      return { kind: 'LOG_GROUP', ...about, name: detail.name };
    case 'query-results':
      return { kind: 'QUERY_RESULTS', ...about };
  }
}

/** The log store that a call changed. `AssociateKmsKey` takes an ARN in place of a log group's name. */
function storeIn({ eventName, userIdentity, requestParameters }: LogGroupChange, target: Target): RemediateTrigger {
  const { logGroupName, resourceIdentifier: arn = '' } = requestParameters ?? {};
  const changedBy = eventName === 'CreateLogGroup' ? null : userIdentity.arn;
  if (logGroupName === undefined && arn.endsWith(`:${QUERY_RESULTS_NAME}`)) {
    return { kind: 'QUERY_RESULTS', target, changedBy };
  }
  const name = logGroupName ?? /:log-group:([^:]+)/.exec(arn)?.[1];
  if (name === undefined) return { kind: 'IGNORED', because: 'the CloudTrail event names no log store' };
  return { kind: 'LOG_GROUP', target, name: parseLogGroupName(name), changedBy };
}

function failedCall({ errorCode }: { readonly errorCode?: string | undefined }): Ignored | undefined {
  if (errorCode === undefined) return undefined;
  return { kind: 'IGNORED', because: `the call in the CloudTrail event failed (${errorCode})` };
}

/** Where an event comes from by its envelope, which EventBridge writes and no sender can forge. */
function sourceOf({ account, region }: { readonly account: string; readonly region: string }): Target {
  return { provider: 'aws', account, region };
}
