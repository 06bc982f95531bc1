import { describe, expect, it } from 'vitest';
import { aLogstoreDesk, BEIJING, HERE, KEY, keyId, outcomeSchema, REGION, SEALING } from '../../support/alibaba.ts';
import { outcomesOf } from './steps.ts';

const PLAN = 'plan --format json --output plan.json --quiet';
const APPLY = 'apply --plan plan.json';
const STORES = { never: 'off', off: { key: 'mine', enabled: false }, service: 'service-key' } as const;
type Desk = Awaited<ReturnType<typeof aLogstoreDesk>>;
type Editable = Record<string, unknown> & {
  key: Record<string, unknown>;
  steps: (Record<string, unknown> & { store: Record<string, unknown> })[];
};

async function planned(desk: Desk, words = SEALING): Promise<void> {
  await desk.run(`${PLAN} ${words}`);
  desk.sandbox.resetCalls();
}

async function edit(desk: Desk, change: (plan: Editable) => unknown): Promise<void> {
  const plan = JSON.parse(await desk.read('plan.json'));
  await desk.write('plan.json', JSON.stringify(change(plan) ?? plan));
}

describe('a plan in a file', () => {
  it('says provider, Region, key and role', async () => {
    const desk = await aLogstoreDesk(STORES);
    await planned(desk);

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual([
      'app-logs/never SEALED',
      'app-logs/off SEALED',
      'app-logs/service REFUSED IRREVERSIBLE',
    ]);
    expect(document.key).toMatchObject({ configured: KEY, roleArn: expect.stringContaining('aliyunlogdefaultrole') });
    expect(desk.sandbox.calls()).toMatchObject({ 'ram:GetRole': 1, 'acs-kms:DescribeKey': 1 });
    expect(desk.sandbox.calls()['log:ListProject']).toBeUndefined();
    expect(await desk.state('app-logs/never')).toBe(`on ${KEY}`);
  });

  it.each(['--yes', '--confirm-irreversible 2'])('with %s wants the right number, and calls nothing', async (words) => {
    const desk = await aLogstoreDesk(STORES);
    await planned(desk);

    const { status, stderr } = await desk.run(`${APPLY} ${words}`);

    expect(status).toBe(2);
    expect(stderr).toContain('--confirm-irreversible: expected 1, ');
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('of the service key is applied with it, whatever profile of AWS the environment names', async () => {
    const desk = await aLogstoreDesk({ never: 'off' });
    await planned(desk, `${HERE} --service-key`);

    const { status } = await desk.run(`${APPLY} --confirm-irreversible 1`, { env: { AWS_PROFILE: 'nosuch' } });

    expect(status).toBe(0);
    expect(await desk.state('app-logs/never')).toBe('on service-key');
  });

  it('of several Regions is applied in each', async () => {
    const north = { keys: { mine: {} }, projects: { north: { off: { key: 'mine', enabled: false } } } } as const;
    const desk = await aLogstoreDesk({ never: 'off' }, { alibaba: { regions: { [BEIJING]: north } } });
    await planned(desk, `${HERE} --region ${BEIJING} --service-key`);

    const { document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`);

    expect(document.targets.map(({ region }) => region)).toEqual([REGION, BEIJING]);
    expect(outcomesOf(document)).toEqual(['north/off SEALED', 'app-logs/never SEALED']);
    expect(await desk.state('app-logs/never')).toBe('on service-key');
  });

  it('without a step is applied without AWS', async () => {
    const desk = await aLogstoreDesk({ sealed: 'mine' });
    await planned(desk);

    const env = { AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --yes`, { env });

    expect(status).toBe(0);
    expect(document.targets).toMatchObject([{ provider: 'alibaba', region: REGION, apiCalls: {} }]);
  });

  it('cannot be combined with options that say where and with which key', async () => {
    const desk = await aLogstoreDesk(STORES);
    await planned(desk);

    const { status, stderr } = await desk.run(`${APPLY} ${SEALING} --confirm-irreversible 1`);

    expect(status).toBe(2);
    for (const name of ['provider', 'region', 'key', 'sls-role-arn']) {
      expect(stderr).toContain(`--${name}: cannot be combined with --plan`);
    }
    expect(desk.sandbox.calls()).toEqual({});
  });
});

describe('a Logstore that has changed since', () => {
  it('to another key is refused', async () => {
    const desk = await aLogstoreDesk({ never: 'off', 'never-2': 'off' });
    await planned(desk);
    await desk.run(`apply ${HERE} --service-key --confirm-irreversible 2 --quiet --journal other.ndjson`);

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 2`);

    expect(status).toBe(3);
    expect(outcomesOf(document).every((line) => /REFUSED (IRREVERSIBLE|STORE_CHANGED)$/.test(line))).toBe(true);
    expect(await desk.state('app-logs/never')).toBe('on service-key');
  });

  it('to this very key is left', async () => {
    const desk = await aLogstoreDesk({ never: 'off' });
    await planned(desk);
    await desk.run(`apply ${SEALING} --confirm-irreversible 1 --quiet`);

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`);

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never UNCHANGED']);
  });

  it('and whose key has died since is refused', async () => {
    const desk = await aLogstoreDesk({ never: 'off', off: { key: 'mine', enabled: false } });
    await planned(desk);
    await desk.kms('DisableKey', { KeyId: KEY });

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['never', 'off'].map((name) => `app-logs/${name} REFUSED KEY_DISABLED`));
  });
});

