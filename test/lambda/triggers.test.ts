import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { remediateTrigger, scanTrigger } from '../../lib/lambda/triggers.ts';
import {
  aFindingEvent,
  aKeyChange,
  aLogGroupChange,
  anApiCall,
  anEvent,
  aScanRequest,
  aSchedule,
  CALLERS,
  CHANGED_KEY,
} from '../events/builders.ts';
import {
  ALIAS_CALLS,
  eventsIn,
  KEY_CALLS,
  KEY_NOTICES,
  KEY_STORE_CALLS,
  REMEDIATE_CLOUDTRAIL,
} from '../events/samples.ts';
import { ACCOUNT, aKeyArn, OTHER_ACCOUNT, REGION } from '../support/builders.ts';

const HERE = { target: { provider: 'aws', account: ACCOUNT, region: REGION } };
const CHANGED = aKeyArn(CHANGED_KEY);
const elsewhere = (arn: string) => arn.replace(REGION, 'us-east-1').replace(ACCOUNT, OTHER_ACCOUNT);
const keyChange = (eventName: string | undefined, named: { keyArn?: string; alias?: string } = {}) => ({
  kind: 'KEY_CHANGED',
  ...HERE,
  eventName,
  keyArn: null,
  alias: null,
  changedBy: expect.toBeOneOf([null, expect.stringMatching(/^arn:aws:(iam|sts)::/)]),
  eventId: expect.any(String),
  ...named,
});
const FAILED = { kind: 'IGNORED', because: expect.stringContaining('failed') };
const NAMELESS = { kind: 'IGNORED', because: expect.stringContaining('names no log store') };
const identified = (resourceIdentifier: string) => aLogGroupChange({ resourceIdentifier, kmsKeyId: aKeyArn() });

