import { describe, expect, it } from 'vitest';
import { outcomeSchema, parseDocument, planSchema } from '../support/documents.ts';
import { aDesk, aWorld, DEMO, type Desk } from '../support/logseal.ts';
import { JOURNAL, outcomesOf, runCalls } from './worlds.ts';

const APPLY = 'apply --plan plan.json --yes --format json --quiet';

/** Plans, and applies what a hand made of the plan. */
async function applyEdited(desk: Desk, edit: (plan: EditablePlan) => unknown) {
  await desk.run('plan --key alias/logseal --format json --output plan.json');
  const plan = JSON.parse(await desk.read('plan.json'));
  await desk.write('plan.json', JSON.stringify(edit(plan) ?? plan));
  desk.sandbox.resetCalls();
  return desk.run(APPLY);
}

interface EditablePlan extends Record<string, unknown> {
  readonly key: Record<string, unknown>;
  readonly steps: [EditableStep, EditableStep, ...EditableStep[]];
}

interface EditableStep extends Record<string, unknown> {
  readonly store: Record<string, unknown>;
}

describe('a plan from a file', () => {
  it('is carried out, and its outcome says which it was', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null, '/b': 'disabled', 'aws/x': null } }));
    await desk.run('plan --key alias/logseal --format json --output plan.json');
    const plan = parseDocument(planSchema, await desk.read('plan.json'));

    const { status, stdout } = await desk.run(APPLY);

    const document = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(3);
    expect(document.planRunId).toBe(plan.run.id);
    expect(document.key).toEqual({ configured: 'alias/logseal', required: false });
    expect(outcomesOf(document)).toEqual(['/a SEALED', '/b SEALED', 'aws/x REFUSED STORE_RESERVED']);
  });

  it('lists no Region again, and reads its stores by name', async () => {
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 60 }] }));

    await applyEdited(desk, () => {});

    expect(desk.sandbox.calls()).toEqual({
      'sts:GetCallerIdentity': 1,
      'logs:DescribeLogGroups': 2,
      'kms:DescribeKey': 1,
      'kms:GetKeyPolicy': 1,
      'logs:AssociateKmsKey': 60,
    });
  });

  it('is refused where the store or the key has changed since', async () => {
    const old = aWorld({ groups: { '/changed': null, '/gone': null, '/same': null } });
    const planned = await aDesk(old);
    await planned.run('plan --key alias/logseal --format json --output plan.json');
    const now = aWorld({ keys: { other: { policy: 'logs' } }, groups: { '/changed': 'other', '/same': null } });
    const desk = await aDesk(now);
    await desk.write('plan.json', await planned.read('plan.json'));

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual([
      '/changed REFUSED STORE_CHANGED',
      '/gone REFUSED STORE_GONE',
      '/same SEALED',
    ]);
  });

  it('seals nothing under a key that died since', async () => {
    const planned = await aDesk(aWorld({ groups: { '/a': null } }));
    await planned.run('plan --key alias/logseal --format json --output plan.json');
    const keys = { logseal: { alias: 'alias/logseal', policy: 'logs', state: 'PendingDeletion' } } as const;
    const desk = await aDesk(aWorld({ keys, groups: { '/a': null } }));
    await desk.write('plan.json', await planned.read('plan.json'));

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a REFUSED KEY_PENDING_DELETION']);
    expect(await desk.files()).toEqual(['plan.json']);
  });

  it('of two Regions is carried out in both', async () => {
    const keys = { far: { alias: 'alias/logseal', region: 'us-east-1', policy: 'logs' } };
    const elsewhere = [{ region: 'us-east-1', groups: { '/there': null } }];
    const desk = await aDesk(aWorld({ keys, groups: { '/here': null }, elsewhere }));
    await desk.run('plan --key alias/logseal --format json --output plan.json --region eu-west-1 --region us-east-1');

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(0);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/here SEALED', '/there SEALED']);
  });

  it('under a required key replaces healthy ones', async () => {
    const desk = await aDesk(aWorld({ keys: { other: { policy: 'logs' } }, groups: { '/a': 'other' } }));
    await desk.run('plan --key alias/logseal --require-key --format json --output plan.json');

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(0);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a SEALED']);
  });

  it.each(['alias/missing', 'arn:aws:kms:us-east-1:111122223333:alias/logseal'])(
    'that refuses everything can be read again: %s',
    async (key) => {
      const desk = await aDesk(aWorld({ groups: { '/a': null } }));
      await desk.run(`plan --key ${key} --format json --output plan.json`);

      const { status, stdout, stderr } = await desk.run(APPLY);

      expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
      expect(parseDocument(outcomeSchema, stdout).steps).toMatchObject([{ outcome: 'REFUSED' }]);
    },
  );

  it('of nothing is 0, and calls nothing', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': 'logseal' } }));

    const { status } = await applyEdited(desk, () => {});

    expect(status).toBe(0);
    expect(desk.sandbox.calls()).toEqual({});
  });
});

