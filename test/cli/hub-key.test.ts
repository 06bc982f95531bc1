import { describe, expect, it } from 'vitest';
import { newKey } from '../../sandbox/state.ts';
import type { World } from '../../sandbox/world.ts';
import { keyRules } from '../support/configuration.ts';
import { keyRepairSchema, parseDocument, scanSchema } from '../support/documents.ts';
import { HUB, HUB_ALIAS, hubWorld, MEMBERS, ORGANIZATION, planAndApply, STRANGER } from '../support/hub.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, type Desk } from '../support/logseal.ts';
import { accountMay, policyOf } from '../support/policies.ts';
import { statementsOf } from '../support/repairs.ts';
import { runOnTerminal } from '../support/terminal.ts';

const [MEMBER, OTHER] = MEMBERS;
const CONTEXT = 'kms:EncryptionContext:aws:logs:arn';
const groupsOf = (account: string, name = '*') => `arn:aws:logs:eu-west-1:${account}:log-group:${name}`;
const logGroups = (...accounts: readonly string[]) => ({
  Sid: 'Logs',
  Effect: 'Allow',
  Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
  Resource: '*',
  Condition: { ArnLike: { [CONTEXT]: accounts.map((account) => groupsOf(account)) } },
});
const MEMBERS_MAY = {
  Sid: 'Members',
  Effect: 'Allow',
  Principal: { AWS: [...MEMBERS] },
  Action: 'kms:*',
  Resource: '*',
};
const BARE = policyOf(accountMay());
/** The members' log groups have the key of the hub, or none. */
const hubOf = (policy: Record<string, unknown>, key: string | null): World =>
  hubWorld({ keyPolicy: policy, groups: { '/app': key } });
const ACCOUNTS = `--account ${MEMBER} --account ${OTHER}`;
const SCAN = `scan ${ACCOUNTS} --role-name logseal-member --format json`;

/** The findings of a scan: accounts are scanned side by side. */
function byAccount(stdout: string) {
  const { findings } = parseDocument(scanSchema, stdout);
  return findings.toSorted((one, other) => one.account.localeCompare(other.account));
}

