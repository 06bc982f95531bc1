import { describe, expect, it, test } from 'vitest';
import { shown } from '../../lib/domain/exemption.ts';
import type { Finding } from '../../lib/domain/finding.ts';
import { keyFindingOf } from '../../lib/domain/key-finding.ts';
import { problem } from '../../lib/domain/reasons.ts';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { CloudError } from '../../lib/errors.ts';
import { UnknownEventError } from '../../lib/lambda/known-events.ts';
import { LONGEST_LINE_BYTES } from '../../lib/lambda/line-formatter.ts';
import {
  logFailure,
  logFindings,
  logger,
  logIgnored,
  logLeftOut,
  logLongRetry,
  recordConfiguration,
  recordExemptions,
  recordKeyFinding,
  recordOutcome,
  recordRefused,
  recordScan,
  recordTotals,
} from '../../lib/lambda/telemetry.ts';
import { aLogGroup, anInspection } from '../support/builders.ts';
import { anExemption } from '../support/configuration.ts';
import { aCloudError } from '../support/fake-cloud.ts';
import { written } from './written.ts';

const objects = (run: () => void) => written(run).map((line) => JSON.parse(line));
const RUN = { runId: 'run-1', mode: 'Audit' } as const;
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1';
const REASONS = [
  problem('KEY_DISABLED', 'it is disabled', 'enable it'),
  problem('KEY_PENDING_DELETION', 'it dies', 'cancel'),
];
const FINDING: Finding = {
  ...aLogGroup('/app/a'),
  ...{ status: 'NON_COMPLIANT', severity: 'CRITICAL', reasons: REASONS, warnings: [], keyArn: KEY, exemption: null },
};

test('a call that waits for long to be tried again is a warning with the error', () => {
  expect(objects(() => logLongRetry('ThrottlingException'))).toMatchObject([
    { level: 'WARN', message: 'a call waits to be tried again', error: 'ThrottlingException' },
  ]);
});

test('a finding is one line with everything that a query needs', () => {
  expect(objects(() => logFindings([FINDING], RUN))).toMatchObject([
    {
      level: 'INFO',
      message: 'finding',
      ...{
        account: '111122223333',
        region: 'eu-west-1',
        type: 'log-group',
        name: '/app/a',
        arn: aLogGroup('/app/a').arn,
      },
      ...{
        status: 'NON_COMPLIANT',
        severity: 'CRITICAL',
        severityRank: 1,
        reasons: 'KEY_DISABLED, KEY_PENDING_DELETION',
      },
      ...{ why: 'it is disabled; it dies', fix: 'enable it; cancel', keyArn: KEY, ...RUN },
    },
  ]);
});

test('a failure that persists is counted at once, before anything else can take too long', () => {
  const failure = { messageId: 'm', receiptHandle: 'h', error: new Error('no') };

  expect(objects(() => logFailure({ ...failure, attempt: 2 })).map(({ message }) => message)).toHaveLength(1);
  expect(objects(() => logFailure({ ...failure, attempt: 3 }))).toMatchObject([
    { message: 'event failed and returns to its queue', attempt: 3 },
    { FailedAgain: 1 },
  ]);
});

test.each([
  ['ROLE_REFUSED', null, 'member-role.yaml'],
  ['ORGANIZATION_UNREADABLE', null, 'management account'],
  ['ORGANIZATION_UNREADABLE', 'configure o-other', 'configure o-other'],
  ['ACCESS_DENIED', null, 'remove what the error names'],
] as const)(
  'what AWS refuses for good (%s) is one line with its fix, and is counted where an alarm sees it',
  (code, own, fix) => {
    const failure = new CloudError(code, 'a:Call', 'no', { fix: own });
    const target = { provider: 'aws', account: '444455556666', region: 'eu-west-1' } as const;

    expect(objects(() => recordRefused(failure, target, 'run'))).toMatchObject([
      {
        ...{ level: 'ERROR', runId: 'run', account: '444455556666', region: 'eu-west-1' },
        ...{ error: { code, message: 'no' }, fix: expect.stringContaining(fix) },
      },
      { FailedAgain: 1 },
    ]);
  },
);

