import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Skipped } from '../app/find-targets.ts';
import type { ScanRequest, ScanRun } from '../app/scan/scan-run.ts';
import type { ReadConfiguration } from '../config/read-configuration.ts';
import { SEVERITIES, type Severity } from '../domain/catalogue-entry.ts';
import type { ExemptionUse } from '../domain/exemption-use.ts';
import { type FileNote, noteText } from '../domain/file-note.ts';
import type { Finding } from '../domain/finding.ts';
import type { KeyFinding } from '../domain/key-finding.ts';
import type { Outcome } from '../domain/plan-step.ts';
import type { Target } from '../domain/target.ts';
import { type CloudError, StillRunningError } from '../errors.ts';
import { PERSISTS_FROM_ATTEMPT } from '../pacing.ts';
import { isUnknownEvent } from './known-events.ts';
import { LineFormatter } from './line-formatter.ts';
import {
  exemptionLine,
  failedScanLine,
  findingLine,
  keyFindingLine,
  type OutcomeRun,
  outcomeLine,
  type Run,
  refusedLine,
  targetLine,
} from './log-lines.ts';
import type { ExemptionTotals, ScanTotals } from './scan-totals.ts';
import type { FailedRecord } from './sqs-batch.ts';
import type { RemediateTrigger, ScanTrigger } from './triggers.ts';

/** Its service name comes from POWERTOOLS_SERVICE_NAME, which the template sets to the name of the stack. */
export const logger = new Logger({ logFormatter: new LineFormatter() });

/** Powertools warns when an invocation has no metrics. One that ignores its event has none, so its warnings are for debugging. */
const debug = (words: string) => logger.debug(words);
export const metrics = new Metrics({
  logger: { debug, info: debug, warn: debug, error: (words: string) => logger.error(words) },
});

/** Logs why a record returns to its queue. From the third attempt on it counts as a failure that persists, unless it only waits. */
export function logFailure({ messageId, attempt, error }: FailedRecord): void {
  if (error instanceof StillRunningError) {
    logger.info('event waits in its queue', { messageId, attempt, because: error.message });
    return;
  }
  // What can never be read reaches the dead-letter queue within seconds, which has an alarm of its own: one line says it all.
  if (isUnknownEvent(error) && attempt > 1) return;
  logger.error('event failed and returns to its queue', { messageId, attempt, error });
  // At once: a timeout in what follows must not lose it.
  if (attempt >= PERSISTS_FROM_ATTEMPT) count('FailedAgain');
}

export function logNotDelayed(error: Error): void {
  logger.warn('failed events return to their queue after its visibility timeout only', { error });
}

/** Logs that AWS throttles a call, or does not answer it, and that it waits for long. @param error its name */
export function logLongRetry(error: string): void {
  logger.warn('a call waits to be tried again', { error });
}

/** Logs an event that asks for nothing. Events about other aliases than the configured one are common and no warning. */
export function logIgnored(because: string, trigger: ScanTrigger | RemediateTrigger): void {
  const isAboutAlias = trigger.kind === 'KEY_CHANGED' && trigger.alias !== null;
  logger[isAboutAlias ? 'info' : 'warn']('event ignored', { because, trigger });
}

/** Logs that a scan is under way that another one of the same target follows. */
export function logPutOff({ runId, target }: ScanRequest): void {
  logger.info('scan put off until the one that is under way has ended', { runId, target });
}

/** Logs that events of a target come again in a minute, since other invocations change its log stores. */
export function logPutBack({ account, region }: Target, events: number): void {
  logger.info('put back while others work on the target', { account, region, events });
}

/** Logs each log store that a scan flags. */
export function logFindings(findings: readonly Finding[], run: Run): void {
  for (const finding of findings) logger.info('finding', findingLine(finding, run));
}

/**
 * Logs what one invocation scanned and, when the scan of the target has ended, publishes its metrics.
 * @param areRegionsMetered whether each Region has metrics of its own. With members each would stand for many accounts, and metrics of
 * every account and Region would cost more than the scans, so that a line of the log has the numbers in their place
 */