describe('the key of a hub on log groups of member accounts', () => {
  it('has its policy read with the credentials of the hub', async () => {
    const { run, sandbox } = await aDesk(hubOf(policyOf(accountMay(), MEMBERS_MAY, logGroups(...MEMBERS)), 'hub'));

    const { status, stdout } = await run(SCAN);

    const findings = byAccount(stdout);
    expect(status).toBe(0);
    expect(findings.map(({ account, status: each, warnings }) => [account, each, warnings])).toEqual([
      [MEMBER, 'COMPLIANT', []],
      [OTHER, 'COMPLIANT', []],
    ]);
    // Once for each target, like DescribeKey; no account but these two is entered.
    expect(sandbox.calls()).toMatchObject({ 'kms:DescribeKey': 2, 'kms:GetKeyPolicy': 2, 'sts:AssumeRole': 2 });
  });

  it('is a warning where its policy does not name the account, and the fix says where to run what', async () => {
    const { run } = await aDesk(hubOf(policyOf(accountMay(), MEMBERS_MAY, logGroups(MEMBER)), 'hub'));

    const findings = byAccount((await run(SCAN)).stdout);

    expect(findings.map(({ account, warnings }) => [account, warnings.map(({ code }) => code)])).toEqual([
      [MEMBER, []],
      [OTHER, ['KEY_POLICY_MISSING_ACTIONS']],
    ]);
    const fix = findings[1]?.warnings[0]?.fix ?? '';
    expect(fix).toContain(`"${CONTEXT}":"${groupsOf(OTHER)}"`);
    expect(fix).toMatch(
      new RegExp(
        `or run in account ${HUB}, which has the key: logseal key repair --key arn:\\S+ --region eu-west-1 --account ${OTHER}$`,
      ),
    );
  });

  it('is given back by an undo, since it is of the account of the caller', async () => {
    const policy = policyOf(accountMay(), MEMBERS_MAY, logGroups(...MEMBERS));
    const world = hubOf(policy, 'old');
    const { run } = await aDesk({ ...world, keys: { ...world.keys, old: { account: HUB, policy } } });
    const entering = `--account ${MEMBER} --role-name logseal-member --yes --format json`;
    const outcomes = (stdout: string) => JSON.parse(stdout).steps.map(({ outcome }: { outcome: string }) => outcome);

    const sealed = await run(`apply --key ${HUB_ALIAS} --require-key --no-caller-check --region eu-west-1 ${entering}`);
    const undone = await run(`undo --run ${JSON.parse(sealed.stdout).run.id} ${entering}`);

    expect([outcomes(sealed.stdout), outcomes(undone.stdout)]).toEqual([['SEALED'], ['SEALED']]);
  });

  it('is read with the credentials of any account of the run', async () => {
    const world = hubOf(policyOf(accountMay(), MEMBERS_MAY), null);
    const theirs = { account: OTHER, policy: policyOf(accountMay(), MEMBERS_MAY, logGroups(MEMBER)) };
    const { run } = await aDesk({
      ...world,
      keys: { ...world.keys, theirs },
      elsewhere: [{ account: MEMBER, groups: { '/app': 'theirs' } }],
    });

    const codes = async (accounts: string) => {
      const { stdout } = await run(`scan ${accounts} --role-name logseal-member --format json`);
      return parseDocument(scanSchema, stdout).findings[0]?.warnings.map(({ code }) => code);
    };

    expect(await codes(ACCOUNTS)).toEqual([]);
    // No account is entered that the run does not work in.
    expect(await codes(`--account ${MEMBER}`)).toEqual(['KEY_POLICY_UNREADABLE']);
  });

  it('is not known where the account of the key cannot be entered, which is said of that account', async () => {
    const world = hubOf(policyOf(accountMay(), MEMBERS_MAY), null);
    const theirs = { account: STRANGER, policy: policyOf(accountMay(), MEMBERS_MAY, logGroups(MEMBER)) };
    const { run } = await aDesk({
      ...world,
      keys: { theirs },
      elsewhere: [{ account: MEMBER, groups: { '/app': 'theirs' } }],
    });

    const { status, stdout } = await run(
      `scan --account ${MEMBER} --account ${STRANGER} --role-name logseal-member --format json`,
    );

    const { findings, targets } = parseDocument(scanSchema, stdout);
    expect(status).toBe(1);
    expect(targets.map(({ error }) => error?.code)).toEqual([undefined, 'ROLE_REFUSED']);
    expect(findings[0]?.warnings).toMatchObject([{ code: 'KEY_POLICY_UNREADABLE' }]);
    expect(findings[0]?.warnings[0]?.fix).toContain('ask its owner');
  });

  it('is not known where its owner may not read the policy, and the fix says who needs the right', async () => {
    const world = hubOf(policyOf(accountMay(), MEMBERS_MAY, logGroups(...MEMBERS)), 'hub');
    const { stdout } = await (await aDesk({ ...world, faults: [{ call: 'kms:GetKeyPolicy', kind: 'deny' }] })).run(
      SCAN,
    );

    const [warning] = parseDocument(scanSchema, stdout).findings[0]?.warnings ?? [];
    expect(warning?.code).toBe('KEY_POLICY_UNREADABLE');
    expect(warning?.fix).toContain(`allow the caller in account ${HUB} kms:GetKeyPolicy on arn:`);
  });

  it('seals where its policy names the account, and is refused elsewhere', async () => {
    const named = policyOf(accountMay(), MEMBERS_MAY, logGroups(MEMBER));

    expect(await planAndApply(hubOf(named, null))).toEqual([
      `${MEMBER} eu-west-1 /app SEALED`,
      `${OTHER} eu-west-1 /app REFUSED KEY_POLICY_MISSING_ACTIONS`,
    ]);
  });

  it('of another account that the run has no credentials of is refused as before', async () => {
    const world = hubOf(policyOf(accountMay(), MEMBERS_MAY), null);
    const stranger = {
      account: STRANGER,
      alias: 'alias/hub',
      policy: policyOf(accountMay(), MEMBERS_MAY, logGroups(...MEMBERS)),
    };

    expect(await planAndApply({ ...world, keys: { stranger } }, { key: HUB_ALIAS.replace(HUB, STRANGER) })).toEqual(
      MEMBERS.map((account) => `${account} eu-west-1 /app REFUSED KEY_POLICY_UNREADABLE`),
    );
  });
});

