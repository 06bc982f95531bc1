import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { accountMay, admitting, denyUnless, LOG_GROUPS, policyOf } from '../support/policies.ts';
import { aRepairDesk, REPAIR } from '../support/repairs.ts';

/** So long that one more statement is too much for KMS. */
const LONG = { ...accountMay('kms:List*'), Sid: 'x'.repeat(32_200) };

describe('a policy that is not touched', () => {
  it.each<[string, Record<string, unknown> | string, string, RegExp, RegExp]>([
    ['is not JSON', 'not JSON', 'KEY_POLICY_UNREADABLE', /JSON/, /replace the key policy of arn:/],
    [
      'is malformed',
      '{"Statement":[{"Effect":"Maybe"}]}',
      'KEY_POLICY_UNREADABLE',
      /Effect/,
      /replace the key policy of/,
    ],
    [
      'has two statements of one Sid',
      admitting({ ...accountMay('kms:List*') }),
      'KEY_POLICY_AMBIGUOUS',
      /^the 1st statement \(Sid "Account"\) .* and the 2nd statement \(Sid "Account"\) .* have the same Sid$/,
      /give each statement its own Sid/,
    ],
    [
      'denies by a condition',
      admitting(LOG_GROUPS, denyUnless({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } })),
      'KEY_POLICY_DENIES',
      /o-example/,
      /exclude CloudWatch Logs from the statement "\w+" \(Deny, Principal "\*"\)/,
    ],
    [
      'denies without one',
      admitting({ ...accountMay(), Sid: 'Closed', Effect: 'Deny', Principal: '*', Action: 'kms:Encrypt' }),
      'KEY_POLICY_DENIES',
      /without a condition/,
      /exclude CloudWatch Logs from the statement "Closed" \(Deny, Principal "\*"\)/,
    ],
    [
      "uses logseal's own name for something else",
      admitting({ ...accountMay('kms:List*'), Sid: 'LogsealLogGroups' }),
      'KEY_POLICY_AMBIGUOUS',
      /the statement "LogsealLogGroups" \(Allow, Principal AWS .*has logseal's Sid, but logseal would not write such a statement/,
      /another Sid/,
    ],
    ['would be too large', admitting(LONG), 'TOO_LARGE', /32768/, /merge statements/],
  ])('%s', async (_, policy, code, message, fix) => {
    const desk = await aRepairDesk(policy);

    const { status, document } = await desk.repair();

    const { refusal, ...repair } = document.repair;
    expect(status).toBe(3);
    expect(repair).toMatchObject({ outcome: 'REFUSED', statement: null, diff: null, error: null, inEffect: false });
    expect(refusal?.code).toBe(code);
    expect(refusal?.message).toMatch(message);
    expect(refusal?.fix).toMatch(fix);
    expect(await desk.policy()).toBe(desk.before);
    expect(desk.changes()).toBe(0);
    expect(await desk.files()).toEqual([]);
  });

  it('is of a key that does not exist, or that is elsewhere', async () => {
    const desk = await aRepairDesk(admitting());

    const missing = await desk.repair(REPAIR.replace('alias/logseal', 'alias/none'));
    const elsewhere = await desk.repair(`${REPAIR.replace('alias/logseal', desk.keyArn)} --region us-east-1`);

    expect(missing).toMatchObject({ status: 3, document: { repair: { refusal: { code: 'KEY_NOT_FOUND' } } } });
    expect(elsewhere).toMatchObject({ status: 3, document: { repair: { refusal: { code: 'KEY_WRONG_REGION' } } } });
    expect(desk.changes()).toBe(0);
  });

  it('is of a key that AWS manages: no statement is offered', async () => {
    const desk = await aRepairDesk(admitting(), { keys: { logseal: { manager: 'AWS', policy: 'broken' } } });

    const { status, document } = await desk.repair(REPAIR.replace('alias/logseal', desk.keyArn));

    expect(status).toBe(3);
    expect(document.repair).toMatchObject({ outcome: 'REFUSED', statement: null, diff: null });
    expect(document.repair.refusal).toMatchObject({ code: 'KEY_AWS_MANAGED', fix: expect.not.stringContaining('{') });
    expect(desk.changes()).toBe(0);
    expect(await desk.files()).toEqual([]);
  });

  it('is of another account: its owner is told what to add', async () => {
    const open = policyOf(accountMay(), {
      ...accountMay('kms:*'),
      Sid: 'Neighbour',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    });
    const desk = await aRepairDesk(open, {
      keys: { logseal: { account: '444455556666', alias: 'alias/logseal', policy: 'broken' } },
    });

    const { status, document } = await desk.repair(REPAIR.replace('alias/logseal', desk.keyArn));

    const { refusal } = document.repair;
    expect(status).toBe(3);
    expect(refusal?.code).toBe('KEY_POLICY_UNREADABLE');
    expect(refusal?.message).toContain('account 444455556666');
    const statement = JSON.parse(/\{.*\}/.exec(refusal?.fix ?? '')?.[0] ?? 'null');
    expect(statement).toMatchObject({
      Sid: 'LogsealLogGroups',
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111122223333:log-group:*' },
      },
    });
    expect(desk.changes()).toBe(0);
    expect(await desk.files()).toEqual([]);
  });
});

