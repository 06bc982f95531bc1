import { describe, expect, it } from 'vitest';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { ACCOUNT, EXTERNAL_ID, memberRole } from './worlds.ts';

const [MEMBER, STRANGER, UNTOLD] = ['444455556666', '777788889999', '222233334444'];
/** Four accounts: in one the role trusts somebody else, and one has no such role. */
const WORLD = aWorld({
  groups: { '/own': null },
  roles: { member: memberRole(MEMBER), stranger: memberRole(STRANGER, '999988887777') },
  elsewhere: [
    { account: MEMBER, groups: { '/member': null } },
    { account: MEMBER, region: 'us-east-1', groups: { '/member-us': null } },
    { account: STRANGER, groups: { '/stranger': null } },
    { account: UNTOLD, groups: { '/untold': null } },
  ],
});
const ROLE = `--role-name logseal-member --external-id ${EXTERNAL_ID}`;

describe('scan --account ID --role-name NAME', () => {
  it('scans each account in each Region, and enters all but the own one by the role, once', async () => {
    const { run, sandbox } = await aDesk(WORLD);

    const { status, stdout } = await run(
      `scan --account ${ACCOUNT} --account ${MEMBER} --region eu-west-1,us-east-1 ${ROLE} --format json`,
    );

    const { findings, targets, run: ran } = parseDocument(scanSchema, stdout);
    expect(status).toBe(3);
    expect(targets.map(({ account, region, status: each }) => `${account} ${region} ${each}`)).toEqual([
      `${ACCOUNT} eu-west-1 COMPLETE`,
      `${ACCOUNT} us-east-1 COMPLETE`,
      `${MEMBER} eu-west-1 COMPLETE`,
      `${MEMBER} us-east-1 COMPLETE`,
    ]);
    expect(new Set(findings.map(({ account, region, name }) => `${account} ${region} ${name}`))).toEqual(
      new Set([`${ACCOUNT} eu-west-1 /own`, `${MEMBER} eu-west-1 /member`, `${MEMBER} us-east-1 /member-us`]),
    );
    expect(targets.at(-1)?.caller).toBe(`arn:aws:sts::${MEMBER}:assumed-role/logseal-member/logseal-${ran.id}`);
    expect(sandbox.calls()['sts:AssumeRole']).toBe(1);
    expect(targets.flatMap(({ apiCalls }) => apiCalls['sts:AssumeRole'] ?? [])).toEqual([1]);
  });

  it('names each account that cannot be entered, with its cause and fix, and goes on with the others', async () => {
    const { run } = await aDesk(WORLD);

    const { status, stdout, stderr } = await run(
      `scan --account ${STRANGER} --account ${UNTOLD} --account ${MEMBER} --region eu-west-1 ${ROLE}`,
      { env: { COLUMNS: '300' } },
    );

    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const denied = `arn:aws:iam::${ACCOUNT}:user/sandbox is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::ACCOUNT:role/logseal-member`;
    expect(stdout).toContain(`\n${STRANGER}, ${UNTOLD} could not be entered: ROLE_REFUSED: User: ${denied}\n`);
    expect(stdout.match(/ROLE_REFUSED/g)).toHaveLength(1);
    expect(stdout).toContain('and asks for no external id other than --external-id');
    expect(stdout).toContain('check that the role exists in that account, that its trust policy admits the caller');
    expect(stdout).toContain('/member');
    expect(stdout).not.toContain('/stranger');
  });

  it('says once what is wrong with all Regions of an account', async () => {
    const { run, sandbox } = await aDesk(WORLD);

    const words = `scan --account ${ACCOUNT} --account ${UNTOLD} --region eu-west-1,us-east-1 ${ROLE}`;
    const { stdout } = await run(words, { env: { COLUMNS: '300' } });

    expect(stdout.match(/ROLE_REFUSED/g)).toHaveLength(1);
    expect(stdout).toContain(`\n${UNTOLD} could not be entered: ROLE_REFUSED: `);
    expect(stdout).toContain('2 of 4 targets not scanned completely');
    expect(sandbox.calls()['sts:AssumeRole']).toBe(1);
  });

  it('says in the fix that no external id was given, and at the end which account was not scanned', async () => {
    const { run } = await aDesk(WORLD);

    const { stdout } = await run(`scan --account ${MEMBER} --all-regions --role-name logseal-member`);

    expect(stdout).toMatch(new RegExp(`^${MEMBER} could not be entered: ROLE_REFUSED: `));
    expect(stdout).toContain('(you gave no --external-id, which the trust policy may ask for), and that the policies');
    expect(stdout).toMatch(new RegExp(`\nNothing was scanned in ${MEMBER}: ROLE_REFUSED\n$`));
  });

  it('says once that there are no credentials, for all accounts', async () => {
    const { run } = await aDesk(WORLD);

    const { stdout } = await run(`scan --account ${MEMBER} --account ${UNTOLD} --all-regions ${ROLE}`, {
      env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    });

    expect(stdout).toContain(
      `${MEMBER}, ${UNTOLD} were not scanned: CREDENTIALS: the Regions of the account could not`,
    );
    expect(stdout.match(/fix: /g)).toHaveLength(1);
    expect(stdout).toMatch(new RegExp(`\nNothing was scanned in ${MEMBER} and ${UNTOLD}: CREDENTIALS\n$`));
  });

  it('a wrong external id is refused, and nothing counts as compliant', async () => {
    const { run } = await aDesk(WORLD);

    const words = `scan --account ${MEMBER} --region eu-west-1 --role-name logseal-member --external-id wrong --format json`;
    const { status, stdout } = await run(words);

    expect(status).toBe(1);
    expect(parseDocument(scanSchema, stdout)).toMatchObject({
      status: 'FAILED',
      summary: { stores: 0, compliant: 0 },
      targets: [{ account: MEMBER, status: 'FAILED', error: { code: 'ROLE_REFUSED' } }],
    });
  });

  it.each([
    [
      '--role-name reader',
      '--role-name: expected --account, --organization or --organizational-unit as well, the accounts to enter',
    ],
    [`--account ${MEMBER} --external-id x1`, '--external-id: expected --role-name as well, the role that asks for it'],
    [
      `--account ${MEMBER} --role-name reader/`,
      '--role-name: expected the name of an IAM role, such as logseal-member',
    ],
    [
      `--account ${MEMBER} --role-name arn:aws:iam::${MEMBER}:role/reader`,
      '--role-name: expected the name of an IAM role, such as logseal-member, without what is before it in its ARN',
    ],
    [`--account ${MEMBER} --role-name reader --external-id x`, '--external-id: expected 2 to 1,224 letters, digits'],
  ])('exits with 2 for %s', async (words, mistake) => {
    const { run } = await aDesk(WORLD);
    const { status, stderr } = await run(`scan ${words}`);
    expect(status).toBe(2);
    expect(stderr).toContain(mistake);
  });

  it('the refusal of another account names --role-name', async () => {
    const { run } = await aDesk(WORLD);
    const { status, stderr } = await run(`scan --account ${MEMBER} --region eu-west-1`);
    expect(status).toBe(2);
    expect(stderr).toContain(`not for ${MEMBER}; --role-name names the role to enter it by`);
  });
});