describe('scanTrigger', () => {
  test('a schedule has no target, whatever account and Region it claims', () => {
    const event = aSchedule({ account: OTHER_ACCOUNT, region: 'us-east-1' });
    expect(scanTrigger(event)).toEqual({ kind: 'SCHEDULE', eventId: event.id });
  });

  test.each([undefined, '', 1, 'a b', 'x'.repeat(129)])('an id that no run could have (%j) is none', (id) => {
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', id };
    expect(scanTrigger(event)).toEqual({ kind: 'SCHEDULE', eventId: null });
    expect(scanTrigger({ ...aKeyChange(), id })).toMatchObject({ eventId: null });
  });

  test('counts are whole numbers that a scan can reach', () => {
    const withStores = (stores: unknown) => aScanRequest({ nextToken: 'AAAA', counts: { ...EMPTY_SUMMARY, stores } });

    expect(scanTrigger(withStores(10_000_000))).toMatchObject({ request: { counts: { stores: 10_000_000 } } });
    for (const stores of [10_000_001, -1, 1.5, '1', Number.MAX_SAFE_INTEGER]) {
      expect(() => scanTrigger(withStores(stores))).toThrow('detail.counts.stores');
    }
  });

  test('a requested scan', () => {
    const counts = { ...EMPTY_SUMMARY, stores: 50, compliant: 49, nonCompliant: 1, byReason: { NO_KEY: 1 } };
    const request = aScanRequest({ runId: 'r', nextToken: 'AAAA', counts });

    expect(scanTrigger(request)).toMatchObject({
      kind: 'REQUEST',
      request: { ...HERE, runId: 'r', nextToken: 'AAAA', counts },
    });
  });

  test.each(KEY_CALLS)('%s names the key', (name) => {
    const [event] = eventsIn(name);
    const { eventName, resources } = event?.detail ?? {};
    const expected = keyChange(eventName, { keyArn: resources[0].ARN });

    expect(scanTrigger(event)).toEqual({ ...expected, eventId: event?.id });
    expect(eventsIn(`${name}-failed`).map(scanTrigger)).toEqual([FAILED]);
  });

  test.each(ALIAS_CALLS)('%s names the alias, and no key: which one it names is read from KMS', (name) => {
    const [{ detail } = { detail: {} }] = eventsIn(name);

    expect(eventsIn(name).map(scanTrigger)).toEqual([keyChange(detail.eventName, { alias: 'alias/logseal' })]);
    expect(eventsIn(`${name}-failed`).map(scanTrigger)).toEqual([FAILED]);
  });

  test.each(KEY_STORE_CALLS)('%s names neither', (name) => {
    expect(eventsIn(name).map(scanTrigger)).toEqual([keyChange('DisconnectCustomKeyStore')]);
    expect(eventsIn(`${name}-failed`).map(scanTrigger)).toEqual([FAILED]);
  });

  test.each(KEY_NOTICES)('%s, which KMS itself sends, names the key', (name) => {
    const [event] = eventsIn(name);

    const expected = keyChange(event?.['detail-type'], { keyArn: event?.resources[0] ?? '' });

    expect(scanTrigger(event)).toEqual({ ...expected, eventId: event?.id });
  });

  test.each(Object.entries(CALLERS))('a key that was changed by a caller of type %s', (_, userIdentity) => {
    expect(scanTrigger(aKeyChange('DisableKey', { userIdentity }))).toEqual(
      keyChange('DisableKey', { keyArn: CHANGED }),
    );
  });

  test.each([
    ['its id', { requestParameters: { keyId: CHANGED_KEY } }],
    ['its ARN', { requestParameters: { keyId: CHANGED } }],
    ['an ARN of another account and Region', { requestParameters: { keyId: elsewhere(CHANGED) } }],
    ['resources alone', { requestParameters: null, resources: [{ ARN: CHANGED }] }],
    ['resources of another account and Region', { requestParameters: null, resources: [{ ARN: elsewhere(CHANGED) }] }],
  ])('a key that is named by %s is the one of its id where the event comes from', (_, parts) => {
    expect(scanTrigger(aKeyChange('PutKeyPolicy', parts))).toEqual(keyChange('PutKeyPolicy', { keyArn: CHANGED }));
  });

  test.each([
    ['without parameters, which CloudTrail may send', { requestParameters: null, resources: undefined }],
    ['whose key id is no text', { requestParameters: { keyId: 7 }, resources: 'none' }],
    ['whose key id is too long', { requestParameters: { keyId: 'k'.repeat(129) } }],
    ['that names an alias in place of a key', { requestParameters: { keyId: 'alias/logseal' } }],
  ])('a key change %s names no key', (_, parts) => {
    expect(scanTrigger(aKeyChange('PutKeyPolicy', parts))).toEqual(keyChange('PutKeyPolicy'));
  });

  test('a key of a multi-Region pair and a key in China keep their ids and partition', () => {
    const multiRegion = { requestParameters: { keyId: 'mrk-1' } };

    expect(scanTrigger(aKeyChange('EnableKey', multiRegion, { region: 'cn-north-1' }))).toMatchObject({
      keyArn: `arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/mrk-1`,
    });
  });

  test.each([
    [null],
    [{}],
    [{ aliasName: 7 }],
    [{ aliasName: `alias/${'a'.repeat(251)}` }],
    [{ aliasName: 'alias/a b' }],
  ])('an alias change with the parameters %j is ignored', (requestParameters) => {
    const event = anApiCall('kms', 'UpdateAlias', { requestParameters });

    expect(scanTrigger(event)).toEqual({ kind: 'IGNORED', because: 'the CloudTrail event names no alias' });
  });

  test('the target of a key change comes from the envelope, not from the detail', () => {
    const claims = { awsRegion: 'us-east-1', recipientAccountId: OTHER_ACCOUNT };

    expect(scanTrigger(aKeyChange('DisableKey', claims))).toEqual(keyChange('DisableKey', { keyArn: CHANGED }));
  });

  test.each([
    [
      'another account',
      aKeyChange('DisableKey', {}, { account: OTHER_ACCOUNT }),
      { target: { account: OTHER_ACCOUNT } },
    ],
    ['another Region', aKeyChange('DisableKey', {}, { region: 'us-east-1' }), { target: { region: 'us-east-1' } }],
    ['another Region', aScanRequest({ region: 'us-east-1' }), { request: { target: { region: 'us-east-1' } } }],
    [
      'another account',
      aScanRequest({ account: OTHER_ACCOUNT }, { account: OTHER_ACCOUNT }),
      { request: { target: { account: OTHER_ACCOUNT } } },
    ],
  ])('%s is not checked here', (_, event, expected) => {
    expect(scanTrigger(event)).toMatchObject(expected);
  });

  test.each([
    [aScanRequest({ account: OTHER_ACCOUNT }), ACCOUNT, OTHER_ACCOUNT],
    [aScanRequest({}, { account: OTHER_ACCOUNT }), OTHER_ACCOUNT, ACCOUNT],
  ])('who sent a request comes from the envelope, and what it is about from the detail', (event, sender, account) => {
    expect(scanTrigger(event)).toMatchObject({ kind: 'REQUEST', sender, request: { target: { account } } });
  });

  test.each([
    ['another source', aScanRequest({}, { source: 'somebody' })],
    ['another provider', aScanRequest({ provider: 'alibaba' })],
    ['no account', aScanRequest({ account: undefined })],
    ['an account that is a number', aScanRequest({ account: 111122223333 })],
    ['no Region', aScanRequest({ region: '' })],
    ['no run id', aScanRequest({ runId: '' })],
    ['a run id that is too long', aScanRequest({ runId: 'r'.repeat(129) })],
    ['a token that is a number', aScanRequest({ nextToken: 7 })],
    ['no token', aScanRequest({ nextToken: undefined })],
    ['no counts', aScanRequest({ counts: null })],
    ['counts below zero', aScanRequest({ counts: { ...EMPTY_SUMMARY, stores: -1 } })],
    ['counts of an unknown reason', aScanRequest({ counts: { ...EMPTY_SUMMARY, byReason: { ODD: 1 } } })],
    ['counts that are strings', aScanRequest({ counts: { ...EMPTY_SUMMARY, byReason: { NO_KEY: '1' } } })],
    ['a call that changes no key', anApiCall('kms', 'Decrypt')],
    ['a call to another service', aKeyChange('DisableKey', {}, { source: 'aws.logs' })],
    ['no account in the envelope', aKeyChange('DisableKey', {}, { account: '' })],
    ['an invalid Region in the envelope', aKeyChange('DisableKey', {}, { region: '*' })],
    ['a finding', aFindingEvent()],
    ['a completed scan', anEvent('logseal', 'Scan Completed', {})],
    ['a schedule from another source', aSchedule({ source: 'logseal' })],
    ['an error code that is no string', aKeyChange('DisableKey', { errorCode: 7 })],
  ])('%s is unknown', (_, event) => {
    expect(() => scanTrigger(event)).toThrow(expect.objectContaining({ name: 'UnknownEventError' }));
  });

  test('the error lists every mistake in an event with its path', () => {
    const { counts, ...rest } = aScanRequest({ account: 'me', runId: '', region: 'Dublin' }).detail;
    const event = { ...aScanRequest({}, { account: '' }), detail: { ...rest, counts: { ...counts, stores: -1 } } };

    expect(() => scanTrigger(event)).toThrow(
      [
        'unknown event: account: expected an account id of twelve digits, got ""',
        'detail.account: expected an account id of twelve digits, got "me"',
        'detail.region: expected a Region such as eu-west-1, got "Dublin"',
        'detail.runId: Invalid length: Expected >=1 but received 0',
        'detail.counts.stores: Invalid value: Expected >=0 but received -1',
      ].join('; '),
    );
  });
});

