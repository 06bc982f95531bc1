import { describe, expect, it } from 'vitest';
import { aDesk, aWorld, type Desk } from '../support/logseal.ts';
import { readPage } from './pages.ts';

const KEY = '11111111-2222-3333-4444-555555555555';

interface Statement {
  readonly Action: string | readonly string[];
}
type Policy = Record<string, unknown> & { readonly Statement: readonly Statement[] };

/** The policy that README.md gives for a command. */
function policyFor(command: string): Policy {
  const block = readPage('README.md').blocks.find(({ comment }) => comment === `policy: ${command}`);
  return JSON.parse(block?.text ?? '{}');
}

/** A sandbox whose caller has the rights of a policy, and no others. */
async function aDeskWith(policy: Record<string, unknown>): Promise<Desk> {
  const roles = { caller: { policies: [policy] } };
  const groups = { '/app/api': null, '/app/jobs': 'logseal', '/app/web': 'disabled' };
  const desk = await aDesk(aWorld({ roles, groups }));
  return { ...desk, run: (words) => desk.run(words, { env: { AWS_ACCESS_KEY_ID: 'caller' } }) };
}

/** What a scan of the sandbox says of its keys, to fill in the placeholder. */
async function keyIdOf(desk: Desk): Promise<string> {
  const { stdout } = await desk.run('key check --key alias/logseal --format json');
  return /:key\/([\w-]+)/.exec(stdout)?.[1] ?? KEY;
}

describe('the minimal policy', () => {
  it('for scan is enough to scan, and for nothing else', async () => {
    const desk = await aDeskWith(policyFor('scan'));

    const scan = await desk.run('scan --format json');
    const apply = await desk.run('apply --key alias/logseal --no-caller-check --yes --format json');

    expect(scan.status).toBe(3);
    const { findings } = JSON.parse(scan.stdout) as { findings: { status: string; warnings: unknown[] }[] };
    expect(findings.map(({ status }) => status)).toEqual(['NON_COMPLIANT', 'COMPLIANT', 'NON_COMPLIANT']);
    // Whether the policy of the key lets CloudWatch Logs in could be read.
    expect(findings.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(JSON.parse(apply.stdout).steps.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'REFUSED',
      'REFUSED',
    ]);
  });

  it('for apply is enough to plan and apply', async () => {
    const id = await keyIdOf(await aDeskWith(policyFor('scan')));
    const filled = JSON.parse(JSON.stringify(policyFor('apply')).replace('KEY_ID', id));
    const desk = await aDeskWith(filled);

    const plan = await desk.run('plan --key alias/logseal --format json');
    const apply = await desk.run('apply --key alias/logseal --yes');

    expect(JSON.parse(plan.stdout).steps.map(({ refusal }: { refusal: unknown }) => refusal)).toEqual([null, null]);
    expect(apply.stdout).toContain('2 log stores sealed, 0 unchanged, 0 refused, 0 failed');
    expect(apply.status).toBe(0);
    expect((await desk.run('scan')).status).toBe(0);
  });

  const { Statement: statements } = policyFor('apply');

  it.each(statements.flatMap((statement, index) => actionsOf(statement).map((action) => [action, index] as const)))(
    'for apply needs %s',
    async (action, index) => {
      const id = await keyIdOf(await aDeskWith(policyFor('scan')));
      const less = statements
        .map((statement, at) => {
          const left = actionsOf(statement).filter((one) => one !== action);
          return at === index ? { ...statement, Action: left } : statement;
        })
        .filter((statement) => actionsOf(statement).length > 0);
      const desk = await aDeskWith(
        JSON.parse(JSON.stringify({ Version: '2012-10-17', Statement: less }).replace('KEY_ID', id)),
      );

      const { stdout } = await desk.run('apply --key alias/logseal --yes');

      expect(stdout).not.toContain('2 log stores sealed');
    },
  );
});

function actionsOf({ Action }: Statement): string[] {
  return [Action].flat() as string[];
}
