import { describe, expect, it } from 'vitest';
import { aLogstoreDesk, BEIJING, HERE, KEY, keyId, planSchema, ROLE, SEALING } from '../../support/alibaba.ts';
import { runOnTerminal } from '../../support/terminal.ts';
import { stepsOf } from './steps.ts';

const PLAN = `plan ${SEALING}`;
const sealingWith = (nickname: string) => `plan ${HERE} --key ${keyId(nickname)} --sls-role-arn ${ROLE}`;

describe('a step', () => {
  it('is for good where nothing was configured, and only there', async () => {
    const stores = { never: 'off', sealed: 'mine', switched: { key: 'mine', enabled: false } } as const;
    const { json, sandbox } = await aLogstoreDesk(stores);

    const { status, document } = await json(planSchema, PLAN);

    expect(status).toBe(3);
    expect(stepsOf(document)).toEqual(['app-logs/never SEAL for good', 'app-logs/switched SEAL']);
    expect(document.key).toMatchObject({ configured: KEY, required: false, roleArn: ROLE });
    expect(document.key.targets).toMatchObject([{ keyArn: KEY, refusals: [] }]);
    expect(document.targets[0]?.apiCalls).toMatchObject({ 'ram:GetRole': 1, 'ram:ListPoliciesForRole': 1 });
    expect(sandbox.calls()['log:UpdateLogStoreEncryption']).toBeUndefined();
  });

  it('under what is configured otherwise is refused, with what can be done', async () => {
    const stores = {
      disabled: 'disabled',
      dying: 'dying',
      gone: 'gone',
      service: 'service-key',
      'switched-service': { key: 'service-key', enabled: false },
    } as const;
    const { json } = await aLogstoreDesk(stores);

    const { status, document } = await json(planSchema, PLAN);

    expect(status).toBe(3);
    expect(stepsOf(document)).toEqual(
      // The worst first: data is lost where the key is gone, and lies in the clear where encryption is off.
      ['dying', 'gone', 'disabled', 'switched-service', 'service'].map((name) => `app-logs/${name} NONE IRREVERSIBLE`),
    );
    const refusals = new Map(document.steps.map(({ store, refusal }) => [store.name.split('/')[1], refusal]));
    expect(refusals.get('disabled')?.fix).toMatch(
      new RegExp(`^aliyun kms EnableKey --KeyId ${keyId('disabled')}; or create another Logstore`),
    );
    expect(refusals.get('dying')?.fix).toContain('CancelKeyDeletion');
    expect(refusals.get('gone')?.message).toMatch(
      /can never be changed: what was encrypted under key-\S+ cannot be read any more, since the key does not exist in cn-hangzhou$/,
    );
    expect(refusals.get('service')).toMatchObject({
      message: 'it was configured with the service key, and that can never be changed',
      fix: 'create another Logstore with the key that you want, and send the logs there',
    });
    expect(refusals.get('switched-service')?.message).toContain('it was configured with the service key');
  });

  it.each([
    ['disabled', 'KEY_DISABLED'],
    ['dying', 'KEY_PENDING_DELETION'],
    ['gone', 'KEY_NOT_FOUND'],
    ['rsa', 'KEY_NOT_SYMMETRIC'],
    ['signing', 'KEY_WRONG_USAGE'],
  ])('with a configured key that is %s is refused as %s, also under that very key', async (nickname, code) => {
    const { json } = await aLogstoreDesk({
      bad: nickname,
      never: 'off',
      off: { key: nickname, enabled: false },
    } as never);

    const { status, document } = await json(planSchema, sealingWith(nickname));

    expect(status).toBe(3);
    expect(stepsOf(document)).toEqual(['bad', 'never', 'off'].map((name) => `app-logs/${name} NONE ${code}`));
    expect(document.key.targets[0]?.refusals).toMatchObject([{ code }]);
  });

  it('with the service key is for Logstores that may have it', async () => {
    const { json, sandbox } = await aLogstoreDesk({
      never: 'off',
      service: 'service-key',
      sealed: 'mine',
      disabled: 'disabled',
      switched: { key: 'service-key', enabled: false },
      'switched-mine': { key: 'mine', enabled: false },
    });

    const { document } = await json(planSchema, `plan ${HERE} --service-key`);

    expect(stepsOf(document)).toEqual([
      'app-logs/disabled NONE IRREVERSIBLE',
      'app-logs/never SEAL for good',
      'app-logs/switched SEAL',
      'app-logs/switched-mine SEAL',
    ]);
    expect(document.key).toMatchObject({ configured: 'service-key', targets: [{ refusals: [] }] });
    // No role is needed, and none is asked about.
    expect(Object.keys(sandbox.calls()).filter((call) => call.startsWith('ram:'))).toEqual([]);
  });

  it('that would replace a healthy key is refused, under --require-key alone', async () => {
    const { json } = await aLogstoreDesk({ other: 'other' });

    expect((await json(planSchema, PLAN)).status).toBe(0);
    const { status, document } = await json(planSchema, `${PLAN} --require-key`);

    expect(status).toBe(3);
    expect(stepsOf(document)).toEqual(['app-logs/other NONE IRREVERSIBLE']);
    // There is nothing to bring back to life.
    expect(document.steps[0]?.refusal?.fix).toMatch(/^create another Logstore/);
  });
});

