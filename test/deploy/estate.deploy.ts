import { paginateScan } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { anEstateWorld } from '../functions/estate.ts';
import { EXTERNAL_ID } from '../support/member-role.ts';
import { type DeployedCloud, startCloud } from './cloud.ts';
import { type Deployment, deploy, deployInMember, emulator, logLines, outputsOf, remove } from './deployment.ts';
import { describeMemberRules } from './member-rules.ts';
import { ACCOUNT } from './place.ts';
import { logGroupEvent, sample } from './samples.ts';
import { sayWhy } from './say-why.ts';
import { MEMBER_ROLE, OPERATOR_ROLE } from './sessions.ts';
import { undo } from './undo.ts';
import { until } from './until.ts';
import { type BusWatch, watchBus } from './watch-bus.ts';

// The policy of the bus is not run: the emulator ignores it, and its rules reach no bus of another account.

const STACK = 'logseal-estate';
const [FIRST, SECOND] = ['444455556666', '777788889999'];
/** Its role asks for another external id. */
const CLOSED = '333344445555';
/** Its role admits the hub, which is not configured with it. */
const STRANGER = '222233334444';
const KeyId = 'alias/logseal';
const PARAMETERS = {
  ...{ KeyId, Mode: 'Enforce', Accounts: [FIRST, SECOND, CLOSED].join(','), ExternalId: EXTERNAL_ID },
};
const WORLD = anEstateWorld(
  Object.fromEntries([FIRST, SECOND, CLOSED, STRANGER].map((account) => [account, { role: null }])),
);

let cloud: DeployedCloud;
let stack: Deployment;
let bus: BusWatch;
let hub: Readonly<Record<string, string>>;

beforeAll(async () => {
  cloud = await startCloud(PARAMETERS, WORLD);
  stack = await deploy(STACK, PARAMETERS, cloud.url);
  bus = await watchBus(STACK);
  hub = await outputsOf(STACK);
  const HubBusArn = hub['HubBusArn'] ?? '';
  await Promise.all([
    deployRole(FIRST),
    deployRole(SECOND),
    deployRole(CLOSED, { ExternalId: 'of-somebody-else' }),
    deployRole(STRANGER),
    ...[FIRST, SECOND].map((account) => deployInMember('member-events', account, { HubBusArn })),
  ]);
}, 240_000);
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await sayWhy(stack, cloud);
});
afterAll(async () => {
  await remove(STACK);
  await cloud?.close();
});

