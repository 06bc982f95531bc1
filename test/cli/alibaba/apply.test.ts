import { UpdateLogStoreEncryptionRequest, UpdateLogStoreEncryptionRequestUserCmkInfo } from '@alicloud/sls20201230';
import { describe, expect, it } from 'vitest';
import {
  aLogstoreDesk,
  aRelay,
  BEIJING,
  HERE,
  KEY,
  keyId,
  outcomeSchema,
  REGION,
  ROLE,
  SEALING,
  scanSchema,
} from '../../support/alibaba.ts';
import { outcomesOf } from './steps.ts';

const APPLY = `apply ${SEALING}`;
const CHANGE = 'log:UpdateLogStoreEncryption';
const OWN = { enable: true, encryptType: 'default', userCmkInfo: { keyId: KEY, roleArn: ROLE, regionId: REGION } };
/** As another caller configures a Logstore. */
const otherwise = (enable = true) =>
  new UpdateLogStoreEncryptionRequest({
    enable,
    encryptType: 'default',
    userCmkInfo: new UpdateLogStoreEncryptionRequestUserCmkInfo({
      keyId: keyId('other'),
      roleArn: ROLE,
      regionId: REGION,
    }),
  });

describe('a run', () => {
  it('configures what was not, switches on what is off, and leaves the rest', async () => {
    const stores = {
      never: 'off',
      other: 'other',
      sealed: 'mine',
      service: 'service-key',
      switched: { key: 'mine', enabled: false },
    } as const;
    const desk = await aLogstoreDesk(stores);
    const { env, changes } = await aRelay(desk);

    const { status, stderr, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`, { env });

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(outcomesOf(document)).toEqual([
      'app-logs/never SEALED',
      'app-logs/switched SEALED',
      'app-logs/service REFUSED IRREVERSIBLE',
    ]);
    // Only the first configuration holds type and key.
    expect(changes()).toEqual([
      { line: 'PUT app-logs /logstores/never/encryption', body: OWN },
      { line: 'PUT app-logs /logstores/switched/encryption', body: { enable: true } },
    ]);
    expect(await desk.state('app-logs/never')).toBe(`on ${KEY}`);
    expect(await desk.state('app-logs/switched')).toBe(`on ${KEY}`);
    expect(await desk.state('app-logs/other')).toBe(`on ${keyId('other')}`);
  });

  it('has an INTENT and a DONE entry in the journal for each change, and changes nothing the second time', async () => {
    const { json, journal, sandbox } = await aLogstoreDesk({ never: 'off', switched: { key: 'mine', enabled: false } });

    const { document } = await json(outcomeSchema, `${APPLY} --confirm-irreversible 1`);
    const entries = await journal();
    sandbox.resetCalls();
    const again = await json(outcomeSchema, `${APPLY} --yes`);

    for (const { store, fromKeyArn, toKeyArn } of document.steps) {
      const own = entries.filter((entry) => entry.store.name === store.name);
      expect(own.map(({ phase }) => phase)).toEqual(['INTENT', 'DONE']);
      for (const entry of own) {
        expect(entry).toMatchObject({ runId: document.run.id, store, from: fromKeyArn, to: toKeyArn, error: null });
      }
    }
    expect(entries).toHaveLength(4);
    expect(document.steps).toMatchObject([
      { fromKeyArn: null, toKeyArn: KEY },
      { fromKeyArn: null, toKeyArn: KEY },
    ]);
    expect(again).toMatchObject({ status: 0, document: { steps: [] } });
    expect(sandbox.calls()[CHANGE]).toBeUndefined();
  });

  it('is what the next scan finds', async () => {
    const { json } = await aLogstoreDesk({ never: 'off', switched: { key: 'mine', enabled: false } });

    expect((await json(outcomeSchema, `${APPLY} --confirm-irreversible 1`)).status).toBe(0);

    expect((await json(scanSchema, `scan ${SEALING} --require-key`)).status).toBe(0);
  });

  it('with the service key names no key and no role', async () => {
    const desk = await aLogstoreDesk({ never: 'off', switched: { key: 'service-key', enabled: false } });
    const { env, changes } = await aRelay(desk);

    const words = `apply ${HERE} --service-key --confirm-irreversible 1`;
    const { status, document } = await desk.json(outcomeSchema, words, { env });

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never SEALED', 'app-logs/switched SEALED']);
    expect(document.key).toEqual({ configured: 'service-key', required: false });
    expect(changes().map(({ body }) => body)).toEqual([{ enable: true, encryptType: 'default' }, { enable: true }]);
    expect(await desk.state('app-logs/never')).toBe('on service-key');
  });

  it('reads each Logstore right before it is changed, and after', async () => {
    const desk = await aLogstoreDesk({ never: 'off' });
    const { env, requests } = await aRelay(desk);

    await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`, { env });

    const lines = requests.map(({ line }) => line).filter((line) => line.includes('app-logs /logstores/never'));
    const read = 'GET app-logs /logstores/never';
    // For the plan, for the evaluation, and right before and after the change.
    expect(lines).toEqual([read, read, read, 'PUT app-logs /logstores/never/encryption', read]);
  });

  it('reaches every Region that can be listed', async () => {
    const north = { keys: { mine: {} }, projects: { north: { fresh: 'off' } } } as const;
    const faults = [{ call: 'log:ListLogStores', kind: 'deny', resource: 'north' } as const];
    const world = { alibaba: { regions: { [BEIJING]: north } }, faults };
    const { json } = await aLogstoreDesk({ never: 'off' }, world);

    const words = `${APPLY} --region ${BEIJING} --confirm-irreversible 1`;
    const { status, document } = await json(outcomeSchema, words);

    expect(status).toBe(1);
    expect(outcomesOf(document)).toEqual(['app-logs/never SEALED']);
    expect(document.targets.map(({ status: is }) => is)).toEqual(['COMPLETE', 'FAILED']);
  });
});

