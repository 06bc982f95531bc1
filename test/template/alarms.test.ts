import { expect, it } from 'vitest';
import { emittedMetrics } from '../lambda/emitted-metrics.ts';
import { type AnyProperties, propertiesOfType } from './resources.ts';

const alarmsOf = (parameters: Record<string, string> = {}) => propertiesOfType('AWS::CloudWatch::Alarm', parameters);
const alarm = (id: string, parameters: Record<string, string> = {}): AnyProperties =>
  alarmsOf(parameters).get(id) ?? expect.fail(`there is no ${id}`);

it('each alarm on a metric of logseal watches one that the functions send, under the same dimensions', () => {
  const emitted = emittedMetrics();
  const own = [...alarmsOf().values()].filter(({ Namespace }) => Namespace === 'logseal');
  expect(own.length).toBeGreaterThan(5);
  for (const { MetricName, Dimensions } of own) {
    expect(Dimensions).toEqual([{ Name: 'service', Value: 'logseal' }]);
    expect(emitted.get(MetricName) ?? [], MetricName).toContainEqual(['service']);
  }
});

it('each alarm says what to do first, and can tell somebody', () => {
  const AlarmTopicArn = 'arn:aws:sns:eu-west-1:111122223333:on-call';
  for (const [id, { AlarmDescription, AlarmActions }] of alarmsOf({ AlarmTopicArn })) {
    expect(AlarmDescription, id).toMatch(/\b(Run|Find out|Start one|Check|Raise|wait)\b/);
    expect(AlarmDescription.length, id).toBeLessThanOrEqual(1024);
    expect(AlarmActions).toEqual([AlarmTopicArn]);
  }
  for (const { AlarmActions } of alarmsOf().values()) expect(AlarmActions).toBeUndefined();
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
    expect(others).toMatchObject({ Statistic: 'Sum', EvaluationPeriods: 1, Threshold: 0 });
  }
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
