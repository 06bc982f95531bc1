import { EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { aSandbox, changedFixture, clientConfig, FIXTURE, putEvents, refusal } from './support.ts';

const entry = { Source: 'x', DetailType: 'X', Detail: '{}' };

describe('PutEvents', () => {
  it('handles each entry separately, in order, and drops those for an unknown bus silently', async () => {
    const { sandbox } = await aSandbox();
    const { FailedEntryCount, Entries = [] } = await putEvents(sandbox, [
      { ...entry, EventBusName: 'nowhere' },
      { ...entry, Source: 'aws.logs' },
      { ...entry, Detail: '[]' },
      { ...entry, DetailType: undefined },
      { ...entry, EventBusName: 'arn:aws:events:eu-west-1:111122223333:event-bus/default', Time: new Date() },
    ]);
    expect(FailedEntryCount).toBe(3);
    const codes = [undefined, 'NotAuthorizedForSourceException', 'MalformedDetail', 'InvalidArgument', undefined];
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual(codes);
    expect(Entries.map(({ EventId }) => EventId !== undefined)).toEqual(codes.map((code) => code === undefined));
  });

  it('refuses too many entries, no entries, and entries that are too large', async () => {
    const { sandbox } = await aSandbox();
    expect(await refusal(putEvents(sandbox, Array(11).fill(entry)))).toContain('ValidationException');
    expect(await refusal(putEvents(sandbox, []))).toContain('ValidationException');
    const half = { ...entry, Detail: JSON.stringify('x'.repeat(127 * 1024)) };
    expect(await refusal(putEvents(sandbox, [{ ...half, Detail: `{"a":${half.Detail}}` }]))).toBe('no error');
    expect(await refusal(putEvents(sandbox, [half, half, half]))).toBe(
      'ValidationException: Total size of the entries in the request is over the limit.',
    );
  });

  it('fails single entries by injected faults', async () => {
    const faults = [
      { call: 'events:PutEvents', kind: 'partial' as const, times: 1 },
      { call: 'events:PutEvents', kind: 'partial-throttle' as const, skip: 1 },
    ];
    const { sandbox } = await aSandbox({ world: { faults } });
    const { FailedEntryCount, Entries = [] } = await putEvents(sandbox, [entry, entry, entry]);
    expect(FailedEntryCount).toBe(2);
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual(['InternalFailure', undefined, 'ThrottlingException']);
    expect(sandbox.calls()).toEqual({ 'events:PutEvents': 1 });
  });
});

describe('a bus of another account', () => {
  const statement = `{ Effect: Allow, Principal: { AWS: "444455556666" }, Action: events:PutEvents, Resource: "*", Condition: { StringEquals: { events:source: theirs } } }`;
  const name = `Name: !Sub "\${AWS::StackName}"`;
  const fixture = () => changedFixture({ [name]: `${name}, Policy: { Statement: [${statement}] }` });
  const EventBusName = 'arn:aws:events:eu-west-1:111122223333:event-bus/logseal';

  it('takes what its policy admits, under the account of the sender', async () => {
    const { sandbox } = await aSandbox({ stack: { template: fixture() } });
    const put = (Source: string, account: string) =>
      refusal(putEvents(sandbox, [{ ...entry, EventBusName, Source }], '', account));

    expect(await put('theirs', '444455556666')).toBe('no error');
    expect(await put('other', '444455556666')).toContain('AccessDeniedException');
    expect(await put('theirs', '777788889999')).toContain('AccessDeniedException');
    expect(sandbox.stack?.events()).toMatchObject([{ account: '444455556666', source: 'theirs' }]);
  });

  it('takes nothing without a policy', async () => {
    const { sandbox } = await aSandbox({ stack: { template: FIXTURE } });
    expect(await refusal(putEvents(sandbox, [{ ...entry, EventBusName }], '', '444455556666'))).toContain(
      'AccessDeniedException',
    );
  });
});

describe('TestEventPattern', () => {
  const event = { id: '1', account: '1', source: 'x', time: 't', region: 'r', resources: [], 'detail-type': 'X' };

  it('says whether an event matches', async () => {
    const { sandbox } = await aSandbox();
    const client = new EventBridgeClient(clientConfig(sandbox));
    const test = async (pattern: object, given: object = event) => {
      const input = { EventPattern: JSON.stringify(pattern), Event: JSON.stringify(given) };
      return (await client.send(new TestEventPatternCommand(input))).Result;
    };
    expect(await test({ source: ['x'] })).toBe(true);
    expect(await test({ source: ['y'] })).toBe(false);
    expect(await refusal(test({ source: 'x' }))).toContain('InvalidEventPatternException: Event pattern is not valid');
    expect(await refusal(test({ source: ['x'] }, { id: '1' }))).toContain('ValidationException');
  });
});
