import { describe, expect, it } from 'vitest';
import type { PolicyInspection } from '../../lib/domain/key.ts';
import { isUnread, whyUnattachable } from '../../lib/domain/key-use.ts';
import { problem } from '../../lib/domain/reasons.ts';
import {
  ACCOUNT,
  aDenyingPolicy,
  aLogsPolicy,
  anInspection,
  anOpenPolicy,
  aPolicyInspection,
  aReason,
  OTHER_ACCOUNT,
  REGION,
  SERVICE,
  TARGET,
} from '../support/builders.ts';

const codesUnder = (policy: PolicyInspection | null) =>
  whyUnattachable(anInspection({ policy }), TARGET).map(({ code }) => code);
const { Version, Statement } = JSON.parse(aLogsPolicy()) as { Version: string; Statement: [object, object] };
/** KMS's default policy: it lets no service in. */
const DEFAULT_POLICY = JSON.stringify({ Version, Statement: Statement.slice(0, 1) });
const QUERY_RESULTS_ONLY = JSON.stringify({
  Version,
  Statement: [
    {
      ...Statement[1],
      Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:logs:${REGION}:${ACCOUNT}:query-result:*` } },
    },
  ],
});
/** CloudWatch Logs may, if a condition holds. */
const admittingIf = (Condition: object) =>
  JSON.stringify({ Version, Statement: [Statement[0], { ...Statement[1], Condition }] });
const under = (operator: string, arn: string) =>
  admittingIf({ [operator]: { 'kms:EncryptionContext:aws:logs:arn': arn } });

describe('a key can be attached, or nobody knows that it cannot, where its policy', () => {
  it.each<[string, string]>([
    ['is for all log groups', aLogsPolicy()],
    ['is for whatever CloudWatch Logs stores', anOpenPolicy()],
    ['is for log groups of one prefix', aLogsPolicy('/payments/*')],
    ['is for one log group', aLogsPolicy('/payments/ledger')],
    ['is for names with one character between', aLogsPolicy('/app-?/x')],
    ['is for query results alone', QUERY_RESULTS_ONLY],
    ['names log groups without their Region', under('StringLike', `arn:aws:logs:*:${ACCOUNT}:log-group:/app/*`)],
    ['names log groups without their account', under('StringLike', 'arn:aws:logs:*:log-group:/app/*')],
    ['names log groups by the end of their ARN', under('StringLike', '*:log-group:/app/*')],
    ['names log groups of any service', under('ArnLike', 'arn:aws:*:*:*:log-group:/app/*')],
    ['has a wildcard before the name', under('ArnLike', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group*/app/*`)],
    ['names one log group exactly', under('StringEquals', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/x`)],
    ['excepts log groups', under('ArnNotLike', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/*`)],
    ['has a policy variable', under('StringLike', `arn:aws:logs:${REGION}:\${aws:PrincipalAccount}:log-group:*`)],
    [
      'asks for an organization that is not known',
      admittingIf({ StringEquals: { 'aws:SourceOrgID': 'o-a1b2c3d4e5' } }),
    ],
  ])('%s', (_, text) => {
    expect(codesUnder(aPolicyInspection(text))).toEqual([]);
  });

  it('was not read', () => {
    expect(codesUnder(null)).toEqual([]);
  });
});

describe('a key cannot be attached where its policy', () => {
  it.each<[string, string, string]>([
    ['lets no service in', DEFAULT_POLICY, 'KEY_POLICY_MISSING_ACTIONS'],
    ['denies', aDenyingPolicy(), 'KEY_POLICY_DENIES'],
    [
      'is for log groups of another account',
      aLogsPolicy().replace(`${REGION}:111122223333:log-group`, `${REGION}:${OTHER_ACCOUNT}:log-group`),
      'KEY_POLICY_MISSING_ACTIONS',
    ],
    [
      'is for log groups of another Region',
      under('StringLike', `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:*`),
      'KEY_POLICY_MISSING_ACTIONS',
    ],
    [
      'is for one log group of another account',
      under('StringEquals', `arn:aws:logs:${REGION}:${OTHER_ACCOUNT}:log-group:/app/x`),
      'KEY_POLICY_MISSING_ACTIONS',
    ],
    [
      'excepts all logs of the account',
      admittingIf({ ArnNotLike: { 'aws:SourceArn': `arn:aws:logs:${REGION}:${ACCOUNT}:*` } }),
      'KEY_POLICY_MISSING_ACTIONS',
    ],
    ['is malformed', '{', 'KEY_POLICY_UNREADABLE'],
  ])('%s', (_, text, code) => {
    expect(codesUnder(aPolicyInspection(text))).toEqual([code]);
  });

  it('could not be read, and the missing right is kept', () => {
    const missingRight = { action: 'kms:GetKeyPolicy', resource: 'arn' };
    const policy = { status: 'UNREADABLE', service: SERVICE, message: 'm', fix: 'f', missingRight } as const;

    expect(whyUnattachable(anInspection({ policy }), TARGET)).toEqual([
      problem('KEY_POLICY_UNREADABLE', 'm', 'f', missingRight),
    ]);
  });

  it.each([
    ['has a problem', problem('KEY_POLICY_MISSING_ACTIONS', 'm', 'f'), ['KEY_POLICY_MISSING_ACTIONS']],
    ['has none', null, []],
  ])('is a role that %s', (_, roleProblem, codes) => {
    expect(codesUnder({ status: 'ROLE', problem: roleProblem })).toEqual(codes);
  });
});

it('every reason of the key comes first', () => {
  const reasons = [aReason('KEY_DISABLED'), aReason('KEY_NOT_SYMMETRIC')];
  const key = anInspection({ reasons, policy: aPolicyInspection(aDenyingPolicy()) });

  expect(whyUnattachable(key, TARGET).map(({ code }) => code)).toEqual([
    'KEY_DISABLED',
    'KEY_NOT_SYMMETRIC',
    'KEY_POLICY_DENIES',
  ]);
});

it('what could not be read is told from what is certain', () => {
  const codes = ['KEY_UNREADABLE', 'KEY_POLICY_UNREADABLE', 'KEY_DISABLED', 'KEY_POLICY_DENIES'] as const;

  expect(codes.filter((code) => isUnread(problem(code, 'm', 'f')))).toEqual([
    'KEY_UNREADABLE',
    'KEY_POLICY_UNREADABLE',
  ]);
});
