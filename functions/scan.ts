import { randomUUID } from 'node:crypto';
import { PROBE_GROUP, readScanConfig } from '../lib/config/functions.ts';
import { configFileOf } from '../lib/lambda/config-file-of.ts';
import { functionHandler } from '../lib/lambda/function-handler.ts';
import { memberAccess } from '../lib/lambda/member-access.ts';
import { openBus } from '../lib/lambda/open-bus.ts';
import { scanForTriggers } from '../lib/lambda/scan-triggers.ts';
import * as telemetry from '../lib/lambda/telemetry.ts';
import { scanTrigger } from '../lib/lambda/triggers.ts';
import { HELD_LONGER_MS, TIME_TO_STOP_MS } from '../lib/pacing.ts';
import {
  awsClouds,
  awsConfigBytes,
  awsEventBus,
  awsMessageQueue,
  awsOrganization,
  awsScanTable,
} from '../lib/runtime.ts';

const config = readScanConfig(process.env);
const { homeRegion, scanTable: tableName, mode } = config;
const { organization, isMember, accountRole } = memberAccess(config, awsOrganization, 'logseal-scan');
const cloudOf = awsClouds({
  callerRegion: homeRegion,
  queryGroup: PROBE_GROUP,
  accountRole,
  onLongRetry: telemetry.logLongRetry,
});
const bus = await awsEventBus(config);
const scans = await awsScanTable({ region: homeRegion, tableName });
const configuration = configFileOf(config, awsConfigBytes);
const openQueue = () => awsMessageQueue(config);

/** Reports each log group without a symmetric, enabled key: on schedule, on request, and when a key changed. */
export const handler = functionHandler(openQueue, scanTrigger, (deliveries, context) =>
  scanForTriggers(deliveries, {
    ...{ config, configuration, cloudOf, organization, isMember, scans },
    bus: openBus(bus, () => context.getRemainingTimeInMillis()),
    clock: () => new Date(),
    newRunId: randomUUID,
    invocation: context.awsRequestId,
    heldUntil: Date.now() + context.getRemainingTimeInMillis() + HELD_LONGER_MS,
    isTimeUp: () => context.getRemainingTimeInMillis() < TIME_TO_STOP_MS,
    onIgnored: telemetry.logIgnored,
    onKeyFinding: (finding) => telemetry.recordKeyFinding(finding, mode),
    onPutOff: telemetry.logPutOff,
    onFindings: (findings, runId) => telemetry.logFindings(findings, { runId, mode }),
    onLeftOut: telemetry.logLeftOut,
    onScan: (run, request) => telemetry.recordScan(run, request, config.members === null),
    onTotals: telemetry.recordTotals,
    onExemptions: telemetry.recordExemptions,
    onFailedAgain: telemetry.recordFailedAgain,
    onError: telemetry.logError,
  }),
);
