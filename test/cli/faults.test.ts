import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { journalSchema, outcomeSchema, parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld, linesOf, runLogseal } from '../support/logseal.ts';
import { JOURNAL, outcomesOf, runCalls } from './worlds.ts';

const APPLY = 'apply --key alias/logseal --yes --quiet --format json';
type Fault = NonNullable<World['faults']>[number];

describe('a cloud in trouble', () => {
  it.each<[string, Fault]>([
    ['throttles three requests in ten', { call: '*', kind: 'throttle', rate: 0.3, times: 3 }],
    ['answers two requests in ten with 5xx', { call: '*', kind: 'unavailable', rate: 0.2 }],
    ['drops one connection in ten before it does anything', { call: '*', kind: 'reset', rate: 0.1 }],
    ['drops one connection in ten before it answers', { call: '*', kind: 'reset-after', rate: 0.1 }],
    ['is slow', { call: '*', kind: 'latency', latencyMs: 20 }],
    ['aborts changes', { call: 'logs:AssociateKmsKey', kind: 'aborted', rate: 0.2 }],
  ])('that %s is scanned and sealed all the same', async (_, fault) => {
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 20 }], faults: [fault] }));

    const applied = await desk.run(APPLY);
    const scanned = await desk.run('scan --format json');

    const { steps, targets } = parseDocument(outcomeSchema, applied.stdout);
    expect(applied).toMatchObject({ status: 0, stderr: '' });
    expect(steps.map(({ outcome }) => outcome)).toEqual(Array(20).fill('SEALED'));
    // Retries do not count.
    expect(targets[0]?.apiCalls['logs:AssociateKmsKey']).toBe(20);
    const entries = v.parse(v.array(journalSchema), linesOf(await desk.read(JOURNAL)));
    expect(entries.filter(({ phase }) => phase === 'DONE')).toHaveLength(20);
    expect(entries).toHaveLength(40);
    expect(scanned.status).toBe(0);
    expect(parseDocument(scanSchema, scanned.stdout).summary).toMatchObject({ stores: 20, compliant: 20 });
  });

  it('under the quotas of AWS is never asked for more than it gives', async () => {
    const world = aWorld({ bulk: [{ name: '/bulk/{n}', count: 8 }], quotas: 'aws' });
    const desk = await aDesk(world);

    // The rate limit of the SDK's adaptive strategy is what keeps to the quota.
    const { status, stdout } = await desk.run(APPLY, { pacing: {} });

    expect(status).toBe(0);
    expect(parseDocument(outcomeSchema, stdout).steps).toHaveLength(8);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(8);
  });
});

describe('a listing that fails for good', () => {
  const denied: Fault = { call: 'logs:DescribeLogGroups', kind: 'deny', skip: 2 };

  it('on its third page is a failed target: 1, with what was seen', async () => {
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 180, key: 'logseal' }], faults: [denied] }));

    const { status, stdout } = await desk.run('scan --format json');

    const { targets, summary, findings } = parseDocument(scanSchema, stdout);
    expect(status).toBe(1);
    expect(targets).toMatchObject([{ status: 'FAILED', stores: 100, error: { code: 'ACCESS_DENIED' } }]);
    expect(targets[0]?.error?.message).toContain('not authorized to perform: logs:DescribeLogGroups');
    expect(summary.compliant).toBe(100);
    expect(findings).toHaveLength(100);
  });

  it('says so in a table too', async () => {
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 180 }], faults: [denied] }));

    const { status, stdout } = await desk.run('scan');

    expect(status).toBe(1);
    expect(stdout).toContain('eu-west-1 was not scanned completely: stopped after 100 log stores: ACCESS_DENIED');
  });

  it('in one of two Regions is 1, and the other is done', async () => {
    // The other Region has one page: the third is the second of the first.
    const world = aWorld({
      bulk: [{ name: '/bulk/{n}', count: 100 }],
      keys: { far: { alias: 'alias/logseal', region: 'us-east-1', policy: 'logs' } },
      elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
      faults: [{ ...denied, skip: 2, times: 1 }],
    });
    const desk = await aDesk(world);

    const planned = await desk.run(
      'plan --key alias/logseal --region eu-west-1 --region us-east-1 --format json --output plan.json',
    );
    const plan = parseDocument(planSchema, await desk.read('plan.json'));
    const applied = await desk.run('apply --plan plan.json --yes --quiet --format json');

    const outcome = parseDocument(outcomeSchema, applied.stdout);
    expect(planned.status).toBe(1);
    expect(plan.targets.map(({ region, status, stores }) => `${region} ${status} ${stores}`)).toEqual([
      'eu-west-1 FAILED 50',
      'us-east-1 COMPLETE 1',
    ]);
    expect(applied.status).toBe(1);
    expect(outcomesOf(outcome)).toContain('/there SEALED');
  });
});