describe('remediateTrigger', () => {
  test('a finding names a log group, and nothing else is kept from it', () => {
    const trigger = remediateTrigger(
      aFindingEvent('/app/a', {
        keyArn: aKeyArn('evil'),
        status: 'COMPLIANT',
        arn: 'arn:of:another',
        toKeyArn: 'evil',
      }),
    );

    expect(trigger).toEqual({ kind: 'LOG_GROUP', ...HERE, name: '/app/a', changedBy: null, sender: ACCOUNT });
  });

  test.each(REMEDIATE_CLOUDTRAIL)('%s', (name) => {
    const [event] = eventsIn(name);

    expect(remediateTrigger(event)).toEqual({
      kind: 'LOG_GROUP',
      ...HERE,
      name: event?.detail.requestParameters.logGroupName,
      changedBy: name === 'create-log-group' ? null : event?.detail.userIdentity.arn,
    });
    expect(eventsIn(`${name}-failed`).map(remediateTrigger)).toEqual([FAILED]);
  });

  test.each([
    ['a role', CALLERS.role, CALLERS.role.arn],
    ['an AWS service, which has no ARN', CALLERS['AWS service'], null],
    ['nobody', undefined, null],
    ['something else', 'jane', null],
    ['a name that is no ARN', { arn: 'jane\u202e' }, null],
  ])('who removed a key is kept where the event names them: %s', (_, userIdentity, changedBy) => {
    const change = aLogGroupChange({ logGroupName: '/app/a' }, { eventName: 'DisassociateKmsKey', userIdentity });

    expect(remediateTrigger(change)).toEqual({ kind: 'LOG_GROUP', ...HERE, name: '/app/a', changedBy });
    expect(scanTrigger(aKeyChange('DisableKey', { userIdentity }))).toMatchObject({ changedBy });
  });

  test.each(Object.entries(CALLERS))('a log group that was changed by a caller of type %s', (_, userIdentity) => {
    const change = aLogGroupChange({ logGroupName: '/app/a' }, { userIdentity });

    expect(remediateTrigger(change)).toEqual({ kind: 'LOG_GROUP', ...HERE, name: '/app/a', changedBy: null });
  });

  test.each([
    [`arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/a`, '/app/a'],
    [`arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/a:*`, '/app/a'],
    [`arn:aws-cn:logs:cn-north-1:${ACCOUNT}:log-group:log-group`, 'log-group'],
  ])('%s names %s', (resourceIdentifier, name) => {
    expect(remediateTrigger(identified(resourceIdentifier))).toMatchObject({ kind: 'LOG_GROUP', ...HERE, name });
  });

  test.each([
    [{ kmsKeyId: aKeyArn() }],
    [{ resourceIdentifier: 'query-result:*' }],
    [{ resourceIdentifier: `arn:aws:logs:${REGION}:${ACCOUNT}:query-result:12ab` }],
    [{}],
    [null],
  ])('%j names no log store', (requestParameters) => {
    expect(remediateTrigger(aLogGroupChange(requestParameters, { eventName: 'AssociateKmsKey' }))).toEqual(NAMELESS);
  });

  test.each(['aws', 'aws-cn'])('the ARN of query results in the partition %s', (partition) => {
    const change = identified(`arn:${partition}:logs:${REGION}:${ACCOUNT}:query-result:*`);

    expect(remediateTrigger(change)).toMatchObject({ kind: 'QUERY_RESULTS', ...HERE });
  });

  test('a finding about query results has their target, and nothing else is kept from it', () => {
    const event = aFindingEvent('/app/a', { type: 'query-results', name: 'whatever it says', keyArn: aKeyArn('evil') });

    expect(remediateTrigger(event)).toMatchObject({ kind: 'QUERY_RESULTS', ...HERE });
    expect(remediateTrigger({ ...event, account: OTHER_ACCOUNT })).toMatchObject({ ...HERE, sender: OTHER_ACCOUNT });
  });

  test('a failed call is ignored, even with an invalid log group name', () => {
    const odd = { logGroupName: 'not a name' };

    expect(remediateTrigger(aLogGroupChange(odd, { errorCode: 'InvalidParameterException' }))).toEqual(FAILED);
    expect(remediateTrigger(aLogGroupChange(odd, { errorCode: '' }))).toEqual(FAILED);
  });

  test.each([
    [aFindingEvent('/app/a', { account: OTHER_ACCOUNT }), ACCOUNT, OTHER_ACCOUNT],
    [aFindingEvent('/app/a', {}, { account: OTHER_ACCOUNT }), OTHER_ACCOUNT, ACCOUNT],
  ])('who sent a finding comes from the envelope, and what it is about from the detail', (event, sender, account) => {
    expect(remediateTrigger(event)).toMatchObject({ kind: 'LOG_GROUP', sender, target: { account } });
  });

  test('the Region of a finding comes from its detail, because the bus may be in another Region', () => {
    const event = aFindingEvent('/app/a', { region: 'eu-central-1' });

    expect(remediateTrigger(event)).toMatchObject({ kind: 'LOG_GROUP', target: { region: 'eu-central-1' } });
  });

  const BAD_NAMES = ['', 'a b', '/app/ä', '/app:*', '/app*', 'x'.repeat(513), '/app\n', '$(reboot)', '/a,/b'];
  test.each(BAD_NAMES)('%j is no valid log group name', (name) => {
    const because = expect.objectContaining({ name: 'UnknownEventError' });

    expect(() => remediateTrigger(aFindingEvent('/app/a', { name }))).toThrow(because);
    expect(() => remediateTrigger(aLogGroupChange({ logGroupName: name }))).toThrow(because);
  });

  test('a log group name may have every character that AWS allows', () => {
    const name = '/aws/Lambda_x-1.2#3';

    expect(remediateTrigger(aFindingEvent(name))).toMatchObject({ name });
    expect(remediateTrigger(aLogGroupChange({ logGroupName: name }))).toMatchObject({ name });
  });

  test.each([
    ['another source', aFindingEvent('/a', {}, { source: 'somebody' })],
    ['another provider', aFindingEvent('/a', { provider: 'alibaba' })],
    ['another kind of store', aFindingEvent('/a', { type: 'logstore' })],
    ['a name that is a list', aFindingEvent('/a', { name: ['/a'] })],
    ['an invalid account', aFindingEvent('/a', { account: 'me' })],
    ['an invalid Region', aFindingEvent('/a', { region: 'eu-west-1/../' })],
    ['a call that changes no log group', aLogGroupChange(undefined, { eventName: 'DeleteLogGroup' })],
    ['parameters that are a string', aLogGroupChange(undefined, { requestParameters: '/a' })],
    ['a name that is a number', aLogGroupChange({ logGroupName: 7 })],
    ['an outcome', anEvent('logseal', 'Remediation Outcome', {})],
    ['a schedule', aSchedule()],
    ['a key change', aKeyChange()],
  ])('%s is unknown', (_, event) => {
    expect(() => remediateTrigger(event)).toThrow(expect.objectContaining({ name: 'UnknownEventError' }));
  });
});

