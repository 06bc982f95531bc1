import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logsPolicy } from '../sandbox/support.ts';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { anywhere } from './member-accounts.ts';
import { ACCOUNT, EXTERNAL_ID } from './worlds.ts';

/** What moto's organization has: the ids are moto's choice. */
interface Members {
  readonly unit: string;
  readonly inUnit: string;
  readonly below: string;
  readonly outside: string;
  readonly closed: string;
}

let moto: Moto;
let members: Members;

beforeAll(async () => {
  moto = await startMoto({ account: ACCOUNT });
  members = await anOrganization(moto.url);
}, 120_000);
afterAll(() => moto.stop());

async function anOrganization(endpoint: string): Promise<Members> {
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'test' };
  const client = new OrganizationsClient({ endpoint, region: 'us-east-1', credentials });
  await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await client.send(new ListRootsCommand());
  const root = Roots?.[0]?.Id ?? '';
  const unitIn = async (ParentId: string, Name: string): Promise<string> => {
    const { OrganizationalUnit } = await client.send(new CreateOrganizationalUnitCommand({ ParentId, Name }));
    return OrganizationalUnit?.Id ?? '';
  };
  const accountIn = async (unit: string, AccountName: string): Promise<string> => {
    const Email = `${AccountName}@example.com`;
    const { CreateAccountStatus } = await client.send(new CreateAccountCommand({ AccountName, Email }));
    const AccountId = CreateAccountStatus?.AccountId ?? '';
    const move = { AccountId, SourceParentId: root, DestinationParentId: unit };
    if (unit !== root) await client.send(new MoveAccountCommand(move));
    return AccountId;
  };
  const unit = await unitIn(root, 'workloads');
  const child = await unitIn(unit, 'production');
  const closed = await accountIn(unit, 'closed');
  await client.send(new CloseAccountCommand({ AccountId: closed }));
  return {
    ...{ unit, closed },
    inUnit: await accountIn(unit, 'in-unit'),
    below: await accountIn(child, 'below'),
    outside: await accountIn(root, 'outside'),
  };
}

const HUB_KEY = 'of the hub';
const KEY = { alias: 'alias/logseal', policy: 'member' } as const;

/** A desk in the management account; the accounts themselves are the sandbox's. */
async function aDeskInTheOrganization() {
  const { inUnit, below, outside } = members;
  const world = aWorld({
    groups: { '/own': null },
    policies: { member: JSON.stringify(logsPolicy()).replaceAll('{home}', '{account}') },
    roles: { one: anywhere(inUnit), two: anywhere(below) },
    keys: { hub: { description: HUB_KEY }, ofOne: { account: inUnit, ...KEY }, ofTwo: { account: below, ...KEY } },
    elsewhere: [inUnit, below, outside].map((account) => ({ account, groups: { [`/of-${account}`]: null } })),
  });
  const { run, sandbox } = await aDesk(world);
  const keysOf = (account: string) => {
    const groups = sandbox.cloud.regions.get(`${account}/eu-west-1`)?.logGroups.values() ?? [];
    return [...groups].map(({ kmsKeyId }) => kmsKeyId);
  };
  const entering = `--role-name logseal-member --external-id ${EXTERNAL_ID}`;
  const env = { AWS_ENDPOINT_URL_ORGANIZATIONS: moto.url };
  const key = [...(sandbox.cloud.regions.get(`${ACCOUNT}/eu-west-1`)?.keys.values() ?? [])].find(
    ({ Description }) => Description === HUB_KEY,
  );
  const hubKey = { arn: key?.Arn ?? '', policy: () => key?.policyText ?? '' };
  return { keysOf, hubKey, run: (words: string) => run(`${words} ${entering}`, { env }) };
}

describe('an organization, as moto has it', () => {
  it('is scanned with --organization: each active account, and what cannot be entered is FAILED', async () => {
    const { run } = await aDeskInTheOrganization();
    const { inUnit, below, outside, closed } = members;

    const { status, stdout } = await run('scan --organization --region eu-west-1 --format json');

    const { findings, targets, skipped } = parseDocument(scanSchema, stdout);
    expect(status).toBe(1);
    expect(new Map(targets.map((target) => [target.account, target.status]))).toEqual(
      new Map([
        [ACCOUNT, 'COMPLETE'],
        [inUnit, 'COMPLETE'],
        [below, 'COMPLETE'],
        [outside, 'FAILED'],
      ]),
    );
    expect(findings.map(({ name }) => name).sort()).toEqual(['/own', `/of-${inUnit}`, `/of-${below}`].sort());
    expect(skipped).toEqual({ accounts: [closed], regions: [] });
  });

  it('is scanned below one unit with --organizational-unit', async () => {
    const { run } = await aDeskInTheOrganization();
    const { unit, inUnit, below, closed } = members;

    const { status, stdout } = await run(`scan --organizational-unit ${unit} --region eu-west-1 --format json`);

    const { targets, skipped } = parseDocument(scanSchema, stdout);
    expect(status).toBe(3);
    expect(targets.map(({ account }) => account).sort()).toEqual([inUnit, below].sort());
    expect(skipped?.accounts).toEqual([closed]);
  });

  it('is planned, sealed and taken back, by a plan file that names accounts of the organization', async () => {
    const { run, keysOf } = await aDeskInTheOrganization();
    const { inUnit, below } = members;

    await run('plan --organization --region eu-west-1 --key alias/logseal --output plan.json');
    const refused = await run('apply --plan plan.json --yes');
    const applied = await run('apply --plan plan.json --organization --yes --format json');

    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain(
      '--role-name: expected --account, --organization or --organizational-unit as well',
    );
    expect(JSON.parse(applied.stdout).steps.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'SEALED',
      'SEALED',
      'SEALED',
    ]);
    expect(applied.stderr).toContain(' --organization ');
    const [, runId = ''] = /undo --run (\S+)/.exec(applied.stderr) ?? [];
    const undone = await run(`undo --run ${runId} --organization --yes --format json`);
    expect(JSON.parse(undone.stdout).steps).toHaveLength(3);
    expect([ACCOUNT, inUnit, below].flatMap(keysOf)).toEqual([undefined, undefined, undefined]);
  });

  it('is what a key of the management account is repaired for, by its ARN', async () => {
    const { run, hubKey } = await aDeskInTheOrganization();
    const { inUnit, below, outside, closed } = members;

    const { status } = await run(`key repair --key ${hubKey.arn} --organization --yes`);

    expect(status).toBe(0);
    for (const account of [inUnit, below, outside]) expect(hubKey.policy()).toContain(`:${account}:log-group:*`);
    expect(hubKey.policy()).not.toContain(closed);
  });

  it('has no such unit: one clear error, and nothing is scanned', async () => {
    const { run } = await aDeskInTheOrganization();

    const { status, stdout, stderr } = await run('scan --organizational-unit ou-abcd-12345678 --region eu-west-1');

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('NOT_FOUND');
    expect(stderr).toContain('organizations:ListAccountsForParent');
  });
});
