import { describe, expect, test } from 'vitest';
import { aLogGroupChange, CALLERS } from '../events/builders.ts';
import { CLOUDTRAIL, eventsIn, REMEDIATE_CLOUDTRAIL } from '../events/samples.ts';
import { ACCOUNT, REGION } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { aSmallWorld, aStack, countBy } from './stack.ts';

describe('by schedule', () => {
  test('Audit sends findings and outcomes, and changes nothing', async () => {
    const demo = await aStack();
    const before = await demo.keys();

    await demo.schedule();

    expect(demo.events('Log Store Finding')).toHaveLength(20);
    expect(demo.events('Scan Completed')).toMatchObject([{ status: 'COMPLETE', counts: { stores: 28, compliant: 7 } }]);
    expect(countBy(demo.outcomes())).toEqual({ UNCHANGED: 17, REFUSED: 3 });
    expect(demo.outcomes().every(({ mode }) => mode === 'Audit')).toBe(true);
    expect(await demo.keys()).toEqual(before);
    expect(demo.changes()).toBe(0);
    demo.noDeadLetters();
  });

  test('Enforce seals what it can and reports each refusal once per scan', async () => {
    const demo = await aStack({ mode: 'Enforce' });
    const before = await demo.keys();
    const logseal = before['/app/api'];

    await demo.schedule();

    const outcomes = demo.outcomes();
    expect(outcomes).toHaveLength(20);
    for (const { outcome, store, fromKeyArn, toKeyArn } of outcomes) {
      expect(fromKeyArn).toBe(before[store.name]);
      expect((await demo.keys())[store.name]).toBe(outcome === 'SEALED' ? logseal : before[store.name]);
      if (outcome === 'SEALED') expect(toKeyArn).toBe(logseal);
    }
    const refused = () =>
      demo
        .outcomes()
        .flatMap(({ store, refusal }) => (refusal ? [[store.name, refusal.code]] : []))
        .sort();
    const cannot = [
      ['/ops/locked', 'CALLER_MISSING_RIGHTS'],
      ['/partner/private', 'KEY_UNREADABLE'],
      ['/restricted/audit', 'KEY_POLICY_DENIES'],
      ['/restricted/staff', 'KEY_POLICY_DENIES'],
    ];
    expect(refused()).toEqual(cannot);
    expect(countBy(outcomes)).toEqual({ SEALED: 16, REFUSED: 4 });
    const changes = demo.changes();

    await demo.schedule();

    expect(demo.events('Log Store Finding')).toHaveLength(24);
    expect(refused()).toEqual([...cannot, ...cannot].sort());
    // Only the log group that AWS refused without a reason that the checks can find is tried again.
    expect(demo.changes()).toBe(changes + 1);
    expect(demo.events('Scan Completed').at(-1)).toMatchObject({ counts: { stores: 28, compliant: 23 } });
    expect(demo.stack.metrics().length).toBeGreaterThanOrEqual(4);
    demo.noDeadLetters();
  });

  test('several Regions get one request each through the bus and the queue, and each uses its own key', async () => {
    const world = aWorld({
      keys: { there: { alias: 'alias/logseal', policy: 'logs', region: 'eu-central-1' } },
      groups: { '/here': null },
      elsewhere: [{ region: 'eu-central-1', groups: { '/there': null } }],
    });
    const two = await aStack({ world, mode: 'Enforce', parameters: { Regions: `${REGION},eu-central-1` } });

    await two.schedule();

    expect(two.events('Scan Requested').map(({ region }) => region)).toEqual([REGION, 'eu-central-1']);
    const sealed = two.outcomes().map(({ store, outcome, toKeyArn }) => [store.name, outcome, toKeyArn.split(':')[3]]);
    expect(sealed.sort()).toEqual([
      ['/here', 'SEALED', REGION],
      ['/there', 'SEALED', 'eu-central-1'],
    ]);
    two.noDeadLetters();
  });

  test('the key that the stack creates works', async () => {
    const own = await aStack({ world: aSmallWorld(), mode: 'Enforce', parameters: { KeyId: '' } });

    await own.schedule();

    expect(countBy(own.outcomes())).toEqual({ SEALED: 2 });
  });
});

describe('by CloudTrail', () => {
  test('a changed log group is sealed', async () => {
    const demo = await aStack({ mode: 'Enforce' });

    for (const name of REMEDIATE_CLOUDTRAIL) await demo.deliver(...eventsIn(name));

    const names = REMEDIATE_CLOUDTRAIL.flatMap((name) => eventsIn(name)).map(
      ({ detail }) => detail.requestParameters.logGroupName,
    );
    expect(demo.outcomes().map(({ store, outcome }) => [store.name, outcome])).toEqual(
      names.map((name) => [name, 'SEALED']),
    );
    demo.noDeadLetters();
  });

  test('failed calls reach no function', async () => {
    const demo = await aStack({ mode: 'Enforce' });

    await demo.deliver(...CLOUDTRAIL.flatMap((name) => eventsIn(`${name}-failed`)));

    expect(demo.sandbox.calls()).toEqual({});
    expect(demo.stack.logs('ScanFunction')).toEqual([]);
    expect(demo.stack.logs('RemediateFunction')).toEqual([]);
  });

  test('logseal reacts to the changes of everybody but itself', async () => {
    const small = await aStack({ world: aSmallWorld(), mode: 'Enforce' });
    const own = structuredClone(CALLERS.role) as { sessionContext: { sessionIssuer: { arn: string } } };
    own.sessionContext.sessionIssuer.arn = `arn:aws:iam::${ACCOUNT}:role/logseal-RemediateRole`;
    const change = (userIdentity: object) => aLogGroupChange({ logGroupName: '/app/a' }, { userIdentity });

    await small.deliver(change(own));
    expect(small.sandbox.calls()).toEqual({});
    for (const caller of Object.values(CALLERS)) await small.deliver(change(caller));

    expect(small.outcomes().map(({ outcome }) => outcome)).toEqual(['SEALED', 'UNCHANGED', 'UNCHANGED', 'UNCHANGED']);
  });

  test('250 new log groups need one read for about ten of them, and one change each', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `/new/${index + 1}`);
    const fleet = await aStack({
      world: aWorld({ bulk: [{ name: '/new/{n}', count: 250 }] }),
      mode: 'Enforce',
      timeScale: 0.01,
    });

    await fleet.deliver(...names.map((logGroupName) => aLogGroupChange({ logGroupName })));

    expect(countBy(fleet.outcomes())).toEqual({ SEALED: 250 });
    expect(fleet.sandbox.calls()['logs:DescribeLogGroups']).toBeLessThanOrEqual(35);
    expect(fleet.changes()).toBe(250);
    fleet.noDeadLetters();
  });
});