export function recordScan(run: ScanRun, { runId }: ScanRequest, areRegionsMetered: boolean): void {
  const { report, counts, goesOn } = run;
  if (report.status === 'FAILED' && !goesOn) {
    logger.error('scan failed', { ...failedScanLine(report, runId), counts });
    if (!areRegionsMetered) logger.info('target scanned', targetLine(run, runId));
    count('ScanFailed');
    return;
  }
  logger.info('scanned', { runId, ...run });
  if (goesOn) return;
  if (run.config === 'UNREADABLE') {
    logger.warn('scanned without the configuration: no exemption counted that could not be read', { runId });
    count('ConfigUnreadable');
  }
  if (areRegionsMetered) meterRegion(report.region, counts);
  else logger.info('target scanned', targetLine(run, runId));
  // Without the dimension Region, so that one alarm covers all Regions.
  metrics.addMetric('ScanFinished', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

function meterRegion(region: string, counts: ScanRun['counts']): void {
  metrics.addDimension('Region', region);
  metrics.addMetric('ScanCompleted', MetricUnit.Count, 1);
  metrics.addMetric('LogStores', MetricUnit.Count, counts.stores);
  metrics.addMetric('Compliant', MetricUnit.Count, counts.compliant);
  metrics.addMetric('NonCompliant', MetricUnit.Count, counts.nonCompliant);
  metrics.addMetric('Exempt', MetricUnit.Count, counts.exempt);
  metrics.addMetric('Unknown', MetricUnit.Count, counts.unknown);
  for (const severity of SEVERITIES) {
    metrics.addMetric(SEVERITY_METRICS[severity], MetricUnit.Count, counts.bySeverity[severity] ?? 0);
  }
  for (const [code, times] of Object.entries(counts.byReason)) metrics.addMetric(code, MetricUnit.Count, times);
  metrics.publishStoredMetrics();
}

/** Logs what is configured and not scanned: how much, and the first of it. */
export function logLeftOut({ accounts, regions }: Skipped, runId: string): void {
  logger.info('left out of the scheduled scan', {
    runId,
    inactiveAccounts: accounts.length,
    disabledRegions: regions.reduce((sum, each) => sum + each.regions.length, 0),
    accounts,
    regions: regions.map((each) => `${each.account}: ${each.regions.join(', ')}`),
  });
}

/** Logs what is said of a key that changed, and counts a configured key whose alias was moved. */
export function recordKeyFinding(finding: KeyFinding, mode: Run['mode']): void {
  logger.info('key finding', keyFindingLine(finding, mode));
  if (finding.reasons.some(({ code }) => code === 'KEY_ALIAS_MOVED')) count('KeyAliasMoved');
}

/**
 * Sends what the alarms on CRITICAL findings and on the configured key compare. Both keep their state until the next scan. Logs a target
 * in which the key cannot be used, since the number alone does not say where to go.
 */
export function recordTotals({ critical, keysUnusable }: ScanTotals, { account, region }: Target): void {
  const because = 'the key that its log groups would be sealed with cannot be used there';
  if (keysUnusable) logger.warn('key not usable', { account, region, because });
  if (critical !== null) metrics.addMetric('CriticalFindings', MetricUnit.Count, critical);
  if (keysUnusable !== null) metrics.addMetric('KeyNotUsable', MetricUnit.Count, keysUnusable);
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}

/** Logs each exemption that somebody should know something of, and sends how many there are. */
export function recordExemptions(
  { expired, endingSoon, unmatched }: ExemptionTotals,
  noticed: readonly ExemptionUse[],
  runId: string,
): void {
  for (const exemption of noticed) logger.info('exemption', exemptionLine(exemption, runId));
  metrics.addMetric('ExemptionsExpired', MetricUnit.Count, expired);
  metrics.addMetric('ExemptionsEndingSoon', MetricUnit.Count, endingSoon);
  if (unmatched !== null) metrics.addMetric('ExemptionsUnmatched', MetricUnit.Count, unmatched);
  metrics.publishStoredMetrics();
}

/** Logs what a reading of the configuration file brought, and counts one that only a person can put right. */
export function recordConfiguration(file: ReadConfiguration, where: string): void {
  if (file.status === 'READ') {
    const { exemptions, keys } = file.configuration;
    const because = textOf(file.warnings);
    logger[because ? 'warn' : 'info']('configuration read', {
      ...{ where, exemptions: exemptions.length, keyRules: keys.length },
      ...(because && { because }),
    });
    return;
  }
  if (file.status === 'UNREADABLE' && file.failure.isTransient) {
    logger.warn('the configuration could not be read this time', { where, error: file.failure });
    return;
  }
  const why = file.status === 'MISTAKES' ? { because: textOf(file.mistakes) } : { error: file.failure };
  logger.error('no configuration: no exemption counts, and nothing is sealed', { where, ...why });
  count('ConfigUnreadable');
}

function textOf(notes: readonly FileNote[]): string {
  return notes.map(noteText).join('; ');
}

/** Counts a failure that persists although no event has failed so often. */
export function recordFailedAgain(): void {
  count('FailedAgain');
}

/** Logs a failure after which the work went on. */
export function logError(error: Error, meaning: string): void {
  logger.error(meaning, { error });
}

/** Logs what became of one log store, and counts it at once: a timeout must not lose it. @param run the run that it is of */
export function recordOutcome(outcome: Outcome, run: OutcomeRun): void {
  logOutcome(outcome, run);
  const wouldSeal = outcome.outcome === 'UNCHANGED' && outcome.action === 'SEAL';
  count(wouldSeal ? 'WouldSeal' : METRIC_NAMES[outcome.outcome]);
}

/** Logs and counts that AWS refuses a target, or what all events need, until somebody changes something. Nothing is tried again. */
export function recordRefused(failure: CloudError, target: Target | null, runId: string): void {
  logger.error('refused for good, and not tried again', refusedLine(failure, target, runId));
  count('FailedAgain');
}

/** Logs what became of one log store. */
export function logOutcome(outcome: Outcome, run: OutcomeRun): void {
  logger.info('outcome', outcomeLine(outcome, run));
}

/** Logs and counts a log store whose key somebody else changed after a run had sealed it. */
export function recordChangedAfterRun(outcome: Outcome, run: OutcomeRun): void {
  const { afterRun } = outcome;
  // The logger leaves out what is null.
  const found = (afterRun?.status === 'CHANGED' && afterRun.keyArn) || 'no key';
  logger.warn('changed after the run', { ...outcomeLine(outcome, run), found });
  count('ChangedAfterRun');
}

function count(name: string): void {
  metrics.addMetric(name, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

const SEVERITY_METRICS: Readonly<Record<Severity, string>> = {
  CRITICAL: 'SeverityCritical',
  HIGH: 'SeverityHigh',
  MEDIUM: 'SeverityMedium',
  LOW: 'SeverityLow',
};

const METRIC_NAMES: Readonly<Record<Outcome['outcome'], string>> = {
  SEALED: 'Sealed',
  UNSEALED: 'Unsealed',
  UNCHANGED: 'Unchanged',
  REFUSED: 'Refused',
  FAILED: 'Failed',
  SKIPPED: 'Skipped',
  ROLLED_BACK: 'RolledBack',
};
