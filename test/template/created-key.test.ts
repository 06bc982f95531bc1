import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { accountAccess } from '../../lib/domain/key-policy/account-access.ts';
import { documentProblems } from '../../lib/domain/key-policy/document.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService, serviceCall } from '../../lib/domain/key-policy/service-call.ts';
import { verdictOf } from '../../lib/domain/key-policy/verdict.ts';
import { readTemplate } from '../../sandbox/template/template.ts';

const template = resolve(import.meta.dirname, '../../template.yaml');

it.each([
  ['aws', 'eu-west-1'],
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
])(
  'the key that the template creates in %s lets CloudWatch Logs in, and through it those who write and read',
  (partition, region) => {
    const account = '111122223333';
    const place = { account, region, stackName: 'logseal', url: 'http://127.0.0.1:1' };
    const key = readTemplate(template, { KeyId: '' }, place).find(({ id }) => id === 'Key');
    const service = logsService(`arn:${partition}:kms:${region}:${account}:key/created`, { now: new Date() });
    const policy = readKeyPolicy(JSON.stringify(key?.properties['KeyPolicy']), service);
    if (policy.status !== 'READ') throw new Error(policy.mistakes.join());
    const subject = { type: 'log-group', arn: `arn:${partition}:logs:${region}:${account}:log-group:/app` } as const;

    expect(verdictOf(policy, subject)).toBe('ALLOWED');
    expect(accountAccess(policy, serviceCall(service, subject), { account }).access).toBe('ALL');
    expect(policy.publicStatement).toBeNull();
    expect(documentProblems(policy)).toEqual([]);
  },
);

it.each([
  ['true', 'ALLOWED'],
  ['false', 'MISSING_ACTIONS'],
])('with QueryResults=%s the key that the template creates is for query results %s', (QueryResults, verdict) => {
  const account = '111122223333';
  const place = { account, region: 'eu-west-1', stackName: 'logseal', url: 'http://127.0.0.1:1' };
  const key = readTemplate(template, { KeyId: '', QueryResults }, place).find(({ id }) => id === 'Key');
  const service = logsService(`arn:aws:kms:eu-west-1:${account}:key/created`, { now: new Date() });
  const policy = readKeyPolicy(JSON.stringify(key?.properties['KeyPolicy']), service);
  if (policy.status !== 'READ') throw new Error(policy.mistakes.join());

  expect(verdictOf(policy, { type: 'query-results', account })).toBe(verdict);
  expect(verdictOf(policy, { type: 'query-results', account: '444455556666' })).toBe('MISSING_ACTIONS');
  expect(policy.publicStatement).toBeNull();
  expect(documentProblems(policy)).toEqual([]);
});
