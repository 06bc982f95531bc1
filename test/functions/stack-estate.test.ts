import { describe, expect, test } from 'vitest';
import { PARTITIONS } from '../../lib/domain/partition.ts';
import { aFindingEvent, aKeyChange, aLogGroupChange, anEvent, aScanRequest, CALLERS } from '../events/builders.ts';
import { putEvents, refusal } from '../sandbox/support.ts';
import { ACCOUNT, OTHER_ACCOUNT, REGION } from '../support/builders.ts';
import { anEstate, anEstateWorld, ofHub } from './estate.ts';
import { aStack } from './stack.ts';

const STRANGER = '777788889999';
const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/logseal`;
const inMember = { account: OTHER_ACCOUNT };

describe('by schedule', () => {
  test('a hub seals its own log groups and those of its member, each with the key of its account', async () => {
    const estate = await anEstate();

    await estate.schedule();

    expect(estate.results()).toEqual(['hub SEAL SEALED', 'member SEAL SEALED']);
    for (const { store, toKeyArn } of estate.outcomes()) expect(toKeyArn).toContain(`:${store.account}:key/`);
    estate.noDeadLetters();
  });

  test('the journal has as actor the session in the account of the log group', async () => {
    const estate = await anEstate();

    await estate.schedule();

    const { items } = [...estate.sandbox.cloud.regions.values()].flatMap(({ tables }) => [
      ...[...tables].flatMap(([name, table]) => (name.includes('Journal') ? [table] : [])),
    ])[0] ?? { items: new Map() };
    const entries = [...items.values()].map(({ entry }) => JSON.parse(entry?.S ?? '{}'));
    const actors = new Set(entries.map(({ store, actor }) => `${store.account} ${actor}`));
    expect([...actors].sort()).toEqual([
      `${ACCOUNT} arn:aws:sts::${ACCOUNT}:assumed-role/logseal-RemediateRole/logseal-RemediateFunction`,
      `${OTHER_ACCOUNT} arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/logseal-member/logseal-remediate`,
    ]);
  });

  test('a member whose role is for Audit is read and not changed, and what Enforce would do is reported', async () => {
    const estate = await anEstate({ role: { Mode: 'Audit' } }, { mode: 'Audit' });

    await estate.schedule();

    expect(estate.results()).toEqual(['hub SEAL UNCHANGED', 'member SEAL UNCHANGED']);
    expect(estate.changes()).toBe(0);
  });

  test('a hub that enforces changes nothing where the role is for Audit', async () => {
    const estate = await anEstate({ role: { Mode: 'Audit' } });

    await estate.schedule();

    expect(estate.results()).toEqual(['hub SEAL SEALED', expect.stringMatching(/^member (SEAL|NONE) REFUSED$/)]);
    const { logGroups } = estate.sandbox.cloud.regions.get(`${OTHER_ACCOUNT}/${REGION}`) ?? {};
    expect(logGroups?.get('/member/a')?.kmsKeyId).toBeUndefined();
  });

  test.each([
    ['has no role', null],
    ['asks for another external id', { ExternalId: 'of-somebody-else' }],
    ['trusts other roles', { HubRoleArns: `arn:aws:iam::${ACCOUNT}:role/a,arn:aws:iam::${ACCOUNT}:role/b` }],
    ['trusts another account', { HubAccountId: STRANGER }],
    ['demands an organization that the hub is not in', { OrganizationId: 'o-a1b2c3d4e5' }],
  ])('an account that %s is FAILED with the fix, and stops no other', async (_, role) => {
    const estate = await anEstate({ role });

    await estate.schedule();

    const scans = estate.events('Scan Completed').map(({ account, status, error }) => [account, status, error?.code]);
    expect(scans.sort()).toEqual([
      [ACCOUNT, 'COMPLETE', undefined],
      [OTHER_ACCOUNT, 'FAILED', 'ROLE_REFUSED'],
    ]);
    expect(estate.results()).toEqual(['hub SEAL SEALED']);
    const line = estate.stack.logs('ScanFunction').find((text) => text.includes('"scan failed"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      account: OTHER_ACCOUNT,
      fix: expect.stringContaining('member-role.yaml'),
    });
    expect(estate.stack.metrics()).toContainEqual(expect.objectContaining({ ScanFailed: 1 }));
    estate.noDeadLetters();
  });

  test('an organization that cannot be read raises an alarm, and what is known without it is sealed', async () => {
    const estate = await anEstate({}, { parameters: { Organization: 'o-a1b2c3d4e5' } });

    await estate.schedule();

    expect(estate.results()).toEqual(['hub SEAL SEALED', 'member SEAL SEALED']);
    expect(estate.events('Scan Completed')).toHaveLength(2);
    expect(estate.stack.metrics()).toContainEqual(expect.objectContaining({ FailedAgain: 1 }));
    estate.noDeadLetters();
  });

  test('with all Regions those of each account are listed by a request of its own, and scanned', async () => {
    const enabled = [...(PARTITIONS.find(({ name }) => name === 'aws')?.enabledByDefault ?? [])];
    const others = enabled.filter((region) => region !== REGION);
    const world = anEstateWorld(
      { [OTHER_ACCOUNT]: {} },
      { disabledRegions: { [ACCOUNT]: others, [OTHER_ACCOUNT]: others } },
    );
    const parameters = { ...ofHub(OTHER_ACCOUNT), Regions: 'all' };
    const hub = await aStack({ world, parameters });

    await hub.schedule();

    const scans = hub.events('Scan Completed').map(({ account, region, status }) => [account, region, status]);
    expect(scans.sort()).toEqual([ACCOUNT, OTHER_ACCOUNT].map((account) => [account, REGION, 'COMPLETE']));
    const requested = hub.events('Scan Requested').map(({ account, region }) => `${account} ${region}`);
    const expected = [ACCOUNT, OTHER_ACCOUNT].flatMap((account) => [`${account} all`, `${account} ${REGION}`]);
    expect(new Set(requested)).toEqual(new Set(expected));
    hub.noDeadLetters();
  });

  test('an account that is not configured is not touched, although it has the role', async () => {
    const world = anEstateWorld({ [OTHER_ACCOUNT]: {}, [STRANGER]: {} });
    const hub = await aStack({ world, mode: 'Enforce', parameters: ofHub(OTHER_ACCOUNT) });
    const entered = () => [...hub.sandbox.cloud.sessions.values()].map(({ role }) => role.account);

    await hub.schedule();
    await hub.forge(aFindingEvent('/member/a', { account: STRANGER }), aScanRequest({ account: STRANGER }));
    await hub.deliver(aLogGroupChange({ logGroupName: '/member/a' }, {}, { account: STRANGER }));

    expect(new Set(hub.outcomes().map(({ store }) => store.account))).toEqual(new Set([ACCOUNT, OTHER_ACCOUNT]));
    expect(new Set(entered())).toEqual(new Set([OTHER_ACCOUNT]));
  });
});

describe('events on the bus of a hub', () => {
  test('a new log group of a member is sealed', async () => {
    const estate = await anEstate();

    await estate.deliver(aLogGroupChange({ logGroupName: '/member/a' }, {}, inMember));

    expect(estate.results()).toEqual(['member SEAL SEALED']);
  });

  test('a key of a member that changed is evaluated, and its Region is scanned', async () => {
    const estate = await anEstate();

    await estate.deliver(aKeyChange('DisableKey', {}, inMember));

    expect(estate.events('Key Finding')).toMatchObject([inMember]);
    expect(estate.events('Scan Completed')).toMatchObject([{ ...inMember, status: 'COMPLETE' }]);
  });

  test('the changes that the hub made through the role start nothing', async () => {
    const estate = await anEstate();
    const own = structuredClone(CALLERS.role) as { sessionContext: { sessionIssuer: { arn: string } } };
    own.sessionContext.sessionIssuer.arn = `arn:aws:iam::${OTHER_ACCOUNT}:role/logseal-member`;

    await estate.deliver(aLogGroupChange({ logGroupName: '/member/a' }, { userIdentity: own }, inMember));

    expect(estate.sandbox.calls()).toEqual({});
  });

  test('a member can put no event of logseal on it, nor one of another service', async () => {
    const estate = await anEstate();
    const put = (Source: string) => ({ EventBusName: BUS, Source, DetailType: 'Log Store Finding', Detail: '{}' });

    expect(await refusal(putEvents(estate.sandbox, [put('logseal')], '', OTHER_ACCOUNT))).toContain('AccessDenied');
    await estate.deliver(anEvent('aws.s3', 'Object Created', {}, inMember));

    expect(estate.stack.events()).toEqual([]);
  });

  test('an account that is not listed can forward nothing', async () => {
    const estate = await anEstate();

    await estate.deliver(aLogGroupChange({ logGroupName: '/a' }, {}, { account: STRANGER }));

    expect(estate.stack.events()).toEqual([]);
    expect(estate.sandbox.calls()).toEqual({});
  });
});

describe('forged messages in the queues', () => {
  test.each([
    ['that a member sent', aFindingEvent('/hub/a', {}, inMember), aScanRequest({}, inMember)],
    [
      'that a member sent about itself',
      aFindingEvent('/member/a', inMember, inMember),
      aScanRequest(inMember, inMember),
    ],
    ['about a stranger', aFindingEvent('/a', { account: STRANGER }), aScanRequest({ account: STRANGER })],
    [
      'about an unconfigured Region',
      aFindingEvent('/a', { region: 'us-east-1' }),
      aScanRequest({ region: 'us-east-1' }),
    ],
  ])('%s are logged, and nothing is called', async (_, finding, request) => {
    const estate = await anEstate();

    await estate.queue('RemediateQueue', finding);
    await estate.queue('ScanQueue', request);

    expect(Object.keys(estate.sandbox.calls())).toEqual(
      request.detail.region === 'us-east-1' ? [] : ['sts:GetCallerIdentity'],
    );
    for (const id of ['ScanFunction', 'RemediateFunction']) {
      expect(estate.stack.logs(id).filter((line) => line.includes('"WARN"'))).toHaveLength(1);
    }
    estate.noDeadLetters();
  });
});

test('findings of an account whose role is gone fail once each, with one error for each batch, and are no dead letters', async () => {
  const estate = await anEstate({ role: null }, { timeScale: 0.01 });
  const names = Array.from({ length: 60 }, (_, index) => `/gone/${index + 1}`);

  await estate.forge(...names.map((name) => aFindingEvent(name, inMember)), aFindingEvent('/hub/a'));

  expect(estate.outcomes().map(({ error }) => error?.code ?? 'SEALED')).toEqual(
    expect.arrayContaining([...names.map(() => 'ROLE_REFUSED'), 'SEALED']),
  );
  expect(estate.outcomes()).toHaveLength(61);
  const lines = estate.stack.logs('RemediateFunction').filter((line) => line.includes('"ERROR"'));
  expect(lines.length).toBeLessThanOrEqual(4);
  expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ ...inMember, fix: expect.stringContaining('member-role.yaml') });
  expect(estate.stack.metrics().filter((metrics) => 'Failed' in metrics)).toHaveLength(60);
  expect(estate.stack.metrics()).toContainEqual(expect.objectContaining({ FailedAgain: 1 }));
  estate.noDeadLetters();
});

test('hundreds of findings of one account delay that of another by one batch', async () => {
  const names = Array.from({ length: 400 }, (_, index) => `/noisy/${index + 1}`);
  const groups = Object.fromEntries(names.map((name) => [name, null]));
  const estate = await anEstate({ groups }, { mode: 'Audit', timeScale: 0.01 });
  const noisy = names.map((name) => aFindingEvent(name, inMember));

  await estate.forge(...noisy, aFindingEvent('/hub/a'));

  expect(estate.outcomes()).toHaveLength(401);
  const events = estate.stack.events().map((event) => ({ type: event['detail-type'], name: nameIn(event.detail) }));
  const indexOf = (type: string) => events.findIndex((event) => event.type === type && event.name === '/hub/a');
  const meanwhile = events.slice(indexOf('Log Store Finding'), indexOf('Remediation Outcome'));
  // Two batches of 50 are under way when it comes, it is in the next, and one more may start beside that and end before it.
  expect(meanwhile.filter(({ type }) => type === 'Remediation Outcome').length).toBeLessThanOrEqual(200);
});

function nameIn(detail: unknown): string | undefined {
  const { name, store } = detail as { name?: string; store?: { name: string } };
  return name ?? store?.name;
}
