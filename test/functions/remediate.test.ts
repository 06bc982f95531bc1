import { expect, test } from 'vitest';
import { aBatch, aFindingEvent, aLogGroupChange, CALLERS } from '../events/builders.ts';
import { eventsIn, REMEDIATE_CLOUDTRAIL, recordsOf, sample } from '../events/samples.ts';
import { OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { aFunction, type FunctionOptions, withoutWaiting } from './support.ts';

const NOTHING_FAILED = { batchItemFailures: [] };
/** The calls to evaluate one log group without a key: identify the caller, read the store, check the key and the rights on it, ask the journal, report. */
const ONE_EVALUATION = {
  'sts:GetCallerIdentity': 1,
  'logs:DescribeLogGroups': 1,
  'kms:DescribeKey': 1,
  'kms:GetKeyPolicy': 1,
  'iam:GetRole': 1,
  'iam:SimulatePrincipalPolicy': 1,
  'dynamodb:Query': 1,
  'events:PutEvents': 1,
};
/** The same, and the calls to take the target and give it back, to seal it with a journal entry before and after, and to read it once more. */
const ONE_SEAL = {
  ...ONE_EVALUATION,
  'logs:DescribeLogGroups': 2,
  'logs:AssociateKmsKey': 1,
  'dynamodb:PutItem': 2,
  'dynamodb:UpdateItem': 2,
};
const SAMPLES = ['finding', ...REMEDIATE_CLOUDTRAIL];
const nameIn = (sampleName: string): string => {
  const [{ detail } = { detail: {} }] = eventsIn(sampleName);
  return detail.name ?? detail.requestParameters.logGroupName;
};

const enforcing = (options: FunctionOptions = {}) =>
  aFunction('RemediateFunction', { ...options, parameters: { Mode: 'Enforce', ...options.parameters } });
const auditing = (options: FunctionOptions = {}) =>
  aFunction('RemediateFunction', { ...options, parameters: { Mode: 'Audit', ...options.parameters } });
/** One log group without a key, one with the configured key and one with a disabled key. */
const aSmallWorld = () => aWorld({ groups: { '/app/a': null, '/app/healthy': 'logseal', '/app/b': 'disabled' } });

test.each(SAMPLES)('%s.json: seals its log group', async (name) => {
  const remediate = await enforcing();
  const before = await remediate.keyOf(nameIn(name));
  const toKeyArn = await remediate.keyOf('/app/api');
  remediate.sandbox.resetCalls();

  expect(await remediate.invoke(sample(name))).toMatchObject(
    name === 'finding' ? { outcomes: [{ outcome: 'SEALED' }] } : NOTHING_FAILED,
  );

  // An attached key of another Region is known to be wrong without a call.
  expect(remediate.sandbox.calls()).toEqual(ONE_SEAL);
  expect(await remediate.keyOf(nameIn(name))).toBe(toKeyArn);
  expect(remediate.events()).toMatchObject([
    { mode: 'Enforce', store: { name: nameIn(name) }, outcome: 'SEALED', fromKeyArn: before, toKeyArn },
  ]);
});

test.each(SAMPLES)('%s.json in Audit: reports what would be done', async (name) => {
  const remediate = await auditing();
  const before = await remediate.keyOf(nameIn(name));
  remediate.sandbox.resetCalls();

  await remediate.invoke(sample(name));

  expect(remediate.sandbox.calls()).toEqual(ONE_EVALUATION);
  expect(await remediate.keyOf(nameIn(name))).toBe(before);
  expect(remediate.events()).toMatchObject([{ mode: 'Audit', action: 'SEAL', outcome: 'UNCHANGED' }]);
});

test.each(SAMPLES)('%s.json: works the same as a bare event and in a record', async (name) => {
  const remediate = await enforcing();
  const [event] = eventsIn(name);

  expect(await remediate.invoke(event)).toMatchObject({ outcomes: [{ outcome: 'SEALED' }] });
  expect(await remediate.invoke(aBatch(event))).toEqual(NOTHING_FAILED);

  expect(remediate.events().map(({ outcome }) => outcome)).toEqual(['SEALED', 'UNCHANGED']);
});

test('findings.json: reads all log groups in one call, evaluates each again, and reads what it sealed once more', async () => {
  const remediate = await enforcing();

  expect(await remediate.invoke(sample('findings'))).toEqual(NOTHING_FAILED);

  // An event is sent with those that became known while the one before was sent.
  const { 'events:PutEvents': sendings = 0, ...calls } = remediate.sandbox.calls();
  expect(sendings).toBeLessThanOrEqual(6);
  expect({ ...calls, 'events:PutEvents': 1 }).toEqual({
    ...ONE_SEAL,
    'kms:DescribeKey': 4,
    'logs:AssociateKmsKey': 4,
    'dynamodb:Query': 4,
    'dynamodb:PutItem': 8,
  });
  const outcomes = remediate.events().map(({ store, outcome, refusal }) => [store.name, outcome, refusal?.code]);
  expect(outcomes.toSorted()).toEqual([
    ['/app/api-v2', 'SEALED', undefined],
    ['/archive/2023', 'SEALED', undefined],
    ['/legacy/disabled-key', 'SEALED', undefined],
    ['/legacy/signing', 'SEALED', undefined],
    ['/partner/private', 'REFUSED', 'KEY_UNREADABLE'],
    ['/restricted/audit', 'REFUSED', 'KEY_POLICY_DENIES'],
  ]);
  for (const { fromKeyArn, store } of remediate.events()) {
    const finding = eventsIn('findings').find(({ detail }) => detail.name === store.name);
    expect(fromKeyArn).toBe(finding?.detail.keyArn);
  }
});

test.each(REMEDIATE_CLOUDTRAIL)('%s-failed.json: makes no call', async (name) => {
  const remediate = await enforcing();

  expect(await remediate.invoke(sample(`${name}-failed`))).toEqual(NOTHING_FAILED);
  expect(await remediate.invoke(eventsIn(`${name}-failed`)[0])).toEqual({ outcomes: [] });

  expect(remediate.sandbox.calls()).toEqual({});
  expect(remediate.logged('event ignored')).toMatchObject([
    { level: 'WARN', because: expect.stringContaining('failed'), function_request_id: 'request-1' },
    { function_request_id: 'request-2' },
  ]);
});

test.each(Object.entries(CALLERS))(
  'a log group that was created by a caller of type %s is sealed',
  async (_, userIdentity) => {
    const remediate = await enforcing({ world: aSmallWorld() });

    await remediate.invoke(aBatch(aLogGroupChange({ logGroupName: '/app/a' }, { userIdentity })));

    expect(remediate.events()).toMatchObject([{ outcome: 'SEALED' }]);
  },
);

test('duplicates in any order, in one batch and in several, are sealed once', async () => {
  const remediate = await enforcing();
  const records = [...recordsOf('findings'), ...recordsOf('create-log-group')];

  await remediate.invoke({
    Records: [...records, ...records.toReversed()].map((record, index) => renamed(record, index)),
  });
  await remediate.invoke({ Records: records.toReversed() });

  expect(remediate.sandbox.calls()).toMatchObject({ 'logs:AssociateKmsKey': 5, 'logs:DescribeLogGroups': 3 });
  const outcomes = Map.groupBy(remediate.events(), ({ store }) => store.name);
  expect(outcomes.get('/archive/2023')).toMatchObject([{ outcome: 'SEALED' }, { outcome: 'UNCHANGED' }]);
  expect(remediate.events()).toHaveLength(14);
});

const renamed = <Message extends { messageId: string }>(message: Message, index: number): Message => ({
  ...message,
  messageId: `m${index}`,
});

test('every log line has its request id, and each outcome is counted in a line of its own', async () => {
  const remediate = await enforcing();

  await remediate.invoke(sample('findings'));

  const lines = remediate.lines().filter((line) => !('_aws' in line));
  expect(lines.every((line) => line['function_request_id'] === 'request-1')).toBe(true);
  expect(lines.every((line) => line['service'] === 'logseal')).toBe(true);
  expect(remediate.logged('journal')).toEqual([]);
  expect(remediate.logged('outcome')).toHaveLength(6);
  const metrics = remediate.metrics().filter(({ Sealed, Refused }) => Sealed ?? Refused);
  expect(metrics).toHaveLength(6);
  for (const metric of metrics) {
    expect(metric).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'logseal', Dimensions: [['service']] }] },
      service: 'logseal',
    });
  }
  expect(metrics.filter(({ Sealed }) => Sealed === 1)).toHaveLength(4);
});

