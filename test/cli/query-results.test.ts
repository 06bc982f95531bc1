import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { outcomeSchema, parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, type Desk, type RunOptions } from '../support/logseal.ts';
import { admitting, LOG_GROUPS, policyOf, QUERY_RESULTS } from '../support/policies.ts';
import { outcomesOf, runCalls } from './worlds.ts';

const NAME = 'query-result:*';
const ARN = 'arn:aws:logs:eu-west-1:111122223333:query-result:*';
const NOTICE =
  'query results: only a query shows which key they have, so one is run in each Region, over one second of one log ' +
  'group (next to no bytes, at the price of Logs Insights); it takes logs:StartQuery and logs:GetQueryResults\n';

/** Everything is sealed but for what a test is about. */
const world = ({ keys = {}, ...more }: World = {}): World =>
  aWorld({
    policies: { all: admitting(LOG_GROUPS, QUERY_RESULTS) },
    groups: { '/a': 'logseal' },
    ...more,
    keys: { logseal: { alias: 'alias/logseal', policy: 'all' }, ...keys },
  });

async function scan(desk: Desk, words = '--query-results', options: RunOptions = {}) {
  const { status, stdout, stderr } = await desk.run(`scan ${words} --format json`, options);
  const document = parseDocument(scanSchema, stdout);
  const found = document.findings.filter(({ type }) => type === 'query-results');
  return { status, stderr, document, finding: found[0], found };
}

describe('a scan of query results', () => {
  it.each<[string, World, string, string[], number]>([
    ['that have no key', {}, 'NON_COMPLIANT', ['NO_KEY'], 3],
    ['under a healthy key', { queryResults: 'logseal' }, 'COMPLIANT', [], 0],
    ['under a disabled key', { queryResults: 'disabled' }, 'NON_COMPLIANT', ['KEY_DISABLED'], 3],
    [
      'under a dying key',
      { keys: { dying: { state: 'PendingDeletion' } }, queryResults: 'dying' },
      'NON_COMPLIANT',
      ['KEY_PENDING_DELETION'],
      3,
    ],
    [
      'under a key that is gone',
      { keys: { gone: { exists: false } }, queryResults: 'gone' },
      'NON_COMPLIANT',
      ['KEY_NOT_FOUND'],
      3,
    ],
  ])('%s', async (_, more, status, codes, expected) => {
    const desk = await aDesk(world(more));

    const { finding, found, document, ...ran } = await scan(desk);

    expect(ran).toEqual({ status: expected, stderr: NOTICE });
    expect(found).toHaveLength(1);
    expect(finding).toMatchObject({ name: NAME, arn: ARN, status, region: 'eu-west-1' });
    expect(finding?.reasons.map(({ code }) => code)).toEqual(codes);
    expect(document.summary.stores).toBe(2);
    expect(document.targets[0]?.stores).toBe(2);
  });

  it('whose key lets CloudWatch Logs in for log groups alone is warned of', async () => {
    const desk = await aDesk(
      world({ keys: { logseal: { alias: 'alias/logseal', policy: 'logs' } }, queryResults: 'logseal' }),
    );

    const { status, finding } = await scan(desk);

    expect(status).toBe(0);
    expect(finding).toMatchObject({ status: 'COMPLIANT', warnings: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }] });
    expect(finding?.warnings[0]?.fix).toContain('LogsealQueryResults');
  });

  it.each(['logs:StartQuery', 'logs:GetQueryResults'])(
    'without %s is UNKNOWN, which right is said, and the rest is known',
    async (right) => {
      const rights = ['logs:DescribeLogGroups', 'logs:StartQuery', 'logs:GetQueryResults', 'kms:*'];
      const Action = rights.filter((each) => each !== right);
      const roles = { reader: { policies: [policyOf({ Effect: 'Allow', Action, Resource: '*' })] } };
      const desk = await aDesk(world({ roles }));

      const { status, finding, document } = await scan(desk, '--query-results', {
        env: { AWS_ACCESS_KEY_ID: 'reader' },
      });

      expect(status).toBe(3);
      expect(finding).toMatchObject({ status: 'UNKNOWN', keyArn: null, reasons: [{ code: 'KEY_UNREADABLE' }] });
      expect(`${finding?.reasons[0]?.message} ${finding?.reasons[0]?.fix}`).toContain(right);
      expect(document.summary).toMatchObject({ compliant: 1, unknown: 1 });
      expect(document.targets[0]?.status).toBe('COMPLETE');
    },
  );

  it('where there is no log group to ask is UNKNOWN', async () => {
    const desk = await aDesk(world({ groups: {} }));

    const { status, finding } = await scan(desk);

    expect(status).toBe(3);
    expect(finding).toMatchObject({ status: 'UNKNOWN' });
    expect(finding?.reasons[0]?.message).toContain('no log group');
  });

  it('costs a query, told apart; the listing costs what it always does', async () => {
    const desk = await aDesk(world({ bulk: [{ name: '/bulk/{n}', count: 119, key: 'logseal' }] }));

    const { document } = await scan(desk);
    const calls = document.targets[0]?.apiCalls;

    // 120 groups: three pages; one key.
    expect(calls).toMatchObject({
      'logs:DescribeLogGroups': 3,
      'logs:StartQuery': 1,
      'logs:GetQueryResults': 2,
      'kms:DescribeKey': 1,
      'kms:GetKeyPolicy': 1,
      'sts:GetCallerIdentity': 1,
    });
    expect(calls).toEqual(desk.sandbox.calls());
  });

  it('is made only where it is asked for, and the notice is not shown quietly', async () => {
    const desk = await aDesk(world());

    const without = await scan(desk, '');
    expect(without).toMatchObject({ status: 0, stderr: '', found: [] });
    expect(runCalls(desk.sandbox, 'logs:StartQuery')).toBe(0);
    expect((await scan(desk, '--query-results --quiet')).stderr).toBe('');
  });

  it('is made in each Region', async () => {
    const desk = await aDesk(world({ elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }] }));

    const { found } = await scan(desk, '--query-results --region eu-west-1 --region us-east-1');

    expect(found.map(({ region }) => region).toSorted()).toEqual(['eu-west-1', 'us-east-1']);
    expect(runCalls(desk.sandbox, 'logs:StartQuery')).toBe(2);
  });
});

