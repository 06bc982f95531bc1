import { expect, it } from 'vitest';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { CloudError } from '../../lib/errors.ts';
import { UnknownEventError } from '../../lib/lambda/known-events.ts';
import { logFailure, recordRefused, recordScan, recordTotals } from '../../lib/lambda/telemetry.ts';
import { written } from '../lambda/written.ts';
import { propertiesOf, propertiesOfType } from './resources.ts';

type Line = Readonly<Record<string, unknown>>;

const WORDS = 'the error in the words of AWS';
const TARGET = { provider: 'aws', account: '111122223333', region: 'eu-west-1' } as const;

function scanFails(): void {
  const error = { code: 'ACCESS_DENIED', message: WORDS } as const;
  const report = { ...TARGET, status: 'FAILED', stores: 0, apiCalls: {}, error } as const;
  const request = { runId: 'r', target: TARGET, nextToken: null, counts: EMPTY_SUMMARY };
  recordScan({ report, counts: EMPTY_SUMMARY, goesOn: false, config: null }, request, true);
}
const recordFails =
  (error: Error, attempt = 3) =>
  () =>
    logFailure({ messageId: 'm', receiptHandle: 'h', attempt, error });

/** What Lambda itself logs of an invocation that failed, in its JSON format. */
const UNCAUGHT = {
  timestamp: '2026-11-28T02:00:00.000Z',
  level: 'ERROR',
  requestId: 'request-1',
  message: { errorType: 'UsageError', errorMessage: WORDS, stackTrace: ['at one'] },
};
const report = (type: string, record: object) => ({ time: '2026-11-28T02:00:00.000Z', type, record });
const TIMEOUT = report('platform.report', { requestId: 'request-1', status: 'timeout' });
const KILLED = report('platform.report', { requestId: 'request-1', status: 'error', errorType: 'Runtime.OutOfMemory' });
const NO_START = report('platform.initReport', { status: 'error', errorType: 'Runtime.ExitError' });

const CAUSES: Readonly<Record<string, readonly (readonly [line: () => readonly Line[], details: string])[]>> = {
  HeartbeatAlarm: [
    [logged(scanFails), WORDS],
    [() => [UNCAUGHT], WORDS],
    [() => [NO_START], 'Runtime.ExitError'],
  ],
  ScanFailedAlarm: [[logged(scanFails), WORDS]],
  KeyNotUsableAlarm: [
    [
      logged(() => recordTotals({ critical: null, keysUnusable: 1 }, TARGET)),
      expect.stringContaining('cannot be used'),
    ],
  ],
  FailedAgainAlarm: [
    [logged(recordFails(new Error(WORDS))), WORDS],
    [logged(() => recordRefused(new CloudError('ROLE_REFUSED', 'sts:AssumeRole', WORDS), TARGET, 'run')), WORDS],
  ],
  ScanErrorAlarm: [
    [() => [UNCAUGHT], WORDS],
    [() => [TIMEOUT], 'timeout'],
    [() => [KILLED], 'Runtime.OutOfMemory'],
  ],
  RemediateErrorAlarm: [
    [() => [UNCAUGHT], WORDS],
    [() => [TIMEOUT], 'timeout'],
  ],
  ScanQueueAgeAlarm: [[logged(recordFails(new Error(WORDS))), WORDS]],
  RemediateQueueAgeAlarm: [[logged(recordFails(new Error(WORDS))), WORDS]],
  ScanDeadLetterAlarm: [[logged(recordFails(new UnknownEventError(WORDS), 1)), WORDS]],
  RemediateDeadLetterAlarm: [[logged(recordFails(new UnknownEventError(WORDS), 1)), WORDS]],
};

it('each alarm that sends its reader to the saved query failures has a cause here', () => {
  const alarms = [...propertiesOfType('AWS::CloudWatch::Alarm')];
  const sending = alarms.flatMap(([id, { AlarmDescription }]) =>
    /the saved query failures/.test(AlarmDescription) ? [id] : [],
  );
  expect(sending.sort()).toEqual(Object.keys(CAUSES).sort());
});

it.each(
  Object.entries(CAUSES).flatMap(([id, causes]) => causes.map(([lines, details]) => [id, details, lines] as const)),
)('%s: the query has a row that says %s', (_, details, lines) => {
  expect(failures(lines())).toContainEqual(expect.objectContaining({ what: expect.any(String), details }));
});

it('what went well is in no row', () => {
  const well = report('platform.report', { requestId: 'request-1', status: 'success' });
  expect(failures([well, { level: 'INFO', message: 'scanned' }])).toEqual([]);
});

function logged(run: () => void) {
  return () => written(run).map((line): Line => JSON.parse(line));
}

/** What the saved query shows of some lines: its filter written out again, and its fields as they stand in the template. */
function failures(lines: readonly Line[]): Line[] {
  const query: string = propertiesOf('FailuresQuery')['QueryString'];
  expect(query.replaceAll(/\s+/g, ' ')).toMatch(
    /^filter level in \["ERROR", "WARN"\] or \(type in \["platform.report", "platform.initReport"\] and record.status in \["error", "failure", "timeout"\]\) \|/,
  );
  const fields = [...query.matchAll(/coalesce\(([^)]*)\) as (\w+)/g)];
  const isShown = (line: Line) =>
    ['ERROR', 'WARN'].includes(`${line['level']}`) ||
    (/^platform\.(init)?[rR]eport$/.test(`${line['type']}`) &&
      ['error', 'failure', 'timeout'].includes(`${valueIn(line, 'record.status')}`));
  return lines.filter(isShown).map((line) => {
    const shown = fields.map(([, names = '', name = '']) => {
      const values = names.split(',').map((one) => valueIn(line, one.trim()));
      return [name, values.find((value) => value !== undefined)];
    });
    return Object.fromEntries(shown);
  });
}

/** A field as Logs Insights knows it: of an object only what is in it. */
function valueIn(line: Line, path: string): unknown {
  const value = path.split('.').reduce<unknown>((found, name) => (found as Line | undefined)?.[name], line);
  return typeof value === 'object' || value === null ? undefined : value;
}
