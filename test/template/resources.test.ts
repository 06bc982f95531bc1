import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAlias, parseDocument, visit } from 'yaml';
import { PROBE_GROUP } from '../../lib/config/functions.ts';
import { shown } from '../../lib/domain/exemption.ts';
import { MAX_RECEIVES } from '../../lib/pacing.ts';
import { anExemption } from '../support/configuration.ts';
import { propertiesOf, propertiesOfType, resources } from './resources.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../template.yaml'), 'utf8');

it('has no YAML alias or anchor, which CloudFormation does not support', () => {
  const found: string[] = [];
  visit(parseDocument(text, { logLevel: 'error' }), (_, node) => {
    if (isAlias(node)) found.push(node.source);
    else if (typeof node === 'object' && node && 'anchor' in node && node.anchor) found.push(String(node.anchor));
  });
  expect(found).toEqual([]);
});

it.each(['Scan', 'Remediate'])(
  '%s: messages are kept for 14 days, and come back when the function cannot still have them',
  (name) => {
    const queue = propertiesOf(`${name}Queue`);
    expect(queue).toMatchObject({
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
      RedrivePolicy: { maxReceiveCount: MAX_RECEIVES },
    });
    expect(propertiesOf(`${name}DeadLetterQueue`)).toMatchObject({ MessageRetentionPeriod: 14 * 24 * 60 * 60 });
    expect(queue['VisibilityTimeout']).toBe(6 * propertiesOf(`${name}Function`)['Timeout']);
  },
);

it('both functions know the mode, the key and their queue, each its table', () => {
  const common = { LOGSEAL_MODE: 'Enforce', LOGSEAL_KEY: 'alias/logs' };
  const variables = (id: string) => propertiesOf(id, { Mode: 'Enforce', KeyId: 'alias/logs' })['Environment'].Variables;
  expect(variables('ScanFunction')).toMatchObject({ ...common, LOGSEAL_SCAN_TABLE: 'logseal-ScanTable' });
  expect(variables('RemediateFunction')).toMatchObject({ ...common, LOGSEAL_JOURNAL_TABLE: 'logseal-JournalTable' });
  expect(variables('ScanFunction')['LOGSEAL_QUEUE_URL']).toMatch(/logseal-ScanQueue$/);
  expect(variables('RemediateFunction')['LOGSEAL_QUEUE_URL']).toMatch(/logseal-RemediateQueue$/);
});

it('the key outlives the stack, unless the stack could not be created', () => {
  const [key = ''] = /^ {2}Key:[\s\S]*?(?=^ {2}\w)/m.exec(text) ?? [];
  expect(key).toMatch(/^ {4}DeletionPolicy: RetainExceptOnCreate\b/m);
  expect(key).toMatch(/^ {4}UpdateReplacePolicy: Retain$/m);
});

describe('query results', () => {
  const WITH = { QueryResults: 'true' };
  const startQuery = (parameters: Record<string, string>) =>
    ['ScanRole', 'RemediateRole'].map((id) => {
      const [{ PolicyDocument }] = propertiesOf(id, parameters)['Policies'];
      return PolicyDocument.Statement.filter(({ Action }: { Action: string }) => Action === 'logs:StartQuery');
    });

  it('are read with queries on one empty log group, which the stack creates in its own Region', () => {
    const probe = resources(WITH).get('QueryProbe')?.properties;
    expect(probe).toMatchObject({ LogGroupName: PROBE_GROUP, RetentionInDays: 1 });
    const Resource = `arn:aws:logs:eu-west-1:111122223333:log-group:${PROBE_GROUP}:*`;
    for (const statements of startQuery(WITH)) expect(statements).toMatchObject([{ Resource }]);
    const elsewhere = startQuery({ ...WITH, KeyId: 'alias/logs', Regions: 'eu-west-1,us-east-1' });
    for (const statements of elsewhere)
      expect(statements).toMatchObject([{ Resource: Resource.replace('eu-west-1', '*') }]);
  });

  it('take no right and no log group without QueryResults', () => {
    expect(resources().has('QueryProbe')).toBe(false);
    expect(startQuery({})).toEqual([[], []]);
  });
});

it('the saved queries read the fields that the functions log', async () => {
  const { exemptionLine, findingLine, outcomeLine } = await import('../../lib/lambda/log-lines.ts');
  const queries = propertiesOfType('AWS::Logs::QueryDefinition');
  expect([...queries.values()].map(({ Name }) => Name)).toEqual([
    'logseal/flagged-now',
    'logseal/outcomes-by-run',
    'logseal/outcomes',
    'logseal/not-sealed',
    'logseal/who-removes-keys',
    'logseal/key-changes',
    'logseal/exemptions',
    'logseal/failures',
  ]);
  const run = { runId: 'r', mode: 'Audit' } as const;
  const store = { provider: 'aws', account: 'a', region: 'r', type: 'log-group', name: 'n', arn: 'arn' } as const;
  const finding = { ...store, status: 'UNKNOWN', severity: null, reasons: [], warnings: [], keyArn: null } as const;
  const step = {
    store,
    action: 'NONE',
    fromKeyArn: null,
    toKeyArn: null,
    refusal: null,
    warnings: [],
    error: null,
  } as const;
  const known = [
    ...Object.keys(exemptionLine({ ...shown(anExemption()), stores: 0, notices: [] }, 'r')),
    ...Object.keys(findingLine({ ...finding, exemption: null }, run)),
    ...Object.keys(outcomeLine({ ...step, outcome: 'REFUSED' }, run)),
  ];
  const ofKey = ['trigger', 'aliases', 'isConfigured', 'state'];
  const ofFailures = ['level', 'message', 'type', 'because', 'found', 'attempt', 'messageId'];
  const others = [...ofKey, ...ofFailures, 'function_request_id', 'requestId'];
  for (const [id, { QueryString }] of queries) {
    const made = [...QueryString.matchAll(/ as (\w+)/g)].map(([, name]) => name);
    const commands =
      /\b(filter|fields|coalesce|stats|sort|display|limit|latest|min|max|count_distinct|count|by|asc|desc|as|and|or|in|ispresent)\b/g;
    const bare = QueryString.replaceAll(/"[^"]*"|@timestamp|\b(error|record|message)\.\w+/g, '').replaceAll(
      commands,
      '',
    );
    const used = new Set<string>(bare.match(/[A-Za-z_]\w*/g));
    expect(
      [...used].filter((name) => ![...known, ...others, ...made].includes(name)),
      id,
    ).toEqual([]);
  }
});