describe('a hub with member accounts', () => {
  /** A run over both members. */
  let run: string;

  it('seals log groups of all accounts by its schedule, but not where the role asks for another external id', async () => {
    await stack.invoke('ScanFunction', await sample('schedule'));

    const outcomes = await bus.take('Remediation Outcome', 3);

    expect(outcomes.map(inAccount('outcome')).toSorted()).toEqual([
      `${ACCOUNT} /hub/a SEALED`,
      `${FIRST} /member/a SEALED`,
      `${SECOND} /member/a SEALED`,
    ]);
    for (const account of [FIRST, SECOND]) {
      expect((await cloud.keys(account))['/member/a']).toContain(`:${account}:key/`);
    }
    const [failed] = await until('the scan that failed', 30_000, () => lines('ScanLogs', 'scan failed'));
    expect(failed).toMatchObject({
      account: CLOSED,
      error: { code: 'ROLE_REFUSED', message: expect.stringContaining('sts:AssumeRole') },
      fix: expect.stringContaining('deploy/member-role.yaml'),
    });
    expect(await cloud.keys(CLOSED)).toEqual({ '/member/a': undefined });
  });

  it('has as actor in its journal the session of each account', async () => {
    const actors = new Set<string>();
    const { dynamodb } = emulator();
    for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: stack.ids['JournalTable'] })) {
      for (const { entry } of Items) actors.add(JSON.parse(entry?.S ?? '').actor);
    }

    const { RemediateRole, RemediateFunction } = stack.ids;
    expect([...actors].toSorted()).toEqual([
      `arn:aws:sts::${ACCOUNT}:assumed-role/${RemediateRole}/${RemediateFunction}`,
      `arn:aws:sts::${FIRST}:assumed-role/${MEMBER_ROLE}/logseal-remediate`,
      `arn:aws:sts::${SECOND}:assumed-role/${MEMBER_ROLE}/logseal-remediate`,
    ]);
  });

  it('seals new log groups of members by the events that came from there, in one run', async () => {
    await stack.setTriggerEnabled('RemediateFunctionQueue', false);
    for (const account of [FIRST, SECOND]) await create('/new/a', account);
    await stack.setTriggerEnabled('RemediateFunctionQueue', true);

    const outcomes = await bus.take('Remediation Outcome', 2);

    expect(outcomes.map(inAccount('outcome')).toSorted()).toEqual([
      `${FIRST} /new/a SEALED`,
      `${SECOND} /new/a SEALED`,
    ]);
    run = String(outcomes[0]?.['runId']);
    expect(outcomes.map(({ runId }) => runId)).toEqual([run, run]);
  });

  it('is undone in all accounts of the run by the command line, from its journal table', async () => {
    for (const account of [FIRST, SECOND]) await createOperatorRole(account);
    const accounts = [FIRST, SECOND].flatMap((account) => ['--account', account]);
    const role = ['--role-name', OPERATOR_ROLE, '--external-id', EXTERNAL_ID];

    const { status, steps } = await undo(stack, cloud, ['--run', run, ...accounts, ...role]);

    expect(steps.map(inAccount('outcome')).toSorted()).toEqual([
      `${FIRST} /new/a UNSEALED`,
      `${SECOND} /new/a UNSEALED`,
    ]);
    expect(status).toBe(0);
    for (const account of [FIRST, SECOND]) expect((await cloud.keys(account))['/new/a']).toBeUndefined();
  });

  it('logs events about an account that is not configured, and calls nothing there although its role admits the hub', async () => {
    const { detail } = await sample('finding', STRANGER);
    const forged = { EventBusName: STACK, Source: 'logseal', DetailType: 'Log Store Finding' };
    await emulator().events.send(new PutEventsCommand({ Entries: [{ ...forged, Detail: JSON.stringify(detail) }] }));
    await create('/new/a', STRANGER);
    await stack.queue('ScanQueue').send({ ...(await sample('scan-requested', STRANGER)), account: ACCOUNT });

    const inBoth = (['ScanLogs', 'RemediateLogs'] as const).map((id, index) =>
      until('events that are ignored', 30_000, () => lines(id, 'event ignored', index + 1)),
    );

    for (const { because } of (await Promise.all(inBoth)).flat()) {
      expect(because).toBe(`it is about account ${STRANGER}, not about ${ACCOUNT} or a configured member`);
    }
    const entered = new Set((await cloud.sessions.roles()).map(({ account }) => account));
    expect([...entered].toSorted()).toEqual([FIRST, SECOND]);
    expect(Object.values(await cloud.keys(STRANGER))).toEqual([undefined, undefined]);
  });

  it('needed no right that its roles do not have', async () => {
    expect(await cloud.refusedRights()).toEqual([]);
    const seals = (await cloud.sessions.roles()).flatMap(({ account, used }) =>
      [...used.values()].flatMap(({ action }) => (action === 'logs:AssociateKmsKey' ? [account] : [])),
    );
    expect(new Set(seals)).toEqual(new Set([FIRST, SECOND]));
  });

  it('has roles in members that admit nobody else of its account', async () => {
    const RoleArn = `arn:aws:iam::${FIRST}:role/${MEMBER_ROLE}`;
    const input = { RoleArn, RoleSessionName: 'somebody', ExternalId: EXTERNAL_ID };
    const refused = 'not authorized to perform: sts:AssumeRole';
    await expect(emulator().sts.send(new AssumeRoleCommand(input))).rejects.toThrow(refused);
  });

  it('is refused where the role is for Audit, and goes on in other accounts', async () => {
    await deployRole(SECOND, { Mode: 'Audit' });
    cloud.sessions.forget();

    for (const account of [SECOND, FIRST]) await create('/late/a', account);
    const outcomes = await bus.take('Remediation Outcome', 2);

    expect(outcomes.map(inAccount('outcome')).toSorted()).toEqual([
      `${FIRST} /late/a SEALED`,
      `${SECOND} /late/a REFUSED`,
    ]);
    const refused = outcomes.find(({ outcome }) => outcome === 'REFUSED');
    expect(refused?.['refusal']).toMatchObject({
      code: 'CALLER_MISSING_RIGHTS',
      fix: expect.stringContaining('allow the caller logs:AssociateKmsKey'),
    });
    expect((await cloud.keys(SECOND))['/late/a']).toBeUndefined();
  });
});

describe.each([FIRST, SECOND])('the rules of deploy/member-events.yaml in %s', (account) => {
  describeMemberRules(account, { name: STACK, outputs: () => hub });
});

/** Deploys the role with the outputs and parameters of the hub. */
function deployRole(account: string, others: Readonly<Record<string, string>> = {}): Promise<void> {
  const { HubAccountId = '', HubRoleArns = '' } = hub;
  const ofHub = { HubAccountId, HubRoleArns, ExternalId: EXTERNAL_ID, Mode: 'Enforce', KeyId };
  return deployInMember('member-role', account, { ...ofHub, ...others });
}

/** A role for a person of the hub's account, since the role of the functions admits nobody else. */
async function createOperatorRole(account: string): Promise<void> {
  const { iam } = emulator(account);
  const Version = '2012-10-17';
  const Condition = { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } };
  const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  const trust = { Version, Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition }] };
  const Action = ['logs:DescribeLogGroups', 'logs:DisassociateKmsKey'];
  const rights = { Version, Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
  const RoleName = OPERATOR_ROLE;
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'undo', PolicyDocument: JSON.stringify(rights) }));
}

/** Creates a log group, and sends CloudTrail's event to the hub's queue, as the rule of its bus does. */
async function create(name: string, account: string): Promise<void> {
  await cloud.createLogGroup(name, account);
  await stack.queue('RemediateQueue').send(await logGroupEvent('create-log-group', name, account));
}

/** What a function logged with a message, once there is enough of it. */
async function lines(logs: 'ScanLogs' | 'RemediateLogs', message: string, count = 1) {
  const found = (await logLines(stack.ids[logs])).filter((line) => line['message'] === message);
  return found.length >= count && found;
}

const inAccount = (field: string) => (step: Readonly<Record<string, unknown>>) => {
  const { account, name } = step['store'] as { account: string; name: string };
  return `${account} ${name} ${step[field]}`;
};
