import { describe, expect, it } from 'vitest';
import { type accountMay, admitting, LOG_GROUPS } from '../support/policies.ts';
import { aRepairDesk } from '../support/repairs.ts';
import { JOURNAL } from '../support/undoing.ts';

const RUN = '6d1d9e0c-0000-4000-8000-000000000000';
const OWN = { ...LOG_GROUPS, Sid: 'LogsealLogGroups' };

/** Undoes a repair of a key whose policy has got a statement since that KMS takes no longer. */
async function undoBeside(statement: ReturnType<typeof accountMay>) {
  const desk = await aRepairDesk(admitting(statement, OWN));
  const { Statement, ...rest } = JSON.parse(desk.before);
  const entry = {
    schema: 'logseal/journal/1',
    runId: RUN,
    time: '2026-11-21T00:00:00.000Z',
    actor: 'arn:aws:iam::111122223333:user/sandbox',
    change: 'POLICY',
    store: null,
    keyArn: desk.keyArn,
    from: JSON.stringify({ ...rest, Statement: Statement.slice(0, 1) }),
    to: JSON.stringify({ ...rest, Statement: [Statement[0], Statement[2]] }),
    phase: 'DONE',
    error: null,
  };
  await desk.write(JOURNAL, `${JSON.stringify(entry)}\n`);

  const words = `undo --run ${RUN} --yes --quiet`;
  const table = await desk.run(words);
  const { status, stdout } = await desk.run(`${words} --format json`);

  expect(status).toBe(3);
  expect(await desk.policy()).toBe(desk.before);
  const phases = (await desk.journal()).map(({ phase }) => phase);
  return { refusal: JSON.parse(stdout).policies[0].refusal, table: table.stdout, phases, changes: desk.changes() };
}

describe('an undo that KMS would refuse', () => {
  it('is refused before KMS is asked, and names the statement with a role that is gone', async () => {
    const gone = { ...LOG_GROUPS, Sid: 'Gone', Principal: { AWS: 'AROAEXAMPLEROLEID1234' } };

    const { refusal, table, phases, changes } = await undoBeside(gone);

    expect(refusal.code).toBe('PRINCIPAL_ORPHAN');
    expect(refusal.message).toMatch(
      /^KMS would not accept the key policy without logseal's statement: the statement "Gone" \(Allow, Principal AWS AROAEXAMPLEROLEID1234\) names/,
    );
    expect(refusal.fix).toMatch(/^in the key policy of arn:aws:kms:\S+: /);
    expect(table).toContain('the statement "Gone"');
    expect({ phases, changes }).toEqual({ phases: ['DONE'], changes: 0 });
  });

  it('for what only KMS knows keeps its words, and names the likely cause', async () => {
    const region = { ...LOG_GROUPS, Sid: 'Region', Principal: { Service: 'logs.ap-east-1.amazonaws.com' } };

    const { refusal, phases } = await undoBeside(region);

    expect(refusal.code).toBe('ACCESS_DENIED');
    expect(refusal.message).toMatch(/invalid principals.* likely cause: the statement "Region" .*logs\.ap-east-1\./);
    expect(refusal.fix).toMatch(/\(the key policy of arn:aws:kms:\S+\)$/);
    expect(phases).toEqual(['DONE', 'INTENT', 'FAILED', 'INTENT', 'FAILED']);
  });
});
