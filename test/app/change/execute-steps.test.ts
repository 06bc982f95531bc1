import { describe, expect, it } from 'vitest';
import { executeStep, executeSteps } from '../../../lib/app/change/execute-steps.ts';
import type { ChangeRun } from '../../../lib/app/change/journalled.ts';
import { denialExplainer } from '../../../lib/app/key/explain-denial.ts';
import type { Cloud, Journal, LogStores } from '../../../lib/app/ports.ts';
import { type Evaluation, type Resolution, resolutionOf } from '../../../lib/domain/evaluation.ts';
import type { Outcome } from '../../../lib/domain/plan-step.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { JournalError } from '../../../lib/errors.ts';
import { CONCURRENT_CHANGES } from '../../../lib/pacing.ts';
import { aChange } from '../../support/apply-steps.ts';
import { aKey, aKeyArn, aLogGroup, aReason, NOW } from '../../support/builders.ts';
import { aCloudError, aDenial, CALLER, type FakeWorld, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const OLD = aKeyArn('old');

function aRun(journal: Journal): ChangeRun {
  return { runId: 'run-1', actor: CALLER.arn, journal, clock: () => NOW };
}

const KEYS = { [KEY]: aKey() };
const FACTS = { store: aLogGroup(), fromKeyArn: null, toKeyArn: KEY, severity: null };

/** The log store is as it was. */
function stillDue(step = aChange()): () => Promise<Resolution> {
  return async () => ({ kind: 'CHANGE', step });
}

/** Settles resolutions. `error` is what was thrown. */
async function settled(resolutions: readonly Resolution[], world: FakeWorld = {}, journal?: Journal) {
  const fake = fakeCloud({ keys: KEYS, ...world });
  const book = fakeJournal();
  const reported: Outcome[] = [];
  const onOutcome = (outcome: Outcome) => void reported.push(outcome);
  const options = { ...aRun(journal ?? book.journal), rules: rulesAt(NOW), onOutcome };
  let error: unknown = null;
  const storeOf = (each: Resolution) => (each.kind === 'CHANGE' ? each.step : each.outcome).store;
  const work = { storeOf, resolve: async (some: readonly Resolution[]) => some };
  const outcomes = await executeSteps(resolutions, work, fake.cloud, options).catch((thrown) => {
    error = thrown;
    return [];
  });
  return { ...fake, ...book, outcomes, reported, error, phases: book.phases() };
}

function explain(cloud: Cloud) {
  return denialExplainer(cloud, { rules: rulesAt(NOW), clock: () => NOW });
}

/** Seals `/app/a` where the call fails. */
async function sealFailing(error: Error, adapt: (cloud: Cloud) => Partial<Cloud['logStores']> = () => ({})) {
  const { cloud, attached } = fakeCloud({
    keys: KEYS,
    groups: { '/app/a': OLD },
    failures: { 'logs:AssociateKmsKey': error },
  });
  const { journal, entries, phases } = fakeJournal();
  const step = aChange({ fromKeyArn: OLD });
  const outcome = await executeStep(
    step,
    { ...cloud.logStores, ...adapt(cloud) },
    aRun(journal),
    explain(cloud),
    stillDue(step),
  );
  return { step, outcome, entries, phases: phases(), keyArn: attached.get('/app/a') };
}

describe('a change', () => {
  it('is journalled before and after', async () => {
    const { cloud, attached } = fakeCloud({ groups: { '/app/a': OLD } });
    const { entries } = fakeJournal();
    const seen: unknown[] = [];
    const journal: Journal = {
      append: async (entry) => {
        entries.push(entry);
        seen.push(attached.get('/app/a'));
      },
    };
    const step = aChange({ fromKeyArn: OLD });

    const outcome = await executeStep(step, cloud.logStores, aRun(journal), explain(cloud), stillDue(step));

    expect(outcome).toEqual({ ...step, outcome: 'SEALED', error: null });
    expect(seen).toEqual([OLD, KEY]);
    const entry = {
      schema: 'logseal/journal/1',
      runId: 'run-1',
      time: '2026-11-21T00:00:00.000Z',
      actor: CALLER.arn,
      store: step.store,
      change: 'KEY',
      from: OLD,
      to: KEY,
      error: null,
    };
    expect(entries).toEqual([
      { ...entry, phase: 'INTENT' },
      { ...entry, phase: 'DONE' },
    ]);
  });

  it('is not made if its INTENT cannot be written', async () => {
    const { cloud, log } = fakeCloud({ groups: { '/app/a': null } });
    const journal: Journal = { append: () => Promise.reject(new Error('disk full')) };

    await expect(executeStep(aChange(), cloud.logStores, aRun(journal), explain(cloud), stillDue())).rejects.toThrow(
      'disk full',
    );
    expect(log).toEqual([]);
  });

  it.each<[string, Evaluation, Outcome['outcome']]>([
    ['refused', { ...FACTS, kind: 'REFUSED', refusal: aReason() }, 'REFUSED'],
    ['done already', { ...FACTS, kind: 'COMPLIANT' }, 'UNCHANGED'],
  ])('that is %s costs no call and no entry', async (_, evaluation, outcome) => {
    const { outcomes, log, entries } = await settled([resolutionOf(evaluation)]);

    const refusal = evaluation.kind === 'REFUSED' ? evaluation.refusal : null;
    expect(outcomes).toEqual([{ ...FACTS, action: 'NONE', refusal, warnings: [], outcome, error: null }]);
    expect({ log, entries }).toEqual({ log: [], entries: [] });
  });
});

describe('changes side by side', () => {
  const changes = (count: number): Resolution[] =>
    Array.from({ length: count }, (_, index) => ({ kind: 'CHANGE', step: aChange({ name: `/many/${index}` }) }));

  it.each(['/many/0', '/many/7'])('are completed after a defect, and no more are begun: %s', async (name) => {
    const failures = { [`logs:AssociateKmsKey ${name}`]: new TypeError('a defect') };
    const { reported, log, phases, error } = await settled(changes(50), { failures });

    expect(error).toEqual(new TypeError('a defect'));
    expect(log.length).toBeLessThanOrEqual(Number(name.slice(6)) + CONCURRENT_CHANGES);
    expect(reported).toHaveLength(log.length - 1);
    // Each has its DONE entry, except the one with the defect.
    expect(phases).toHaveLength(2 * log.length - 1);
  });

  it('are not begun any more after the journal could not be written', async () => {
    let entries = 0;
    const journal: Journal = {
      append: async () => {
        if (++entries > 10) throw new JournalError('disk full');
      },
    };
    const { log, error } = await settled(changes(50), {}, journal);

    expect(error).toEqual(new JournalError('disk full'));
    expect(log.length).toBeLessThanOrEqual(10);
    expect(entries).toBeLessThanOrEqual(10 + CONCURRENT_CHANGES);
  });
});

describe('what the cloud refuses for good', () => {
  const denial = aDenial({ action: 'kms:Encrypt', resource: aKeyArn(), isExplicitDeny: false });

  it.each([
    [aCloudError('NOT_FOUND', 'no such group'), 'STORE_GONE', 'LOW', '/app/a no longer exists', 'nothing to do'],
    [denial, 'CALLER_MISSING_RIGHTS', 'HIGH', denial.message, 'allow the caller kms:Encrypt'],
    [
      aCloudError('ACCESS_DENIED', 'not allowed to be used'),
      'ACCESS_DENIED',
      'HIGH',
      'not allowed to be used',
      'in the last few minutes',
    ],
    [aCloudError('INVALID_REQUEST', 'key is odd'), 'ACCESS_DENIED', 'HIGH', 'key is odd', 'plan again'],
  ])('%s is refused as %s', async (error, code, severity, message, fix) => {
    const { step, outcome, entries, phases } = await sealFailing(error);

    expect(outcome).toEqual({
      ...step,
      outcome: 'REFUSED',
      refusal: {
        code,
        severity,
        message,
        fix: expect.stringContaining(fix),
        ...(error === denial && { missingRight: { action: 'kms:Encrypt', resource: KEY } }),
      },
      error: null,
    });
    expect(phases).toEqual(['/app/a INTENT', '/app/a FAILED']);
    expect(entries[1]?.error).toBe(error.message);
  });
});

describe('what may work another time', () => {
  it.each(['THROTTLED', 'CREDENTIALS', 'NETWORK', 'UNAVAILABLE'] as const)('%s is FAILED', async (code) => {
    const { step, outcome, phases, keyArn } = await sealFailing(aCloudError(code, 'in the words of AWS'));

    expect(outcome).toEqual({ ...step, outcome: 'FAILED', error: { code, message: 'in the words of AWS' } });
    // An attempt whose answer was lost may still be on its way, even where the last one was answered.
    const isLost = code !== 'CREDENTIALS';
    expect(phases).toEqual(isLost ? ['/app/a INTENT'] : ['/app/a INTENT', '/app/a FAILED']);
    expect(keyArn).toBe(OLD);
  });
});

describe('an answer that was lost', () => {
  const lost = aCloudError('NETWORK', 'connection reset');

  it.each([lost, aCloudError('UNAVAILABLE'), aCloudError('THROTTLED')])(
    'is DONE if the store turns out to have the new key: %s',
    async (error) => {
      const { outcome, phases, keyArn } = await sealFailing(error, () => ({
        read: async (stores) => stores.map((store) => ({ status: 'FOUND', found: { store, keyArn: KEY } })),
      }));

      expect(outcome).toMatchObject({ outcome: 'SEALED', error: null });
      expect(phases).toEqual(['/app/a INTENT', '/app/a DONE']);
      expect(keyArn).toBe(OLD);
    },
  );

  it('leaves the INTENT alone if the store cannot be read', async () => {
    const { outcome, phases } = await sealFailing(lost, () => ({
      read: () => Promise.reject(aCloudError('NETWORK', 'still no network')),
    }));

    expect(outcome).toMatchObject({ outcome: 'FAILED', error: { code: 'NETWORK', message: 'connection reset' } });
    expect(phases).toEqual(['/app/a INTENT']);
  });

  it('is FAILED and leaves the INTENT alone if somebody else attached another key', async () => {
    const { outcome, phases } = await sealFailing(lost, () => ({
      read: async (stores) => stores.map((store) => ({ status: 'FOUND', found: { store, keyArn: aKeyArn('theirs') } })),
    }));

    expect(outcome.outcome).toBe('FAILED');
    expect(phases).toEqual(['/app/a INTENT']);
  });

  const refused = aCloudError('INVALID_REQUEST', 'the key is disabled');
  const seal: LogStores['seal'] = async (_store, _key, _irreversible, beforeRequest) => {
    await beforeRequest?.();
    await beforeRequest?.();
    throw refused;
  };
  it.each([
    [KEY, 'SEALED', ['/app/a INTENT', '/app/a DONE']],
    [OLD, 'REFUSED', ['/app/a INTENT', '/app/a FAILED']],
  ])('counts where a later attempt was refused: the store has %s', async (keyArn, outcome, expected) => {
    const sealed = await sealFailing(refused, () => ({
      seal,
      read: async (stores) => stores.map((store) => ({ status: 'FOUND', found: { store, keyArn } })),
    }));

    expect(sealed.outcome.outcome).toBe(outcome);
    expect(sealed.phases).toEqual(expected);
  });

  it('leaves the INTENT alone where a later attempt was refused and the store cannot be read', async () => {
    const read = () => Promise.reject(aCloudError('NETWORK', 'still no network'));
    const { outcome, phases } = await sealFailing(refused, () => ({ seal, read }));

    expect(outcome.outcome).toBe('FAILED');
    expect(phases).toEqual(['/app/a INTENT']);
  });

  it('is FAILED if the store is gone', async () => {
    const { outcome, phases } = await sealFailing(lost, () => ({
      read: async (stores) => stores.map((store) => ({ status: 'GONE', store })),
    }));

    expect(outcome.outcome).toBe('FAILED');
    expect(phases).toEqual(['/app/a INTENT', '/app/a FAILED']);
  });
});

it('a defect of the program is thrown, and leaves the INTENT alone', async () => {
  const { cloud } = fakeCloud({
    groups: { '/app/a': null },
    failures: { 'logs:AssociateKmsKey': new TypeError('a defect') },
  });
  const { journal, phases } = fakeJournal();

  await expect(executeStep(aChange(), cloud.logStores, aRun(journal), explain(cloud), stillDue())).rejects.toThrow(
    'a defect',
  );
  expect(phases()).toEqual(['/app/a INTENT']);
});

it('a defect in reading a store again is thrown too', async () => {
  const read = () => Promise.reject(new TypeError('a defect'));

  await expect(sealFailing(aCloudError('NETWORK'), () => ({ read }))).rejects.toThrow('a defect');
});
