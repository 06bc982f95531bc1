import { describe, expect, it } from 'vitest';
import { type ChangeRun, carryOut } from '../../../lib/app/change/execute-steps.ts';
import { denialExplainer } from '../../../lib/app/key/explain-denial.ts';
import type { Cloud, Journal } from '../../../lib/app/ports.ts';
import { aKey, aKeyArn, aReason, aStep, NOW } from '../../support/builders.ts';
import { aCloudError, aDenial, CALLER, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();
const OLD = aKeyArn('old');

function aRun(journal: Journal): ChangeRun {
  return { runId: 'run-1', actor: CALLER.arn, journal, clock: () => NOW };
}

const KEYS = { [KEY]: aKey() };

function explain(cloud: Cloud) {
  return denialExplainer(cloud, () => NOW);
}

/** Seals `/app/a` where the call fails. */
async function sealFailing(error: Error, adapt: (cloud: Cloud) => Partial<Cloud['logStores']> = () => ({})) {
  const { cloud, attached } = fakeCloud({
    keys: KEYS,
    groups: { '/app/a': OLD },
    failures: { 'logs:AssociateKmsKey': error },
  });
  const { journal, entries, phases } = fakeJournal();
  const step = aStep({ fromKeyArn: OLD });
  const outcome = await carryOut(step, { ...cloud.logStores, ...adapt(cloud) }, aRun(journal), explain(cloud));
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
    const step = aStep({ fromKeyArn: OLD });

    const outcome = await carryOut(step, cloud.logStores, aRun(journal), explain(cloud));

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

  it('is not made when its intent cannot be written', async () => {
    const { cloud, log } = fakeCloud({ groups: { '/app/a': null } });
    const journal: Journal = { append: () => Promise.reject(new Error('disk full')) };

    await expect(carryOut(aStep(), cloud.logStores, aRun(journal), explain(cloud))).rejects.toThrow('disk full');
    expect(log).toEqual([]);
  });

  it.each([
    ['refused', aStep({ action: 'NONE', refusal: aReason() }), 'REFUSED'],
    ['done already', aStep({ action: 'NONE' }), 'UNCHANGED'],
  ])('that is %s costs no call and no entry', async (_, step, outcome) => {
    const { cloud, log } = fakeCloud({ groups: { '/app/a': null } });
    const { journal, entries } = fakeJournal();

    expect(await carryOut(step, cloud.logStores, aRun(journal), explain(cloud))).toEqual({
      ...step,
      outcome,
      error: null,
    });
    expect({ log, entries }).toEqual({ log: [], entries: [] });
  });
});

describe('what the cloud refuses for good', () => {
  const denial = aDenial({ action: 'kms:Encrypt', resource: aKeyArn(), isExplicitDeny: false });

  it.each([
    [aCloudError('NOT_FOUND', 'no such group'), 'STORE_GONE', '/app/a no longer exists', 'plan again'],
    [denial, 'CALLER_MISSING_RIGHTS', denial.message, 'allow the caller kms:Encrypt'],
    [aCloudError('ACCESS_DENIED', 'not allowed to be used'), 'ACCESS_DENIED', 'not allowed to be used', 'minutes old'],
    [aCloudError('INVALID_REQUEST', 'key is odd'), 'ACCESS_DENIED', 'key is odd', 'plan again'],
  ])('%s is refused as %s', async (error, code, message, fix) => {
    const { step, outcome, entries, phases } = await sealFailing(error);

    expect(outcome).toEqual({
      ...step,
      outcome: 'REFUSED',
      refusal: { code, message, fix: expect.stringContaining(fix) },
      error: null,
    });
    expect(phases).toEqual(['/app/a INTENT', '/app/a FAILED']);
    expect(entries[1]?.error).toBe(error.message);
  });
});

describe('what may work another time', () => {
  it.each(['THROTTLED', 'CREDENTIALS', 'NETWORK', 'UNAVAILABLE'] as const)('%s has failed', async (code) => {
    const { step, outcome, phases, keyArn } = await sealFailing(aCloudError(code, 'in the words of AWS'));

    expect(outcome).toEqual({ ...step, outcome: 'FAILED', error: { code, message: 'in the words of AWS' } });
    // A request whose answer was lost may still be on its way.
    const isLost = code === 'NETWORK' || code === 'UNAVAILABLE';
    expect(phases).toEqual(isLost ? ['/app/a INTENT'] : ['/app/a INTENT', '/app/a FAILED']);
    expect(keyArn).toBe(OLD);
  });
});

describe('an answer that was lost', () => {
  const lost = aCloudError('NETWORK', 'connection reset');

  it.each([lost, aCloudError('UNAVAILABLE')])('after the change was made means that it is done: %s', async (error) => {
    const { outcome, phases, keyArn } = await sealFailing(error, () => ({
      read: async (stores) => new Map(stores.map((store) => [store.arn, { store, keyArn: KEY }])),
    }));

    expect(outcome).toMatchObject({ outcome: 'SEALED', error: null });
    expect(phases).toEqual(['/app/a INTENT', '/app/a DONE']);
    expect(keyArn).toBe(OLD);
  });

  it('where the store cannot be read leaves the intent without a mark', async () => {
    const { outcome, phases } = await sealFailing(lost, () => ({
      read: () => Promise.reject(aCloudError('NETWORK', 'still no network')),
    }));

    expect(outcome).toMatchObject({ outcome: 'FAILED', error: { code: 'NETWORK', message: 'connection reset' } });
    expect(phases).toEqual(['/app/a INTENT']);
  });

  it('where somebody else attached another key has failed, without a mark', async () => {
    const { outcome, phases } = await sealFailing(lost, () => ({
      read: async (stores) => new Map(stores.map((store) => [store.arn, { store, keyArn: aKeyArn('theirs') }])),
    }));

    expect(outcome.outcome).toBe('FAILED');
    expect(phases).toEqual(['/app/a INTENT']);
  });

  it('where the store is gone has failed', async () => {
    const { outcome } = await sealFailing(lost, () => ({ read: async () => new Map() }));

    expect(outcome.outcome).toBe('FAILED');
  });
});

it('a defect of the program is not swallowed, and its intent stays without a mark', async () => {
  const { cloud } = fakeCloud({
    groups: { '/app/a': null },
    failures: { 'logs:AssociateKmsKey': new TypeError('a defect') },
  });
  const { journal, phases } = fakeJournal();

  await expect(carryOut(aStep(), cloud.logStores, aRun(journal), explain(cloud))).rejects.toThrow('a defect');
  expect(phases()).toEqual(['/app/a INTENT']);
});

it('a defect in reading a store again is not swallowed either', async () => {
  const read = () => Promise.reject(new TypeError('a defect'));

  await expect(sealFailing(aCloudError('NETWORK'), () => ({ read }))).rejects.toThrow('a defect');
});
