import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ScanRun } from '../app/scan/scan-run.ts';
import type { Outcome } from '../domain/plan-step.ts';

/** Named after the stack by POWERTOOLS_SERVICE_NAME; the metrics are in POWERTOOLS_METRICS_NAMESPACE. */
export const logger = new Logger();
/** An invocation without metrics, such as one that ignores its event, is nothing to warn of. */
const quietly = (words: string) => logger.debug(words);
export const metrics = new Metrics({
  logger: { debug: quietly, info: quietly, warn: quietly, error: (words: string) => logger.error(words) },
});

/** Says why a record goes back to its queue. */
export function tellFailure(error: Error, messageId: string): void {
  logger.error('event goes back', { messageId, error });
}

/** A Region's compliance, once its scan has reached the end. */
export function measureScan({ report, counts, goesOn }: ScanRun): void {
  if (goesOn) return;
  if (report.status === 'FAILED') {
    // Of all Regions together: one alarm watches them.
    metrics.addMetric('ScanFailed', MetricUnit.Count, 1);
  } else {
    metrics.addDimension('Region', report.region);
    metrics.addMetric('ScanCompleted', MetricUnit.Count, 1);
    metrics.addMetric('LogStores', MetricUnit.Count, counts.stores);
    metrics.addMetric('Compliant', MetricUnit.Count, counts.compliant);
    metrics.addMetric('NonCompliant', MetricUnit.Count, counts.nonCompliant);
    metrics.addMetric('Unknown', MetricUnit.Count, counts.unknown);
    for (const [code, times] of Object.entries(counts.byReason)) metrics.addMetric(code, MetricUnit.Count, times);
  }
  metrics.publishStoredMetrics();
}

export function measureOutcome({ outcome }: Outcome): void {
  metrics.addMetric(METRIC_NAMES[outcome], MetricUnit.Count, 1);
}

const METRIC_NAMES: Readonly<Record<Outcome['outcome'], string>> = {
  SEALED: 'Sealed',
  UNSEALED: 'Unsealed',
  UNCHANGED: 'Unchanged',
  REFUSED: 'Refused',
  FAILED: 'Failed',
};
