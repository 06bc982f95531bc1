import { describe, expect, it } from 'vitest';
import { callerCheck, missingOnKey } from '../../../lib/app/key/caller-check.ts';
import type { IdentityDecision } from '../../../lib/domain/caller-rights.ts';
import { STORES_ASKED_OF_IAM } from '../../../lib/pacing.ts';
import { aKeyArn, aLogGroup, anInspection, aPolicyInspection, aReason } from '../../support/builders.ts';
import { aCallerWith, CALLER, type FakeWorld, fakeCloud } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const INSPECTION = anInspection({ policy: aPolicyInspection() });
const groups = (count: number, prefix = '/many/') =>
  Array.from({ length: count }, (_, index) => aLogGroup(`${prefix}${index}`));
const ASSOCIATE = 'logs:AssociateKmsKey';

function aCheck(world: FakeWorld = {}) {
  const { cloud, log } = fakeCloud(world);
  const check = callerCheck(cloud);
  const codes = async (stores: ReturnType<typeof groups>) =>
    [...(await check.refusals(stores, INSPECTION))].map(([arn, { code }]) => `${arn.split(':').at(-1)} ${code}`);
  /** How many rights each question was about. */
  const questions = () => log.filter((line) => line.startsWith('iam:')).map((line) => Number(line.split(' ')[1]));
  return { check, codes, questions, log };
}

it('what is wrong with the key itself is not asked of IAM', async () => {
  const { cloud, log } = fakeCloud();
  const disabled = anInspection({ reasons: [aReason('KEY_DISABLED')], policy: aPolicyInspection() });

  expect(await missingOnKey(disabled, aLogGroup(), cloud)).toBeNull();
  expect(log).toEqual([]);
});

describe('a caller who may do everything', () => {
  it('is asked about once for the key and once for the log stores', async () => {
    const { codes, questions, check } = aCheck();

    expect(await codes(groups(3))).toEqual([]);
    expect(questions()).toEqual([6, 3]);
    expect([check.onKey(KEY), check.unknown()]).toEqual([null, null]);
  });

  it('is asked about the key once, however many pages there are', async () => {
    const { codes, questions } = aCheck();

    for (let page = 0; page < 3; page++) await codes(groups(50, `/${page}/`));

    expect(questions()).toEqual([6, 50, 50, 50]);
  });

  it('is not asked about where nothing is to be sealed', async () => {
    const { codes, log } = aCheck();

    expect(await codes([])).toEqual([]);
    expect(log).toEqual([]);
  });
});

describe('a right on the key that is missing', () => {
  const identity = aCallerWith(({ action }) => (action === 'kms:Encrypt' ? 'IMPLICIT_DENY' : undefined));

  it('refuses every log store with its statement, and nothing else is asked', async () => {
    const { check, codes, questions } = aCheck({ identity });

    expect(await codes(groups(2))).toEqual(['/many/0 CALLER_MISSING_RIGHTS', '/many/1 CALLER_MISSING_RIGHTS']);
    expect(await codes(groups(1, '/more/'))).toEqual(['/more/0 CALLER_MISSING_RIGHTS']);
    expect(questions()).toEqual([6]);
    expect(check.onKey(KEY)).toMatchObject({
      code: 'CALLER_MISSING_RIGHTS',
      message: expect.stringContaining('do not allow kms:Encrypt'),
      fix: expect.stringContaining(`{"Effect":"Allow","Action":"kms:Encrypt","Resource":"${KEY}"}`),
      missingRight: { action: 'kms:Encrypt', resource: KEY },
    });
  });

  it('may come from a grant instead', async () => {
    const grants = { [KEY]: [{ grantee: CALLER.arn, operations: ['Encrypt'] }] };

    expect(await aCheck({ identity, grants }).codes(groups(1))).toEqual([]);
  });

  it('is none that AWS is not known to check', async () => {
    const decrypt = aCallerWith(({ action }) => (action === 'kms:Decrypt' ? 'EXPLICIT_DENY' : undefined));

    expect(await aCheck({ identity: decrypt }).codes(groups(1))).toEqual([]);
  });

  it('is not looked for on a key that could not be found', async () => {
    const { cloud, log } = fakeCloud();

    expect(await missingOnKey(anInspection({ keyArn: null }), aLogGroup(), cloud)).toBeNull();
    expect(log).toEqual([]);
  });
});