describe('an outcome', () => {
  const STEP = { store: aLogGroup('/app/a'), fromKeyArn: null, toKeyArn: KEY, warnings: [], error: null };

  it('that was refused is a line that says why, and what to do', () => {
    const refusal = problem('KEY_POLICY_DENIES', 'it denies', 'allow it');
    const outcome = { ...STEP, action: 'NONE', outcome: 'REFUSED', refusal } as const;
    const [line, metrics] = objects(() => recordOutcome(outcome, { ...RUN, changedBy: 'arn:aws:iam::1:user/tf' }));
    expect(line).toMatchObject({
      ...{ message: 'outcome', account: '111122223333', region: 'eu-west-1', name: '/app/a', outcome: 'REFUSED' },
      ...{ severity: 'HIGH', severityRank: 2, reasons: 'KEY_POLICY_DENIES', why: 'it denies', fix: 'allow it' },
      ...{ toKeyArn: KEY, changedBy: 'arn:aws:iam::1:user/tf', ...RUN },
    });
    expect(metrics).toMatchObject({ Refused: 1 });
  });

  it('that failed is a line with the error of the cloud', () => {
    const error = { code: 'THROTTLED', message: 'slow down' };
    // Of what a warning says nothing is wrong yet.
    const warnings = [problem('WRITERS_UNPROVEN', 'writers may lack rights', 'give them')];
    const outcome = { ...STEP, action: 'SEAL', outcome: 'FAILED', refusal: null, error, warnings } as const;
    const [line, metrics] = objects(() => recordOutcome(outcome, RUN));
    expect(line).toMatchObject({ outcome: 'FAILED', reasons: 'THROTTLED', why: 'slow down' });
    expect(line.fix).toMatch(/^remove what the error names; logseal tries again/);
    expect(metrics).toMatchObject({ Failed: 1 });
  });

  it('that was sealed is a line with what its warnings ask for', () => {
    const warnings = [problem('EARLIER_LOGS_AT_RISK', 'the old logs are lost on Monday', 'cancel that')];
    const outcome = { ...STEP, action: 'SEAL', outcome: 'SEALED', refusal: null, warnings } as const;
    const [line] = objects(() => recordOutcome(outcome, RUN));
    expect(line).toMatchObject({ outcome: 'SEALED', warnings: 'EARLIER_LOGS_AT_RISK' });
    expect(line).toMatchObject({ why: 'the old logs are lost on Monday', fix: 'cancel that' });
  });

  it('that would have been a seal in Audit is counted as such', () => {
    const outcome = { ...STEP, action: 'SEAL', outcome: 'UNCHANGED', refusal: null } as const;
    const [, metrics] = objects(() => recordOutcome(outcome, RUN));
    expect(metrics).toMatchObject({ WouldSeal: 1 });
    expect(metrics).not.toHaveProperty('Unchanged');
    const nothing = { ...STEP, action: 'NONE', outcome: 'UNCHANGED', refusal: null } as const;
    expect(objects(() => recordOutcome(nothing, RUN))[1]).not.toHaveProperty('WouldSeal');
  });
});

test('a completed scan counts each severity, also the ones that no finding has', () => {
  const report = {
    provider: 'aws',
    account: '1',
    region: 'eu-west-1',
    stores: 3,
    apiCalls: {},
    status: 'COMPLETE',
    error: null,
  } as const;
  const counts = {
    ...{ stores: 3, compliant: 1, nonCompliant: 2, exempt: 0, unknown: 0, filtered: 0 },
    ...{ byReason: { NO_KEY: 2 }, bySeverity: { MEDIUM: 2 } },
  };
  const target = { provider: 'aws', account: '1', region: 'eu-west-1' } as const;
  const [, ofRegion, heartbeat] = objects(() =>
    recordScan({ report, counts, goesOn: false, config: null }, { runId: 'r', target, nextToken: null, counts }, true),
  );
  const severities = { SeverityCritical: 0, SeverityHigh: 0, SeverityMedium: 2, SeverityLow: 0 };
  expect(ofRegion).toMatchObject({ Region: 'eu-west-1', ScanCompleted: 1, NO_KEY: 2, ...severities });
  expect(heartbeat).toMatchObject({ ScanFinished: 1 });
  expect(heartbeat).not.toHaveProperty('Region');
});