describe('an edited plan', () => {
  it('that hides what is for good is refused', async () => {
    const desk = await aLogstoreDesk(STORES);
    await planned(desk);
    await edit(desk, ({ steps }) => {
      for (const step of steps) delete step['irreversible'];
    });

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --yes`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual([
      'app-logs/never REFUSED STORE_CHANGED',
      'app-logs/off SEALED',
      'app-logs/service REFUSED IRREVERSIBLE',
    ]);
    expect(await desk.state('app-logs/never')).toBe('never');
  });

  it('that turns a refusal into a step is refused again', async () => {
    const desk = await aLogstoreDesk({ service: 'service-key' });
    await planned(desk);
    await edit(desk, ({ steps }) => {
      Object.assign(steps[0] ?? {}, { action: 'SEAL', refusal: null });
    });

    const { document } = await desk.json(outcomeSchema, `${APPLY} --yes`);

    expect(outcomesOf(document)).toEqual(['app-logs/service REFUSED IRREVERSIBLE']);
    expect(desk.sandbox.calls()['log:UpdateLogStoreEncryption']).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>]>([
    ['a name with ..', { name: '../never' }],
    ['a name of three parts', { name: 'app-logs/never/x' }],
    ['a name with a dot', { name: 'app.logs/never' }],
    ['a name in upper case', { name: 'App-logs/never' }],
    ['a name of a host', { name: 'evil.example.com#/never' }],
    ['an ARN of another', { arn: `acs:log:${REGION}:1234567890123456:project/app-logs/logstore/other` }],
    ['a Region that is none', { region: 'hangzhou.evil.example' }],
    ['another type', { type: 'log-group' }],
    ['another provider', { provider: 'azure' }],
  ])('with %s is 2, and nothing is called', async (_, store) => {
    const desk = await aLogstoreDesk(STORES);
    await planned(desk);
    await edit(desk, ({ steps }) => {
      Object.assign(steps[0]?.store ?? {}, store);
    });

    const { status, stdout, stderr } = await desk.run(`${APPLY} --confirm-irreversible 1`);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('logseal: --plan: plan.json: steps.0.store');
    expect(stderr).not.toContain('    at ');
    expect(desk.sandbox.calls()).toEqual({});
    expect(await desk.files()).toEqual(['plan.json']);
  });

  it.each<[string, (plan: Editable) => unknown, string]>([
    ['a role that is none', ({ key }) => void Object.assign(key, { roleArn: 'arn:aws:iam::1:role/x' }), 'key.roleArn'],
    ['a key that is none', ({ steps }) => void Object.assign(steps[0] ?? {}, { toKeyArn: 'a/b' }), 'steps.0.toKeyArn'],
    ['a step twice', ({ steps, ...plan }) => ({ ...plan, steps: [...steps, steps[0]] }), 'each log store once'],
    [
      'every mistake',
      ({ key, steps }) =>
        void [Object.assign(key, { roleArn: 'x' }), Object.assign(steps[0]?.store ?? {}, { name: 'x' })],
      'key.roleArn',
    ],
  ])('with %s is 2', async (_, change, mistake) => {
    const desk = await aLogstoreDesk(STORES);
    await planned(desk);
    await edit(desk, change);

    const { status, stderr } = await desk.run(`${APPLY} --confirm-irreversible 1`);

    expect(status).toBe(2);
    expect(stderr).toContain(mistake);
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('without the role, which switching on takes none of, fails where it is needed', async () => {
    const desk = await aLogstoreDesk({ never: 'off', off: { key: 'mine', enabled: false } });
    await planned(desk);
    await edit(desk, ({ key, steps }) => {
      delete key['roleArn'];
      for (const { store } of steps)
        Object.assign(store, { account: '', arn: `${store['arn']}`.replace(/:\d{16}:/, '::') });
    });

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`);

    expect(status).toBe(3);
    expect(outcomesOf(document)[1]).toBe('app-logs/off SEALED');
    expect(document.steps[0]?.outcome).toBe('REFUSED');
    expect(document.steps[0]?.refusal?.message).toContain('needs a RAM role');
    expect(await desk.state('app-logs/never')).toBe('never');
  });
});

it('a key of another name than the plan’s Logstores have is compared, never sent', async () => {
  const desk = await aLogstoreDesk({ off: { key: 'mine', enabled: false } });
  await planned(desk);
  await edit(desk, ({ steps }) => void Object.assign(steps[0] ?? {}, { toKeyArn: keyId('other') }));

  const { document } = await desk.json(outcomeSchema, `${APPLY} --yes`);

  expect(outcomesOf(document)).toEqual(['app-logs/off REFUSED STORE_CHANGED']);
  expect(await desk.state('app-logs/off')).toBe(`off ${KEY}`);
});
