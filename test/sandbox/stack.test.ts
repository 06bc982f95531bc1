import { DescribeKeyCommand, GetKeyPolicyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import type { StackOptions } from '../../sandbox/stack/stack.ts';
import type { World } from '../../sandbox/world.ts';
import { aSandbox, changedFixture, FIXTURE, putEvents, refusal } from './support.ts';

async function aStack(options: Partial<StackOptions> = {}, world: World = {}) {
  const { sandbox, ...clients } = await aSandbox({
    world,
    stack: { template: FIXTURE, timeScale: 0.0005, ...options },
  });
  if (!sandbox.stack) throw new Error('no stack');
  return { sandbox, stack: sandbox.stack, ...clients };
}

/** The bodies of each batch that the function saw. */
const batches = (lines: string[]): string[][] =>
  lines.flatMap((line) => (line.startsWith('{"records"') ? [JSON.parse(line).records] : []));

const cloudTrail = {
  version: '0' as const,
  id: '1',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.logs',
  account: '111122223333',
  time: '2026-01-11T23:23:31Z',
  region: 'eu-west-1',
  resources: [],
  detail: { eventName: 'CreateLogGroup' },
};

describe('a function', () => {
  it('has its environment and its context', async () => {
    const { stack, sandbox } = await aStack({ parameters: { Mode: 'Enforce', Name: 'n' } });
    const seen = (await stack.invoke('Work', { do: 'describe' })) as Record<string, Record<string, unknown>>;
    expect(seen['environment']).toEqual(stack.environment('Work'));
    expect(seen['environment']).toMatchObject({
      ...{ BUS: 'logseal', MODE: 'Enforce', NAME: 'n', PART: 'b' },
      AWS_ENDPOINT_URL: `${sandbox.url}/_as/Work`,
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'logseal-Work',
    });
    expect(seen['context']).toMatchObject({
      functionName: 'logseal-Work',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:logseal-Work',
      memoryLimitInMB: '128',
      awsRequestId: expect.any(String),
    });
    expect(seen['remainingMs']).toBeGreaterThan(1000);
    expect(seen['remainingMs']).toBeLessThanOrEqual(2000);
  });

  it('keeps its instance between events', async () => {
    const { stack } = await aStack();
    await stack.invoke('Work', {});
    expect(await stack.invoke('Work', { do: 'describe' })).toMatchObject({ count: 2 });
  });

  it('fails when it throws, times out or exits', async () => {
    const { stack } = await aStack({ timeoutScale: 0.25 });
    expect(await refusal(stack.invoke('Work', { do: 'throw' }))).toBe('TypeError: as asked');
    expect(await refusal(stack.invoke('Work', { do: 'exit' }))).toContain('Runtime.ExitError: ');
    expect(await refusal(stack.invoke('Work', { do: 'hang' }))).toMatch(
      /^Sandbox.Timedout: .* Task timed out after 2.00 seconds$/,
    );
    expect(stack.logs('Work').join('\n')).toContain('Task timed out after 2.00 seconds');
    expect(await stack.invoke('Work', {})).toBeNull();
  });

  it('sees its remaining time unscaled', async () => {
    const { stack } = await aStack({ timeoutScale: 100 });
    expect(await stack.invoke('Work', { do: 'describe' })).toMatchObject({ remainingMs: expect.closeTo(2000, -2) });
  });

  it('sends events and writes metrics', async () => {
    const { stack } = await aStack();
    expect(await stack.invoke('Work', { do: 'put' })).toEqual({ FailedEntryCount: 0 });
    expect(stack.events()).toMatchObject([{ source: 'fixture', 'detail-type': 'Done', region: 'eu-west-1' }]);
    expect(stack.metrics()).toEqual([{ _aws: { Timestamp: 0 }, Put: 1 }]);
  });
});

describe('a queue', () => {
  it('sends the function a batch that is full or whose window is over', async () => {
    const { stack } = await aStack({ timeScale: 0.05 });
    for (let n = 1; n <= 7; n++) stack.send('WorkQueue', { n });
    await stack.idle();
    expect(batches(stack.logs('Work')).map((bodies) => bodies.length)).toEqual([5, 2]);
  });

  it('retries only the messages that the function reports as failed, then moves them to the dead-letter queue', async () => {
    const { stack } = await aStack();
    stack.send('WorkQueue', { do: 'succeed' });
    stack.send('WorkQueue', { do: 'report' });
    await stack.idle();
    const [both, ...retries] = batches(stack.logs('Work'));
    expect(both).toEqual(['{"do":"succeed"}', '{"do":"report"}']);
    expect(retries).toEqual([['{"do":"report"}'], ['{"do":"report"}']]);
    expect(stack.deadLetters('WorkDeadLetters')).toEqual(['{"do":"report"}']);
  });

  it.each(['throw', 'misreport'])('retries the whole batch when the function does %s', async (failure) => {
    const { stack } = await aStack();
    stack.send('WorkQueue', {});
    stack.send('WorkQueue', { do: failure });
    await stack.idle();
    expect(batches(stack.logs('Work')).map((bodies) => bodies.length)).toEqual([2, 2, 2]);
    expect(stack.deadLetters('WorkDeadLetters')).toHaveLength(2);
  });

  it('respects the maximum concurrency', async () => {
    const { stack } = await aStack({ timeoutScale: 0.05 });
    for (let n = 0; n < 15; n++) stack.send('WorkQueue', { do: 'hang' });
    const startedAtMs = performance.now();
    while (batches(stack.logs('Work')).length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(performance.now() - startedAtMs).toBeGreaterThan(95);
  });
});

describe('rules', () => {
  it('send only the matching events of their bus to the queue', async () => {
    const { stack, sandbox } = await aStack();
    const entry = { Source: 'fixture', DetailType: 'Work', Detail: '{"a":1}', EventBusName: 'logseal' };
    await putEvents(sandbox, [entry, { ...entry, DetailType: 'Other' }, { ...entry, EventBusName: 'default' }]);
    await stack.idle();
    expect(stack.events().map((event) => event['detail-type'])).toEqual(['Work', 'Other']);
    const [[body = ''] = []] = batches(stack.logs('Work'));
    expect(batches(stack.logs('Work'))).toHaveLength(1);
    expect(JSON.parse(body)).toEqual(stack.events()[0]);
  });

  it('deliver twice by an injected fault', async () => {
    const faults = [{ call: 'events:PutEvents', kind: 'duplicate' as const, times: 1 }];
    const { stack, sandbox } = await aStack({}, { faults });
    await putEvents(sandbox, [{ Source: 'fixture', DetailType: 'Work', Detail: '{}', EventBusName: 'logseal' }]);
    await stack.idle();
    const bodies = batches(stack.logs('Work')).flat();
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toBe(bodies[1]);
    stack.deliver(cloudTrail);
    expect(stack.deadLetters('WorkDeadLetters')).toHaveLength(1);
    sandbox.setFaults(faults);
    stack.deliver(cloudTrail);
    expect(stack.deadLetters('WorkDeadLetters')).toHaveLength(3);
  });

  it('without a right on the queue send to their dead-letter queue, or lose the event', async () => {
    const { stack } = await aStack();
    stack.deliver(cloudTrail);
    expect(stack.deadLetters('PlainQueue')).toEqual([]);
    expect(stack.deadLetters('WorkDeadLetters').map((body) => JSON.parse(body))).toEqual([cloudTrail]);
    const template = changedFixture({ ', !GetAtt UnadmittedRule.Arn]': ']' });
    const stricter = await aStack({ template });
    stricter.stack.deliver(cloudTrail);
    expect(stricter.stack.deadLetters('WorkDeadLetters')).toEqual([]);
  });
});

describe('a schedule', () => {
  it('invokes the function', async () => {
    const { stack } = await aStack();
    stack.fireSchedule();
    await stack.idle();
    expect(stack.logs('Work')).toHaveLength(1);
    expect(() => stack.fireSchedule('Nothing')).toThrow('The template has no schedule Nothing, only Schedule');
  });

  it('retries, then sends the failure to the destination', async () => {
    const { stack } = await aStack({ template: changedFixture({ 'Handler: work.handler': 'Handler: work.missing' }) });
    stack.fireSchedule('Schedule');
    await stack.idle();
    const [record = '', ...others] = stack.deadLetters('WorkDeadLetters');
    expect(others).toEqual([]);
    expect(JSON.parse(record)).toEqual({
      version: '1.0',
      timestamp: expect.any(String),
      requestContext: {
        requestId: expect.any(String),
        functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:logseal-Work:$LATEST',
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: {
        version: '0',
        id: expect.any(String),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: '111122223333',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'eu-west-1',
        resources: ['arn:aws:events:eu-west-1:111122223333:rule/logseal-Schedule'],
        detail: {},
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: {
        errorType: 'Error',
        errorMessage: expect.stringContaining('exports no function missing'),
        trace: expect.any(Array),
      },
    });
  });
});

describe('the template’s resources', () => {
  it('include a key with its policy and alias', async () => {
    const { kms } = await aStack();
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/fixture' }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' });
    const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(JSON.parse(Policy).Statement[1].Principal.Service).toBe('logs.eu-west-1.amazonaws.com');
  });

  it.each([
    [
      'EventPattern: { source: [aws.logs] }',
      'EventPattern: { source: [{ numeric: [1] }] }',
      'UnadmittedRule.Properties.EventPattern.source[0]: the operator numeric',
    ],
    [
      'Targets: [{ Id: work,',
      'Targets: [{ Input: "{}", Id: work,',
      'Resources.Schedule.Properties.Targets.0.Input: unknown field',
    ],
    ['BatchSize: 5', 'BatchSize: 5, FilterCriteria: {}', 'Events.Queue.Properties'],
    ['sqs:ReceiveMessage, ', '', 'does not have permissions to call sqs:ReceiveMessage'],
    ['Action: "logs:*"', 'Action: "logs:*", Effekt: x, Condition: { StringLik: {} }', 'the operator "StringLik"'],
    [
      'Role: !GetAtt WorkRole.Arn',
      'Role: arn:aws:iam::1:role/x',
      'Resources.Work.Properties.Role: the template has no role',
    ],
  ])('are refused with %s → %s', async (from, to, mistake) => {
    const template = changedFixture({ [from]: to.replace('5, Filter', '5\n            Filter') });
    expect(await refusal(aStack({ template }))).toContain(mistake);
  });
});
