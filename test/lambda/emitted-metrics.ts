import { onTestFinished, vi } from 'vitest';
import { keyFindingOf } from '../../lib/domain/key-finding.ts';
import { REASON_CODES } from '../../lib/domain/reasons.ts';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import * as telemetry from '../../lib/lambda/telemetry.ts';
import { aLogGroup, anInspection } from '../support/builders.ts';

const REPORT = { provider: 'aws', account: '111122223333', region: 'eu-west-1', stores: 1, apiCalls: {} } as const;
const COUNTS = { ...EMPTY_SUMMARY, stores: 1, byReason: Object.fromEntries(REASON_CODES.map((code) => [code, 1])) };
const TARGET = { provider: 'aws', account: REPORT.account, region: REPORT.region } as const;
const REQUEST = { runId: 'r', target: TARGET, nextToken: null, counts: EMPTY_SUMMARY };
const STEP = { store: aLogGroup('/a'), fromKeyArn: null, toKeyArn: null, refusal: null, warnings: [], error: null };
const OUTCOMES = ['SEALED', 'UNSEALED', 'UNCHANGED', 'REFUSED', 'FAILED', 'SKIPPED', 'ROLLED_BACK'] as const;

const MOVED = keyFindingOf(TARGET, {
  ...{ inspection: anInspection(), aliases: [], isConfigured: true },
  ...{ movedAlias: 'alias/logseal', trigger: 'UpdateAlias', changedBy: null },
});

/** Has the functions count everything that they count. @returns the sets of dimensions of each metric, by its name */
export function emittedMetrics(): Map<string, string[][]> {
  const lines: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => lines.push(...String(chunk).split('\n')) > 0),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  telemetry.recordScan(
    { report: { ...REPORT, status: 'COMPLETE', error: null }, counts: COUNTS, goesOn: false, config: 'UNREADABLE' },
    REQUEST,
    true,
  );
  const error = { code: 'ACCESS_DENIED', message: 'no' } as const;
  telemetry.recordScan(
    { report: { ...REPORT, status: 'FAILED', error }, counts: COUNTS, goesOn: false, config: 'UNREADABLE' },
    REQUEST,
    true,
  );
  telemetry.recordKeyFinding(MOVED, 'Audit');
  telemetry.recordExemptions({ expired: 1, endingSoon: 1, unmatched: 1 }, [], 'r');
  telemetry.recordTotals({ critical: 1, keysUnusable: 1 }, TARGET);
  for (const outcome of OUTCOMES) {
    telemetry.recordOutcome({ ...STEP, action: 'SEAL', outcome }, { runId: 'r', mode: 'Audit' });
  }
  telemetry.recordChangedAfterRun({ ...STEP, action: 'SEAL', outcome: 'SEALED' }, { runId: 'r', mode: 'Audit' });
  telemetry.logFailure({ messageId: 'm', receiptHandle: 'h', attempt: 3, error: new Error('no') });
  telemetry.metrics.publishStoredMetrics();
  const emitted = new Map<string, string[][]>();
  for (const line of lines.filter((text) => text.includes('"_aws"'))) {
    for (const { Dimensions, Metrics } of JSON.parse(line)._aws.CloudWatchMetrics) {
      for (const { Name } of Metrics) emitted.set(Name, [...(emitted.get(Name) ?? []), ...Dimensions]);
    }
  }
  return emitted;
}
