import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type PolicyChange, type PolicyRun, planRepair, writePolicy } from '../../../lib/app/key/repair-key-policy.ts';
import { planPolicyUndo, undoPolicy } from '../../../lib/app/key/undo-key-policy.ts';
import type { Journal, Keys } from '../../../lib/app/ports.ts';
import { changesIn } from '../../../lib/domain/journal.ts';
import { parseKeyPolicy } from '../../../lib/domain/key-policy/parse.ts';
import { isSamePolicy } from '../../../lib/domain/key-policy/policy-text.ts';
import { wholeScope } from '../../../lib/domain/key-policy/repair-scope.ts';
import type { PolicySubject } from '../../../lib/domain/key-policy/service-call.ts';
import type { Reason } from '../../../lib/domain/reasons.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { policySubjectOf } from '../../../lib/domain/store-key-policy.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import { CloudError, type CloudErrorCode } from '../../../lib/errors.ts';
import { SEED, statements } from '../../domain/key-policy/arbitraries.ts';
import { KEY_ARN, LOG_GROUP_ARN, ROOT } from '../../domain/key-policy/builders.ts';
import {
  aDenyingPolicy,
  aKeyArn,
  aLogGroup,
  aLogsPolicy,
  anInspection,
  aPolicyEntry,
  aPolicyInspection,
  aReason,
  NOW,
  SERVICE,
  TARGET,
} from '../../support/builders.ts';
import { CALLER, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

const waited = vi.fn(async (_ms: number) => undefined);
beforeEach(() => {
  waited.mockClear();
});

const KEY = aKeyArn();
const OTHER_GROUPS = aLogsPolicy('/other');
const CHANGE: PolicyChange = { keyArn: KEY, from: OTHER_GROUPS, to: aLogsPolicy() };
const PUT = `kms:PutKeyPolicy ${KEY}`;
const GET = `kms:GetKeyPolicy ${KEY}`;
/** The same policy with the spacing that KMS may return. */
/** What is said of a failure; of a key that is gone, first what that means for the logs. */
const messageOf = (code: CloudErrorCode) => (code === 'NOT_FOUND' ? `${LOST}. AWS: ${WORDS}` : WORDS);
const WORDS = 'in the words of AWS';
const LOST = `what was encrypted under ${KEY} cannot be read any more, since the key does not exist in eu-west-1`;
const respaced = (text: string) => JSON.stringify(JSON.parse(text), null, 3);

function failing(code: CloudErrorCode, call = 'kms:PutKeyPolicy', message = WORDS) {
  return new CloudError(code, call, message);
}

function aRun(journal: Journal): PolicyRun {
  return { runId: 'run-1', actor: CALLER.arn, journal, clock: () => NOW, rules: rulesAt(NOW), wait: waited };
}

/** A fake KMS with the policy. `adapt` replaces some of its calls. */
function setUp(policy: string, adapt: (keys: Keys) => Partial<Keys> = () => ({})) {
  const fake = fakeCloud({ policies: { [KEY]: policy } });
  const book = fakeJournal();
  const keys = { ...fake.cloud.keys, ...adapt(fake.cloud.keys) };
  return { ...book, keys, log: fake.log, policyNow: () => fake.policies.get(KEY), run: aRun(book.journal) };
}

describe('a repair is planned', () => {
  const plan = (inspection: Parameters<typeof planRepair>[0], store = aLogGroup()) =>
    planRepair(inspection, store, [wholeScope(policySubjectOf(store) as PolicySubject)]);
  const notes = { narrowerBefore: [], alsoCovers: [], stillDenied: [] };
  const nothing = { keyArn: KEY, statement: null, change: null, refusal: null, keyReasons: [], notes };
  const refusedFor = (reason: Reason) => ({ ...nothing, refusal: reason, keyReasons: [reason] });

  it('as no change if the policy allows CloudWatch Logs already', () => {
    expect(plan(anInspection({ policy: aPolicyInspection() }))).toEqual(nothing);
  });

  it('as refused if the policy needs nothing, but the key is in a state in which it cannot be used', () => {
    const reasons = [aReason('KEY_DISABLED')];

    expect(plan(anInspection({ policy: aPolicyInspection(), reasons }))).toEqual(refusedFor(aReason('KEY_DISABLED')));
    const unread = [aReason('KEY_UNREADABLE')];
    expect(plan(anInspection({ policy: aPolicyInspection(), reasons: unread }))).toEqual(nothing);
  });

  it('as the complete new policy if a statement is missing', () => {
    const { keyArn, statement, change, refusal } = plan(anInspection({ policy: aPolicyInspection(OTHER_GROUPS) }));

    expect({ keyArn, refusal }).toEqual({ keyArn: KEY, refusal: null });
    expect(change).toMatchObject({ keyArn: KEY, from: OTHER_GROUPS });
    expect(JSON.parse(change?.to ?? '').Statement).toEqual([...JSON.parse(OTHER_GROUPS).Statement, statement]);
    expect(plan(anInspection({ policy: aPolicyInspection(change?.to) }))).toEqual(nothing);
  });

  it('with a separate statement for query results', () => {
    const { statement } = plan(
      anInspection({ policy: aPolicyInspection() }),
      logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME),
    );

    expect(statement?.Sid).toBe('LogsealQueryResults');
  });

  it('in any state of the key, with why it cannot be used all the same', () => {
    const inspection = anInspection({ reasons: [aReason('KEY_DISABLED')], policy: aPolicyInspection(OTHER_GROUPS) });

    expect(plan(inspection)).toMatchObject({
      refusal: null,
      change: { from: OTHER_GROUPS },
      keyReasons: [aReason('KEY_DISABLED')],
    });
    const unknown = { ...inspection, reasons: [aReason('KEY_UNREADABLE')] };
    expect(plan(unknown)).toMatchObject({ change: { from: OTHER_GROUPS }, keyReasons: [] });
  });

  it.each(['KEY_NOT_SYMMETRIC', 'KEY_WRONG_USAGE'] as const)('as the refusal %s, which no policy can fix', (code) => {
    const inspection = anInspection({
      reasons: [aReason('KEY_DISABLED'), aReason(code)],
      policy: aPolicyInspection(OTHER_GROUPS),
    });

    const refused = { ...nothing, refusal: aReason(code), keyReasons: inspection.reasons };
    expect(plan(inspection)).toEqual(refused);
    const unread = { status: 'UNREADABLE', service: SERVICE, message: 'no', fix: 'ask' } as const;
    expect(plan({ ...inspection, policy: unread })).toEqual(refused);
  });

  it.each([
    ['KEY_POLICY_DENIES', 'HIGH', aPolicyInspection(aDenyingPolicy())],
    ['KEY_POLICY_UNREADABLE', 'LOW', aPolicyInspection('{')],
    ['KEY_POLICY_UNREADABLE', 'LOW', { status: 'UNREADABLE', service: SERVICE, message: 'no', fix: 'ask' } as const],
  ])('as the refusal %s if no statement fixes the policy', (code, severity, policy) => {
    expect(plan(anInspection({ policy }))).toEqual({
      ...nothing,
      refusal: { code, severity, message: expect.any(String), fix: expect.any(String) },
    });
  });

  it('as the reason why the key could not be read', () => {
    const refusal = aReason('KEY_NOT_FOUND');

    expect(plan(anInspection({ keyArn: null, reasons: [refusal] }))).toEqual({ ...refusedFor(refusal), keyArn: null });
    const away = aReason('KEY_WRONG_REGION');
    expect(plan(anInspection({ reasons: [away] }))).toEqual(refusedFor(away));
  });

  it('as the reason that AWS manages the key, whatever its policy says', () => {
    const refusal = aReason('KEY_AWS_MANAGED');
    const policy = aPolicyInspection(OTHER_GROUPS);

    expect(plan(anInspection({ reasons: [refusal] }))).toEqual(refusedFor(refusal));
    expect(plan(anInspection({ reasons: [refusal], policy }))).toEqual(refusedFor(refusal));
  });
});

