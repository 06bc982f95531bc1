import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { readRemediateConfig } from '../lib/config/functions.ts';
import { readKeyEntry } from '../lib/lambda/journal-entry.ts';
import { type RemediateWork, remediateForTriggers } from '../lib/lambda/remediate-triggers.ts';
import { type RetryWork, retrySoon } from '../lib/lambda/retries.ts';
import { handleEach } from '../lib/lambda/sqs-batch.ts';
import { logFailure, logger, logIgnored, logNotDelayed, metrics, recordOutcome } from '../lib/lambda/telemetry.ts';
import { remediateTrigger } from '../lib/lambda/triggers.ts';
import { awsClouds, awsEventBus, awsMessageQueue, awsReadableJournal } from '../lib/runtime.ts';

const config = readRemediateConfig(process.env);
const cloudOf = awsClouds({ callerRegion: config.homeRegion });
const bus = await awsEventBus(config);
const journal = await awsReadableJournal({ region: config.homeRegion, tableName: config.journalTable }, readKeyEntry);

const RETRIES: RetryWork = {
  queue: () => awsMessageQueue(config),
  random: Math.random,
  onFailed: logFailure,
  onNotDelayed: logNotDelayed,
};

/** Evaluates each log store that an event names again and, in Enforce mode, attaches the configured key where it is needed. */
export const handler = middy()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event: unknown) => {
    const work: RemediateWork = {
      config,
      cloudOf,
      bus,
      journal,
      runId: randomUUID(),
      clock: () => new Date(),
      onIgnored: logIgnored,
      onOutcome: recordOutcome,
    };
    return handleEach(
      event,
      remediateTrigger,
      (deliveries) => remediateForTriggers(deliveries, work),
      (records) => retrySoon(records, RETRIES),
    );
  });
