import { expect, it } from 'vitest';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { templateFindings } from '../../../lib/domain/template/findings.ts';
import type { KeyReference } from '../../../lib/domain/template/model.ts';
import { aGroup, aKey, declared, findingUnder, keyWith, logsStatement, NOW, REGION } from './declarations.ts';

const GOOD = keyWith(logsStatement(REGION));
const bare = (key = GOOD): KeyReference => ({ kind: 'NOT_AN_ARN', what: 'the id of Key', key });

function findingBy(...alternatives: readonly KeyReference[]) {
  const key: KeyReference = { kind: 'ONE_OF', alternatives, because: 'b', settledBy: ['s'] };
  return templateFindings(declared({ groups: [aGroup(key)] }), rulesAt(NOW))[0];
}

it('a log group is certainly not compliant where all that its key may be is wrong', () => {
  const key = aKey();

  expect(findingBy({ kind: 'DECLARED', key }, bare(key))).toMatchObject({
    status: 'NON_COMPLIANT',
    reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }],
  });
});

it.each([
  [aKey(), 'KEY_POLICY_UNCERTAIN', 'the key policy of Key lets CloudWatch Logs use the key', 'UNCERTAIN'],
  [{ ...GOOD, enabled: false }, 'KEY_UNDETERMINED', 'Key can encrypt logs', 'ALLOWED'],
])('the key is named where only its policy or its state depends on a condition: %#', (other, code, what, verdict) => {
  expect(findingBy({ kind: 'DECLARED', key: GOOD }, { kind: 'DECLARED', key: other })).toMatchObject({
    ...{ status: 'UNKNOWN', key: { id: 'Key' }, verdict },
    reasons: [{ code, message: `whether ${what} is not known: b`, fix: 'to settle it: s' }],
  });
});

it('whether there will be a key is not known where one alternative has none, also if no other is right', () => {
  expect(findingBy({ kind: 'NONE' }, { kind: 'NOT_AN_ARN', what: 'alias/x', key: null })).toMatchObject({
    status: 'UNKNOWN',
    reasons: [{ code: 'KEY_UNDETERMINED', message: expect.stringMatching(/; it is not compliant either way$/) }],
  });
});

it('what is wrong with each of several keys is said, each once', () => {
  const disabled = { ...aKey({ id: 'Other' }), enabled: false };

  expect(findingBy({ kind: 'DECLARED', key: aKey() }, { kind: 'DECLARED', key: disabled })).toMatchObject({
    ...{ status: 'NON_COMPLIANT', key: null },
    reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }, { code: 'KEY_DISABLED' }],
  });
});

it('whether a log group names its key by an ARN is not known where only that decides', () => {
  expect(findingBy({ kind: 'DECLARED', key: GOOD }, bare())).toMatchObject({
    ...{ status: 'UNKNOWN', key: { id: 'Key' }, verdict: 'ALLOWED' },
    reasons: [{ code: 'KEY_UNDETERMINED', message: 'whether the log group names its key by an ARN is not known: b' }],
  });
});

it('the attribute that is an ARN may be one of something that is no key of the files', () => {
  const key: KeyReference = { ...bare(), kind: 'NOT_AN_ARN', what: 'its id', key: null, instead: 'key = found.arn' };
  const [finding] = templateFindings(declared({ groups: [aGroup(key)] }), rulesAt(NOW));

  expect(finding?.reasons[0]?.fix).toMatch(/key = found\.arn$/);
});

it('a declared key of another Region than the log group cannot encrypt its logs', () => {
  const key = { ...GOOD, region: 'us-east-1' };

  expect(findingUnder(key, { region: 'eu-west-1' }).reasons).toMatchObject([{ code: 'KEY_WRONG_REGION' }]);
  expect(findingUnder(key, { region: 'us-east-1' }).reasons).toEqual([]);
});

it('a key of another Region gets no statement for its policy, which could not help', () => {
  const key = { ...aKey(), region: 'us-east-1' };

  expect(findingUnder(key, { region: 'eu-west-1' })).toMatchObject({
    verdict: null,
    reasons: [{ code: 'KEY_WRONG_REGION' }],
  });
  expect(findingUnder(key, { region: 'eu-west-1' }).reasons).toHaveLength(1);
});

it('a policy for a key with the id of zeros, as samples have it, is not for the declared key', () => {
  const Resource = 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000';
  const key = keyWith({ ...logsStatement('eu-west-1'), Resource });

  expect(findingUnder(key, { region: 'eu-west-1', account: '111122223333' }).verdict).toBe('MISSING_ACTIONS');
});

it('a warning about a policy counts only where it holds wherever the key is deployed', () => {
  const root = (account: string) => ({
    ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
  });
  const text = (account: string) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [root(account), logsStatement('eu-west-1')] });
  const warnings = (account: string, own: string | null) =>
    findingUnder(aKey({ policy: { kind: 'DOCUMENT', text: text(account) } }), {
      region: 'eu-west-1',
      account: own,
    }).warnings.map(({ code }) => code);

  expect(warnings('111122223333', null)).toEqual([]);
  expect(warnings('111122223333', '444455556666')).toEqual(['LOCKS_OUT']);
});
