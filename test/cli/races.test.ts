import { setTimeout as wait } from 'node:timers/promises';
import { AdaptiveRetryStrategy } from '@smithy/core/retry';
import { describe, expect, it } from 'vitest';
import type { Pacing } from '../../lib/runtime.ts';
import type { Fault, World } from '../../sandbox/world.ts';
import { anUndoDesk, type UndoDesk } from '../support/undoing.ts';
import { outcomesOf, runCalls } from './worlds.ts';

const SEAL = 'logs:AssociateKmsKey';
const UNSEAL = 'logs:DisassociateKmsKey';
const WORLD: World = {
  keys: { theirs: { alias: 'alias/theirs', policy: 'logs' } },
  bulk: [{ name: '/app/{n}', count: 9 }],
};
const LAST = '/app/9';
/** Three changes at a time: the ninth begins more than two seconds after the nine were read together. */
const slow = (call: string, names: readonly number[]) =>
  names.map((n) => ({ call, kind: 'latency', latencyMs: 1_100, resource: `/app/${n}` }) as const);
const ALL_BUT_LAST = [1, 2, 3, 4, 5, 6, 7, 8];

/** Somebody else, with credentials and an SDK of their own, attaches their key once a call has come so often. */
async function attachTheirs(desk: UndoDesk, name: string, call: string, times: number): Promise<string> {
  const theirs = await desk.keys.arn('alias/theirs');
  while (runCalls(desk.sandbox, call) < times) await wait(5);
  await desk.keys.attach(name, theirs);
  return theirs;
}

describe('a team attaches its own healthy key in the middle of a run', () => {
  it('and keeps it, also when the run is undone', async () => {
    const desk = await anUndoDesk({ ...WORLD, faults: slow(SEAL, ALL_BUT_LAST) });

    const [theirs, { status, document }] = await Promise.all([attachTheirs(desk, LAST, SEAL, 1), desk.apply()]);

    expect(status).toBe(3);
    expect(outcomesOf(document).filter((line) => !line.endsWith(' SEALED'))).toEqual([`${LAST} REFUSED STORE_CHANGED`]);
    expect((await desk.attached())[LAST]).toBe(theirs);
    expect((await desk.journal()).filter(({ store }) => store?.name === LAST)).toEqual([]);

    desk.sandbox.setFaults([]);
    const undone = await desk.undo(`--run ${document.run.id}`);

    expect(undone.status).toBe(0);
    expect(Object.entries(await desk.attached()).filter(([, key]) => key !== null)).toEqual([[LAST, theirs]]);
  });

  it('and keeps it while changes are throttled, also when the run is undone', async () => {
    const desk = await anUndoDesk({
      ...WORLD,
      bulk: [],
      groups: { '/race': null },
      faults: [{ call: SEAL, kind: 'throttle', times: 1 }],
    });

    const [theirs, { status, document }] = await Promise.all([
      attachTheirs(desk, '/race', `throttled:${SEAL}`, 1),
      desk.apply('', { pacing: waits(2_100) }),
    ]);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['/race REFUSED STORE_CHANGED']);
    expect(document.steps[0]?.refusal?.message).toContain(theirs);
    expect((await desk.attached())['/race']).toBe(theirs);
    // The call of the team alone was let through.
    expect(runCalls(desk.sandbox, SEAL)).toBe(1);

    await desk.undo(`--run ${document.run.id}`);

    expect((await desk.attached())['/race']).toBe(theirs);
  });

  it('and keeps it when it is an undo that runs', async () => {
    const desk = await anUndoDesk(WORLD);
    const { document: applied } = await desk.apply();
    desk.sandbox.setFaults(slow(UNSEAL, ALL_BUT_LAST));

    const [theirs, { status, document }] = await Promise.all([
      attachTheirs(desk, LAST, UNSEAL, 1),
      desk.undo(`--run ${applied.run.id}`),
    ]);

    expect(status).toBe(3);
    expect(outcomesOf(document).filter((line) => !line.endsWith(' UNSEALED'))).toEqual([
      `${LAST} REFUSED STORE_CHANGED`,
    ]);
    expect((await desk.attached())[LAST]).toBe(theirs);
  });
});

describe('a team attaches its own key after the run sealed the log group, and before the run is over', () => {
  const faults = slow(SEAL, [4, 5, 6]);

  it('is reported in the document, with exit status 3, and its key survives the undo', async () => {
    const desk = await anUndoDesk({ ...WORLD, faults });

    const [theirs, { status, document }] = await Promise.all([attachTheirs(desk, '/app/1', SEAL, 6), desk.apply()]);

    expect(status).toBe(3);
    expect(document.steps.filter(({ afterRun }) => afterRun)).toMatchObject([
      { store: { name: '/app/1' }, outcome: 'SEALED', afterRun: { status: 'CHANGED', keyArn: theirs } },
    ]);

    desk.sandbox.setFaults([]);
    const undone = await desk.undo(`--run ${document.run.id}`);

    expect(undone.status).toBe(3);
    expect((await desk.attached())['/app/1']).toBe(theirs);
  });

  it('is reported in the table', async () => {
    const desk = await anUndoDesk({ ...WORLD, faults });

    const [theirs, { status, stdout }] = await Promise.all([
      attachTheirs(desk, '/app/1', SEAL, 6),
      desk.run('apply --key alias/logseal --yes --quiet'),
    ]);

    expect(status).toBe(3);
    expect(stdout).toMatch(/SEALED, THEN CHANGED +\/app\/1$/m);
    expect(stdout).toContain(`and now has ${theirs}`);
    expect(stdout).toContain('9 log stores sealed, 1 of them changed again by somebody else, ');
  });
});

it('what cannot be read once more at the end is said, with exit status 3', async () => {
  // The first reading is the listing of the plan, the second comes before the change.
  const faults: Fault[] = [{ call: 'logs:DescribeLogGroups', kind: 'deny', skip: 2 }];
  const desk = await anUndoDesk({ bulk: [], groups: { '/app': null }, faults });

  const { status, document } = await desk.apply();

  expect(status).toBe(3);
  expect(document.steps).toMatchObject([
    { outcome: 'SEALED', afterRun: { status: 'NOT_READ', message: expect.stringContaining('logs:DescribeLogGroups') } },
  ]);
});

/** The SDK's own retries, with one and the same wait. */
function waits(ms: number): Pacing {
  return {
    retryStrategy: (maxAttempts) =>
      new AdaptiveRetryStrategy(maxAttempts, {
        maxAttempts,
        backoff: { computeNextBackoffDelay: () => ms, setDelayBase() {} },
        rateLimiter: { getSendToken: async () => {}, updateClientSendingRate() {} },
      }),
  };
}