it('key rules name one key of the hub for each Region, such as the replicas of a multi-Region key', async () => {
  const policyIn = (region: string) =>
    JSON.parse(
      JSON.stringify(policyOf(accountMay(), MEMBERS_MAY, logGroups(...MEMBERS))).replaceAll('eu-west-1', region),
    );
  const regions = ['eu-west-1', 'us-east-1', 'eu-north-1'];
  const world: World = {
    ...hubOf(BARE, null),
    keys: {
      hub: { multiRegion: true, policy: policyIn('eu-west-1') },
      replica: { replicaOf: 'hub', region: 'us-east-1', policy: policyIn('us-east-1') },
      north: { alias: 'alias/north', region: 'eu-north-1', policy: policyIn('us-east-1') },
    },
    elsewhere: regions.map((region) => ({ account: MEMBER, region, groups: { '/app': null, '/other': null } })),
  };
  const facts = { KeyState: 'Enabled', MultiRegion: true, policyText: '' } as const;
  const { Arn: primary } = newKey(HUB, 'eu-west-1', 'hub', facts);
  const rule = (region: string, key: string) => [{ names: ['/app'], regions: [region] }, key] as const;
  const configuration = keyRules(
    rule('eu-west-1', primary),
    rule('us-east-1', primary.replace('eu-west-1', 'us-east-1')),
    rule('eu-north-1', HUB_ALIAS.replace('eu-west-1:', 'eu-north-1:').replace('hub', 'north')),
    [{ names: ['/other'] }, primary],
  );
  const outcomes = await planAndApply(world, { key: null, regions, accounts: [MEMBER], configuration });

  expect(outcomes).toEqual([
    `${MEMBER} eu-west-1 /app SEALED`,
    `${MEMBER} eu-west-1 /other SEALED`,
    `${MEMBER} us-east-1 /app SEALED`,
    `${MEMBER} us-east-1 /other REFUSED KEY_WRONG_REGION`,
    // The policy of that key names CloudWatch Logs of another Region.
    `${MEMBER} eu-north-1 /app REFUSED KEY_POLICY_MISSING_ACTIONS`,
    `${MEMBER} eu-north-1 /other REFUSED KEY_WRONG_REGION`,
  ]);
});

