import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { readRemediateConfig } from '../lib/config.ts';
import { remediateCause } from '../lib/lambda/events.ts';
import { handleEach } from '../lib/lambda/records.ts';
import { remediateForCauses } from '../lib/lambda/remediate-causes.ts';
import { logger, measureOutcome, metrics, tellFailure } from '../lib/lambda/telemetry.ts';
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
      remediateCause,
      (causes) =>
        remediateForCauses(causes, {
          config,
          cloudOf,
          bus,
          runId: randomUUID(),
          clock: () => new Date(),
          journal,
          onIgnored: (because, cause) => logger.warn('event ignored', { because, cause }),
          onOutcome: (outcome) => {
            logger.info('outcome', { outcome });
            measureOutcome(outcome);
          },
        }),
      tellFailure,
    ),
  );