describe('a policy is written', () => {
  const changed = { keyArn: KEY, outcome: 'CHANGED', refusal: null, error: null, inEffect: true };

  it('between two journal entries, after it was read once more', async () => {
    const seen: unknown[] = [];
    const { keys, log, entries, policyNow } = setUp(OTHER_GROUPS);
    const journal: Journal = {
      append: async (entry) => {
        entries.push(entry);
        seen.push([entry.phase, policyNow()]);
      },
    };

    expect(await writePolicy(CHANGE, keys, aRun(journal))).toEqual(changed);

    expect(seen).toEqual([
      ['INTENT', OTHER_GROUPS],
      ['DONE', CHANGE.to],
    ]);
    const entry = aPolicyEntry({ from: OTHER_GROUPS, to: CHANGE.to });
    expect(entries).toEqual([{ ...entry, phase: 'INTENT' }, entry]);
    expect(log).toEqual([GET, PUT, GET]);
    expect(waited).not.toHaveBeenCalled();
  });

  it('unless somebody changed it in between', async () => {
    const { keys, log, run, entries, phases, policyNow } = setUp(aLogsPolicy('/theirs'));

    const outcome = await writePolicy(CHANGE, keys, run);

    expect(outcome).toMatchObject({
      outcome: 'REFUSED',
      refusal: { code: 'KEY_POLICY_CHANGED', fix: expect.stringContaining('again') },
      error: null,
      inEffect: false,
    });
    expect(log).toEqual([GET]);
    expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} FAILED`]);
    expect(entries[1]?.error).toBe(outcome.refusal?.message);
    expect(policyNow()).toBe(aLogsPolicy('/theirs'));
    expect(changesIn(entries)).toEqual([]);
  });

  it.each([
    ['ACCESS_DENIED', 'CALLER_MISSING_RIGHTS', 'HIGH', 'allow the caller kms:PutKeyPolicy on the key'],
    ['INVALID_REQUEST', 'ACCESS_DENIED', 'HIGH', 'would lock you out'],
    ['NOT_FOUND', 'KEY_NOT_FOUND', 'CRITICAL', 'the key is gone'],
  ] as const)('and refused if KMS answers %s', async (code, refusal, severity, fix) => {
    const { keys, run, entries, phases, policyNow } = setUp(OTHER_GROUPS, () => ({
      putPolicy: () => Promise.reject(failing(code)),
    }));

    expect(await writePolicy(CHANGE, keys, run)).toEqual({
      keyArn: KEY,
      outcome: 'REFUSED',
      refusal: { code: refusal, severity, message: messageOf(code), fix: expect.stringContaining(fix) },
      error: null,
      inEffect: false,
    });
    expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} FAILED`]);
    expect(entries[1]?.error).toBe('in the words of AWS');
    expect(policyNow()).toBe(OTHER_GROUPS);
  });

  it('and refused if the caller may no longer read it', async () => {
    const { keys, log, run, phases } = setUp(OTHER_GROUPS, () => ({
      policyText: () => Promise.reject(failing('ACCESS_DENIED', 'kms:GetKeyPolicy')),
    }));

    expect(await writePolicy(CHANGE, keys, run)).toMatchObject({
      outcome: 'REFUSED',
      refusal: { code: 'CALLER_MISSING_RIGHTS', fix: expect.stringContaining('kms:GetKeyPolicy') },
    });
    expect(log).toEqual([]);
    expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} FAILED`]);
  });

  it.each(['NETWORK', 'UNAVAILABLE', 'THROTTLED'] as const)(
    'and fails if it cannot be read at the moment: %s (nothing was written, so no answer was lost)',
    async (code) => {
      const policyText = vi.fn(() => Promise.reject(failing(code, 'kms:GetKeyPolicy')));
      const { keys, log, run, phases } = setUp(OTHER_GROUPS, () => ({ policyText }));

      expect(await writePolicy(CHANGE, keys, run)).toMatchObject({ outcome: 'FAILED', error: { code } });
      expect(policyText).toHaveBeenCalledTimes(1);
      expect(log).toEqual([]);
      expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} FAILED`]);
    },
  );

  it('and fails if the credentials have expired', async () => {
    const { keys, run, phases } = setUp(OTHER_GROUPS, () => ({
      putPolicy: () => Promise.reject(failing('CREDENTIALS')),
    }));

    expect(await writePolicy(CHANGE, keys, run)).toMatchObject({ outcome: 'FAILED', error: { code: 'CREDENTIALS' } });
    expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} FAILED`]);
  });

  describe.each(['NETWORK', 'UNAVAILABLE', 'THROTTLED'] as const)('and the answer may have been lost (%s):', (code) => {
    it('it is done if KMS has the new policy', async () => {
      const { keys, run, phases, policyNow } = setUp(OTHER_GROUPS, ({ putPolicy }) => ({
        putPolicy: async (keyArn, text) => {
          await putPolicy(keyArn, respaced(text));
          throw failing(code);
        },
      }));

      expect(await writePolicy(CHANGE, keys, run)).toEqual(changed);
      expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} DONE`]);
      expect(isSamePolicy(policyNow() ?? '', CHANGE.to)).toBe(true);
    });

    it('the result is unknown if KMS still answers with the old policy: no DONE or FAILED entry', async () => {
      const { keys, run, phases } = setUp(OTHER_GROUPS, () => ({ putPolicy: () => Promise.reject(failing(code)) }));

      expect(await writePolicy(CHANGE, keys, run)).toMatchObject({
        outcome: 'FAILED',
        error: { code, message: 'in the words of AWS' },
        inEffect: false,
      });
      expect(phases()).toEqual([`${KEY} INTENT`]);
    });

    it('the result is unknown if the policy cannot be read: no DONE or FAILED entry', async () => {
      let reads = 0;
      const { keys, run, entries, phases } = setUp(OTHER_GROUPS, ({ policyText }) => ({
        policyText: (keyArn) =>
          ++reads === 1 ? policyText(keyArn) : Promise.reject(failing('NETWORK', 'kms:GetKeyPolicy', 'no route')),
        putPolicy: () => Promise.reject(failing(code)),
      }));

      expect(await writePolicy(CHANGE, keys, run)).toMatchObject({ outcome: 'FAILED', error: { code } });
      expect(phases()).toEqual([`${KEY} INTENT`]);
      expect(changesIn(entries)).toMatchObject([{ keyArn: KEY, from: OTHER_GROUPS, to: CHANGE.to }]);
    });
  });

  it('never without an INTENT entry in the journal', async () => {
    const { keys, log, policyNow } = setUp(OTHER_GROUPS);
    const journal: Journal = { append: () => Promise.reject(new Error('disk full')) };

    await expect(writePolicy(CHANGE, keys, aRun(journal))).rejects.toThrow('disk full');
    expect(log).toEqual([]);
    expect(policyNow()).toBe(OTHER_GROUPS);
  });

  it('and a defect of the program is thrown, without a DONE or FAILED entry', async () => {
    const { keys, run, phases } = setUp(OTHER_GROUPS, () => ({
      putPolicy: () => Promise.reject(new TypeError('a defect')),
    }));

    await expect(writePolicy(CHANGE, keys, run)).rejects.toThrow('a defect');
    expect(phases()).toEqual([`${KEY} INTENT`]);
  });
});

