import { parseArn } from '../lib/domain/arn.ts';
import { LOGS_CONTEXT_KEY } from '../lib/domain/key-policy/service-call.ts';
import { logsEndpoint } from '../lib/domain/partition.ts';
import { missingRight } from './rights.ts';
import type { Role } from './role.ts';
import { type Cloud, findKey, type LogGroup, type Writer } from './state.ts';

/**
 * Everything here is an assumption. AWS documents that a principal that writes to a log group needs rights on its key, but
 * not that every writer is checked, nor that the metrics of the log group fall when AWS refuses the events of one.
 */

const MINUTE_MS = 60_000;

/** A writer that has always written, unless it may not use the key that the log group has from the beginning. */
export function newWriter(cloud: Cloud, group: LogGroup, perMinute: number, role: Role | undefined): Writer {
  const atMs = Number.NEGATIVE_INFINITY;
  return { perMinute, role, history: [{ atMs, mayWrite: mayWrite(cloud, group, role) }] };
}

/** Notes what a change of a key, or of its policy, means for the writers of the log groups that it concerns. */
export function recordKeyChange(cloud: Cloud, concerns: (group: LogGroup) => boolean): void {
  for (const { writers } of cloud.regions.values()) {
    for (const [group, { role, history }] of writers) {
      if (concerns(group)) history.push({ atMs: cloud.now().getTime(), mayWrite: mayWrite(cloud, group, role) });
    }
  }
}

/**
 * The rights that the managed policy CloudWatchLogsAPIKeyAccess gives to writers. A key that does not exist gives none; the
 * state of a key makes no difference.
 */
function mayWrite(cloud: Cloud, { logGroupArn, kmsKeyId }: LogGroup, role: Role | undefined): boolean {
  if (!role || kmsKeyId === undefined) return true;
  if (!findKey(cloud, kmsKeyId)) return false;
  const { region = '', partition = '' } = parseArn(logGroupArn) ?? {};
  const caller = { cloud, role, account: role.account, callerArn: role.sessionArn, region, partition };
  const viaLogs = { 'kms:viaservice': [logsEndpoint(partition, region)] };
  const forGroup = { ...viaLogs, [LOGS_CONTEXT_KEY]: [logGroupArn], 'kms:encryptioncontextkeys': ['aws:logs:arn'] };
  const lacks = (action: string, keys: typeof viaLogs) => missingRight(caller, action, kmsKeyId, keys) !== undefined;
  return !(
    lacks('kms:DescribeKey', viaLogs) ||
    lacks('kms:GenerateDataKey', forGroup) ||
    lacks('kms:Decrypt', forGroup)
  );
}

/** The events before this time have arrived in metrics and log streams. */
export function knownUntilMs({ delays, now }: Cloud): number {
  return now().getTime() - delays.metricMinutes * MINUTE_MS;
}

/** How many events came from one time on until before another. */
export function eventsBetween(cloud: Cloud, writer: Writer, fromMs: number, toMs: number): number {
  const counts = writingSpans(cloud, writer).map((span) => {
    const [start, end] = [Math.max(span.fromMs, fromMs), Math.min(span.toMs, toMs)];
    return start < end ? eventsBefore(writer, end) - eventsBefore(writer, start) : 0;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The time of the newest event before a time. Undefined: there is none. */
export function lastEventMs(cloud: Cloud, writer: Writer, beforeMs: number): number | undefined {
  const newest = writingSpans(cloud, writer).map(({ fromMs, toMs }) => {
    const last = ((eventsBefore(writer, Math.min(toMs, beforeMs)) - 1) * MINUTE_MS) / writer.perMinute;
    return last >= fromMs ? Math.floor(last) : undefined;
  });
  return newest.findLast((ms) => ms !== undefined);
}

/** The spans in which the writer writes. Every change takes effect with the same delay. */
function writingSpans({ delays }: Cloud, { history }: Writer): { fromMs: number; toMs: number }[] {
  const delayMs = delays.keyMinutes * MINUTE_MS;
  return history.flatMap(({ atMs, mayWrite: writes }, index) => {
    const nextMs = history[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    return writes ? [{ fromMs: atMs + delayMs, toMs: nextMs + delayMs }] : [];
  });
}

/** As if it had always written: the first event is at the beginning of 1970. */
function eventsBefore({ perMinute }: Writer, ms: number): number {
  return Math.ceil((ms * perMinute) / MINUTE_MS);
}
