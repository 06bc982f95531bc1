import { describe, expect, test } from 'vitest';
import { aFindingEvent, aKeyChange, aLogGroupChange, anEvent, aScanRequest } from '../events/builders.ts';
import { eventsIn } from '../events/samples.ts';
import { OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aSmallWorld, aStack, changedTemplate, countBy } from './stack.ts';

describe('at least once, in any order', () => {
  test('every event twice leads to the same keys, and nothing fails', async () => {
    const demo = await aStack({ mode: 'Enforce', timeScale: 0.01 });
    const once = await aStack({ mode: 'Enforce' });
    demo.sandbox.setFaults([
      { call: 'logs:AssociateKmsKey', kind: 'deny', resource: '/ops/locked' },
      { call: 'events:PutEvents', kind: 'duplicate' },
    ]);

    await once.schedule();
    await demo.schedule();

    expect(await demo.keys()).toEqual(await once.keys());
    expect(new Set(demo.outcomes().map(({ store }) => store.name)).size).toBe(20);
    expect(countBy(demo.outcomes())).not.toHaveProperty('FAILED');
  });

  test('entries that EventBridge rejects at first are not lost', async () => {
    const demo = await aStack({ mode: 'Enforce' });
    demo.sandbox.setFaults([
      { call: 'logs:AssociateKmsKey', kind: 'deny', resource: '/ops/locked' },
      { call: 'events:PutEvents', kind: 'partial', rate: 0.3 },
    ]);

    await demo.schedule();

    expect(demo.events('Log Store Finding')).toHaveLength(20);
    expect(countBy(demo.outcomes())).toEqual({ SEALED: 16, REFUSED: 4 });
    demo.noDeadLetters();
  });

  test('late, repeated and reordered findings change nothing more', async () => {
    const demo = await aStack({ mode: 'Enforce' });
    const findings = eventsIn('findings');

    await demo.queue('RemediateQueue', ...findings.toReversed());
    const after = await demo.keys();
    await demo.queue('RemediateQueue', ...findings, ...findings);

    expect(await demo.keys()).toEqual(after);
    const sealed = demo.outcomes().filter(({ outcome }) => outcome === 'SEALED');
    expect(sealed.map(({ store }) => store.name).sort()).toEqual([
      '/app/api-v2',
      '/archive/2023',
      '/legacy/disabled-key',
      '/legacy/signing',
    ]);
    expect(demo.changes()).toBe(4);
  });
});

describe('a message that always fails', () => {
  test('ends unchanged in the dead-letter queue, and the others are handled', async () => {
    // So short that visibility timeouts do not count.
    const small = await aStack({ world: aSmallWorld(), mode: 'Enforce', timeScale: 0.00001 });
    const poison = ['{ no JSON', JSON.stringify({ hello: 'world' })];

    await small.queue('RemediateQueue', ...poison, aFindingEvent('/app/a'));
    await small.queue('ScanQueue', ...poison, aKeyChange());

    expect(small.stack.deadLetters('RemediateDeadLetterQueue').sort()).toEqual(poison.toSorted());
    expect(small.stack.deadLetters('ScanDeadLetterQueue').sort()).toEqual(poison.toSorted());
    expect(small.events('Scan Completed')).toHaveLength(1);
    expect(small.outcomes().filter(({ store }) => store.name === '/app/a')).toMatchObject([{ outcome: 'SEALED' }]);
  });

  test('ends in the dead-letter queue through the failure destination if it is a schedule', async () => {
    const parameters = { Regions: `${REGION},eu-central-1` };
    const two = await aStack({ world: aSmallWorld(), parameters, timeScale: 0.00001 });
    two.sandbox.setFaults([{ call: 'sts:GetCallerIdentity', kind: 'deny' }]);

    await two.schedule();

    const [letter = '{}', ...more] = two.stack.deadLetters('ScanDeadLetterQueue');
    expect(more).toEqual([]);
    expect(JSON.parse(letter)).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { 'detail-type': 'Scheduled Event' },
      responsePayload: { errorType: 'CloudError' },
    });
  });
});