describe('the role', () => {
  const roles = { deaf: { trusts: ['ecs.aliyuncs.com'] }, bare: { policies: ['AliyunKMSReadOnlyAccess'] } };

  it.each([
    ['nobody', 'does not exist', 'aliyun ram CreateRole --RoleName nobody'],
    ['deaf', 'does not trust log.aliyuncs.com', 'aliyun ram UpdateRole --RoleName deaf'],
    ['bare', 'lacks AliyunKMSCryptoUserAccess', '--PolicyName AliyunKMSCryptoUserAccess --RoleName bare'],
  ])('%s keeps all from being sealed, since it %s', async (name, message, fix) => {
    const { json } = await aLogstoreDesk(
      { never: 'off', switched: { key: 'mine', enabled: false } },
      { alibaba: { roles } },
    );

    const { status, document } = await json(planSchema, PLAN.replace('aliyunlogdefaultrole', name));

    expect(status).toBe(3);
    expect(stepsOf(document)).toEqual(
      ['never', 'switched'].map((store) => `app-logs/${store} NONE KEY_POLICY_MISSING_ACTIONS`),
    );
    for (const { refusal } of document.steps) {
      expect(refusal?.message).toContain(message);
      expect(refusal?.fix).toContain(fix);
    }
  });

  it.each(['ram:GetRole', 'ram:ListPoliciesForRole'])(
    'that the caller may not read by %s is refused, and the fix names the right',
    async (call) => {
      const { json } = await aLogstoreDesk({ never: 'off' }, { faults: [{ call, kind: 'deny' }] });

      const { status, document } = await json(planSchema, PLAN);

      expect(status).toBe(3);
      expect(stepsOf(document)).toEqual(['app-logs/never NONE KEY_POLICY_UNREADABLE']);
      expect(document.steps[0]?.refusal?.fix).toContain(`"Action":"${call}"`);
    },
  );

  it('is not asked about where RAM has no endpoint and the others have', async () => {
    const { json, sandbox } = await aLogstoreDesk({ never: 'off' });

    const { document } = await json(planSchema, PLAN.replace('aliyunlogdefaultrole', 'nobody'), {
      env: { LOGSEAL_ALIBABA_RAM_ENDPOINT: '' },
    });

    expect(stepsOf(document)).toEqual(['app-logs/never SEAL for good']);
    expect(Object.keys(sandbox.calls()).filter((call) => call.startsWith('ram:'))).toEqual([]);
  });
});

describe('the table', () => {
  const stores = {
    never: 'off',
    'never-2': 'off',
    service: 'service-key',
    off: { key: 'mine', enabled: false },
  } as const;

  it('says what is for good', async () => {
    const { run } = await aLogstoreDesk(stores);

    const { status, stdout } = await run(PLAN);

    expect(status).toBe(3);
    expect(stdout).toMatch(/^HIGH +SEAL for good +app-logs\/never +-$/m);
    expect(stdout).toMatch(/^HIGH +SEAL +app-logs\/off +-$/m);
    expect(stdout).toMatch(/^MEDIUM +refused: IRREVERSIBLE +app-logs\/service +service-key$/m);
    expect(stdout).toContain(
      '2 Logstores would be encrypted for good: neither the type nor the key can ever be changed\n',
    );
    expect(stdout).toContain(`3 to seal with ${KEY}, 1 refused\n`);
    expect(stdout).not.toContain('\x1b');
  });

  it('says so in red on a terminal', async () => {
    const { options } = await aLogstoreDesk(stores);

    const { screen } = await runOnTerminal(PLAN, { waitFor: 'never', type: '' }, options);

    expect(screen).toContain('\x1b[31mSEAL for good\x1b[39m');
    expect(screen).toContain('\x1b[31m2 Logstores would be encrypted for good: ');
    expect(screen).toContain('\x1b[32mSEAL\x1b[39m');
  });
});

it('of several Regions goes on where one cannot be listed', async () => {
  const north = { projects: { north: { fresh: 'off' } } } as const;
  const faults = [{ call: 'log:ListLogStores', kind: 'deny', resource: 'north' } as const];
  const { json } = await aLogstoreDesk({ never: 'off' }, { alibaba: { regions: { [BEIJING]: north } }, faults });

  const { status, document } = await json(planSchema, `${PLAN} --region ${BEIJING}`);

  expect(status).toBe(1);
  expect(document.targets.map(({ status: is }) => is)).toEqual(['COMPLETE', 'FAILED']);
  expect(stepsOf(document)).toEqual(['app-logs/never SEAL for good']);
});

it('takes the ARN of a CMK as its id', async () => {
  const { json } = await aLogstoreDesk({ never: 'off', sealed: 'mine' });

  const { document } = await json(planSchema, PLAN.replace(KEY, `acs:kms:cn-hangzhou:1234567890123456:key/${KEY}`));

  expect(document.key.configured).toBe(KEY);
  expect(document.steps).toMatchObject([{ toKeyArn: KEY, irreversible: true }]);
});