describe('a policy that is in the way', () => {
  it('was changed by somebody else between the read and the write: refused, and left as it is', async () => {
    const desk = await aRepairDesk(admitting(), {
      // Not the read of the test itself, nor the first one of the repair, but its read right before the write.
      faults: [{ call: 'kms:GetKeyPolicy', kind: 'latency', skip: 2, times: 1, latencyMs: 1500 }],
    });
    desk.sandbox.resetCalls();
    const theirs = JSON.stringify(admitting({ ...accountMay('kms:List*'), Sid: 'Theirs' }))
      .replaceAll('{partition}', 'aws')
      .replaceAll('{account}', '111122223333');

    const repaired = desk.repair();
    while ((desk.sandbox.calls()['kms:GetKeyPolicy'] ?? 0) < 2) await wait(5);
    await desk.keys.putPolicy(desk.keyArn, theirs);
    const { status, document } = await repaired;

    expect(status).toBe(3);
    expect(document.repair).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'KEY_POLICY_CHANGED' } });
    expect(await desk.policy()).toBe(theirs);
    expect(desk.changes()).toBe(1);
    expect((await desk.journal()).map(({ phase }) => phase)).toEqual(['INTENT', 'FAILED']);
    expect((await desk.repair()).document.repair.outcome).toBe('CHANGED');
  });

  it('would lock out everybody: nothing is written', async () => {
    const desk = await aRepairDesk(policyOf({ ...accountMay(['kms:Describe*', 'kms:Get*']) }));

    const { status, document } = await desk.repair();

    expect(status).toBe(3);
    expect(document.repair).toMatchObject({
      outcome: 'REFUSED',
      refusal: { code: 'LOCKS_OUT', message: expect.stringContaining('nobody could change this key policy again') },
    });
    expect(desk.changes()).toBe(0);
  });

  it('locks its writer out: KMS refuses, and its words are kept beside the likely cause', async () => {
    const admin = { AWS: 'arn:aws:iam::111122223333:role/admin' };
    const desk = await aRepairDesk(
      policyOf(accountMay(['kms:Describe*', 'kms:Get*']), { ...accountMay(), Sid: 'Admin', Principal: admin }),
    );

    const { status, document } = await desk.repair();

    expect(status).toBe(3);
    expect(document.repair.refusal?.message).toMatch(
      /will not allow you to update the key policy in the future\. The likely cause: no statement lets arn:aws:iam::111122223333:user\/sandbox use kms:PutKeyPolicy; others may, by the statement "Admin" \(Allow, Principal AWS \S+role\/admin\)$/,
    );
    expect(document.repair.refusal?.fix).toMatch(
      /^run the command as an identity that the policy lets change it \(the key policy of arn:aws:kms:\S+\)$/,
    );
    expect(await desk.policy()).toBe(desk.before);
    expect((await desk.journal()).map(({ phase }) => phase)).toEqual(['INTENT', 'FAILED']);
  });

  it('names a service principal of an opt-in Region: KMS refuses, and the statement is named', async () => {
    const regions = ['eu-central-1', 'eu-central-2'].map((region) => `logs.${region}.amazonaws.com`);
    const desk = await aRepairDesk(admitting({ ...LOG_GROUPS, Sid: 'Regions', Principal: { Service: regions } }));

    const { document } = await desk.repair();

    expect(document.repair.refusal?.message).toMatch(
      /one or more invalid principals.*likely cause: the statement "Regions" .*names logs\.eu-central-2\.amazonaws\.com/,
    );
    expect(document.repair.refusal?.fix).toMatch(
      /^enable that Region in the account, or remove its service principal \(the key policy of arn:aws:kms:\S+\)$/,
    );
  });
});

describe('a cloud in trouble', () => {
  it.each([
    ['throttles', { call: 'kms:PutKeyPolicy', kind: 'throttle', times: 2 }],
    ['drops the connection before the write', { call: 'kms:PutKeyPolicy', kind: 'reset', times: 1 }],
    ['drops the connection after the write', { call: 'kms:PutKeyPolicy', kind: 'reset-after', times: 1 }],
    ['always drops the connection after the write', { call: 'kms:PutKeyPolicy', kind: 'reset-after' }],
  ] as const)('that %s: repaired all the same', async (_, fault) => {
    const desk = await aRepairDesk(admitting(), { faults: [fault] });

    const { status, document } = await desk.repair();

    expect({ status, outcome: document.repair.outcome }).toEqual({ status: 0, outcome: 'CHANGED' });
    expect((await desk.journal()).map(({ phase }) => phase)).toEqual(['INTENT', 'DONE']);
    expect((await desk.run('key check --key alias/logseal')).status).toBe(0);
  });

  it('that never writes: FAILED, and whether it did is left open', async () => {
    const desk = await aRepairDesk(admitting(), { faults: [{ call: 'kms:PutKeyPolicy', kind: 'reset' }] });

    const { status, document } = await desk.repair();

    expect({ status, outcome: document.repair.outcome }).toEqual({ status: 3, outcome: 'FAILED' });
    expect(await desk.policy()).toBe(desk.before);
    expect((await desk.journal()).map(({ phase }) => phase)).toEqual(['INTENT']);
  });
});