describe('the wait until KMS answers with a new policy', () => {
  /** Answers with the old policy to some reads after the write. */
  function slow(reads: number, answer: () => Promise<string> = async () => OTHER_GROUPS) {
    let left = 0;
    let asked = 0;
    const { keys, run, phases } = setUp(OTHER_GROUPS, ({ policyText, putPolicy }) => ({
      policyText: (keyArn) => {
        asked++;
        return left-- > 0 ? answer() : policyText(keyArn);
      },
      putPolicy: async (keyArn, text) => {
        await putPolicy(keyArn, respaced(text));
        left = reads;
      },
    }));
    return { keys, run, phases, asked: () => asked - 1 };
  }

  it('ends as soon as KMS answers with it, in any spacing', async () => {
    const { keys, run, asked } = slow(3);

    expect(await writePolicy(CHANGE, keys, run)).toMatchObject({ outcome: 'CHANGED', inEffect: true });
    expect(asked()).toBe(4);
    expect(waited.mock.calls).toEqual([[1000], [1000], [1000]]);
  });

  it('goes on after a read that fails', async () => {
    const { keys, run, asked } = slow(5, () => Promise.reject(failing('THROTTLED', 'kms:GetKeyPolicy')));

    expect(await writePolicy(CHANGE, keys, run)).toMatchObject({ outcome: 'CHANGED', inEffect: true });
    expect(asked()).toBe(6);
  });

  it('ends after half a minute, with the policy written but perhaps not in effect', async () => {
    const { keys, run, asked, phases } = slow(Number.POSITIVE_INFINITY);

    expect(await writePolicy(CHANGE, keys, run)).toMatchObject({ outcome: 'CHANGED', inEffect: false, error: null });
    expect(asked()).toBe(30);
    expect(waited).toHaveBeenCalledTimes(29);
    expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} DONE`]);
  });

  it('throws a defect of the program', async () => {
    const { keys, run } = slow(1, () => Promise.reject(new TypeError('a defect')));

    await expect(writePolicy(CHANGE, keys, run)).rejects.toThrow('a defect');
  });
});

it('every policy survives a repair, and its undo unless an earlier statement cannot be put back', async () => {
  const target = { provider: 'aws', account: '111122223333', region: 'us-east-1' } as const;
  const logGroup = { ...target, type: 'log-group', name: '/app/example', arn: LOG_GROUP_ARN } as const;
  const stores = fc.constantFrom(logGroup, logGroup, logStoreOf('query-results', 'aws', target, QUERY_RESULTS_NAME));
  const sids = fc.constantFrom(undefined, undefined, 'LogsealLogGroups', 'LogsealQueryResults', 'Theirs');
  const indents = fc.constantFrom<string | number | undefined>(undefined, 2, '\t');
  let repaired = 0;
  let untouched = 0;
  let refused = 0;

  await fc.assert(
    fc.asyncProperty(statements, stores, sids, indents, fc.nat(), async (all, store, sid, indent, at) => {
      const named = all.map((one, index) => (index === at % all.length && sid ? { Sid: sid, ...one } : one));
      const original = JSON.stringify(
        { Version: '2012-10-17', Id: 'key-1', Statement: [...named, ROOT] },
        null,
        indent,
      );
      expect(parseKeyPolicy(original).ok).toBe(true);
      let policy = original;
      const keys: Keys = {
        ...fakeCloud().cloud.keys,
        policyText: async () => policy,
        putPolicy: async (_keyArn, text) => {
          policy = text;
        },
      };
      const { journal, entries } = fakeJournal();
      const inspection = anInspection({ keyArn: KEY_ARN, policy: aPolicyInspection(original, KEY_ARN) });
      const scope = wholeScope(policySubjectOf(store) as PolicySubject);

      const { change, statement } = planRepair(inspection, store, [scope]);
      if (!change) {
        untouched++;
        return;
      }
      expect(await writePolicy(change, keys, aRun(journal))).toMatchObject({ outcome: 'CHANGED', inEffect: true });
      expect(isSamePolicy(policy, original)).toBe(false);
      expect(JSON.parse(policy).Statement).toContainEqual(statement);
      const again = anInspection({ keyArn: KEY_ARN, policy: aPolicyInspection(policy, KEY_ARN) });
      expect(planRepair(again, store, [scope])).toMatchObject({ change: null, refusal: null });

      const [made] = changesIn(entries);
      if (made?.change !== 'POLICY') throw new Error('the repair is not in the journal');
      const planned = await planPolicyUndo(made, [], keys, aRun(journal));
      const undone = await undoPolicy(planned, keys, aRun(journal));
      if (undone.outcome === 'CHANGED') {
        expect(undone.inEffect).toBe(true);
        expect(isSamePolicy(policy, original)).toBe(true);
      } else {
        expect(undone).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'JOURNAL_NOT_TRUSTED' } });
        expect(named.some(({ Sid }) => Sid === statement?.Sid)).toBe(true);
        expect(policy).toBe(change.to);
        refused++;
      }
      repaired++;
    }),
    { numRuns: 3000, seed: SEED },
  );

  expect(repaired).toBeGreaterThan(1000);
  expect(refused).toBeLessThan(repaired / 5);
  expect(repaired + untouched).toBe(3000);
  expect(waited).not.toHaveBeenCalled();
});
