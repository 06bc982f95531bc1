import { describe, expect, it } from 'vitest';
import {
  type Evaluation,
  isFirstConfiguration,
  resolutionOf,
  stepOf,
  storeChanged,
} from '../../lib/domain/evaluation.ts';
import type { Failure } from '../../lib/domain/failure.ts';
import { problem } from '../../lib/domain/reasons.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { aKeyArn, aLogGroup, aReason, aStep, TARGET } from '../support/builders.ts';

const FAILURE: Failure = { code: 'THROTTLED', call: 'kms:DescribeKey', message: 'too fast', isTransient: true };
const EXEMPTION = { id: 'vendor', reason: 'its agent cannot', owner: 'team@example.com', expires: '2027-03-31' };

describe('what a plan lists, and what is done right before a change', () => {
  const facts = { store: aLogGroup(), fromKeyArn: aKeyArn('old'), toKeyArn: aKeyArn(), severity: 'HIGH' } as const;
  const step = aStep({ fromKeyArn: aKeyArn('old'), severity: 'HIGH' });
  const refusal = aReason('KEY_DISABLED');
  const none = { ...facts, action: 'NONE', warnings: [] } as const;
  if (step.action !== 'SEAL') throw new Error('not a step that seals');

  /** A kind without a line here does not compile. */
  const evaluations: { readonly [Kind in Evaluation['kind']]: Extract<Evaluation, { kind: Kind }> } = {
    COMPLIANT: { ...facts, kind: 'COMPLIANT' },
    EXEMPT: { ...facts, kind: 'EXEMPT', exemption: EXEMPTION },
    SEAL: { ...facts, kind: 'SEAL', step },
    REFUSED: { ...facts, kind: 'REFUSED', refusal },
    RETRY_LATER: { ...facts, kind: 'RETRY_LATER', refusal, error: FAILURE },
    GONE: { ...facts, kind: 'GONE' },
  };
  const exempt = problem(
    'EXEMPT',
    '/app/a is exempt by vendor until 2027-03-31: its agent cannot',
    'ask team@example.com, who answers for the exemption',
  );
  const gone = problem('STORE_GONE', '/app/a no longer exists', 'nothing to do');
  const error = { code: FAILURE.code, message: FAILURE.message };

  it.each([
    ['SEAL', step],
    ['REFUSED', { ...none, refusal }],
    ['RETRY_LATER', { ...none, refusal }],
    ['COMPLIANT', null],
    ['EXEMPT', null],
    ['GONE', null],
  ] as const)('the step of %s', (kind, expected) => {
    expect(stepOf(evaluations[kind])).toEqual(expected);
  });

  it('names no day for an exemption that is built in, and nobody to ask', () => {
    const exemption = { id: 'aws-reserved', reason: 'it belongs to AWS', owner: 'AWS', expires: null };

    expect(resolutionOf({ ...facts, kind: 'EXEMPT', exemption })).toMatchObject({
      outcome: {
        outcome: 'REFUSED',
        refusal: {
          code: 'EXEMPT',
          message: '/app/a is exempt by aws-reserved: it belongs to AWS',
          fix: 'nothing to do: the exemption is built in',
        },
      },
    });
  });

  it.each([
    ['COMPLIANT', { ...none, refusal: null, outcome: 'UNCHANGED', error: null }],
    ['EXEMPT', { ...none, refusal: exempt, outcome: 'REFUSED', error: null }],
    ['REFUSED', { ...none, refusal, outcome: 'REFUSED', error: null }],
    ['RETRY_LATER', { ...none, refusal: null, outcome: 'FAILED', error }],
    ['GONE', { ...none, refusal: gone, outcome: 'REFUSED', error: null }],
  ] as const)('the outcome of %s is settled', (kind, outcome) => {
    expect(resolutionOf(evaluations[kind])).toEqual({ kind: 'SETTLED', outcome });
  });

  it('a change is made only for SEAL', () => {
    expect(resolutionOf(evaluations.SEAL)).toEqual({ kind: 'CHANGE', step });
  });
});

it('the first configuration of a Logstore is the only one that is for good', () => {
  const alibaba = { provider: 'alibaba', account: '1', region: 'cn-hangzhou' } as const;
  const logstore = logStoreOf('logstore', 'acs', alibaba, 'app-logs/web');
  const fixed = { keyArn: 'key-1', region: null };

  expect(isFirstConfiguration({ store: logstore, keyArn: null })).toBe(true);
  expect(isFirstConfiguration({ store: logstore, keyArn: null, fixed })).toBe(false);
  expect(isFirstConfiguration({ store: aLogGroup(), keyArn: null })).toBe(false);
  expect(
    isFirstConfiguration({ store: logStoreOf('query-results', 'aws', TARGET, 'query-result:*'), keyArn: null }),
  ).toBe(false);
});

it('a store that somebody else changed is refused with the key that it had and the one that it has', () => {
  expect(storeChanged(aLogGroup(), null, aKeyArn(), 'when it was planned', 'plan again')).toEqual(
    problem('STORE_CHANGED', `/app/a had no key when it was planned, and now has ${aKeyArn()}`, 'plan again'),
  );
  expect(storeChanged(aLogGroup(), aKeyArn(), null, 'then', 'f').message).toMatch(/, and now has no key$/);
});
