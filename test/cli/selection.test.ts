import { describe, expect, it } from 'vitest';
import { outcomeSchema, parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld, DEMO } from '../support/logseal.ts';
import { outcomesOf, runCalls } from './worlds.ts';

const WORLD = aWorld({
  groups: { '/app/a': null, '/app/b': null, '/ops/a': 'disabled', '/ops/b': 'logseal' },
});
const PLAN = 'plan --key alias/logseal';
const APPLY = 'apply --key alias/logseal --yes';

describe('--include and --exclude', () => {
  it('choose what a scan evaluates, and the rest is counted and costs no call', async () => {
    const { run, sandbox } = await aDesk(WORLD);

    const { status, stdout } = await run('scan --include /app/* --exclude */b --format json');

    const { summary, findings, targets } = parseDocument(scanSchema, stdout);
    expect(status).toBe(3);
    expect(findings.map(({ name }) => name)).toEqual(['/app/a']);
    expect(summary).toMatchObject({ stores: 1, nonCompliant: 1, filtered: 3, byReason: { NO_KEY: 1 } });
    expect(targets).toMatchObject([{ stores: 1 }]);
    // The keys of what is left out are not described.
    expect(sandbox.calls()).toEqual({ 'logs:DescribeLogGroups': 1, 'sts:GetCallerIdentity': 1 });
  });

  it('can bring a scan to 0, and the table says what was left out', async () => {
    const { run } = await aDesk(WORLD);

    const { status, stdout, stderr } = await run('scan --include /ops/b');

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\n1 log store: 1 compliant, 3 left out by --include\/--exclude \(/);
  });

  it('choose what a plan and its application are about', async () => {
    const { run, sandbox } = await aDesk(WORLD);

    const planned = await run(`${PLAN} --exclude /ops/* --format json`);
    const table = await run(`${PLAN} --exclude /ops/*`);
    const applied = await run(`${APPLY} --exclude /ops/* --format json`);

    const plan = parseDocument(planSchema, planned.stdout);
    expect(plan.steps.map(({ store }) => store.name)).toEqual(['/app/a', '/app/b']);
    expect(plan.filtered).toBe(2);
    expect(table.stdout).toContain('\n2 to seal with alias/logseal, 0 refused, 2 left out by --include/--exclude\n');
    const outcome = parseDocument(outcomeSchema, applied.stdout);
    expect(applied.status).toBe(0);
    expect(outcomesOf(outcome)).toEqual(['/app/a SEALED', '/app/b SEALED']);
    expect(outcome.filtered).toBe(2);
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(2);
  });

  it('are said with the outcome of a plan in a file, and are no options of it', async () => {
    const { run } = await aDesk(WORLD);
    await run(`${PLAN} --include /app/* --format json --output plan.json`);

    const refused = await run('apply --plan plan.json --yes --include /app/a --exclude /app/b');
    const applied = await run('apply --plan plan.json --yes --quiet');

    expect(refused.status).toBe(2);
    for (const name of ['include', 'exclude']) {
      expect(refused.stderr).toContain(`--${name}: cannot be combined with --plan, which names the log stores\n`);
    }
    expect(applied.stdout).toMatch(/\n2 log stores sealed, .*, 2 left out by --include\/--exclude \(run /);
  });

  it('say so where a glob matches nothing, after a complete scan alone', async () => {
    const { run, sandbox } = await aDesk(WORLD);
    const said = ['include', 'exclude']
      .map((name) => `--${name}: no log store has a name that matches /typo/*\n`)
      .join('');
    const words = '--include /typo/* --include /ops/b --exclude /typo/*';

    expect(await run(`scan ${words}`)).toMatchObject({ status: 0, stderr: said });
    expect((await run(`${PLAN} ${words}`)).stderr).toBe(said);
    expect((await run(`${APPLY} ${words}`)).stderr).toBe(said);
    expect((await run(`scan ${words} --quiet`)).stderr).toBe('');
    sandbox.setFaults([{ call: 'logs:DescribeLogGroups', kind: 'deny' }]);
    expect((await run(`scan ${words}`)).stderr).not.toMatch(/--(in|ex)clude/);
  });

  it('say so where a regular expression was given', async () => {
    const { run } = await aDesk(WORLD);

    const { stderr } = await run('scan --exclude ^/app/.*$');

    expect(stderr).toContain('--exclude: "^/app/.*$" is a glob, but reads like a regular expression');
  });

  it('choose query results by their name, and no query runs where they are left out', async () => {
    const { run, sandbox } = await aDesk(DEMO);

    const only = await run(['scan', '--query-results', '--include', 'query-result:*', '--format', 'json']);
    const queries = sandbox.calls()['logs:StartQuery'];
    const without = await run('scan --query-results --exclude query-result:* --format json');

    expect(parseDocument(scanSchema, only.stdout).findings.map(({ name }) => name)).toEqual(['query-result:*']);
    expect(queries).toBe(1);
    expect(sandbox.calls()['logs:StartQuery']).toBe(1);
    expect(without.stderr).toBe('');
    expect(parseDocument(scanSchema, without.stdout).summary.filtered).toBe(1);
  });
});

describe('--limit', () => {
  const desk = () => aDesk(aWorld({ groups: { '/a': null, '/b': null, '/c': 'disabled', '/d': null } }));

  it('seals the worst first, and leaves the others for later', async () => {
    const { run, sandbox } = await desk();

    const applied = await run(`${APPLY} --limit 2 --format json`);

    const { steps } = parseDocument(outcomeSchema, applied.stdout);
    expect(applied.status).toBe(0);
    expect(outcomesOf({ steps })).toEqual(['/c SEALED', '/a SEALED', '/b SKIPPED', '/d SKIPPED']);
    expect(steps.slice(2)).toMatchObject([
      { action: 'NONE', refusal: null, skippedBy: 'LIMIT' },
      { action: 'NONE', refusal: null, skippedBy: 'LIMIT' },
    ]);
    expect(applied.stderr).toContain('2 to seal with alias/logseal, 0 refused, 2 left for later by --limit\n');
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(2);
    expect((await run(`${APPLY} --quiet`)).stdout).toContain('2 log stores sealed, 0 unchanged');
  });

  it('of a plan in a file takes so many of its seals', async () => {
    const { run } = await aDesk(aWorld({ groups: { '/a': null, '/b': null } }));
    await run(`${PLAN} --format json --output plan.json`);

    const { status, stdout } = await run('apply --plan plan.json --yes --quiet --limit 1');

    expect(status).toBe(0);
    expect(stdout).toMatch(/^MEDIUM +SEALED +\/a( |$)/m);
    expect(stdout).toMatch(/^MEDIUM +SKIPPED +\/b( |$)/m);
    expect(stdout).toMatch(/\n1 log store sealed, .*, 1 left for later by --limit \(run .*\)\nundo: /);
  });

  it('of a plan is in its steps, which apply as they are', async () => {
    const { run } = await desk();

    const planned = await run(`${PLAN} --limit 1 --format json --output plan.json`);
    const table = await run(`${PLAN} --limit 1`);
    const applied = await run('apply --plan plan.json --yes --quiet --format json');

    expect(planned).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^1 to seal, 0 refused, 3 left for later by --limit: plan\.json\n/),
    });
    expect(table.stdout).toMatch(/^MEDIUM +left for later +\/d +-$/m);
    expect(outcomesOf(parseDocument(outcomeSchema, applied.stdout))).toEqual([
      ...['/c SEALED', '/a SKIPPED', '/b SKIPPED', '/d SKIPPED'],
    ]);
  });

  it.each(['0', '-1', '1.5', 'all'])('of %s is a mistake', async (limit) => {
    const { run } = await desk();

    const { status, stderr } = await run(`${PLAN} --limit=${limit}`);

    expect(status).toBe(2);
    expect(stderr).toContain(
      `--limit: expected how many log stores to seal at most, a whole number from 1; got "${limit}"`,
    );
  });
});