describe('a right on one log store', () => {
  const onOne = (decision: IdentityDecision) =>
    aCallerWith(({ action, resource }) =>
      action === ASSOCIATE && resource.endsWith('/many/1') ? decision : undefined,
    );

  it.each([
    ['that no policy gives', 'IMPLICIT_DENY', 'add this statement to a policy of the caller: '],
    ['that a policy denies', 'EXPLICIT_DENY', 'from that Deny: no Allow overrides a Deny'],
  ] as const)('%s refuses that log store alone, with the fix', async (_, decision, fix) => {
    const { check, codes } = aCheck({ identity: onOne(decision) });
    const refusals = await check.refusals(groups(3), INSPECTION);

    const { arn } = aLogGroup('/many/1');
    expect([...refusals.keys()]).toEqual([arn]);
    expect(refusals.get(arn)).toMatchObject({
      code: 'CALLER_MISSING_RIGHTS',
      message: expect.stringContaining(ASSOCIATE),
      fix: expect.stringContaining(fix),
      missingRight: { action: ASSOCIATE, resource: arn },
    });
    expect(check.onKey(KEY)).toBeNull();
    expect(await codes(groups(1))).toEqual([]);
  });

  it('that depends on a condition refuses nothing', async () => {
    expect(await aCheck({ identity: onOne('UNKNOWN') }).codes(groups(3))).toEqual([]);
  });
});

describe('rights that are not known', () => {
  const because = 'iam:SimulatePrincipalPolicy failed: no (the caller needs iam:SimulatePrincipalPolicy)';
  const nothing = { principalArn: CALLER.arn, decisions: null, because };

  it('refuse nothing, and IAM is asked once', async () => {
    const { check, codes, questions } = aCheck({ identity: nothing });

    expect(await codes(groups(2))).toEqual([]);
    expect(await codes(groups(2, '/more/'))).toEqual([]);
    expect(questions().filter(Boolean)).toEqual([6]);
    expect(check.unknown()).toBe(because);
  });

  it('do not undo what was known of others', async () => {
    let asked = 0;
    const denying = aCallerWith(({ action }) => (action === ASSOCIATE ? 'IMPLICIT_DENY' : undefined));
    const identity = ((needs) => {
      asked++;
      return asked > 2 || typeof denying !== 'function' ? nothing : denying(needs);
    }) satisfies FakeWorld['identity'];
    const { check, codes, questions } = aCheck({ identity });

    expect(await codes(groups(1))).toHaveLength(1);
    expect(await codes(groups(1, '/more/'))).toEqual([]);
    expect(await codes(groups(1, '/last/'))).toEqual([]);
    expect(questions().filter(Boolean)).toEqual([6, 1, 1]);
    expect(check.unknown()).toBe(because);
  });

  it('are those beyond the number of log stores that IAM is asked about', async () => {
    const identity = aCallerWith(({ action }) => (action === ASSOCIATE ? 'IMPLICIT_DENY' : undefined));
    const { check, codes, questions } = aCheck({ identity });

    expect(await codes(groups(STORES_ASKED_OF_IAM - 1))).toHaveLength(STORES_ASKED_OF_IAM - 1);
    expect(check.unknown()).toBeNull();
    expect(await codes(groups(3, '/more/'))).toEqual(['/more/0 CALLER_MISSING_RIGHTS']);
    expect(await codes(groups(3, '/last/'))).toEqual([]);
    expect(questions().filter(Boolean)).toEqual([6, STORES_ASKED_OF_IAM - 1, 1]);
    expect(check.unknown()).toBe('IAM was asked about the first 5,000 log stores only');
  });
});