describe('a plan that a hand edited', () => {
  const world = aWorld({ groups: { '/a': null, '/b': null } });

  it('is refused with every field that is wrong, and nothing is called', async () => {
    const desk = await aDesk(world);

    const { status, stdout, stderr } = await applyEdited(desk, (plan) => {
      const [first, second] = plan.steps;
      Object.assign(plan, { schema: 'logseal/plan/2', run: {} });
      Object.assign(first, { action: 'DELETE', toKeyArn: 'alias/logseal', fromKeyArn: 7 });
      Object.assign(second.store, { account: '1', type: 'bucket' });
      Object.assign(second, { refusal: { code: 'BECAUSE', message: '', cure: '' } });
    });

    const fields = [...stderr.matchAll(/^logseal: --plan: plan\.json: ([\w.]+): /gm)].map(([, field]) => field);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(fields).toEqual([
      'schema',
      'run.id',
      'steps.0.action',
      'steps.0.fromKeyArn',
      'steps.0.toKeyArn',
      'steps.1.store.account',
      'steps.1.store.type',
      'steps.1.refusal.code',
    ]);
    expect(desk.sandbox.calls()).toEqual({});
    expect(await desk.files()).toEqual(['plan.json']);
  });

  it.each<[string, (plan: EditablePlan) => unknown]>([
    ['a store whose ARN is another', ({ steps }) => Object.assign(steps[0].store, { name: '/elsewhere' })],
    [
      'a Region of no form',
      ({ steps }) =>
        Object.assign(steps[0].store, {
          region: 'x.evil.example/#',
          arn: 'arn:aws:logs:x.evil.example/#:111122223333:log-group:/a',
        }),
    ],
    [
      'a key beside a refusal',
      ({ steps }) => Object.assign(steps[0], { refusal: { code: 'NO_KEY', message: 'm', cure: 'c' } }),
    ],
    ['no key beside SEAL', ({ steps }) => Object.assign(steps[0], { toKeyArn: null })],
    [
      'a key that is an alias',
      ({ steps }) => Object.assign(steps[0], { toKeyArn: 'arn:aws:kms:eu-west-1:111122223333:alias/x' }),
    ],
    ['no steps', (plan) => ({ ...plan, steps: undefined })],
    ['no object', () => [1]],
  ])('is refused for %s', async (_, edit) => {
    const desk = await aDesk(world);

    const { status, stdout, stderr } = await applyEdited(desk, (plan) => {
      const edited = edit(plan);
      return Array.isArray(edited) || (edited as EditablePlan).schema ? edited : plan;
    });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('logseal: --plan: plan.json: ');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it.each(['', 'not json', '{"schema":'])('is refused where it is %j', async (text) => {
    const desk = await aDesk(world);
    await desk.write('plan.json', text);

    const { status, stderr } = await desk.run(APPLY);

    expect(status).toBe(2);
    expect(stderr).toContain('logseal: --plan: plan.json: expected JSON');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('is refused where it is not there', async () => {
    const desk = await aDesk(world);

    const { status, stderr } = await desk.run(APPLY);

    expect(status).toBe(2);
    expect(stderr).toContain('--plan: expected a file that can be read, got plan.json');
  });

  it('cannot make a key of another Region or account seal anything', async () => {
    const desk = await aDesk(DEMO);

    const { status, stdout } = await applyEdited(desk, ({ steps }) => {
      for (const step of steps)
        if (step['action'] === 'SEAL') step['toKeyArn'] = String(step['toKeyArn']).replace('eu-west-1', 'us-east-1');
    });

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout)).filter((line) => !/REFUSED/.test(line))).toEqual([]);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });

  it('cannot make a store that is compliant be changed', async () => {
    const desk = await aDesk(aWorld({ keys: { other: { policy: 'logs' } }, groups: { '/a': null, '/fine': 'other' } }));
    const { stdout: scanned } = await desk.run('scan --format json');
    const fine = JSON.parse(scanned).findings.find(({ name }: { name: string }) => name === '/fine');

    const { stdout } = await applyEdited(desk, ({ steps }) => {
      const [first] = steps;
      const { provider, account, region, type, name, arn } = fine;
      steps.push({ ...first, store: { provider, account, region, type, name, arn }, fromKeyArn: fine.keyArn });
    });

    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a SEALED', '/fine UNCHANGED']);
  });
});

describe('a plan of another account', () => {
  it('changes nothing', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null } }));
    await desk.run('plan --key alias/logseal --format json --output plan.json');

    const { status, stdout, stderr } = await desk.run(APPLY, { env: { AWS_ACCESS_KEY_ID: '444455556666' } });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(
      'expected log groups of account 444455556666, whose credentials these are, got 111122223333',
    );
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await desk.files()).not.toContain(JOURNAL);
  });

  it('is no plan to be put beside other targets or keys', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null } }));
    await desk.run('plan --key alias/logseal --format json --output plan.json');
    desk.sandbox.resetCalls();

    const { status, stderr } = await desk.run(
      `${APPLY} --key alias/logseal --require-key --region eu-west-1 --account 111122223333`,
    );

    expect(status).toBe(2);
    for (const name of ['key', 'require-key', 'region', 'account']) {
      expect(stderr).toContain(`logseal: --${name}: expected not to be beside --plan`);
    }
    expect(desk.sandbox.calls()).toEqual({});
  });
});
