import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MadeCall } from '../../sandbox/dispatch.ts';
import { leapingClock } from '../../sandbox/leaping-clock.ts';
import { Queue } from '../../sandbox/queue.ts';
import type { Fault } from '../../sandbox/world.ts';
import { aSandbox, FIXTURE } from './support.ts';

/** The small stack with AWS's own waits, none of which takes real time. */
async function aLeapingStack(faults: readonly Fault[] = [], skewMs = 0) {
  const clock = leapingClock();
  onTestFinished(() => clock.close());
  const calls: MadeCall[] = [];
  const { sandbox } = await aSandbox({
    ...{ clock, onCall: (call) => calls.push(call), world: { groups: { '/a': null } } },
    // On a busy machine, loading an SDK takes longer than the function's 2 s.
    stack: { template: FIXTURE, timeScale: 1, timeoutScale: 20, skewMs: () => skewMs },
    moreStacks: [{ template: FIXTURE, timeScale: 1, name: 'second' }],
  });
  const { stack } = sandbox;
  if (!stack) throw new Error('no stack');
  sandbox.setFaults(faults);
  const beganMs = clock.nowMs();
  return { sandbox, stack, calls, clock, passedS: () => (clock.nowMs() - beganMs) / 1000 };
}

const batches = (lines: readonly string[]): string[][] =>
  lines.flatMap((line) => (line.startsWith('{"records"') ? [JSON.parse(line).records ?? []] : []));