test('forged findings attach only the configured key, and only where it is needed', async () => {
  const remediate = await enforcing({ world: aSmallWorld() });
  const configured = await remediate.keyOf('/app/healthy');
  const disabled = await remediate.keyOf('/app/b');
  const evil = { keyArn: disabled, toKeyArn: disabled, key: disabled, arn: 'arn:aws:logs:::log-group:/app/b' };

  await remediate.invoke(
    aBatch(
      aFindingEvent('/app/a', { ...evil, status: 'COMPLIANT' }),
      aFindingEvent('/app/healthy', { ...evil, mode: 'Enforce', action: 'UNSEAL' }),
      aFindingEvent('/app/gone', evil),
    ),
  );

  expect(await remediate.keyOf('/app/a')).toBe(configured);
  expect(await remediate.keyOf('/app/healthy')).toBe(configured);
  expect(await remediate.keyOf('/app/b')).toBe(disabled);
  const outcomes = remediate.events().map(({ store, outcome }) => [store.name, outcome]);
  expect(Object.fromEntries(outcomes)).toEqual({
    '/app/a': 'SEALED',
    '/app/healthy': 'UNCHANGED',
    '/app/gone': 'REFUSED',
  });
  expect(remediate.sandbox.calls()).toMatchObject({ 'logs:AssociateKmsKey': 1 });
});

