import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENABLED_BY_DEFAULT } from '../../lib/domain/partition.ts';
import { parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { ACCOUNT, EXTERNAL_ID, memberRole, runCalls } from './worlds.ts';

const [MEMBER, STRANGER] = ['444455556666', '777788889999'];
const WORLD = aWorld({
  groups: { '/own': null },
  disabledRegions: { [ACCOUNT]: ['af-south-1'], [MEMBER]: ['af-south-1', 'ap-east-1'] },
  roles: { member: memberRole(MEMBER) },
  elsewhere: [
    { account: MEMBER, region: 'us-east-1', groups: { '/member': null } },
    { account: ACCOUNT, region: 'me-south-1', groups: { '/opted-in': null } },
  ],
});
const WIDE = { env: { COLUMNS: '1000' } };

describe('--all-regions', () => {
  it('scans every Region that the account has enabled, and says which it has not', async () => {
    const { run, sandbox } = await aDesk(WORLD);

    const { status, stdout } = await run('scan --all-regions --format json');

    const { targets, findings, skipped } = parseDocument(scanSchema, stdout);
    expect(status).toBe(3);
    expect(targets.map(({ region }) => region).sort()).toEqual([...ENABLED_BY_DEFAULT, 'me-south-1'].sort());
    expect(findings.map(({ name }) => name).sort()).toEqual(['/opted-in', '/own']);
    expect(skipped).toEqual({ accounts: [], regions: [{ account: ACCOUNT, regions: ['af-south-1'] }] });
    expect(runCalls(sandbox, 'account:ListRegions')).toBe(1);
  });

  it('says in words which Regions were skipped in which account', async () => {
    const { run } = await aDesk(WORLD);

    const entering = `--account ${ACCOUNT} --account ${MEMBER} --role-name logseal-member --external-id ${EXTERNAL_ID}`;
    const { stdout } = await run(`scan --all-regions ${entering}`, WIDE);

    expect(stdout).toContain(`Skipped 1 Region that is not enabled in ${ACCOUNT}: af-south-1\n`);
    expect(stdout).toContain(`Skipped 2 Regions that are not enabled in ${MEMBER}: af-south-1, ap-east-1\n`);
  });

  it('reports an account whose Regions cannot be listed as FAILED, and scans the others', async () => {
    const { run } = await aDesk(WORLD);

    const entering = `--account ${STRANGER} --account ${MEMBER} --role-name logseal-member --external-id ${EXTERNAL_ID}`;
    const { status, stdout } = await run(`scan --all-regions ${entering} --format json`);

    const scanned = parseDocument(scanSchema, stdout);
    expect({ status, ofScan: scanned.status }).toEqual({ status: 1, ofScan: 'PARTIAL' });
    expect(scanned.targets.filter((target) => target.status === 'FAILED')).toMatchObject([
      { account: STRANGER, error: { code: 'ROLE_REFUSED' } },
    ]);
    expect(scanned.findings.map(({ name }) => name)).toEqual(['/member']);
  });

  it('plans nothing and applies nothing where no account lets its Regions be listed, and says why', async () => {
    const { run } = await aDesk(WORLD);
    const entering = `--all-regions --account ${STRANGER} --role-name logseal-member --external-id ${EXTERNAL_ID}`;

    const planned = await run(`plan ${entering} --key alias/none --format json`);
    const applied = await run(`apply ${entering} --key alias/none --yes`);

    expect([planned.status, applied.status]).toEqual([1, 1]);
    expect(parseDocument(planSchema, planned.stdout)).toMatchObject({
      status: 'FAILED',
      targets: [{ account: STRANGER, status: 'FAILED', regionsUnlisted: true, error: { code: 'ROLE_REFUSED' } }],
      steps: [],
    });
    expect(applied.stdout + applied.stderr).toContain(`${STRANGER} could not be entered: ROLE_REFUSED: `);
  });

  it('knows of no exemption that it matches nothing while the Regions of some account are not known', async () => {
    const { run, directory } = await aDesk(WORLD);
    const entry = '{ id: typo, match: { names: [/none] }, reason: a test, owner: me, expires: 2027-03-31 }';
    await writeFile(join(directory, 'logseal.yaml'), `schema: logseal/config/1\nexemptions: [${entry}]\n`);
    const noticesIn = async (command: string, schema: typeof scanSchema | typeof planSchema, accounts: string[]) => {
      const named = accounts.map((account) => `--account ${account}`).join(' ');
      const entering = `--all-regions ${named} --role-name logseal-member --external-id ${EXTERNAL_ID}`;
      const { stdout } = await run(`${command} ${entering} --config logseal.yaml --format json`);
      return parseDocument(schema, stdout).exemptions.map(({ notices }) => notices);
    };

    expect(await noticesIn('scan', scanSchema, [MEMBER])).toEqual([['UNMATCHED']]);
    expect(await noticesIn('scan', scanSchema, [MEMBER, STRANGER])).toEqual([[]]);
    expect(await noticesIn('plan --key alias/none', planSchema, [MEMBER, STRANGER])).toEqual([[]]);
  });

  it('plans in every enabled Region', async () => {
    const { run } = await aDesk(WORLD);

    const { stdout } = await run('plan --all-regions --key alias/none --format json');

    const { targets, skipped } = JSON.parse(stdout);
    expect(targets).toHaveLength(ENABLED_BY_DEFAULT.size + 1);
    expect(skipped.regions).toEqual([{ account: ACCOUNT, regions: ['af-south-1'] }]);
  });

  it('cannot be combined with --region', async () => {
    const { run } = await aDesk(WORLD);

    const { status, stderr } = await run('scan --all-regions --region eu-west-1');

    expect(status).toBe(2);
    expect(stderr).toContain('--all-regions: cannot be combined with --region\n');
  });
});

describe('A Region that the account has not enabled', () => {
  it('is named as what it is, with the fix, and stops no other', async () => {
    const { run } = await aDesk(WORLD);

    const { status, stdout } = await run('scan --region af-south-1,eu-west-1', WIDE);

    expect(status).toBe(1);
    expect(stdout).toContain('REGION_DISABLED: af-south-1 is not enabled in this account');
    expect(stdout).toContain('fix: enable the Region in that account, or leave it out');
    expect(stdout).toContain('/own');
  });

  it('is not blamed for credentials that are wrong everywhere', async () => {
    const { run } = await aDesk({ ...WORLD, disabledRegions: { [ACCOUNT]: ['af-south-1', 'us-east-1'] } });

    const { stdout } = await run('scan --region af-south-1', WIDE);

    expect(stdout).toContain('CREDENTIALS: The security token included in the request is invalid.');
  });
});

it('says of --organization that the account is in none, with the fix, and scans nothing', async () => {
  const { run } = await aDesk(WORLD);

  const { status, stdout, stderr } = await run('scan --organization --role-name logseal-member');

  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('ORGANIZATION_UNREADABLE: Your account is not a member of an organization');
  expect(stderr).toContain("run this in the organization's management account");
});

it('refuses every wrong choice of accounts at once', async () => {
  const { run } = await aDesk(WORLD);

  const { status, stderr } = await run('scan --organization --organizational-unit ou-1 --external-id xx');

  expect(status).toBe(2);
  expect(stderr).toContain(
    '--organizational-unit: expected the id of an organizational unit such as ou-ab12-cd34ef56, got "ou-1"\n',
  );
  expect(stderr).toContain('--external-id: expected --role-name as well');
  expect(stderr).toContain('--organization: expected --role-name as well, the role to enter the accounts by\n');
  expect(stderr).toContain('--organizational-unit: cannot be combined with --organization');
});
