import { describe, expect, it } from 'vitest';
import {
  aLogstoreDesk,
  aRelay,
  BEIJING,
  HERE,
  KEY,
  keyId,
  outcomeSchema,
  planSchema,
  ROLE,
  SEALING,
  scanSchema,
  undoSchema,
} from '../../support/alibaba.ts';
import { runOnTerminal } from '../../support/terminal.ts';
import { outcomesOf, stepsOf } from './steps.ts';

const OTHER = keyId('other');
const STORES = {
  never: 'off',
  'off-mine': { key: 'mine', enabled: false },
  'off-other': { key: 'other', enabled: false },
  'off-other-2': { key: 'other', enabled: false },
} as const;
const PLAN_FILE = 'plan --format json --output plan.json --quiet';
const APPLY_FILE = 'apply --plan plan.json --confirm-irreversible 1';

describe('Logstores that are configured with another healthy CMK and switched off', () => {
  it('are switched on under it, which is described once, and undo switches them off', async () => {
    const desk = await aLogstoreDesk(STORES);
    const { env, changes } = await aRelay(desk);

    const applied = await desk.json(outcomeSchema, `apply ${SEALING} --confirm-irreversible 1`, { env });

    expect(applied.status).toBe(0);
    expect(outcomesOf(applied.document)).toEqual(Object.keys(STORES).map((name) => `app-logs/${name} SEALED`));
    expect(applied.document.steps.map(({ toKeyArn }) => toKeyArn)).toEqual([KEY, KEY, OTHER, OTHER]);
    // Neither type nor key is sent: they cannot be changed.
    expect(
      changes()
        .filter(({ line }) => line.includes('off-'))
        .map(({ body }) => body),
    ).toEqual(Array(3).fill({ enable: true }));
    // Once for the plan, once before the changes.
    expect(desk.sandbox.calls()['acs-kms:DescribeKey']).toBe(4);
    const ends = (await desk.journal()).filter(({ phase }) => phase === 'DONE');
    expect(ends.map(({ store, to }) => [store.name.slice(9), to]).toSorted()).toEqual([
      ['never', KEY],
      ['off-mine', KEY],
      ['off-other', OTHER],
      ['off-other-2', OTHER],
    ]);
    expect((await desk.json(scanSchema, `scan ${HERE}`)).status).toBe(0);

    const undone = await desk.json(undoSchema, `undo --provider alibaba --run ${applied.document.run.id} --yes`);

    expect(undone.status).toBe(0);
    expect(await desk.state('app-logs/off-other')).toBe(`off ${OTHER}`);
    const again = await desk.json(undoSchema, `undo --provider alibaba --run ${undone.document.run.id} --yes`);
    expect(again.status).toBe(0);
    expect(await desk.state('app-logs/off-other')).toBe(`on ${OTHER}`);
  });

  it('are switched on whatever the configured key is', async () => {
    const keys = [`--key ${keyId('disabled')} --sls-role-arn ${ROLE}`, `--key ${keyId('gone')} --sls-role-arn ${ROLE}`];
    for (const key of [...keys, '--service-key']) {
      const desk = await aLogstoreDesk({ 'off-other': { key: 'other', enabled: false } });

      const { status, document } = await desk.json(outcomeSchema, `apply ${HERE} ${key} --yes`);

      expect({ status, outcomes: outcomesOf(document) }).toEqual({
        status: 0,
        outcomes: ['app-logs/off-other SEALED'],
      });
      expect(await desk.state('app-logs/off-other')).toBe(`on ${OTHER}`);
    }
  });

  it('are refused under --require-key', async () => {
    const { json } = await aLogstoreDesk(STORES);

    const { document } = await json(planSchema, `plan ${SEALING} --require-key`);

    expect(stepsOf(document)).toEqual([
      'app-logs/never SEAL for good',
      'app-logs/off-mine SEAL',
      'app-logs/off-other NONE IRREVERSIBLE',
      'app-logs/off-other-2 NONE IRREVERSIBLE',
    ]);
  });

  it('are named with their number in the plan and in the question', async () => {
    const { run, options, state } = await aLogstoreDesk({ ...STORES, never: 'mine' });
    const keys = `3 to seal, 1 with ${KEY} and 2 with the keys that they were configured with, 0 refused\n`;

    expect((await run(`plan ${SEALING}`)).stdout).toContain(keys);
    const answer = { waitFor: '[y/N]', type: 'y\n' };
    const { status, screen } = await runOnTerminal(`apply ${SEALING}`, answer, options);

    expect(status).toBe(0);
    expect(screen).toContain(
      `Seal 3 log stores in account 1234567890123456, cn-hangzhou, 1 with ${KEY} and 2 with the keys that they were configured with?`,
    );
    expect(await state('app-logs/off-other')).toBe(`on ${OTHER}`);
  });
});