describe('key repair of the key of a hub', () => {
  const conditionsOf = (text: string) => statementsOf(text).map((each) => (each as { Condition?: object }).Condition);

  async function aHub(policy: Record<string, unknown> = BARE) {
    const desk = await aDesk(hubOf(policy, null));
    const keys = keysOf(desk.sandbox);
    const arn = await keys.arn('alias/hub');
    const repair = async (words: string) => {
      const { status, stdout } = await desk.run(`key repair --key ${arn} ${words} --yes --quiet --format json`);
      return { status, ...parseDocument(keyRepairSchema, stdout) };
    };
    return { ...desk, arn, repair, policy: () => keys.policy(arn) };
  }
  const undone = async ({ run }: Desk, runId: string) => (await run(`undo --run ${runId} --yes`)).status;

  it('is for the log groups of the accounts that are named, one after the other, and is taken back', async () => {
    const hub = await aHub();
    const before = await hub.policy();

    const first = await hub.repair(`--account ${MEMBER} --log-group /app*`);
    const between = await hub.policy();
    const second = await hub.repair(`${ACCOUNTS} --log-group /app*`);

    expect(first.repair.statement?.Condition).toEqual({ ArnLike: { [CONTEXT]: groupsOf(MEMBER, '/app*') } });
    expect(second).toMatchObject({
      status: 0,
      target: { account: HUB },
      repair: { alsoCovers: [], narrowerBefore: [] },
    });
    expect(second.repair.statement?.Condition).toEqual({
      ArnLike: { [CONTEXT]: [groupsOf(MEMBER, '/app*'), groupsOf(OTHER, '/app*')] },
    });
    expect(statementsOf(await hub.policy())).toHaveLength(2);
    expect((await hub.repair(`${ACCOUNTS} --log-group /app*`)).repair.outcome).toBe('UNCHANGED');

    expect(await undone(hub, second.run.id)).toBe(0);
    expect(JSON.parse(await hub.policy())).toEqual(JSON.parse(between));
    expect(await undone(hub, first.run.id)).toBe(0);
    expect(JSON.parse(await hub.policy())).toEqual(JSON.parse(before));
  });

  it('is for the query results and the principals of the accounts, each by a statement of its own', async () => {
    const hub = await aHub();

    await hub.repair(`${ACCOUNTS} --query-results`);
    const { status, run } = await hub.repair(`${ACCOUNTS} --readers-and-writers`);

    expect(status).toBe(0);
    expect(conditionsOf(await hub.policy()).slice(1)).toEqual([
      {
        ArnLike: { 'aws:SourceArn': MEMBERS.map((account) => `arn:aws:logs:eu-west-1:${account}:query-result:*`) },
        StringEquals: { 'aws:SourceAccount': MEMBERS },
      },
      { StringEquals: { 'kms:CallerAccount': MEMBERS, 'kms:ViaService': 'logs.eu-west-1.amazonaws.com' } },
    ]);
    expect((await hub.repair(`${ACCOUNTS} --readers-and-writers`)).repair.outcome).toBe('UNCHANGED');
    expect((await hub.repair(`${ACCOUNTS} --query-results`)).repair.outcome).toBe('UNCHANGED');
    expect(await undone(hub, run.id)).toBe(0);
    expect(statementsOf(await hub.policy())).toHaveLength(2);
  });

  it('is for the principals of an organization that is named, and is taken back', async () => {
    const hub = await aHub();

    const { status, repair, run } = await hub.repair(`--readers-and-writers --org-id ${ORGANIZATION}`);

    expect({ status, scope: repair.scope }).toEqual({ status: 0, scope: 'organization' });
    expect(conditionsOf(await hub.policy())[1]).toEqual({
      StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION, 'kms:ViaService': 'logs.eu-west-1.amazonaws.com' },
    });
    expect((await hub.repair(`--readers-and-writers --org-id ${ORGANIZATION}`)).repair.outcome).toBe('UNCHANGED');
    expect(await undone(hub, run.id)).toBe(0);
    expect(statementsOf(await hub.policy())).toHaveLength(1);
  });

  it('says before the question that the statement lists accounts, where an organization is named', async () => {
    const hub = await aHub();

    const words = `key repair --key ${hub.arn} ${ACCOUNTS} --org-id ${ORGANIZATION}`;
    const { screen } = await runOnTerminal(words, { waitFor: '[y/N]', type: 'n\n' }, hub.options);

    expect(screen.replaceAll(/\s+/g, ' ')).toContain(
      `for all log groups of accounts ${MEMBER}, ${OTHER} in eu-west-1. AWS documents no condition key that carries the id of an organization in these calls of CloudWatch Logs, so the statement lists accounts: name each with --account.`,
    );
  });

  it('makes the accounts that it names sealable, and no others', async () => {
    const hub = await aHub(policyOf(accountMay(), MEMBERS_MAY));
    await hub.repair(`--account ${OTHER}`);
    const repaired = JSON.parse(await hub.policy()) as Record<string, unknown>;

    expect(await planAndApply(hubOf(repaired, null))).toEqual([
      `${MEMBER} eu-west-1 /app REFUSED KEY_POLICY_MISSING_ACTIONS`,
      `${OTHER} eu-west-1 /app SEALED`,
    ]);
  });

  it('is refused for the key of somebody else, with the statement that it needs', async () => {
    const hub = await aHub();

    const words = `key repair --key ${hub.arn} ${ACCOUNTS} --yes --quiet --format json`;
    const { status, stdout } = await hub.run(words, { env: { AWS_ACCESS_KEY_ID: STRANGER } });

    const { refusal } = parseDocument(keyRepairSchema, stdout).repair;
    expect(status).toBe(3);
    expect(refusal?.fix).toContain(`"${CONTEXT}":["${groupsOf(MEMBER)}","${groupsOf(OTHER)}"]`);
    expect(hub.sandbox.calls()['kms:PutKeyPolicy']).toBeUndefined();
  });

  it('by an alias refuses credentials of any other account, as ever', async () => {
    const { run } = await aHub();

    const { status, stderr } = await run(`key repair --key alias/hub --account ${MEMBER} --yes`);

    expect(status).toBe(2);
    expect(stderr).toContain(`--account: the credentials are for account ${HUB}, not for ${MEMBER}`);
  });
});
