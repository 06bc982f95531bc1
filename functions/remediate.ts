import { randomUUID } from 'node:crypto';
import { PROBE_GROUP, readRemediateConfig } from '../lib/config/functions.ts';
import { configFileOf } from '../lib/lambda/config-file-of.ts';
import { functionHandler } from '../lib/lambda/function-handler.ts';
import { readKeyEntry } from '../lib/lambda/journal-entry.ts';
import { memberAccess } from '../lib/lambda/member-access.ts';
import { remediateForTriggers } from '../lib/lambda/remediate-triggers.ts';
import {
  logError,
  logIgnored,
  logLongRetry,
  logOutcome,
  logPutBack,
  recordChangedAfterRun,
  recordOutcome,
  recordRefused,
} from '../lib/lambda/telemetry.ts';
import { remediateTrigger } from '../lib/lambda/triggers.ts';
import { HELD_LONGER_MS, TIME_TO_CHANGE_MS, TIME_TO_RETURN_MS } from '../lib/pacing.ts';
import {
  awsClouds,
  awsConfigBytes,
  awsEventBus,
  awsMessageQueue,
  awsOrganization,
  awsReadableJournal,
  awsRemediationTurns,
} from '../lib/runtime.ts';

const config = readRemediateConfig(process.env);
const { homeRegion, journalTable, scanTable, mode } = config;
const { isMember, accountRole } = memberAccess(config, awsOrganization, 'logseal-remediate');
const cloudOf = awsClouds({
  callerRegion: homeRegion,
  queryGroup: PROBE_GROUP,
  accountRole,
  onLongRetry: logLongRetry,
});
const bus = await awsEventBus(config);
const journal = await awsReadableJournal({ region: homeRegion, tableName: journalTable }, readKeyEntry);
const turns = await awsRemediationTurns({ region: homeRegion, tableName: scanTable });
const configuration = configFileOf(config, awsConfigBytes);
let opened: ReturnType<typeof awsMessageQueue> | undefined;
const queue = () => {
  opened ??= awsMessageQueue(config);
  return opened;
};

/** Evaluates each log store that an event names again and, in Enforce mode, attaches the configured key where it is needed. */
export const handler = functionHandler(queue, remediateTrigger, (deliveries, context) =>
  remediateForTriggers(deliveries, {
    ...{ config, configuration, cloudOf, isMember, bus, journal, turns, queue },
    invocation: context.awsRequestId,
    heldUntil: Date.now() + context.getRemainingTimeInMillis() + HELD_LONGER_MS,
    runId: randomUUID(),
    clock: () => new Date(),
    isTimeUp: () => context.getRemainingTimeInMillis() < TIME_TO_CHANGE_MS,
    isOver: () => context.getRemainingTimeInMillis() < TIME_TO_RETURN_MS,
    onIgnored: logIgnored,
    onRefused: recordRefused,
    onPutBack: logPutBack,
    onError: logError,
    onOutcome: (outcome, runId, changedBy) => recordOutcome(outcome, { runId, mode, changedBy }),
    onUncounted: (outcome, runId, changedBy) => logOutcome(outcome, { runId, mode, changedBy }),
    onChangedAfterRun: (outcome, runId) => recordChangedAfterRun(outcome, { runId, mode }),
  }),
);