describe.each([
  ['scanTrigger', scanTrigger],
  ['remediateTrigger', remediateTrigger],
])('%s', (_, read) => {
  test.each([undefined, null, '', 'text', 7, [], {}, { detail: {} }, { 'detail-type': null }, { Records: [] }])(
    '%j is unknown',
    (event) => {
      expect(() => read(event)).toThrow(expect.objectContaining({ name: 'UnknownEventError' }));
    },
  );

  test('every event is either understood or unknown', () => {
    const detailType = fc.constantFrom(
      'Scheduled Event',
      'Scan Requested',
      'Log Store Finding',
      'AWS API Call via CloudTrail',
    );
    const source = fc.constantFrom('aws.events', 'logseal', 'aws.kms', 'aws.logs');
    const part = fc.dictionary(
      fc.constantFrom('account', 'region', 'name', 'eventName', 'requestParameters'),
      fc.anything(),
    );
    const event = fc.record({ 'detail-type': detailType, source, account: fc.anything(), detail: part });

    fc.assert(
      fc.property(fc.oneof(fc.anything(), event), (given) => {
        try {
          expect(['SCHEDULE', 'REQUEST', 'KEY_CHANGED', 'LOG_GROUP', 'QUERY_RESULTS', 'IGNORED']).toContain(
            read(given).kind,
          );
        } catch (error) {
          expect(error).toHaveProperty('name', 'UnknownEventError');
        }
      }),
    );
  });
});
