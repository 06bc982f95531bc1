import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { readRemediateConfig } from '../lib/config.ts';
import { remediateForTriggers } from '../lib/lambda/remediate-triggers.ts';
import { handleEach } from '../lib/lambda/sqs-batch.ts';
import { logger, measureOutcome, metrics, tellFailure } from '../lib/lambda/telemetry.ts';
import { remediateTrigger } from '../lib/lambda/triggers.ts';
import { awsClouds, awsEventBus, awsJournal } from '../lib/runtime.ts';

const config = readRemediateConfig(process.env);
const cloudOf = awsClouds({ callerRegion: config.homeRegion });
const bus = await awsEventBus(config);
const journal = await awsJournal({ region: config.homeRegion, tableName: config.journalTable });

/** Looks again at each log group that an event names and, in Enforce mode, attaches the configured key where it is due. */
export const handler = middy()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event: unknown, context: Context) =>
    handleEach(
      event,
      context,
      remediateTrigger,
      (triggers) =>
        remediateForTriggers(triggers, {
          config,
          cloudOf,
          bus,
          runId: randomUUID(),
          clock: () => new Date(),
          journal,
          onIgnored: (because, trigger) => logger.warn('event ignored', { because, trigger }),
          onOutcome: (outcome) => {
            logger.info('outcome', { outcome });
            measureOutcome(outcome);
          },
        }),
      tellFailure,
    ),
  );
