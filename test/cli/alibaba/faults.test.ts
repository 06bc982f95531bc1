import { describe, expect, it } from 'vitest';
import type { World } from '../../../sandbox/world.ts';
import { aLogstoreDesk, KEY, outcomeSchema, REGION, SEALING, scanSchema } from '../../support/alibaba.ts';
import { outcomesOf } from './steps.ts';

type Fault = NonNullable<World['faults']>[number];
const CHANGE = 'log:UpdateLogStoreEncryption';
const BULK = { bulk: [{ project: 'bulk-{n}', projects: 4, logstores: 5 }] };

describe('a cloud in trouble', () => {
  it.each<[string, Fault]>([
    ['throttles three requests in ten', { call: '*', kind: 'throttle', rate: 0.3 }],
    ['answers two requests in ten with 5xx', { call: '*', kind: 'unavailable', rate: 0.2 }],
    ['answers two requests in ten with a page of HTML', { call: '*', kind: 'bad-gateway', rate: 0.2 }],
    ['drops one connection in ten before it does anything', { call: '*', kind: 'reset', rate: 0.1 }],
    ['drops one connection in ten before it answers', { call: '*', kind: 'reset-after', rate: 0.1 }],
    ['does every change, and drops each for the first time', { call: CHANGE, kind: 'reset-after', times: 5 }],
    ['is slow', { call: '*', kind: 'latency', latencyMs: 10 }],
  ])('that %s is scanned and sealed all the same', async (_, fault) => {
    const desk = await aLogstoreDesk({}, { faults: [fault] }, BULK);

    const applied = await desk.json(outcomeSchema, `apply ${SEALING} --confirm-irreversible 20`);
    const scanned = await desk.json(scanSchema, `scan ${SEALING}`);

    expect(applied).toMatchObject({ status: 0, stderr: '' });
    expect(applied.document.steps.map(({ outcome }) => outcome)).toEqual(Array(20).fill('SEALED'));
    // Retries do not count.
    expect(applied.document.targets[0]?.apiCalls).toMatchObject({ [CHANGE]: 20, 'log:ListProject': 1 });
    expect((await desk.journal()).filter(({ phase }) => phase === 'DONE')).toHaveLength(20);
    expect(await desk.journal()).toHaveLength(40);
    expect(scanned.status).toBe(0);
    expect(scanned.document.summary).toMatchObject({ stores: 20, compliant: 20 });
  });

  it.each<[string, Fault['kind'], string, string[]]>([
    ['denies', 'deny', 'REFUSED ACCESS_DENIED', ['INTENT', 'FAILED']],
    // One of the attempts may have been made.
    ['always throttles', 'throttle', 'FAILED THROTTLED', ['INTENT']],
  ])('that %s the change of one Logstore is sealed but for that', async (_, kind, what, phases) => {
    const faults: Fault[] = [{ call: CHANGE, kind, resource: 'bulk-2/store-3' }];
    const desk = await aLogstoreDesk({}, { faults }, BULK);

    const { status, document } = await desk.json(outcomeSchema, `apply ${SEALING} --confirm-irreversible 20`);

    expect(status).toBe(3);
    expect(outcomesOf(document).filter((line) => !line.endsWith(' SEALED'))).toEqual([`bulk-2/store-3 ${what}`]);
    expect(document.steps).toHaveLength(20);
    const words = document.steps.map(({ refusal, error }) => refusal?.message ?? error?.message).join('');
    expect(words).toMatch(/denied by sts or ram|server is busy/i);
    const own = (await desk.journal()).filter(({ store }) => store.name === 'bulk-2/store-3');
    expect(own.map(({ phase }) => phase)).toEqual(phases);
    expect(await desk.state('bulk-2/store-3')).toBe('never');
    expect(await desk.state('bulk-2/store-4')).toBe(`on ${KEY}`);
  });

  it('that drops every answer of one change is believed by what the Logstore says', async () => {
    const faults: Fault[] = [{ call: CHANGE, kind: 'reset-after', resource: 'app-logs/never' }];
    const desk = await aLogstoreDesk({ never: 'off', 'never-2': 'off' }, { faults });

    const { status, document } = await desk.json(outcomeSchema, `apply ${SEALING} --confirm-irreversible 2`);

    expect(status).toBe(0);
    expect(outcomesOf(document)).toEqual(['app-logs/never SEALED', 'app-logs/never-2 SEALED']);
  });

  it('that may not be read any more after the plan fails but for the others', async () => {
    const faults: Fault[] = [{ call: 'log:GetLogStore', kind: 'deny', resource: 'app-logs/never', skip: 1 }];
    const desk = await aLogstoreDesk({ never: 'off', 'never-2': 'off' }, { faults });

    const { status, document } = await desk.json(outcomeSchema, `apply ${SEALING} --confirm-irreversible 2`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['app-logs/never REFUSED KEY_UNREADABLE', 'app-logs/never-2 SEALED']);
    expect(document.targets).toMatchObject([{ region: REGION, status: 'COMPLETE' }]);
  });
});