describe('a plan and an apply of query results', () => {
  it('seal them, and the next scan finds them so', async () => {
    const desk = await aDesk(world({ groups: { '/a': null } }));

    const planned = await desk.run('plan --key alias/logseal --query-results --format json --output plan.json');
    const { steps } = parseDocument(planSchema, await desk.read('plan.json'));
    expect(planned).toMatchObject({ status: 3, stderr: `${NOTICE}2 to seal, 0 refused: plan.json\n` });
    expect(steps).toMatchObject([
      { store: { name: '/a' } },
      { store: { type: 'query-results', arn: ARN }, action: 'SEAL' },
    ]);

    const applied = await desk.run('apply --plan plan.json --yes --quiet --format json');
    expect(applied.status).toBe(0);
    expect(outcomesOf(parseDocument(outcomeSchema, applied.stdout)).toSorted()).toEqual([
      '/a SEALED',
      `${NAME} SEALED`,
    ]);
    expect(await keysOf(desk.sandbox).ofQueryResults('/a')).toBe(await keysOf(desk.sandbox).arn());
    expect((await scan(desk)).finding).toMatchObject({ status: 'COMPLIANT' });
  });

  it('replace a disabled key, and leave healthy ones unless one key is required', async () => {
    const keys = { other: { policy: 'all' } };
    const words = 'apply --key alias/logseal --query-results --yes --quiet --format json';
    const outcomes = async (desk: Desk, more = '') =>
      outcomesOf(parseDocument(outcomeSchema, (await desk.run(`${words} ${more}`)).stdout));

    expect(await outcomes(await aDesk(world({ queryResults: 'disabled' })))).toEqual([`${NAME} SEALED`]);
    const healthy = await aDesk(world({ keys, queryResults: 'other' }));
    expect(await outcomes(healthy)).toEqual([]);
    expect(await outcomes(healthy, '--require-key')).toEqual([`${NAME} SEALED`]);
  });

  it('are refused where the key is for log groups alone, and a repair fixes it', async () => {
    const desk = await aDesk(world({ keys: { logseal: { alias: 'alias/logseal', policy: 'logs' } } }));
    const words = 'apply --key alias/logseal --query-results --yes --quiet --format json';

    const { status, stdout } = await desk.run(words);
    const { steps } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(3);
    expect(steps).toMatchObject([
      { store: { name: NAME }, outcome: 'REFUSED', refusal: { code: 'KEY_POLICY_MISSING_ACTIONS' } },
    ]);
    expect(steps[0]?.refusal?.fix).toMatch(
      /or run: logseal key repair --key arn:\S+ --region eu-west-1 --query-results$/,
    );
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);

    const command = /logseal (key repair .*)$/.exec(steps[0]?.refusal?.fix ?? '')?.[1] ?? '';
    expect((await desk.run(`${command} --yes`)).status).toBe(0);
    expect((await desk.run(words)).status).toBe(0);
  });

  it('are never changed where their key is unknown', async () => {
    const desk = await aDesk(world({ faults: [{ call: 'logs:StartQuery', kind: 'deny' }] }));

    const { status, stdout } = await desk.run('apply --key alias/logseal --query-results --yes --quiet --format json');

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual([`${NAME} REFUSED KEY_UNREADABLE`]);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });
});
