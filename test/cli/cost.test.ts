import { describe, expect, it } from 'vitest';
import { parseDocument, planSchema } from '../support/documents.ts';
import { aDesk, aWorld, type Desk } from '../support/logseal.ts';

const PLAN = 'plan --key alias/logseal';

/** The calls that applying a plan in a file made, but for those that ask who calls. */
async function callsOf(desk: Pick<Desk, 'run' | 'sandbox'>, words: string): Promise<Record<string, number>> {
  desk.sandbox.resetCalls();
  expect((await desk.run(words)).status).toBe(0);
  const { 'sts:GetCallerIdentity': _, ...calls } = desk.sandbox.calls();
  return calls;
}

describe('the cost of a plan', () => {
  it.each([1, 13, 60, 400])(
    'of %d log groups is within a tenth of the calls that its application makes',
    async (count) => {
      const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count }], groups: { '/dead': 'disabled' } }));
      await desk.run(`${PLAN} --format json --output plan.json`);
      const { cost } = parseDocument(planSchema, await desk.read('plan.json'));

      const calls = await callsOf(desk, 'apply --plan plan.json --yes --quiet --no-caller-check');

      const total = Object.values(calls).reduce((sum, times) => sum + times, 0);
      // The sandbox answers faster than the quota allows, so that a reading lasts for more changes than it would on AWS.
      expect(Math.abs(cost.totalApiCalls - total)).toBeLessThanOrEqual(Math.max(1, total / 10));
      const { 'logs:DescribeLogGroups': _estimated, ...estimated } = cost.apiCalls;
      const { 'logs:DescribeLogGroups': _made, ...made } = calls;
      expect(estimated).toEqual(made);
    },
  );

  it('ends the table of a plan, and of the plan that apply shows, unless --quiet', async () => {
    const { run } = await aDesk(aWorld({ groups: { '/a': null, '/b': null } }));
    const said = [
      'sealing takes about 6 API calls (2 logs:AssociateKmsKey, 2 logs:DescribeLogGroups, 1 kms:DescribeKey, 1 kms:GetKeyPolicy); at least 0.1 minutes by the quota of the call that seals',
      '1 key: USD 1.00 a month at list price (of 2026-03), which a key that exists costs already; not counted: requests to KMS, earlier key material that rotation keeps, CloudWatch',
      '',
    ].join('\n');

    expect((await run(PLAN)).stdout.endsWith(`\n${said}2 to seal with alias/logseal, 0 refused\n`)).toBe(true);
    expect((await run(`${PLAN} --quiet`)).stdout).not.toContain('sealing takes');
    expect((await run('apply --key alias/logseal --yes')).stdout).toContain(said);
  });

  it('is of what the limit leaves, and nothing is said where nothing is sealed', async () => {
    const { run } = await aDesk(aWorld({ groups: { '/a': null, '/b': null } }));

    const { cost } = parseDocument(planSchema, (await run(`${PLAN} --limit 1 --format json`)).stdout);

    expect(cost.apiCalls['logs:AssociateKmsKey']).toBe(1);
    expect((await run(`${PLAN} --include /nothing`)).stdout).toBe(
      'Plan for account 111122223333, eu-west-1\n\n0 to seal with alias/logseal, 0 refused, 2 left out by --include/--exclude\n',
    );
  });
});