describe('a key that may not be described', () => {
  it('leaves its groups unknown, and unchanged', async () => {
    const faults: Fault[] = [{ call: 'kms:DescribeKey', kind: 'deny', skip: 1 }];
    const desk = await aDesk(aWorld({ groups: { '/a': 'disabled' }, faults }));

    const { status, stdout } = await desk.run('plan --key alias/logseal --require-key --format json');

    const { steps } = parseDocument(planSchema, stdout);
    expect(status).toBe(3);
    expect(steps).toMatchObject([{ action: 'NONE', refusal: { code: 'KEY_UNREADABLE' } }]);
    expect(steps[0]?.refusal?.fix).toContain('kms:DescribeKey');
  });

  it('and whose policy may not be read is only a warning where the key is attached', async () => {
    const faults: Fault[] = [{ call: 'kms:GetKeyPolicy', kind: 'deny' }];
    const desk = await aDesk(aWorld({ groups: { '/a': 'logseal' }, faults }));

    const { status, stdout } = await desk.run('scan --format json');

    expect(status).toBe(0);
    expect(parseDocument(scanSchema, stdout).findings).toMatchObject([
      { status: 'COMPLIANT', warnings: [{ code: 'KEY_POLICY_UNREADABLE' }] },
    ]);
  });

  it('and whose policy may not be read is refused where the key is configured', async () => {
    const faults: Fault[] = [{ call: 'kms:GetKeyPolicy', kind: 'deny' }];
    const desk = await aDesk(aWorld({ groups: { '/a': null }, faults }));

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a REFUSED KEY_POLICY_UNREADABLE']);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });
});

describe('what could not be done at all', () => {
  it('is 1 without credentials', async () => {
    const { status, stdout } = await runLogseal('scan --region eu-west-1 --format json');

    const { targets, findings } = parseDocument(scanSchema, stdout);
    expect({ status, findings }).toEqual({ status: 1, findings: [] });
    expect(targets).toMatchObject([
      { account: '', region: 'eu-west-1', status: 'FAILED', error: { code: 'CREDENTIALS' } },
    ]);
  });

  it('is 1 on standard error with its fix, for a command without a document', async () => {
    const { status, stdout, stderr } = await runLogseal('key check --key alias/x --region eu-west-1');

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^logseal: CREDENTIALS: .* \(sts:GetCallerIdentity\)\n {2}fix: log in again if the credentials have expired; otherwise check the access key, or the profile/,
    );
  });

  it('is 1 where the caller may not be known, for every command', async () => {
    const faults: Fault[] = [{ call: 'sts:GetCallerIdentity', kind: 'deny' }];
    const desk = await aDesk(aWorld({ groups: { '/a': null }, faults }));

    expect((await desk.run('scan')).status).toBe(1);
    expect((await desk.run('plan --key alias/logseal')).status).toBe(1);
    expect((await desk.run(APPLY)).status).toBe(1);
    expect(await desk.files()).toEqual([]);
  });

  it('is 1 where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };

    const { status, stdout } = await runLogseal('scan --region eu-west-9 --format json', { env });

    expect(status).toBe(1);
    expect(parseDocument(scanSchema, stdout).targets).toMatchObject([{ status: 'FAILED', error: { code: 'NETWORK' } }]);
  });
});
