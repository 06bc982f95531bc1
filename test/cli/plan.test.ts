import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parseDocument, planSchema, planSummarySchema, stepSchema } from '../support/documents.ts';
import { aDesk, aWorld, DEMO, linesOf } from '../support/logseal.ts';

describe('the demo world', () => {
  it('has every refusal of a plan, and each with its fix', async () => {
    const { run, sandbox } = await aDesk(DEMO);

    const { status, stdout, stderr } = await run('plan --key alias/logseal --format json');

    const { steps, key, targets } = parseDocument(planSchema, stdout);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(steps).toHaveLength(20);
    const refused = steps.flatMap(({ store, refusal }) => (refusal ? [`${store.name} ${refusal.code}`] : []));
    expect(refused).toEqual([
      '/restricted/staff KEY_POLICY_DENIES',
      '/ops/locked CALLER_MISSING_RIGHTS',
      '/partner/private KEY_UNREADABLE',
      '/restricted/audit KEY_POLICY_DENIES',
    ]);
    for (const { action, refusal, toKeyArn } of steps) {
      expect(action).toBe(refusal ? 'NONE' : 'SEAL');
      expect(toKeyArn).toBe(key.targets[0]?.keyArn);
    }
    expect(key).toMatchObject({ configured: 'alias/logseal', required: false, targets: [{ refusals: [] }] });
    expect(targets[0]?.apiCalls).toEqual(sandbox.calls());
  });

  it.each([
    ['alias/payments', 'KEY_POLICY_MISSING_ACTIONS'],
    ['alias/no-such-alias', 'KEY_NOT_FOUND'],
    ['arn:aws:kms:us-east-1:111122223333:alias/logseal', 'KEY_WRONG_REGION'],
  ])('refuses everything that %s cannot seal: %s', async (key, code) => {
    const { run } = await aDesk(DEMO);

    const { status, stdout } = await run(`plan --key ${key} --format json`);

    const { steps } = parseDocument(planSchema, stdout);
    const codes = new Set(steps.map(({ refusal }) => refusal?.code));
    expect(status).toBe(3);
    expect(codes).toEqual(new Set([code, 'KEY_UNREADABLE']));
  });

  it('refuses the key of another account, with the statement that its owner must have', async () => {
    const { run } = await aDesk(DEMO);
    const { stdout } = await run('scan --format json');
    const partner = /arn:aws:kms:eu-west-1:444455556666:key\/[\w-]+/.exec(stdout)?.[0] ?? '';

    const planned = await run(`plan --key ${partner} --format json`);

    const { steps } = parseDocument(planSchema, planned.stdout);
    const refusal = steps.find(({ store }) => store.name === '/app/web')?.refusal;
    expect(refusal?.code).toBe('KEY_POLICY_UNREADABLE');
    expect(refusal?.fix).toMatch(/^ask its owner to make sure .*\{.*"Service":"logs\.eu-west-1\.amazonaws\.com"/);
  });

  it('is the same as NDJSON, and readable as a table', async () => {
    const { run } = await aDesk(DEMO);

    const [json, ndjson, table] = [
      await run('plan --key alias/logseal --format json'),
      await run('plan --key alias/logseal --format ndjson'),
      await run('plan --key alias/logseal'),
    ];

    const { steps } = parseDocument(planSchema, json.stdout);
    const lines = linesOf(ndjson.stdout);
    expect(v.parse(v.array(stepSchema), lines.slice(0, -1))).toEqual(steps);
    expect(v.is(planSummarySchema, lines.at(-1))).toBe(true);
    expect(table.stdout).toMatch(/^MEDIUM +refused: KEY_POLICY_DENIES +\/restricted\/audit( |$)/m);
    expect(table.stdout).toMatch(/\n16 to seal with alias\/logseal, 4 refused\n$/);
    expect([json.status, ndjson.status, table.status]).toEqual([3, 3, 3]);
  });
});

describe('a configured key', () => {
  it.each([
    ['dead', { state: 'Disabled' }, ['KEY_DISABLED']],
    [
      'dying and not symmetric',
      { state: 'PendingDeletion', spec: 'RSA_2048' },
      ['KEY_PENDING_DELETION', 'KEY_NOT_SYMMETRIC'],
    ],
    ['managed by AWS', { manager: 'AWS' }, ['KEY_AWS_MANAGED']],
    ['of the wrong usage', { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }, ['KEY_WRONG_USAGE']],
  ] as const)('that is %s seals nothing, and all is told', async (_, facts, codes) => {
    const keys = { bad: { alias: 'alias/bad', policy: 'logs', ...facts } };
    const { run } = await aDesk(aWorld({ keys, groups: { '/a': null } }));

    const { status, stdout } = await run('plan --key alias/bad --format json');

    const { steps, key } = parseDocument(planSchema, stdout);
    expect(status).toBe(3);
    expect(steps).toMatchObject([{ action: 'NONE', refusal: { code: codes[0] } }]);
    expect(key.targets[0]?.refusals.map(({ code }) => code)).toEqual(codes);
  });

  it('that is missing in one Region is refused there only', async () => {
    const world = aWorld({
      groups: { '/here': null },
      elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
    });
    const { run } = await aDesk(world);

    const { status, stdout } = await run(
      'plan --key alias/logseal --format json --region eu-west-1 --region us-east-1',
    );

    const { steps, key } = parseDocument(planSchema, stdout);
    expect(status).toBe(3);
    expect(steps.map(({ store, action, refusal }) => `${store.name} ${refusal?.code ?? action}`).toSorted()).toEqual([
      '/here SEAL',
      '/there KEY_NOT_FOUND',
    ]);
    expect(key.targets.map(({ keyArn }) => keyArn === null)).toEqual([false, true]);
  });

  it('of many Regions names its replica, and assumes nothing', async () => {
    const keys = { primary: { alias: 'alias/multi', multiRegion: true, region: 'us-east-1', policy: 'logs' } };
    const { run } = await aDesk(aWorld({ keys, groups: { '/a': null } }));
    const described = await run('plan --key alias/multi --region us-east-1 --format json');
    const keyArn = parseDocument(planSchema, described.stdout).key.targets[0]?.keyArn ?? '';

    const { stdout } = await run(`plan --key ${keyArn} --format json`);

    const { refusal } = parseDocument(planSchema, stdout).steps[0] ?? {};
    expect(refusal).toMatchObject({ code: 'KEY_WRONG_REGION' });
    expect(refusal?.fix).toContain(keyArn.replace('us-east-1', 'eu-west-1'));
  });
});

describe('the exit status of a plan', () => {
  it('is 0 where nothing is to do, and the calls are all counted', async () => {
    const { run, sandbox } = await aDesk(aWorld({ groups: { '/a': 'logseal' } }));

    const { status, stdout } = await run('plan --key alias/logseal --format json');

    const { steps, targets } = parseDocument(planSchema, stdout);
    expect({ status, steps }).toEqual({ status: 0, steps: [] });
    expect(targets[0]?.apiCalls).toEqual(sandbox.calls());
    expect(sandbox.calls()).toEqual({
      'sts:GetCallerIdentity': 1,
      'logs:DescribeLogGroups': 1,
      'kms:DescribeKey': 2,
      'kms:GetKeyPolicy': 1,
    });
  });

  it('is 2 without a key, and nothing is called', async () => {
    const { run, sandbox } = await aDesk(DEMO);

    expect(await run('plan')).toMatchObject({ status: 2, stdout: '' });
    expect(sandbox.calls()).toEqual({});
  });

  it('is 3 where a healthy other key is to be replaced, and 0 where it may stay', async () => {
    const { run } = await aDesk(aWorld({ keys: { other: { policy: 'logs' } }, groups: { '/a': 'other' } }));

    expect((await run('plan --key alias/logseal')).status).toBe(0);
    expect((await run('plan --key alias/logseal --require-key')).status).toBe(3);
  });
});
