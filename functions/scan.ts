import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { PROBE_GROUP, readScanConfig } from '../lib/config/functions.ts';
import { type RetryWork, retrySoon } from '../lib/lambda/retries.ts';
import { type ScanWork, scanForTriggers } from '../lib/lambda/scan-triggers.ts';
import { handleEach } from '../lib/lambda/sqs-batch.ts';
import {
  logFailure,
  logFindings,
  logger,
  logIgnored,
  logNotDelayed,
  logPutOff,
  metrics,
  recordKeyFinding,
  recordScan,
  recordTotals,
} from '../lib/lambda/telemetry.ts';
import { scanTrigger } from '../lib/lambda/triggers.ts';
import { HELD_LONGER_MS, TIME_TO_STOP_MS } from '../lib/pacing.ts';
import { awsClouds, awsEventBus, awsMessageQueue, awsScanTable } from '../lib/runtime.ts';

const config = readScanConfig(process.env);
const cloudOf = awsClouds({ callerRegion: config.homeRegion, queryGroup: PROBE_GROUP });
const bus = await awsEventBus(config);
const scans = await awsScanTable({ region: config.homeRegion, tableName: config.scanTable });

const RETRIES: RetryWork = {
  queue: () => awsMessageQueue(config),
  random: Math.random,
  onFailed: logFailure,
  onNotDelayed: logNotDelayed,
};

/** Reports each log group without a symmetric, enabled key: on schedule, on request, and when a key changed. */
export const handler = middy()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event: unknown, context: Context) => {
    const work: ScanWork = {
      config,
      cloudOf,
      bus,
      scans,
      clock: () => new Date(),
      newRunId: randomUUID,
      invocation: context.awsRequestId,
      deadline: Date.now() + context.getRemainingTimeInMillis() + HELD_LONGER_MS,
      isTimeUp: () => context.getRemainingTimeInMillis() < TIME_TO_STOP_MS,
      onIgnored: logIgnored,
      onKeyFinding: (finding) => recordKeyFinding(finding, config.mode),
      onPutOff: logPutOff,
      onFindings: (findings, runId) => logFindings(findings, { runId, mode: config.mode }),
      onScan: recordScan,
      onTotals: recordTotals,
    };
    return handleEach(
      event,
      scanTrigger,
      (deliveries) => scanForTriggers(deliveries, work),
      (records) => retrySoon(records, RETRIES),
      context.getRemainingTimeInMillis(),
    );
  });
