import { describe, expect, it } from 'vitest';
import type { PolicyInspection } from '../../lib/domain/key.ts';
import { whyUseless } from '../../lib/domain/key-use.ts';
import { problem } from '../../lib/domain/reasons.ts';
import {
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
  whyUseless(anInspection({ policy }), TARGET).map(({ code }) => code);
const { Version, Statement } = JSON.parse(aLogsPolicy()) as { Version: string; Statement: [object, object] };
/** KMS's default policy: it lets no service in. */
const DEFAULT_POLICY = JSON.stringify({ Version, Statement: Statement.slice(0, 1) });
const QUERY_RESULTS_ONLY = JSON.stringify({
  Version,
  Statement: [
    {
      ...Statement[1],
      Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:logs:${REGION}:111122223333:query-result:*` } },
    },
  ],
});

describe('a key can seal something where its policy', () => {
  it.each<[string, string]>([
    ['is for all log groups', aLogsPolicy()],
    ['is for whatever CloudWatch Logs stores', anOpenPolicy()],
    ['is for log groups of one prefix', aLogsPolicy('/payments/*')],
    ['is for one log group', aLogsPolicy('/payments/ledger')],
    ['is for names with one character between', aLogsPolicy('/app-?/x')],
    ['is for query results alone', QUERY_RESULTS_ONLY],
  ])('%s', (_, text) => {
    expect(codesUnder(aPolicyInspection(text))).toEqual([]);
  });

  it('was not read', () => {
    expect(codesUnder(null)).toEqual([]);
  });
});

describe('a key can seal nothing where its policy', () => {
  it.each<[string, string, string]>([
    ['lets no service in', DEFAULT_POLICY, 'KEY_POLICY_MISSING_ACTIONS'],
    ['denies', aDenyingPolicy(), 'KEY_POLICY_DENIES'],
    [
      'is for log groups of another account',
      aLogsPolicy().replace(`${REGION}:111122223333:log-group`, `${REGION}:${OTHER_ACCOUNT}:log-group`),
      'KEY_POLICY_MISSING_ACTIONS',
    ],
    ['is malformed', '{', 'KEY_POLICY_UNREADABLE'],
  ])('%s', (_, text, code) => {
    expect(codesUnder(aPolicyInspection(text))).toEqual([code]);
  });

  it('could not be read, and the missing right is kept', () => {
    const missingRight = { action: 'kms:GetKeyPolicy', resource: 'arn' };
    const policy = { status: 'UNREADABLE', service: SERVICE, message: 'm', fix: 'f', missingRight } as const;

    expect(whyUseless(anInspection({ policy }), TARGET)).toEqual([
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

  expect(whyUseless(key, TARGET).map(({ code }) => code)).toEqual([
    'KEY_DISABLED',
    'KEY_NOT_SYMMETRIC',
    'KEY_POLICY_DENIES',
  ]);
});