test('a completed scan of a hub is a line with its numbers, and none is a metric', () => {
  const target = { provider: 'aws', account: '1', region: 'eu-west-1' } as const;
  const report = { ...target, stores: 3, apiCalls: {}, status: 'COMPLETE', error: null } as const;
  const counts = { ...EMPTY_SUMMARY, stores: 3, compliant: 1, nonCompliant: 2, bySeverity: { CRITICAL: 2 } };
  const [, line, ...metrics] = objects(() =>
    recordScan({ report, counts, goesOn: false, config: null }, { runId: 'r', target, nextToken: null, counts }, false),
  );
  expect(line).toMatchObject({
    ...{ message: 'target scanned', runId: 'r', account: '1', region: 'eu-west-1', stores: 3, nonCompliant: 2 },
    ...{ status: 'COMPLETE', failed: 0, critical: 2, high: 0, medium: 0, low: 0 },
  });
  expect(metrics).toEqual([expect.objectContaining({ ScanFinished: 1 })]);
  expect(metrics[0]).not.toHaveProperty('Region');
});

test('a failed scan of a hub is a line with its code and without the numbers of what it had counted', () => {
  const target = { provider: 'aws', account: '1', region: 'eu-west-1' } as const;
  const error = { code: 'ROLE_REFUSED', message: 'no' } as const;
  const report = { ...target, stores: 3, apiCalls: {}, status: 'FAILED', error } as const;
  const counts = { ...EMPTY_SUMMARY, stores: 3, compliant: 3, bySeverity: { CRITICAL: 2 } };
  const lines = (areRegionsMetered: boolean) =>
    objects(() =>
      recordScan(
        { report, counts, goesOn: false, config: null },
        { runId: 'r', target, nextToken: null, counts },
        areRegionsMetered,
      ),
    );
  expect(lines(false)).toMatchObject([
    { message: 'scan failed', error },
    {
      ...{ message: 'target scanned', account: '1', region: 'eu-west-1', status: 'FAILED: ROLE_REFUSED', failed: 1 },
      ...{ stores: 0, compliant: 0, critical: 0 },
    },
    { ScanFailed: 1 },
  ]);
  expect(lines(true)).toMatchObject([{ message: 'scan failed' }, { ScanFailed: 1 }]);
});

test('what is configured and not scanned is a line with how much it is', () => {
  const regions = [{ account: '2', regions: ['af-south-1', 'me-south-1'] }];
  expect(objects(() => logLeftOut({ accounts: ['3'], regions }, 'r'))).toMatchObject([
    {
      ...{ level: 'INFO', message: 'left out of the scheduled scan', runId: 'r' },
      ...{ inactiveAccounts: 1, disabledRegions: 2, accounts: ['3'], regions: ['2: af-south-1, me-south-1'] },
    },
  ]);
});

describe('the configuration', () => {
  const read = {
    status: 'READ',
    configuration: { exemptions: [], keys: [] },
    lines: { exemptions: [], keys: [] },
  } as const;
  const note = { line: 3, column: 1, message: 'expected a day' };
  const WHERE = 'ssm:/logseal/config';

  it('that was read is a line, and a warning where it may not say what is meant', () => {
    expect(objects(() => recordConfiguration({ ...read, warnings: [] }, WHERE))).toMatchObject([
      { level: 'INFO', message: 'configuration read', where: WHERE, exemptions: 0, keyRules: 0 },
    ]);
    expect(objects(() => recordConfiguration({ ...read, warnings: [note] }, WHERE))).toMatchObject([
      { level: 'WARN', because: 'line 3: expected a day' },
    ]);
  });

  it('with mistakes is an error with each of them in at most 4 KB, and is counted', () => {
    const mistakes = Array.from({ length: 3 }, (_, index) => ({ ...note, line: index + 1 }));
    expect(objects(() => recordConfiguration({ status: 'MISTAKES', mistakes }, WHERE))).toMatchObject([
      { level: 'ERROR', because: 'line 1: expected a day; line 2: expected a day; line 3: expected a day' },
      { ConfigUnreadable: 1 },
    ]);
    const many = { status: 'MISTAKES', mistakes: Array(1000).fill(note) } as const;
    const [line = ''] = written(() => recordConfiguration(many, WHERE));
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LONGEST_LINE_BYTES);
  });

  it.each([
    ['ACCESS_DENIED', 'ERROR', [{ ConfigUnreadable: 1 }]],
    ['THROTTLED', 'WARN', []],
  ] as const)(
    'that is answered with %s is a line of level %s, and counted only if no retry helps',
    (code, level, counted) => {
      const failure = aCloudError(code, 'in the words of AWS');
      expect(objects(() => recordConfiguration({ status: 'UNREADABLE', failure }, WHERE))).toMatchObject([
        { level, where: WHERE, error: { message: 'in the words of AWS' } },
        ...counted,
      ]);
    },
  );

  it('whose exemptions somebody should know something of: a line for each, and how many there are', () => {
    const noticed = { ...shown(anExemption()), stores: 0, notices: ['ENDS_SOON', 'UNMATCHED'] as const };
    expect(objects(() => recordExemptions({ expired: 0, endingSoon: 1, unmatched: 1 }, [noticed], 'r'))).toMatchObject([
      {
        level: 'INFO',
        message: 'exemption',
        id: 'e-1',
        notices: 'ENDS_SOON, UNMATCHED',
        owner: 'team-a',
        stores: 0,
        runId: 'r',
      },
      { ExemptionsExpired: 0, ExemptionsEndingSoon: 1, ExemptionsUnmatched: 1 },
    ]);
    const [metrics] = objects(() => recordExemptions({ expired: 0, endingSoon: 0, unmatched: null }, [], 'r'));
    expect(metrics).not.toHaveProperty('ExemptionsUnmatched');
  });
});