describe('a role', () => {
  it.each(['nobody', 'deaf', 'bare'])('%s is refused before anything is changed', async (name) => {
    const roles = { deaf: { trusts: ['ecs.aliyuncs.com'] }, bare: { policies: [] } };
    const { json, sandbox, files } = await aLogstoreDesk({ never: 'off' }, { alibaba: { roles } });

    const words = `${APPLY.replace('aliyunlogdefaultrole', name)} --yes`;
    const { status, document } = await json(outcomeSchema, words);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['app-logs/never REFUSED KEY_POLICY_MISSING_ACTIONS']);
    expect(sandbox.calls()[CHANGE]).toBeUndefined();
    expect(await files()).toEqual([]);
  });

  it('that the caller may not read is refused before anything is changed', async () => {
    const faults = [{ call: 'ram:GetRole', kind: 'deny' } as const];
    const { json, sandbox, files } = await aLogstoreDesk({ never: 'off' }, { faults });

    const { status, document } = await json(outcomeSchema, `${APPLY} --yes`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['app-logs/never REFUSED KEY_POLICY_UNREADABLE']);
    expect(sandbox.calls()[CHANGE]).toBeUndefined();
    expect(await files()).toEqual([]);
  });

  it('that RAM does not tell of is refused by SLS, whose words are kept', async () => {
    const { json, state, journal } = await aLogstoreDesk({ never: 'off' });

    const words = `${APPLY.replace('aliyunlogdefaultrole', 'nobody')} --confirm-irreversible 1`;
    const { status, document } = await json(outcomeSchema, words, { env: { LOGSEAL_ALIBABA_RAM_ENDPOINT: '' } });

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['app-logs/never REFUSED ACCESS_DENIED']);
    expect(document.steps[0]?.refusal?.message).toContain('role/nobody does not exist');
    expect(await state('app-logs/never')).toBe('never');
    expect((await journal()).map(({ phase }) => phase)).toEqual(['INTENT', 'FAILED']);
  });
});

describe('a Logstore that somebody else configures between', () => {
  it.each([
    ['the plan and its application', 2],
    ['the evaluation and the change', 3],
  ])('%s is left as it is', async (_, reads) => {
    const desk = await aLogstoreDesk({ never: 'off', 'never-2': 'off' });
    let count = 0;
    const before = async ({ line }: { line: string }) => {
      if (line !== 'GET app-logs /logstores/never' || ++count !== reads) return;
      await desk.sls.updateLogStoreEncryption('app-logs', 'never', otherwise());
    };
    const { env, changes } = await aRelay(desk, { before });

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 2`, { env });

    const [never] = document.steps;
    expect(status).toBe(3);
    expect(never?.outcome).toBe('REFUSED');
    expect(never?.refusal?.message).toContain(keyId('other'));
    expect(outcomesOf(document)[1]).toBe('app-logs/never-2 SEALED');
    expect(changes().map(({ line }) => line)).toEqual(['PUT app-logs /logstores/never-2/encryption']);
    expect(await desk.state('app-logs/never')).toBe(`on ${keyId('other')}`);
  });

  it('the last read and the change is refused by SLS', async () => {
    const desk = await aLogstoreDesk({ never: 'off' });
    const before = async ({ line }: { line: string }) => {
      if (line.startsWith('PUT')) await desk.sls.updateLogStoreEncryption('app-logs', 'never', otherwise());
    };
    const { env } = await aRelay(desk, { before });

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`, { env });

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['app-logs/never REFUSED IRREVERSIBLE']);
    expect(document.steps[0]?.refusal?.message).toContain('only enable can');
    expect((await desk.journal()).map(({ phase }) => phase)).toEqual(['INTENT', 'FAILED']);
  });

  it('with this very key is done already', async () => {
    const desk = await aLogstoreDesk({ never: 'off' });
    let count = 0;
    const before = async ({ line }: { line: string }) => {
      if (line !== 'GET app-logs /logstores/never' || ++count !== 3) return;
      const userCmkInfo = new UpdateLogStoreEncryptionRequestUserCmkInfo(OWN.userCmkInfo);
      const request = new UpdateLogStoreEncryptionRequest({ ...OWN, userCmkInfo });
      await desk.sls.updateLogStoreEncryption('app-logs', 'never', request);
    };
    const { env, changes } = await aRelay(desk, { before });

    const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 1`, { env });

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never SEALED']);
    expect(changes()).toEqual([]);
  });
});

it('a change that SLS accepts without making it has failed', async () => {
  const desk = await aLogstoreDesk({ never: 'off', 'never-2': 'off' });
  const answer = ({ line }: { line: string }, body: { encrypt_conf?: object }) =>
    line.endsWith('/never') ? { ...body, encrypt_conf: undefined } : body;
  const { env } = await aRelay(desk, { answer });

  const { status, document } = await desk.json(outcomeSchema, `${APPLY} --confirm-irreversible 2`, { env });

  expect(status).toBe(3);
  expect(outcomesOf(document)).toEqual(['app-logs/never FAILED UNAVAILABLE', 'app-logs/never-2 SEALED']);
  expect(document.steps[0]?.error?.message).toContain(
    'SLS accepted the change of app-logs/never, but its encryption is off',
  );
});