describe('events of somebody else', () => {
  test('about another account or Region cause only a GetCallerIdentity', async () => {
    const small = await aStack({ world: aSmallWorld(), mode: 'Enforce' });

    await small.deliver(
      aLogGroupChange(undefined, {}, { account: OTHER_ACCOUNT }),
      aLogGroupChange(undefined, {}, { region: 'us-east-1' }),
      aKeyChange('DisableKey', {}, { account: OTHER_ACCOUNT }),
      aKeyChange('DisableKey', {}, { region: 'us-east-1' }),
    );
    await small.forge(
      aFindingEvent('/app/a', { account: OTHER_ACCOUNT }),
      aFindingEvent('/app/a', { region: 'us-east-1' }),
      aScanRequest({ account: OTHER_ACCOUNT }),
      aScanRequest({ region: 'us-east-1' }),
    );

    expect(Object.keys(small.sandbox.calls()).sort()).toEqual(['events:PutEvents', 'sts:GetCallerIdentity']);
    expect(small.outcomes()).toEqual([]);
    expect(small.events('Scan Completed')).toEqual([]);
    small.noDeadLetters();
  });

  test('with forged findings never attach another key', async () => {
    const small = await aStack({ world: aSmallWorld(), mode: 'Enforce' });
    const before = await small.keys();
    const evil = { toKeyArn: before['/app/b'], keyArn: before['/app/b'], key: before['/app/b'], action: 'UNSEAL' };

    await small.forge(
      aFindingEvent('/app/healthy', evil),
      aFindingEvent('/app', evil),
      aFindingEvent('/app/a', { ...evil, status: 'COMPLIANT', reasons: [] }),
    );

    expect(await small.keys()).toEqual({ ...before, '/app/a': before['/app/healthy'] });
    expect(
      small
        .outcomes()
        .map(({ store, outcome }) => [store.name, outcome])
        .sort(),
    ).toEqual([
      ['/app', 'REFUSED'],
      ['/app/a', 'SEALED'],
      ['/app/healthy', 'UNCHANGED'],
    ]);
    expect(small.changes()).toBe(1);
  });

  test('with a forged outcome or completed scan have no effect', async () => {
    const small = await aStack({ world: aSmallWorld(), mode: 'Enforce' });

    await small.forge(
      anEvent('logseal', 'Remediation Outcome', { a: 1 }),
      anEvent('logseal', 'Scan Completed', { b: 1 }),
    );

    expect(small.sandbox.calls()).toEqual({ 'events:PutEvents': 1 });
  });
});

test('a right that the role lacks causes one refusal with its fix, and no retries', async () => {
  const template = changedTemplate(
    'Action: [logs:DescribeLogGroups, logs:AssociateKmsKey]',
    'Action: logs:DescribeLogGroups',
  );
  const small = await aStack({ world: aSmallWorld(), mode: 'Enforce', template, timeScale: 0.00001 });
  const before = await small.keys();

  await small.schedule();

  expect(
    small
      .outcomes()
      .map(({ store }) => store.name)
      .sort(),
  ).toEqual(['/app/a', '/app/b']);
  for (const outcome of small.outcomes()) {
    expect(outcome).toMatchObject({
      outcome: 'REFUSED',
      refusal: {
        code: 'CALLER_MISSING_RIGHTS',
        fix: `allow the caller logs:AssociateKmsKey: add this statement to a policy of the caller: ${JSON.stringify({
          Effect: 'Allow',
          Action: 'logs:AssociateKmsKey',
          Resource: [outcome.store.arn, `${outcome.store.arn}:*`],
        })}`,
      },
    });
  }
  expect(await small.keys()).toEqual(before);
  small.noDeadLetters();
});
