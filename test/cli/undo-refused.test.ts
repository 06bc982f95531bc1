import { describe, expect, it } from 'vitest';
import { accountMay, admitting, LOG_GROUPS, policyOf } from '../support/policies.ts';
import { aRepairDesk } from '../support/repairs.ts';

const ADMIN = 'arn:aws:iam::111122223333:role/admin';

/** Undoes a repair of a policy that KMS takes no longer, as a journal of older days may have it. */
async function undoTo(policy: Record<string, unknown>) {
  const text = JSON.stringify(policy)
    .replaceAll('{partition}', 'aws')
    .replaceAll('{account}', '111122223333')
    .replaceAll('{region}', 'eu-west-1')
    .replaceAll('{home}', '111122223333');
  const desk = await aRepairDesk(admitting());
  const repaired = await desk.repair();
  const journal = await desk.read('logseal-journal.ndjson');
  await desk.write('logseal-journal.ndjson', journal.replaceAll(JSON.stringify(desk.before), JSON.stringify(text)));
  const after = await desk.policy();

  const words = `undo --run ${repaired.document.run.id} --yes --quiet`;
  const table = await desk.run(words);
  const { status, stdout } = await desk.run(`${words} --format json`);

  expect(status).toBe(3);
  expect(await desk.policy()).toBe(after);
  return { refusal: JSON.parse(stdout).policies[0].refusal, table: table.stdout, journal: await desk.journal() };
}

describe('an undo that KMS refuses', () => {
  it('keeps the words of KMS, and names the statement with a role that is gone', async () => {
    const gone = { ...LOG_GROUPS, Sid: 'Gone', Principal: { AWS: 'AROAEXAMPLEROLEID1234' } };

    const { refusal, table, journal } = await undoTo(admitting(gone));

    expect(refusal.code).toBe('ACCESS_DENIED');
    expect(refusal.message).toMatch(
      /^.*Policy contains a statement with one or more invalid principals.* The likely cause: the statement "Gone" \(Allow, Principal AWS AROAEXAMPLEROLEID1234\) names/,
    );
    expect(refusal.fix).toMatch(/the statement "Gone" .* \(the key policy of arn:aws:kms:\S+\)$/);
    expect(refusal.fix).toMatch(/remove .*, or name the role or user that took its place/);
    expect(table).toContain('one or more invalid principals');
    expect(table).toContain('the statement "Gone"');
    expect(journal.map(({ phase }) => phase)).toEqual(['INTENT', 'DONE', 'INTENT', 'FAILED', 'INTENT', 'FAILED']);
  });

  it('names a service principal of an opt-in Region', async () => {
    const region = { ...LOG_GROUPS, Sid: 'Region', Principal: { Service: 'logs.ap-east-1.amazonaws.com' } };

    const { refusal } = await undoTo(admitting(region));

    expect(refusal.message).toMatch(/invalid principals.* likely cause: the statement "Region" .*logs\.ap-east-1\./);
  });

  it('names who alone may change the policy, where that locks the caller out', async () => {
    const admin = { ...accountMay(), Sid: 'Admin', Principal: { AWS: ADMIN } };

    const { refusal } = await undoTo(policyOf(admin, { ...LOG_GROUPS, Action: 'kms:*' }));

    expect(refusal.message).toMatch(
      /will not allow you to update the key policy in the future\. The likely cause: no statement lets arn:aws:iam::111122223333:user\/sandbox use kms:PutKeyPolicy; others may, by the statement "Admin" \(Allow, Principal AWS \S+role\/admin\)$/,
    );
  });

  it('names what keeps everybody from changing it', async () => {
    const { refusal } = await undoTo(
      policyOf({ ...accountMay(), Resource: 'arn:aws:kms:eu-west-1:111122223333:key/x' }),
    );

    expect(refusal.message).toMatch(/in the future.* likely cause: nobody could change .* names another resource/);
  });
});
