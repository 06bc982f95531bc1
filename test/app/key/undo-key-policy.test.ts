import { describe, expect, it, vi } from 'vitest';
import type { PolicyRun } from '../../../lib/app/key/repair-key-policy.ts';
import { planPolicyUndo, undoPolicy } from '../../../lib/app/key/undo-key-policy.ts';
import type { Journal, Keys } from '../../../lib/app/ports.ts';
import { changesIn, type PolicyEntry } from '../../../lib/domain/journal.ts';
import { repairKeyPolicy } from '../../../lib/domain/key-policy/repair-policy.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { CloudError, type CloudErrorCode } from '../../../lib/errors.ts';
import { aKeyArn, aLogsPolicy, anOpenPolicy, aPolicyEntry, aReadPolicy, NOW } from '../../support/builders.ts';
import { CALLER, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const GET = `kms:GetKeyPolicy ${KEY}`;
const PUT = `kms:PutKeyPolicy ${KEY}`;
const BEFORE = aLogsPolicy('/other');
const AFTER = repairedFor(BEFORE, '/app/a');
const ENTRY = aPolicyEntry({ from: BEFORE, to: AFTER });
const BY = { actor: CALLER.arn, rules: rulesAt(NOW) };

function repairedFor(text: string, name: string): string {
  const pattern = `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`;
  const repair = repairKeyPolicy(aReadPolicy(text), [{ type: 'log-groups', pattern }]);
  if (repair.kind !== 'REPAIR') throw new Error(JSON.stringify(repair));
  return repair.text;
}

function aRun(journal: Journal, more: Partial<PolicyRun> = {}): PolicyRun {
  return { ...BY, runId: 'run-2', journal, clock: () => NOW, wait: async () => undefined, ...more };
}

/** A fake KMS with the policy. `adapt` replaces some of its calls. */
function setUp(policy: string, adapt: (keys: Keys) => Partial<Keys> = () => ({})) {
  const fake = fakeCloud({ policies: { [KEY]: policy } });
  const book = fakeJournal();
  const keys = { ...fake.cloud.keys, ...adapt(fake.cloud.keys) };
  const plan = (entry: PolicyEntry = ENTRY, later: readonly PolicyEntry[] = []) =>
    planPolicyUndo(entry, later, keys, BY);
  return { ...book, keys, log: fake.log, policyNow: () => fake.policies.get(KEY), run: aRun(book.journal), plan };
}

describe('the undo of a repair is planned', () => {
  it('by the policy as it is now, and nothing is written', async () => {
    const now = JSON.stringify({ ...JSON.parse(AFTER), Id: 'theirs' });
    const { plan, log, entries } = setUp(now);

    expect(await plan()).toEqual({
      kind: 'CHANGE',
      entry: ENTRY,
      change: { keyArn: KEY, from: now, to: JSON.stringify({ ...JSON.parse(BEFORE), Id: 'theirs' }) },
    });
    expect({ log, entries }).toEqual({ log: [GET], entries: [] });
  });

  const left = { keyArn: KEY, refusal: null, error: null, inEffect: false };
  it('as nothing to do if the statement is out already', async () => {
    expect(await setUp(BEFORE).plan()).toEqual({
      kind: 'SETTLED',
      entry: ENTRY,
      outcome: { ...left, outcome: 'UNCHANGED', inEffect: true },
    });
  });

  it('as refused, by what a later run did', async () => {
    const wider = repairedFor(AFTER, '/app/b');
    const later = aPolicyEntry({ runId: 'run-3', from: AFTER, to: wider });

    expect(await setUp(wider).plan(ENTRY, [later])).toMatchObject({
      kind: 'SETTLED',
      outcome: { outcome: 'REFUSED', refusal: { code: 'KEY_POLICY_CHANGED', fix: 'take run run-3 back first' } },
    });
  });

  it('as refused if the entry is none that logseal writes', async () => {
    expect(await setUp(AFTER).plan(aPolicyEntry({ from: anOpenPolicy(), to: AFTER }))).toMatchObject({
      outcome: { outcome: 'REFUSED', refusal: { code: 'JOURNAL_NOT_TRUSTED' } },
    });
  });

  it.each([
    ['ACCESS_DENIED', 'REFUSED', 'CALLER_MISSING_RIGHTS'],
    ['NOT_FOUND', 'REFUSED', 'KEY_NOT_FOUND'],
    ['THROTTLED', 'FAILED', 'THROTTLED'],
  ] as const)('and %s when the policy is read gives %s', async (code: CloudErrorCode, outcome, why) => {
    const { plan } = setUp(AFTER, () => ({
      policyText: () => Promise.reject(new CloudError(code, 'kms:GetKeyPolicy', 'in the words of AWS')),
    }));

    const planned = await plan();

    if (planned.kind !== 'SETTLED') throw new Error('it is planned as a change');
    const { refusal, error } = planned.outcome;
    expect([planned.outcome.outcome, refusal?.code ?? error?.code]).toEqual([outcome, why]);
    expect(refusal?.message ?? error?.message).toContain('in the words of AWS');
  });

  it('and a defect of the program is thrown', async () => {
    const { plan } = setUp(AFTER, () => ({ policyText: () => Promise.reject(new TypeError('a defect')) }));

    await expect(plan()).rejects.toThrow('a defect');
  });
});

describe('a repair is undone', () => {
  it('as planned, with a journal entry in the other direction, and the undo can be undone', async () => {
    const { plan, keys, run, entries, policyNow } = setUp(AFTER);

    expect(await undoPolicy(await plan(), keys, run)).toEqual({
      keyArn: KEY,
      outcome: 'CHANGED',
      refusal: null,
      error: null,
      inEffect: true,
    });

    expect(policyNow()).toBe(BEFORE);
    const entry = aPolicyEntry({ runId: 'run-2', from: AFTER, to: BEFORE });
    expect(entries).toEqual([{ ...entry, phase: 'INTENT' }, entry]);
    const [undone] = changesIn(entries);
    if (undone?.change !== 'POLICY') throw new Error('no change of a policy');
    expect(await undoPolicy(await plan(undone), keys, { ...run, runId: 'run-3' })).toMatchObject({
      outcome: 'CHANGED',
    });
    expect(policyNow()).toBe(AFTER);
  });

  it('with no call and no entry where nothing is to be written', async () => {
    const { plan, keys, run, entries, log } = setUp(BEFORE);
    const planned = await plan();
    log.length = 0;

    expect(await undoPolicy(planned, keys, run)).toMatchObject({ outcome: 'UNCHANGED' });
    expect({ log, entries }).toEqual({ log: [], entries: [] });
  });

  it('unless somebody else changes the policy after it was planned', async () => {
    const { plan, keys, run, log, phases, policyNow } = setUp(AFTER);
    const planned = await plan();
    await keys.putPolicy(KEY, anOpenPolicy());
    log.length = 0;

    expect(await undoPolicy(planned, keys, run)).toMatchObject({
      outcome: 'REFUSED',
      refusal: { code: 'KEY_POLICY_CHANGED' },
    });
    expect(log).not.toContain(PUT);
    expect(policyNow()).toBe(anOpenPolicy());
    expect(phases()).toEqual([`${KEY} INTENT`, `${KEY} FAILED`]);
  });

  it('as SKIPPED after an interruption, without a call', async () => {
    const { plan, keys, run, entries, log } = setUp(AFTER);
    const planned = await plan();
    log.length = 0;

    const outcome = await undoPolicy(planned, keys, { ...run, signal: AbortSignal.abort() });

    expect(outcome).toMatchObject({ keyArn: KEY, outcome: 'SKIPPED', refusal: null });
    expect({ log, entries }).toEqual({ log: [], entries: [] });
  });

  it('never without an INTENT entry in the journal', async () => {
    const { plan, keys, policyNow } = setUp(AFTER);
    const append = vi.fn(() => Promise.reject(new Error('disk full')));

    await expect(undoPolicy(await plan(), keys, aRun({ append }))).rejects.toThrow('disk full');
    expect(policyNow()).toBe(AFTER);
  });
});