test('a scan that failed is an error with the words of the cloud', () => {
  const error = { code: 'ACCESS_DENIED', message: 'a policy denies it' } as const;
  const target = { provider: 'aws', account: '1', region: 'eu-west-1' } as const;
  const report = { ...target, stores: 0, apiCalls: {}, status: 'FAILED', error } as const;
  const run = { report, counts: EMPTY_SUMMARY, goesOn: false, config: null } as const;
  expect(
    objects(() => recordScan(run, { runId: 'r', target, nextToken: null, counts: EMPTY_SUMMARY }, true)),
  ).toMatchObject([
    { level: 'ERROR', message: 'scan failed', runId: 'r', account: '1', region: 'eu-west-1', error },
    { ScanFailed: 1 },
  ]);
});

test.each([
  ['ROLE_REFUSED', /deploy\/member-role\.yaml/],
  ['REGION_DISABLED', /enable the Region/],
] as const)('a scan that failed with %s says what to do', (code, fix) => {
  const target = { provider: 'aws', account: '1', region: 'eu-west-1' } as const;
  const report = { ...target, stores: 0, apiCalls: {}, status: 'FAILED', error: { code, message: 'no' } } as const;
  const run = { report, counts: EMPTY_SUMMARY, goesOn: false, config: null } as const;
  const [line] = objects(() => recordScan(run, { runId: 'r', target, nextToken: null, counts: EMPTY_SUMMARY }, true));
  expect(line).toMatchObject({ message: 'scan failed', fix: expect.stringMatching(fix) });
});

test('what the last scans found together is sent even when it is nothing, so that the alarms end', () => {
  expect(objects(() => recordTotals({ critical: 0, keysUnusable: 0 }, FINDING))).toMatchObject([
    { CriticalFindings: 0, KeyNotUsable: 0 },
  ]);
});

test('of what the last scans found together, only what there is to report is sent', () => {
  const [line, keys, ...more] = objects(() => {
    recordTotals({ critical: null, keysUnusable: 2 }, FINDING);
    recordTotals({ critical: null, keysUnusable: null }, FINDING);
  });

  const { account, region } = FINDING;
  expect(line).toMatchObject({ level: 'WARN', message: 'key not usable', account, region });
  expect(keys).toMatchObject({ KeyNotUsable: 2 });
  expect(keys).not.toHaveProperty('CriticalFindings');
  expect(more).toEqual([]);
});

test('a seal whose step has warnings says what they say', () => {
  const warnings = [problem('WRITERS_UNPROVEN', 'writers may lack rights', 'give them')];
  const step = { store: aLogGroup('/app/a'), fromKeyArn: KEY, toKeyArn: KEY, refusal: null, error: null, warnings };
  expect(objects(() => recordOutcome({ ...step, action: 'SEAL', outcome: 'SEALED' }, RUN))[0]).toMatchObject({
    ...{ warnings: 'WRITERS_UNPROVEN', why: 'writers may lack rights', fix: 'give them', fromKeyArn: KEY },
  });
});