describe('Logstores that are switched off and whose CMK cannot be used', () => {
  it.each([
    ['disabled', 'KEY is disabled', 'aliyun kms EnableKey'],
    [
      'dying',
      'what was encrypted under KEY cannot be read now, and will be lost on 20',
      'aliyun kms CancelKeyDeletion',
    ],
    ['gone', 'what was encrypted under KEY cannot be read any more', 'create another Logstore'],
    ['rsa', 'KEY has the key spec RSA_2048', 'create another Logstore'],
    ['signing', 'KEY (SYMMETRIC_DEFAULT) has the key usage SIGN/VERIFY', 'create another Logstore'],
  ])('are refused as IRREVERSIBLE with the reason: %s', async (nickname, why, fix) => {
    const { json, sandbox } = await aLogstoreDesk({ off: { key: nickname, enabled: false } } as never);

    const { status, document } = await json(outcomeSchema, `apply ${SEALING} --yes`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['app-logs/off REFUSED IRREVERSIBLE']);
    expect(document.steps[0]?.refusal?.message).toContain(
      `can never be changed: ${why.replace('KEY', keyId(nickname))}`,
    );
    expect(document.steps[0]?.refusal?.fix).toContain(fix);
    expect(sandbox.calls()['log:UpdateLogStoreEncryption']).toBeUndefined();
  });

  it('are refused if the CMK is in another Region', async () => {
    const regions = { [BEIJING]: { keys: { far: {} } } };
    const { json } = await aLogstoreDesk({ off: { key: 'far', enabled: false } }, { alibaba: { regions } });

    const { document } = await json(planSchema, `plan ${SEALING}`);

    expect(stepsOf(document)).toEqual(['app-logs/off NONE IRREVERSIBLE']);
    expect(document.steps[0]?.refusal?.message).toContain(`the key ${keyId('far', BEIJING)} of cn-beijing`);
  });

  it('are refused if the caller may not describe the CMK', async () => {
    const faults = [{ call: 'acs-kms:DescribeKey', kind: 'deny', resource: OTHER } as const];
    const { json } = await aLogstoreDesk({ off: { key: 'other', enabled: false } }, { faults });

    const { document } = await json(planSchema, `plan ${SEALING}`);

    expect(stepsOf(document)).toEqual(['app-logs/off NONE KEY_UNREADABLE']);
  });
});

describe('a plan in a file', () => {
  it('is applied under the keys that it names', async () => {
    const desk = await aLogstoreDesk(STORES);
    await desk.run(`${PLAN_FILE} ${SEALING}`);

    const { status, document } = await desk.json(outcomeSchema, APPLY_FILE);

    expect(status).toBe(0);
    expect(document.steps.map(({ outcome, toKeyArn }) => `${outcome} ${toKeyArn}`)).toEqual(
      [KEY, KEY, OTHER, OTHER].map((key) => `SEALED ${key}`),
    );
  });

  it('seals nothing under a key that was written into it', async () => {
    const desk = await aLogstoreDesk(STORES);
    await desk.run(`${PLAN_FILE} ${SEALING}`);
    const plan = JSON.parse(await desk.read('plan.json'));
    const forged = [OTHER, OTHER, KEY, 'service-key'];
    for (const [index, step] of plan.steps.entries()) step.toKeyArn = forged[index];
    await desk.write('plan.json', JSON.stringify(plan));

    const { status, document } = await desk.json(outcomeSchema, APPLY_FILE);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(Object.keys(STORES).map((name) => `app-logs/${name} REFUSED STORE_CHANGED`));
    expect(desk.sandbox.calls()['log:UpdateLogStoreEncryption']).toBeUndefined();
    expect(await desk.state('app-logs/never')).toBe('never');
  });

  it('switches nothing on under a CMK that was disabled since', async () => {
    const desk = await aLogstoreDesk(STORES);
    await desk.run(`${PLAN_FILE} ${SEALING}`);
    await desk.kms('DisableKey', { KeyId: OTHER });

    const { document } = await desk.json(outcomeSchema, APPLY_FILE);

    expect(outcomesOf(document)).toEqual([
      'app-logs/never SEALED',
      'app-logs/off-mine SEALED',
      'app-logs/off-other REFUSED IRREVERSIBLE',
      'app-logs/off-other-2 REFUSED IRREVERSIBLE',
    ]);
  });
});
