import { expect, it } from 'vitest';
import { REASON_CODES } from '../../lib/domain/reasons.ts';
import { emittedMetrics } from '../lambda/emitted-metrics.ts';
import { propertiesOf, propertiesOfType } from './resources.ts';

interface Widget {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
const bodyOf = (parameters: Record<string, string> = {}): string =>
  propertiesOf('Dashboard', parameters)['DashboardBody'];
const widgets = (parameters: Record<string, string> = {}): Widget[] => JSON.parse(bodyOf(parameters)).widgets;
const titles = (some: readonly Widget[]) => some.map(({ properties }) => properties['title']);

it('the dashboard leads with the alarms, the severities, the errors and the worst log groups', () => {
  expect(widgets().map(({ type }) => type)).toEqual([
    ...['alarm', 'metric', 'text', 'log', 'log', 'log', 'log', 'metric', 'metric', 'metric', 'metric'],
  ]);
  expect(widgets()[0]?.properties['sortBy']).toBe('stateUpdatedTimestamp');
  expect(titles(widgets())).toEqual([
    'Alarms',
    'Log groups by severity, as of the last scan',
    undefined,
    'Failures: what the error says',
    'Flagged log groups, the worst first',
    'Log groups that were refused or failed: why, and what to do',
    'Exemptions that need somebody: expired, ending soon, unmatched',
    'Severities over time',
    'Findings by reason',
    'Remediation (would seal: in Audit)',
    'Scans: finished, failed; events that failed again',
  ]);
});

it('the dashboard opens with the last daily scan in its time range, and each graph has a period of its own', () => {
  expect(JSON.parse(bodyOf())).toMatchObject({ start: '-PT26H', periodOverride: 'inherit' });
});

it('the dashboard shows every reason that the functions report', () => {
  const reasons = widgets().find(({ properties }) => properties['title'] === 'Findings by reason');
  // The functions do not require the configured key, so they never report KEY_NOT_CONFIGURED, and they work on AWS only.
  const others: readonly string[] = ['KEY_NOT_CONFIGURED', 'ENCRYPTION_OFF', 'SERVICE_KEY'];
  const shown = JSON.stringify(reasons).match(/\bKEY_\w+|\bNO_KEY\b/g);
  expect(shown).toEqual(REASON_CODES.filter((code) => !others.includes(code)));
});

it('the dashboard shows every alarm', () => {
  for (const parameters of [{}, { HeartbeatHours: '0' }, { ConfigUri: 'ssm:logseal' }]) {
    const alarms = [...propertiesOfType('AWS::CloudWatch::Alarm', parameters).keys()];
    const shown = widgets(parameters).find(({ type }) => type === 'alarm')?.properties['alarms'];
    expect(shown).toEqual(alarms.map((id) => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:logseal-${id}`));
  }
});

it('the dashboard names the mode, the key and the Regions, and says when nobody is told of alarms', () => {
  const AlarmTopicArn = 'arn:aws:sns:eu-west-1:111122223333:on-call';
  const elsewhere = { Mode: 'Enforce', KeyId: 'alias/logs', Regions: 'eu-west-1,us-east-1' };
  expect(bodyOf(elsewhere)).toContain('in the mode **Enforce** with the key **alias/logs**, in eu-west-1,us-east-1.');
  expect(bodyOf()).toContain('Nobody is told of alarms');
  expect(bodyOf({ AlarmTopicArn })).not.toContain('Nobody');
});

it('the lists of the dashboard are saved queries', () => {
  const lists = widgets().flatMap(({ type, properties }) => (type === 'log' ? [properties['query']] : []));
  const saved = [
    ['FailuresQuery', 10],
    ['FlaggedNowQuery', 20],
    ['NotSealedQuery', 10],
    ['ExemptionsQuery', 10],
  ].map(([id, rows]) => {
    const { QueryString, LogGroupNames } = propertiesOf(`${id}`);
    const oneLine = QueryString.replaceAll(/\s+/g, ' ').trim().replace('limit 1000', `limit ${rows}`);
    return [...LogGroupNames.map((name: string) => `SOURCE '${name}'`), oneLine].join(' | ');
  });
  expect(lists).toEqual(saved);
});

it('the dashboard shows only metrics of logseal that the functions send, under the same dimensions', () => {
  const emitted = emittedMetrics();
  const text = JSON.stringify(widgets().filter(({ type }) => type === 'metric'));
  const searched = [...text.matchAll(/\{logseal,service,Region\}.*?MetricName=(.*?)', 'Maximum'/g)];
  const ofRegions = searched.flatMap(([, names = '']) => names.match(/\w+/g)?.filter((name) => name !== 'OR') ?? []);
  expect(new Set(ofRegions).size).toBeGreaterThan(15);
  for (const name of ofRegions) expect(emitted.get(name) ?? [], name).toContainEqual(['service', 'Region']);

  const rows = widgets().flatMap(({ properties }) => (properties['metrics'] ?? []) as unknown[][]);
  const own = rows.flatMap(([, name], index) => (namespaceOf(rows, index) === 'logseal' ? [String(name)] : []));
  expect(own).toContain('WouldSeal');
  for (const name of own) expect(emitted.get(name) ?? [], name).toContainEqual(['service']);
});

/** A row repeats the namespace of the one before by a `.`, and everything but the last dimension by `...`. */
const namespaceOf = (rows: readonly unknown[][], index: number) =>
  rows.slice(0, index + 1).findLast(([namespace]) => namespace !== '.' && namespace !== '...')?.[0];