test('a moved alias is a line with who moved it, and a fix that leaves the key alone that it names now', () => {
  const finding = keyFindingOf(
    { provider: 'aws', account: '111122223333', region: 'eu-west-1' },
    {
      inspection: anInspection({ reasons: [problem('KEY_DISABLED', 'it is disabled', 'enable it')] }),
      ...{ aliases: [], isConfigured: true, movedAlias: 'alias/logseal' },
      ...{ trigger: 'UpdateAlias', changedBy: 'arn:aws:iam::1:user/eve' },
    },
  );
  const [line] = objects(() => recordKeyFinding(finding, 'Audit'));
  expect(line).toMatchObject({
    reasons: 'KEY_ALIAS_MOVED, KEY_DISABLED',
    why: expect.stringContaining('it is disabled'),
    changedBy: 'arn:aws:iam::1:user/eve',
    fix: expect.stringMatching(/^find out who did it/),
  });
  expect(line.fix).not.toContain('enable it');
});

describe('an event that failed', () => {
  const fails = (error: Error, attempt = 3) =>
    objects(() => {
      logFailure({ messageId: 'm', receiptHandle: 'h', attempt, error });
    });

  it('for the third time is counted as a failure that persists', () => {
    expect(fails(new Error('no'), 2)).toMatchObject([{ level: 'ERROR', error: { message: 'no' } }]);
    expect(fails(new Error('no'))).toMatchObject([{ level: 'ERROR' }, { FailedAgain: 1 }]);
  });

  it('because it can never be read is one line, since the dead-letter queue gets it within seconds', () => {
    expect(fails(new UnknownEventError('unknown event'), 1)).toMatchObject([{ error: { message: 'unknown event' } }]);
    expect(fails(new SyntaxError('no JSON'), 1)).toHaveLength(1);
    expect(fails(new UnknownEventError('unknown event'), 9)).toEqual([]);
  });
});

describe('an event that is ignored', () => {
  const target = { provider: 'aws', account: '1', region: 'eu-west-1' } as const;

  it('is a warning', () => {
    const trigger = { kind: 'LOG_GROUP', target, name: '/app/a', changedBy: null } as const;
    expect(objects(() => logIgnored('another account', trigger))).toMatchObject([{ level: 'WARN' }]);
  });

  it('is none where it is about an alias, since other aliases change often', () => {
    const trigger = {
      kind: 'KEY_CHANGED',
      target,
      eventName: 'CreateAlias',
      keyArn: null,
      alias: 'alias/x',
      changedBy: null,
    } as const;
    expect(objects(() => logIgnored('another alias', { ...trigger, eventId: null }))).toMatchObject([
      { level: 'INFO', because: 'another alias' },
    ]);
  });
});

describe('a line', () => {
  const aggregate = (cause: () => Error) => Object.assign(new Error('all'), { all: Array.from({ length: 30 }, cause) });
  const HOSTILE = 'ä"\\\n\u0001'.repeat(60_000);

  it.each<[string, () => void]>([
    ['a finding', () => logFindings([{ ...FINDING, name: HOSTILE, arn: HOSTILE, keyArn: HOSTILE }], RUN)],
    ['an error', () => logger.error('failed', { error: new Error(HOSTILE, { cause: new Error(HOSTILE) }) })],
    [
      'a list',
      () => logger.warn('ignored', { trigger: { names: Array.from({ length: 20_000 }, () => HOSTILE.slice(0, 60)) } }),
    ],
    ['names of fields', () => logger.warn('ignored', { trigger: { [HOSTILE]: { [HOSTILE]: HOSTILE } } })],
    [
      'many fields',
      () => logger.warn('ignored', { more: Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [n, n])) }),
    ],
    ['a list of errors', () => logger.error('failed', { error: aggregate(() => new Error('x'.repeat(60))) })],
    [
      'lists within lists',
      () => logger.warn('ignored', { trigger: Array.from({ length: 30 }, () => Array(30).fill('x'.repeat(60))) }),
    ],
  ])('has at most 4 KB, whatever is in it: %s', (_, log) => {
    const lines = written(log);
    expect(lines).toHaveLength(1);
    expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(LONGEST_LINE_BYTES);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: expect.any(String), cut: true });
  });

  it('is left as it is where it is short enough', () => {
    const why = 'x'.repeat(2_000);
    expect(objects(() => logger.info('scanned', { why }))).toMatchObject([{ message: 'scanned', why }]);
    expect(objects(() => logger.info('scanned', { why }))[0]).not.toHaveProperty('cut');
  });
});
