import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { PROBE_GROUP, readRemediateConfig } from '../lib/config/functions.ts';
import { readKeyEntry } from '../lib/lambda/journal-entry.ts';
import { type RemediateWork, remediateForTriggers } from '../lib/lambda/remediate-triggers.ts';
import { type RetryWork, retrySoon } from '../lib/lambda/retries.ts';
import { handleEach } from '../lib/lambda/sqs-batch.ts';
import {
  logFailure,
  logger,
  logIgnored,
  logNotDelayed,
  logOutcome,
  metrics,
  recordChangedAfterRun,
  recordOutcome,
} from '../lib/lambda/telemetry.ts';
import { remediateTrigger } from '../lib/lambda/triggers.ts';
import { TIME_TO_CHANGE_MS } from '../lib/pacing.ts';
import { awsClouds, awsEventBus, awsMessageQueue, awsReadableJournal } from '../lib/runtime.ts';

const config = readRemediateConfig(process.env);
const cloudOf = awsClouds({ callerRegion: config.homeRegion, queryGroup: PROBE_GROUP });
const bus = await awsEventBus(config);
const journal = await awsReadableJournal({ region: config.homeRegion, tableName: config.journalTable }, readKeyEntry);

const RETRIES: RetryWork = {
  queue: () => awsMessageQueue(config),
  random: Math.random,
  onFailed: logFailure,
  onNotDelayed: logNotDelayed,
};

const runOf = (runId: string) => ({ runId, mode: config.mode });

/** Evaluates each log store that an event names again and, in Enforce mode, attaches the configured key where it is needed. */
export const handler = middy()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event: unknown, context: Context) => {
    const work: RemediateWork = {
      config,
      cloudOf,
      bus,
      journal,
      runId: randomUUID(),
      clock: () => new Date(),
      isTimeUp: () => context.getRemainingTimeInMillis() < TIME_TO_CHANGE_MS,
      onIgnored: logIgnored,
      onOutcome: (outcome, runId, changedBy) => recordOutcome(outcome, { ...runOf(runId), changedBy }),
      onUncounted: (outcome, runId, changedBy) => logOutcome(outcome, { ...runOf(runId), changedBy }),
      onChangedAfterRun: (outcome, runId) => recordChangedAfterRun(outcome, runOf(runId)),
    };
    return handleEach(
      event,
      remediateTrigger,
      (deliveries) => remediateForTriggers(deliveries, work),
      (records) => retrySoon(records, RETRIES),
      context.getRemainingTimeInMillis(),
    );
  });