describe('a clock that leaps', () => {
  test('lets a message come back after its visibility timeout, until it is a dead letter', async () => {
    const { stack, passedS } = await aLeapingStack();

    stack.send('WorkQueue', { do: 'report' });
    await stack.idle();

    expect(stack.deadLetters('WorkDeadLetters')).toHaveLength(1);
    // Three times a batching window of 20 s, and 60 s until it is visible again.
    expect(passedS()).toBeGreaterThan(3 * 20 + 2 * 60);
    expect(passedS()).toBeLessThan(5 * 60);
  });

  test('dates the messages of a queue', async () => {
    const clock = leapingClock();
    onTestFinished(() => clock.close());
    const queue = new Queue('queue', 'arn', 'url', 1, clock);
    await clock.wait(3_600_000);

    queue.send('hello');

    const [message] = queue.receive(1);
    const sentAtMs = Number(message?.attributes['SentTimestamp']);
    expect(sentAtMs).toBeGreaterThan(Date.now() + 3_590_000);
    expect(Number(message?.attributes['ApproximateFirstReceiveTimestamp'])).toBeGreaterThanOrEqual(sentAtMs);
  });

  // A busy machine may hold the thread back for so long that it seems to wait: three times in a row is a defect.
  test('does not leap while a function reads a file, as the SDK does before its first call', { retry: 2 }, async () => {
    const { stack, passedS } = await aLeapingStack();
    const directory = await mkdtemp(join(tmpdir(), 'logseal-pipe-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, 'pipe');
    execFileSync('mkfifo', [file]);

    const read = stack.invoke('Work', { do: 'read', file });
    // Nobody can open it for writing before the function has opened it for reading.
    const pipe = await open(file, 'w');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await pipe.writeFile('hello');
    await pipe.close();

    expect(await read).toBe('hello');
    expect(passedS()).toBeLessThan(40);
  });

  test('ends a function that hangs, at its own timeout', async () => {
    const { stack, passedS } = await aLeapingStack();

    await expect(stack.invoke('Work', { do: 'hang' })).rejects.toThrow('Task timed out after 2.00 seconds');

    expect(passedS()).toBeGreaterThanOrEqual(40);
  });

  test('lets the SDK of a function wait between its attempts, and for slow answers', async () => {
    const { stack, calls, passedS } = await aLeapingStack([
      { call: 'events:PutEvents', kind: 'throttle', times: 1 },
      { call: 'events:PutEvents', kind: 'latency', latencyMs: 300 },
    ]);

    expect(await stack.invoke('Work', { do: 'put' })).toEqual({ FailedEntryCount: 0 });

    expect(calls.map(({ name, actingAs, instance }) => [name, actingAs, instance])).toEqual([
      ['events:PutEvents', 'Work', undefined],
    ]);
    expect(calls[0]?.atMs).toBeGreaterThanOrEqual((calls[0]?.cameAtMs ?? 0) + 299);
    expect(passedS()).toBeGreaterThan(0.6);
  });

  test('dates the answers of the cloud, so that the SDK of a function does not repeat a call that is refused', async () => {
    const { stack, sandbox, clock } = await aLeapingStack([{ call: 'events:PutEvents', kind: 'deny' }]);
    await clock.wait(3_600_000);

    await expect(stack.invoke('Work', { do: 'put' })).rejects.toThrow('is not authorized to perform');

    expect(sandbox.calls()).toEqual({ 'events:PutEvents': 1 });
  });
});

describe('a fault', () => {
  test('ends a function at a call, before it is carried out or after', async () => {
    const before = await aLeapingStack([{ call: 'events:PutEvents', kind: 'crash', times: 1 }]);
    const after = await aLeapingStack([{ call: 'events:PutEvents', kind: 'crash-after', times: 1 }]);

    for (const { stack } of [before, after]) {
      await expect(stack.invoke('Work', { do: 'put' })).rejects.toThrow('Runtime exited with error: signal: killed');
      expect(await stack.invoke('Work', { do: 'put' })).toEqual({ FailedEntryCount: 0 });
    }

    expect(before.calls).toHaveLength(1);
    expect(after.calls).toHaveLength(2);
    expect(after.calls[1]).toMatchObject({ actingAs: 'Work', instance: 2 });
  });

  test('lasts for a while only', async () => {
    const { stack, clock } = await aLeapingStack([{ call: 'events:*', kind: 'partial', fromS: 10, untilS: 20 }]);
    const put = () => stack.invoke('Work', { do: 'put' });

    const counts: unknown[] = [await put()];
    for (let n = 0; n < 2; n++) {
      await clock.wait(10_500);
      counts.push(await put());
    }

    expect(counts).toEqual([{ FailedEntryCount: 0 }, { FailedEntryCount: 1 }, { FailedEntryCount: 0 }]);
  });

  test('carries out a call of somebody else first', async () => {
    const other = { call: 'logs:DeleteLogGroup', input: { logGroupName: '/a' } } as const;
    const { stack, calls } = await aLeapingStack([{ call: 'events:PutEvents', kind: 'meanwhile', times: 1, other }]);

    await stack.invoke('Work', { do: 'put' });

    expect(calls.map(({ name, actingAs }) => [name, actingAs])).toEqual([
      ['logs:DeleteLogGroup', undefined],
      ['events:PutEvents', 'Work'],
    ]);
    expect(calls[0]?.callerArn).toBe('arn:aws:iam::111122223333:user/somebody-else');
  });

  test('delivers an event late, so that a later one comes first', async () => {
    const { stack, sandbox } = await aLeapingStack([
      { call: 'events:PutEvents', kind: 'late', times: 1, latencyMs: 100_000 },
    ]);
    const event = (n: number) => {
      sandbox.carryOut({
        call: 'events:PutEvents',
        input: { Entries: [{ Source: 'fixture', DetailType: 'Work', Detail: `{"n":${n}}`, EventBusName: 'logseal' }] },
      });
    };

    event(1);
    event(2);
    await stack.idle();

    expect(batches(stack.logs('Work')).map((bodies) => bodies.map((body) => JSON.parse(body).detail.n))).toEqual([
      [2],
      [1],
    ]);
  });

  test('lets a message be received twice', async () => {
    const { stack } = await aLeapingStack([{ call: 'sqs:ReceiveMessage', kind: 'duplicate', times: 5 }]);

    for (let n = 0; n < 5; n++) stack.send('WorkQueue', {});
    await stack.idle();

    expect(batches(stack.logs('Work')).map(({ length }) => length)).toEqual([5, 5]);
    expect(stack.deadLetters('WorkDeadLetters')).toEqual([]);
  });

  test('refuses the token of a page, and no first page', async () => {
    const { sandbox } = await aLeapingStack([{ call: 'logs:DescribeLogGroups', kind: 'expired-token' }]);
    const { CloudWatchLogsClient, DescribeLogGroupsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    const credentials = { accessKeyId: '111122223333', secretAccessKey: 'sandbox' };
    const logs = new CloudWatchLogsClient({ endpoint: sandbox.url, region: 'eu-west-1', credentials });
    sandbox.carryOut({ call: 'logs:CreateLogGroup', input: { logGroupName: '/b' } });

    const { nextToken } = await logs.send(new DescribeLogGroupsCommand({ limit: 1 }));

    expect(nextToken).toBeDefined();
    await expect(logs.send(new DescribeLogGroupsCommand({ limit: 1, nextToken }))).rejects.toThrow(
      'The specified nextToken is invalid.',
    );
  });
});

test('several stacks have their own functions, queues and buses, and share the default bus', async () => {
  const { sandbox, stack, calls } = await aLeapingStack();
  const [second] = sandbox.moreStacks;

  await second?.invoke('Work', { do: 'put' });
  second?.send('WorkQueue', {});
  await second?.idle();

  expect(calls).toMatchObject([{ actingAs: 'second.Work', callerArn: expect.stringContaining('second-WorkRole') }]);
  expect([stack.events(), second?.events()]).toMatchObject([[], [{ 'detail-type': 'Done' }]]);
  expect(stack.logs('Work')).toEqual([]);
  expect(batches(second?.logs('Work') ?? [])).toEqual([['{}']]);
});
