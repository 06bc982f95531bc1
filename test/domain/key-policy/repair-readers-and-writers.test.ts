import { expect, it } from 'vitest';
import type { RepairScope } from '../../../lib/domain/key-policy/repair-scope.ts';
import {
  ABOUT_A_LOG_GROUP,
  ACCOUNT,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  LOG_GROUP_ARN,
  LOGS,
  ROOT,
  refusal,
  repair,
  repaired,
} from './builders.ts';

const SCOPE: RepairScope = {
  type: 'readers-and-writers',
  pattern: LOG_GROUP_ARN.replace('/app/example', '*'),
};
const SID = 'LogsealReadersAndWriters';
const OWN: Json = {
  Sid: SID,
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
  Resource: '*',
  Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': LOGS } },
};
const forAll = (...statements: readonly Json[]) => repaired(aPolicy([ROOT, ...statements]), ABOUT_A_LOG_GROUP, SCOPE);
const refused = (...statements: readonly Json[]) => refusal(aPolicy([ROOT, ...statements]), ABOUT_A_LOG_GROUP, SCOPE);

it('adds the one statement, and changes nothing else', () => {
  expect(forAll(anAllow()).text).toBe(aPolicy([ROOT, anAllow(), OWN]));
});

it('adds it where CloudWatch Logs itself may not use the key: that is another repair', () => {
  expect(forAll().text).toBe(aPolicy([ROOT, OWN]));
});

it('is not needed where the policy lets all principals in', () => {
  expect(repair(aPolicy([ROOT, OWN]), ABOUT_A_LOG_GROUP, SCOPE)).toMatchObject({ kind: 'NONE_NEEDED' });
});

it('puts its own statement in the place of one that lacks an action', () => {
  const less = { ...OWN, Action: ['kms:Decrypt'] };
  expect(forAll(less, anAllow()).text).toBe(aPolicy([ROOT, OWN, anAllow()]));
});

it.each<[string, Json]>([
  ['another principal', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/a` } }],
  [
    'a further condition',
    { Condition: { ...(OWN['Condition'] as Json), Bool: { 'aws:MultiFactorAuthPresent': true } } },
  ],
  ['no condition on the account', { Condition: { StringEquals: { 'kms:ViaService': LOGS } }, Action: 'kms:Decrypt' }],
  [
    'what is no account',
    {
      Condition: { StringEquals: { 'kms:CallerAccount': '4444*', 'kms:ViaService': LOGS } },
    },
  ],
  [
    'the calls through another service',
    {
      Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': LOGS.replace('logs', 's3') } },
    },
  ],
  [
    'the calls through CloudWatch Logs and another service',
    {
      Action: 'kms:Decrypt',
      Condition: {
        StringEquals: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': [LOGS, LOGS.replace('logs', 's3')] },
      },
    },
  ],
  ['another action', { Action: ['kms:Decrypt', 'kms:CreateGrant'] }],
  ['Deny', { Effect: 'Deny', Principal: { AWS: '444455556666' } }],
])('overwrites no statement of its Sid that has %s', (_what, elements) => {
  expect(refused({ ...OWN, ...elements })).toMatchObject({ code: 'KEY_POLICY_AMBIGUOUS' });
});

it.each<[string, Json, string]>([
  ['certainly', aDeny({ Sid: 'No', Action: 'kms:Decrypt' }), 'KEY_POLICY_DENIES'],
  [
    'perhaps',
    aDeny({ Sid: 'No', Action: 'kms:Decrypt', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/a` } }),
    'KEY_POLICY_UNCERTAIN',
  ],
])('is refused where a Deny %s keeps principals from the key', (_how, deny, code) => {
  const { fix, ...found } = refused(deny);
  expect(found.code).toBe(code);
  expect(fix).toContain('exclude those who write and read the logs from the statement "No"');
});

it('names the log groups that a Deny still keeps them from', () => {
  const payments = LOG_GROUP_ARN.replace('/app/example', '/payments/*');
  const { notes } = forAll(aDeny({ Condition: { ArnLike: { [CONTEXT]: payments } } }));
  expect(notes).toEqual({ narrowerBefore: [], alsoCovers: [], stillDenied: [payments] });
});

it('says what is wrong with a malformed policy', () => {
  expect(refusal('{}', ABOUT_A_LOG_GROUP, SCOPE)).toMatchObject({ code: 'KEY_POLICY_UNREADABLE' });
});

it('is refused where KMS would not accept the policy', () => {
  const orphan = { ...ROOT, Sid: 'Gone', Principal: { AWS: 'AROA1234567890EXAMPLE' } };
  expect(refused(orphan).code).toBe('PRINCIPAL_ORPHAN');
});
