import { describe, expect, it } from 'vitest';
import { applyWithCanary, prepareCanary, putBackChanges } from '../../../lib/app/change/apply-canary.ts';
import { applySteps } from '../../../lib/app/change/apply-plan.ts';
import type { Metrics } from '../../../lib/app/ports.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { KEY, KEYS, stepsFor } from '../../support/apply-steps.ts';
import { aReason, aStep, NOW } from '../../support/builders.ts';
import { aCloudError, CALLER, type FakeWorld, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

const MINUTE_MS = 60_000;
const STEPS = [
  ...stepsFor({ '/a': null, '/b': null, '/c': null }),
  aStep({ name: '/no', action: 'NONE', refusal: aReason() }),
];

interface Given {
  readonly asked?: number;
  /** What calls fail with from the first minute of the watch on. */
  readonly failures?: Readonly<Record<string, Error>>;
  /** What calls fail with before. */
  readonly early?: Readonly<Record<string, Error>>;
  /** The log group that is sealed without an answer, and whose key does not show it before the watch. */
  readonly lost?: string;
  /** Called as each call after the watch comes, with the key of each log group. */
  readonly onLateCall?: FakeWorld['onCall'];
  /** Without: all writers end with their change. */
  readonly areWriting?: boolean;
}

/** Applies the steps with a canary in a fake cloud, whose clock stands still but for the waits. */
async function apply(given: Given = {}) {
  const { asked = 2, failures = {}, early = {}, lost, onLateCall, areWriting = false } = given;
  const noAnswer = lost ? { [`logs:AssociateKmsKey ${lost}`]: aCloudError('THROTTLED') } : {};
  let [minute, watchedCount] = [0, 0];
  const fake = fakeCloud({
    ...{ keys: KEYS, groups: { '/a': null, '/b': null, '/c': null } },
    failures: { ...noAnswer, ...early },
    onCall: (line, attached) => minute > 0 && onLateCall?.(line, attached),
  });
  const clock = () => new Date(NOW.getTime() + minute * MINUTE_MS);
  const metrics: Metrics = {
    async *incomingEvents(some, { fromMs, toMs }) {
      for (const store of some) {
        const events = new Map<number, number>();
        for (let ms = fromMs; ms < toMs; ms += MINUTE_MS) if (areWriting || ms < NOW.getTime()) events.set(ms, 60);
        yield { store, events };
      }
    },
    newestEvent: async () => null,
  };
  const cloudOf = () => ({ ...fake.cloud, metrics });
  const book = fakeJournal();
  const by = { runId: 'run-1', actor: CALLER.arn, clock, rules: rulesAt(NOW, { key: KEY }), onOutcome() {} };
  const canary = await prepareCanary(STEPS, cloudOf, { asked, minutes: 10, nowMs: NOW.getTime() });
  const { outcomes, report } = await applyWithCanary(STEPS, canary, {
    ...{ cloudOf, clock, journal: book.journal, signal: new AbortController().signal },
    wait: async () => {
      if (minute++ === 0 && lost) fake.attached.set(lost, KEY);
      for (const [call, error] of Object.entries(failures)) fake.failures.set(call, error);
    },
    seal: (steps, journal) => applySteps(steps, cloudOf(), { ...by, journal }),
    putBack: (changes) => putBackChanges(changes, cloudOf(), { ...by, journal: book.journal }),
    onWatch({ length }) {
      watchedCount = length;
    },
    isKept: async () => false,
  });
  const short = outcomes.map(({ store, outcome, refusal, error }) =>
    [store.name, outcome, refusal?.code ?? error?.code].filter(Boolean).join(' '),
  );
  return { ...fake, canary, watchedCount, outcomes, report, short, phases: book.phases() };
}

describe('a canary', () => {
  it('counts the log stores to seal that are receiving logs', async () => {
    expect((await apply()).canary).toMatchObject({ asked: 2, minutes: 10, receiving: 3 });
  });

  it('that keeps receiving logs is followed by the others', async () => {
    const { short, report, phases } = await apply({ areWriting: true });

    expect(report.result).toBe('RECEIVING');
    expect(short).toEqual(['/a SEALED', '/b SEALED', '/c SEALED', '/no REFUSED KEY_DISABLED']);
    expect(phases.slice(-2)).toEqual(['/c INTENT', '/c DONE']);
  });

  it('that falls silent is put back, and the others are left as they are', async () => {
    const { short, outcomes, attached } = await apply();

    expect(short).toEqual(['/a ROLLED_BACK', '/b ROLLED_BACK', '/c SKIPPED', '/no REFUSED KEY_DISABLED']);
    expect(outcomes[0]).toMatchObject({ action: 'SEAL', fromKeyArn: null, toKeyArn: KEY, refusal: null, error: null });
    expect([...attached.values()]).toEqual([null, null, null]);
  });

  it('that falls silent and cannot be put back is FAILED, since it stays sealed', async () => {
    const { short, outcomes, attached } = await apply({
      failures: { 'logs:DisassociateKmsKey /b': aCloudError('THROTTLED', 'too fast') },
    });

    expect(short).toEqual(['/a ROLLED_BACK', '/b FAILED THROTTLED', '/c SKIPPED', '/no REFUSED KEY_DISABLED']);
    expect(outcomes[1]?.error?.message).toBe('it was sealed and could not be put back: too fast');
    expect(attached.get('/b')).toBe(KEY);
  });

  it('is put back even where AWS does not show the seal yet', async () => {
    const { short, log } = await apply({
      asked: 1,
      onLateCall: (line, attached) => line.startsWith('logs:Describe') && attached.set('/a', null),
    });

    expect(log).toContain('logs:DisassociateKmsKey /a');
    expect(short[0]).toBe('/a ROLLED_BACK');
  });

  it('is read once more after it was put back: what somebody else attached then is reported', async () => {
    let isPutBack = false;
    const { outcomes } = await apply({
      asked: 1,
      onLateCall(line, attached) {
        if (isPutBack) attached.set('/a', 'theirs');
        isPutBack ||= line.startsWith('logs:DisassociateKmsKey');
      },
    });

    expect(outcomes[0]).toMatchObject({ outcome: 'ROLLED_BACK', afterRun: { status: 'CHANGED', keyArn: 'theirs' } });
  });

  it('is watched without the log stores that could not be sealed, which keep their outcome', async () => {
    const { short, report, watchedCount } = await apply({
      early: { 'logs:AssociateKmsKey /a': aCloudError('ACCESS_DENIED', 'no') },
    });

    expect(watchedCount).toBe(1);
    expect(report).toMatchObject({ asked: 2, chosen: 2 });
    expect(report.stores.map(({ store }) => store.name)).toEqual(['/b']);
    expect(short.slice(0, 2)).toEqual(['/a REFUSED ACCESS_DENIED', '/b ROLLED_BACK']);
  });

  it('is watched with one whose answer was lost, since that may be sealed: it is put back if it falls silent', async () => {
    const { short, report, attached } = await apply({ lost: '/a' });

    expect(report.stores).toMatchObject([
      { store: { name: '/a' }, changedAt: NOW.toISOString(), state: 'SILENT' },
      { store: { name: '/b' }, state: 'SILENT' },
    ]);
    expect(short.slice(0, 2)).toEqual(['/a ROLLED_BACK', '/b ROLLED_BACK']);
    expect(attached.get('/a')).toBeNull();
  });

  it('is followed by the others where one answer was lost and all keep receiving logs', async () => {
    const { short, report } = await apply({ lost: '/a', areWriting: true });

    expect(report).toMatchObject({ result: 'RECEIVING', stores: [{ state: 'RECEIVING' }, { state: 'RECEIVING' }] });
    expect(short.slice(0, 3)).toEqual(['/a FAILED THROTTLED', '/b SEALED', '/c SEALED']);
  });

  it('of which every answer was lost proves nothing by receiving logs, so that nothing more is changed', async () => {
    const { short, report } = await apply({ asked: 1, lost: '/a', areWriting: true });

    expect(report).toMatchObject({
      result: 'UNKNOWN',
      because: 'AWS answered none of the changes, so perhaps none of them was made',
      stores: [{ store: { name: '/a' }, state: 'RECEIVING' }],
    });
    expect(short.slice(0, 2)).toEqual(['/a FAILED THROTTLED', '/b SKIPPED']);
  });

  it('of which nothing could be sealed tells nothing, so that nothing more is changed', async () => {
    const { short, report } = await apply({
      asked: 1,
      early: { 'logs:AssociateKmsKey /a': aCloudError('ACCESS_DENIED') },
    });

    expect(report).toMatchObject({ result: 'UNKNOWN', because: 'none of its log stores was sealed' });
    expect(short.slice(0, 3)).toEqual(['/a REFUSED ACCESS_DENIED', '/b SKIPPED', '/c SKIPPED']);
  });
});