test('events of another account or Region cause only a GetCallerIdentity', async () => {
  const remediate = await enforcing({ world: aSmallWorld() });
  const foreign = [
    aFindingEvent('/app/a', { region: 'us-east-1' }),
    aFindingEvent('/app/a', { account: OTHER_ACCOUNT }, { account: OTHER_ACCOUNT }),
    aFindingEvent('/app/a', { account: OTHER_ACCOUNT }),
    aFindingEvent('/app/a', {}, { account: OTHER_ACCOUNT }),
    aLogGroupChange(undefined, {}, { region: 'us-east-1' }),
    aLogGroupChange(undefined, {}, { account: OTHER_ACCOUNT }),
  ];

  expect(await remediate.invoke(aBatch(...foreign))).toEqual(NOTHING_FAILED);

  expect(remediate.sandbox.calls()).toEqual({ 'sts:GetCallerIdentity': 1 });
  expect(remediate.events()).toEqual([]);
  expect(remediate.logged('event ignored')).toHaveLength(6);
});

test('unknown events return to the queue, and the rest is handled', async () => {
  const remediate = await enforcing({ world: aSmallWorld() });
  const batch = aBatch('{', aFindingEvent('/app/a'), { hello: 'world' }, aFindingEvent('a b'), sample('schedule'));

  expect(await remediate.invoke(batch)).toEqual({
    batchItemFailures: ['m0', 'm2', 'm3', 'm4'].map((itemIdentifier) => ({ itemIdentifier })),
  });
  await expect(remediate.invoke({ hello: 'world' })).rejects.toThrow(
    expect.objectContaining({ name: 'UnknownEventError' }),
  );

  expect(remediate.events()).toMatchObject([{ outcome: 'SEALED' }]);
});

test('an event with a transient failure returns to the queue alone, and succeeds the next time', async () => {
  const remediate = await enforcing({ world: aSmallWorld() });
  const batch = aBatch(aFindingEvent('/app/a'), aFindingEvent('/app/b'));
  withoutWaiting();

  remediate.sandbox.setFaults([{ call: 'logs:AssociateKmsKey', kind: 'unavailable', resource: '/app/a' }]);
  expect(await remediate.invoke(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  remediate.sandbox.setFaults([]);
  expect(await remediate.invoke(batch)).toEqual(NOTHING_FAILED);

  // Whether the first attempt changed /app/a is not known, so nothing is said of it.
  expect(remediate.events().map(({ store, outcome }) => [store.name, outcome])).toEqual([
    ['/app/b', 'SEALED'],
    ['/app/b', 'UNCHANGED'],
    ['/app/a', 'SEALED'],
  ]);
});

test('the line of an outcome names who changed the log group before', async () => {
  const remediate = await enforcing({ world: aSmallWorld() });
  const change = aLogGroupChange({ logGroupName: '/app/a' }, { eventName: 'DisassociateKmsKey' });

  await remediate.invoke(aBatch(change, aFindingEvent('/app/b')));

  const changedBy = Object.fromEntries(remediate.logged('outcome').map((line) => [line.name, line.changedBy]));
  expect(changedBy).toEqual({ '/app/a': CALLERS.role.arn, '/app/b': undefined });
});

test('a refused event does not return to the queue', async () => {
  const remediate = await enforcing({ world: aSmallWorld() });

  remediate.sandbox.setFaults([{ call: 'logs:AssociateKmsKey', kind: 'deny', resource: '/app/a' }]);

  expect(await remediate.invoke(aBatch(aFindingEvent('/app/a')))).toEqual(NOTHING_FAILED);
  expect(remediate.events()).toMatchObject([
    {
      outcome: 'REFUSED',
      refusal: { code: 'CALLER_MISSING_RIGHTS', fix: expect.stringContaining('AssociateKmsKey') },
    },
  ]);
});

test('a log group in another configured Region is sealed with the key that has the alias there', async () => {
  const world = aWorld({
    keys: { there: { alias: 'alias/logseal', policy: 'logs', region: 'eu-central-1' } },
    elsewhere: [{ region: 'eu-central-1', groups: { '/there': null } }],
  });
  const remediate = await enforcing({ world, parameters: { Regions: `${REGION},eu-central-1` } });

  await remediate.invoke(aBatch(aFindingEvent('/there', { region: 'eu-central-1' })));
  await remediate.invoke(aBatch(aFindingEvent('/gone')));

  expect(remediate.sandbox.calls()).toMatchObject({ 'sts:GetCallerIdentity': 1 });

  expect(remediate.events()).toMatchObject([
    { outcome: 'SEALED', toKeyArn: expect.stringContaining(':eu-central-1:'), store: { region: 'eu-central-1' } },
    { outcome: 'REFUSED', store: { region: REGION } },
  ]);
});
