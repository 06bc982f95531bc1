import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { RETRY_LONGEST_S } from '../../lib/pacing.ts';
import { emittedMetrics } from '../lambda/emitted-metrics.ts';
import { type AnyProperties, propertiesOf, propertiesOfType, TEMPLATE } from './resources.ts';

const alarmsOf = (parameters: Record<string, string> = {}) => propertiesOfType('AWS::CloudWatch::Alarm', parameters);
const WITH_CONFIG = { ConfigUri: 'ssm:/logseal/config' };
const alarm = (id: string, parameters: Record<string, string> = {}): AnyProperties =>
  alarmsOf(parameters).get(id) ?? expect.fail(`there is no ${id}`);

it('each alarm on a metric of logseal watches one that the functions send, under the same dimensions', () => {
  const emitted = emittedMetrics();
  const own = [...alarmsOf(WITH_CONFIG).values()].filter(({ Namespace }) => Namespace === 'logseal');
  expect(own.length).toBeGreaterThan(5);
  for (const { MetricName, Dimensions } of own) {
    expect(Dimensions).toEqual([{ Name: 'service', Value: 'logseal' }]);
    expect(emitted.get(MetricName) ?? [], MetricName).toContainEqual(['service']);
  }
});

it('each alarm says what to do first and where to read on, and can tell somebody, also that it has ended', () => {
  const AlarmTopicArn = 'arn:aws:sns:eu-west-1:111122223333:on-call';
  for (const [id, { AlarmDescription, AlarmActions, OKActions }] of alarmsOf({ AlarmTopicArn, ...WITH_CONFIG })) {
    expect(AlarmDescription, id).toMatch(/\b(Run|Find out|Start one|Check|Raise|wait)\b/);
    expect(AlarmDescription.length, id).toBeLessThanOrEqual(1024);
    expect(AlarmDescription, id).toMatch(/ More: docs\/operating\.md\.$/);
    expect(AlarmActions).toEqual([AlarmTopicArn]);
    expect(OKActions).toEqual([AlarmTopicArn]);
  }
  for (const one of alarmsOf().values())
    expect([one['AlarmActions'], one['OKActions']]).toEqual([undefined, undefined]);
});

it('what an alarm says is short enough with the longest KeyId', () => {
  const KeyId = `arn:aws:kms:ap-southeast-1:111122223333:alias/${'x'.repeat(250)}`;
  for (const { AlarmDescription } of alarmsOf({ KeyId }).values()) {
    expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
  }
  expect(alarm('KeyNotUsableAlarm', { KeyId })['AlarmDescription']).toContain(
    `key check --key ${KeyId} --region REGION`,
  );
});

it('the alarms cover both functions, both queues and both dead-letter queues', () => {
  const watched = [...alarmsOf().values()].flatMap(({ Namespace, MetricName, Dimensions: [{ Value }] }) =>
    Namespace === 'logseal' ? [] : [`${MetricName} ${Value}`],
  );
  expect(watched.sort()).toEqual([
    'ApproximateAgeOfOldestMessage logseal-RemediateQueue',
    'ApproximateAgeOfOldestMessage logseal-ScanQueue',
    'ApproximateNumberOfMessagesVisible logseal-RemediateDeadLetterQueue',
    'ApproximateNumberOfMessagesVisible logseal-ScanDeadLetterQueue',
    'Errors logseal-RemediateFunction',
    'Errors logseal-ScanFunction',
    'Throttles logseal-RemediateFunction',
    'Throttles logseal-ScanFunction',
  ]);
});

it('a failure raises an alarm within minutes', () => {
  for (const id of ['ScanFailedAlarm', 'FailedAgainAlarm', 'ScanErrorAlarm', 'RemediateErrorAlarm']) {
    const { Period, ...others } = alarm(id);
    expect(Period).toBeLessThanOrEqual(300);
    expect(others).toMatchObject({ Statistic: 'Sum', DatapointsToAlarm: 1, Threshold: 0 });
  }
});

it.each([
  ['ScanDeadLetterAlarm', 300, 0],
  ['RemediateDeadLetterAlarm', 300, 0],
  ['ScanThrottleAlarm', 300, 0],
  ['RemediateThrottleAlarm', 300, 0],
  ['ScanQueueAgeAlarm', 300, 600],
  ['RemediateQueueAgeAlarm', 300, 3600],
])('%s compares each %d seconds with more than %d', (id, Period, Threshold) => {
  const comparison = { EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' };
  expect(alarm(id)).toMatchObject({ Period, Threshold, ...comparison });
});

it.each([
  ['FailedAgainAlarm', 20 / 60],
  ['ScanErrorAlarm', 1],
  ['RemediateErrorAlarm', 1],
  ['KeyAliasMovedAlarm', 12],
  ['ScanFailedAlarm', 24],
  ['ConfigUnreadableAlarm', 24],
])('%s ends %s hours after what raised it, and CloudWatch takes a day at most', (id, hours) => {
  const { Period, EvaluationPeriods, DatapointsToAlarm, TreatMissingData } = alarm(id, WITH_CONFIG);
  expect(Period * EvaluationPeriods).toBe(hours * 3600);
  expect({ DatapointsToAlarm, TreatMissingData }).toEqual({ DatapointsToAlarm: 1, TreatMissingData: 'notBreaching' });
});

it('FailedAgainAlarm does not end between two attempts of the same event', () => {
  const { Period, EvaluationPeriods } = alarm('FailedAgainAlarm');
  expect(Period * EvaluationPeriods).toBeGreaterThan(RETRY_LONGEST_S + propertiesOf('ScanFunction')['Timeout']);
});

it('the alarms on what a scan found keep their state until the next', () => {
  for (const id of ['CriticalFindingAlarm', 'KeyNotUsableAlarm']) {
    // The highest value of a period counts until the next scan, so two scans should seldom end in the same.
    expect(alarm(id)).toMatchObject({ Statistic: 'Maximum', Period: 60, Threshold: 0, TreatMissingData: 'ignore' });
  }
});

it.each([
  [undefined, '26'],
  ['168', '168'],
])('HeartbeatHours=%s: an alarm after so many hours without a finished scan', (HeartbeatHours, EvaluationPeriods) => {
  expect(alarm('HeartbeatAlarm', HeartbeatHours ? { HeartbeatHours } : {})).toMatchObject({
    ...{ MetricName: 'ScanFinished', Statistic: 'Sum', Period: 3600, EvaluationPeriods },
    ...{ Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' },
  });
});

it('HeartbeatHours=0 turns that alarm off, and more than a week is refused', () => {
  expect(alarmsOf({ HeartbeatHours: '0' }).has('HeartbeatAlarm')).toBe(false);
  for (const HeartbeatHours of ['169', '-1', 'x']) expect(() => alarmsOf({ HeartbeatHours })).toThrow('HeartbeatHours');
});

it('an output says who is told, or that nobody is', () => {
  const { Outputs } = parse(readFileSync(TEMPLATE, 'utf8'), { logLevel: 'silent' });
  const [condition, told, otherwise] = Outputs.AlarmNotifications.Value;
  expect([condition, told]).toEqual(['HasAlarmTopic', 'AlarmTopicArn']);
  expect(otherwise).toMatch(/^Nobody is told: set AlarmTopicArn/);
});
