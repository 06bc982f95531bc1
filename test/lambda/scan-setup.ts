import type { Skipped } from '../../lib/app/find-targets.ts';
import type { ScanRequest, ScanRun } from '../../lib/app/scan/scan-run.ts';
import type { KeyFinding } from '../../lib/domain/key-finding.ts';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import type { Target } from '../../lib/domain/target.ts';
import { noConfigFile } from '../../lib/lambda/config-reader.ts';
import type { ExemptionTotals, ScanTotals } from '../../lib/lambda/scan-totals.ts';
import { type ScanWork, scanForTriggers } from '../../lib/lambda/scan-triggers.ts';
import type { ScanTrigger } from '../../lib/lambda/triggers.ts';
import { anEvent } from '../events/builders.ts';
import { ACCOUNT, aKey, aKeyArn, NOW, REGION } from '../support/builders.ts';
import type { FakeWorld } from '../support/fake-cloud.ts';
import { fakeScanTable } from '../support/fake-scan-table.ts';
import { CONFIG, errorsOf, fakeBus, fakeClouds, HOME, NO_ORGANIZATION, type SentEvent } from './support.ts';

export const OTHER_REGION = 'eu-central-1';
export const SCHEDULE: ScanTrigger = { kind: 'SCHEDULE', eventId: 'scheduled' };
export const keyChanged = (target: Partial<Target> = {}, eventId: string | null = 'changed'): ScanTrigger => ({
  kind: 'KEY_CHANGED',
  target: { ...HOME, ...target },
  // The event names no key, so that a scan is all that it asks for. What it does otherwise: key-changes.test.ts.
  eventName: 'DisconnectCustomKeyStore',
  keyArn: null,
  alias: null,
  changedBy: null,
  eventId,
});
export const KEY_CHANGED = keyChanged();
export const request = ({
  target,
  ...more
}: Partial<Omit<ScanRequest, 'target'>> & { target?: Partial<Target> } = {}): ScanTrigger => ({
  kind: 'REQUEST',
  sender: ACCOUNT,
  request: { runId: 'asked-for', target: { ...HOME, ...target }, nextToken: null, counts: EMPTY_SUMMARY, ...more },
});
export const DISABLED = aKeyArn('disabled');
/** One compliant log group, one without a key, one with a disabled key. */
export const WORLD: FakeWorld = {
  groups: { '/app/healthy': aKeyArn(), '/app/open': null, '/app/disabled': DISABLED },
  keys: { [aKeyArn()]: aKey(), [DISABLED]: aKey({ arn: DISABLED, state: 'Disabled' }) },
};
export const COUNTS = { stores: 3, compliant: 1, nonCompliant: 2, exempt: 0, unknown: 0, filtered: 0 };
export const REASONS = { NO_KEY: 1, KEY_DISABLED: 1 };
export const SEVERITIES = { HIGH: 1, MEDIUM: 1 };

/** Clouds, a bus and a table in memory, and what a scan function did with them. */
export function aSetup(
  worlds: Readonly<Record<string, FakeWorld>> = { [REGION]: WORLD },
  more: Partial<ScanWork> = {},
) {
  const clouds = fakeClouds(worlds);
  const bus = fakeBus();
  const ignored: string[] = [];
  const scans: [ScanRun, ScanRequest][] = [];
  const putOff: ScanRequest[] = [];
  const leftOut: Skipped[] = [];
  const totals: ScanTotals[] = [];
  const exemptions: ExemptionTotals[] = [];
  const findings: KeyFinding[] = [];
  const errors: string[] = [];
  const table = fakeScanTable();
  let failedAgain = 0;
  let runs = 0;
  let invocations = 0;
  const work: ScanWork = {
    config: { ...CONFIG, regions: Object.keys(worlds) },
    configuration: noConfigFile,
    cloudOf: clouds.cloudOf,
    organization: NO_ORGANIZATION,
    isMember: async () => false,
    bus: bus.bus,
    scans: table.scans,
    clock: () => NOW,
    invocation: 'invocation',
    heldUntil: NOW.getTime() + 300_000,
    newRunId: () => `run-${++runs}`,
    isTimeUp: () => false,
    onIgnored: (because) => ignored.push(because),
    onKeyFinding: (finding) => findings.push(finding),
    onPutOff: (asked) => putOff.push(asked),
    onFindings: () => {},
    onLeftOut: (skipped) => leftOut.push(skipped),
    onScan: (run, asked) => scans.push([run, asked]),
    onTotals: (sums) => totals.push(sums),
    onExemptions: (sums) => exemptions.push(sums),
    onFailedAgain: () => void failedAgain++,
    onError: (error, meaning) => errors.push(`${meaning}: ${error.message}`),
    ...more,
  };
  const attempt = (number: number, triggers: readonly ScanTrigger[], now: Partial<ScanWork> = {}) => {
    const invocation = `invocation-${++invocations}`;
    return errorsOf(triggers, (own) => scanForTriggers(own, { ...work, invocation, ...now }), number);
  };
  const scan = (...triggers: ScanTrigger[]) => attempt(1, triggers);
  const timesFailedAgain = () => failedAgain;
  return {
    clouds,
    bus,
    ignored,
    scans,
    putOff,
    leftOut,
    totals,
    exemptions,
    findings,
    errors,
    timesFailedAgain,
    table,
    work,
    scan,
    attempt,
  };
}

/** As EventBridge delivers it. */
export const asEvent = ({ detailType, detail }: SentEvent) => anEvent('logseal', detailType, detail);
