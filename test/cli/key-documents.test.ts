import { describe, expect, it } from 'vitest';
import { parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { aKey, checkOn } from '../support/key-checks.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { accountMay, admitting, LOG_GROUPS, policyOf } from '../support/policies.ts';

const PLAN = 'plan --key alias/logseal';

describe('a key that everybody may use', () => {
  const OPEN = { Sid: 'Open', Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' };
  const policy = admitting(OPEN);
  const warning = {
    code: 'KEY_POLICY_PUBLIC',
    severity: 'HIGH',
    message: expect.stringMatching(
      /^the statement "Open" \(Allow, Principal AWS \*\) of the key policy lets everybody/,
    ),
    fix: expect.stringMatching(
      /^in the statement "Open" .*, name the account \(arn:aws:iam::111122223333:root\) instead/,
    ),
  };
  const desk = (groups: Record<string, string | null>) =>
    aDesk(aWorld({ keys: { logseal: { alias: 'alias/logseal', policy } }, groups }));

  it('is a warning of each log group in a scan, and changes no status', async () => {
    const { run } = await desk({ '/a': 'logseal', '/b': 'logseal' });

    const { status, stdout } = await run('scan --format json');

    const { findings, summary } = parseDocument(scanSchema, stdout);
    expect(status).toBe(0);
    expect(findings.map(({ status: each, warnings }) => [each, warnings])).toEqual([
      ['COMPLIANT', [warning]],
      ['COMPLIANT', [warning]],
    ]);
    expect(summary.nonCompliant).toBe(0);
    expect((await run('scan')).stdout).toContain('KEY_POLICY_PUBLIC');
  });

  it('is a warning of the configured key in a plan, which seals all the same', async () => {
    const { run } = await desk({ '/a': null });

    const { stdout } = await run(`${PLAN} --format json`);

    const { key, steps } = parseDocument(planSchema, stdout);
    expect(key.targets).toMatchObject([{ warnings: [warning], refusals: [], problems: [] }]);
    expect(steps).toMatchObject([{ action: 'SEAL', refusal: null }]);
    expect((await run(PLAN)).stdout).toContain('KEY_POLICY_PUBLIC');
    expect((await run('apply --key alias/logseal --yes --quiet')).status).toBe(0);
  });

  it('is a warning of key check, and no check fails for it', async () => {
    const checked = await desk({});

    const { status, open, document } = await checkOn(checked);

    expect({ status, open }).toEqual({ status: 0, open: [] });
    expect(document.targets[0]?.warnings).toEqual([warning]);
    expect((await checked.run('key check --key alias/logseal')).stdout).toContain('KEY_POLICY_PUBLIC');
  });

  it('is none where a condition narrows it', async () => {
    const own = { ...OPEN, Condition: { StringEquals: { 'kms:CallerAccount': '111122223333' } } };
    const { run } = await aDesk(
      aWorld({
        keys: { logseal: { alias: 'alias/logseal', policy: admitting(own, LOG_GROUPS) } },
        groups: { '/a': 'logseal' },
      }),
    );

    const { stdout } = await run('scan --format json');

    expect(parseDocument(scanSchema, stdout).findings[0]?.warnings).toEqual([]);
  });
});

describe('a key whose policy KMS would not accept again', () => {
  const GONE = { ...LOG_GROUPS, Sid: 'Gone', Principal: { AWS: 'AROAEXAMPLEROLEID1234' } };
  const problem = {
    code: 'PRINCIPAL_ORPHAN',
    statement: { index: 2, sid: 'Gone' },
    message: expect.stringContaining('the statement "Gone" (Allow, Principal AWS AROAEXAMPLEROLEID1234) names'),
    fix: expect.stringContaining('in the statement "Gone" (Allow, Principal AWS AROAEXAMPLEROLEID1234), remove the id'),
  };
  const policy = admitting(LOG_GROUPS, GONE);

  it('has problems in a plan, and seals all the same', async () => {
    const { run } = await aDesk(
      aWorld({ keys: { logseal: { alias: 'alias/logseal', policy } }, groups: { '/a': null } }),
    );

    const { stdout } = await run(`${PLAN} --format json`);
    const table = await run(PLAN);

    const { key, steps } = parseDocument(planSchema, stdout);
    expect(key.targets).toMatchObject([{ problems: [problem], refusals: [], warnings: [] }]);
    expect(steps).toMatchObject([{ action: 'SEAL', refusal: null }]);
    expect(table.stdout).toContain('PRINCIPAL_ORPHAN');
    expect((await run('apply --key alias/logseal --yes --quiet')).status).toBe(0);
    // With nothing to seal the plan is 0, whatever the next PutKeyPolicy will meet.
    expect((await run(PLAN)).status).toBe(0);
  });

  it('has problems in key check, and no check fails for them', async () => {
    const desk = await aDesk(aKey(policy));

    const { status, open, document } = await checkOn(desk);
    const table = await desk.run('key check --key alias/logseal');

    expect({ status, open }).toEqual({ status: 0, open: [] });
    expect(document.targets[0]?.problems).toEqual([problem]);
    expect(table).toMatchObject({ status: 0, stdout: expect.stringContaining('PRINCIPAL_ORPHAN') });
  });

  it('is not repaired, with the same words', async () => {
    const { run } = await aDesk(aKey(admitting(GONE)));

    const { status, stdout } = await run('key repair --key alias/logseal --yes --quiet --format json');

    expect(status).toBe(3);
    expect(JSON.parse(stdout).repair.refusal).toMatchObject({
      code: 'PRINCIPAL_ORPHAN',
      severity: 'HIGH',
      message: expect.stringContaining('the statement "Gone"'),
    });
  });

  it('has all of its problems, each once', async () => {
    const broken = policyOf({ ...accountMay(), Resource: 'arn:aws:kms:eu-west-1:111122223333:key/other' }, LOG_GROUPS, {
      ...GONE,
      Principal: { Service: 'logs.*' },
    });
    const { document, status } = await checkOn(await aDesk(aKey(broken)));

    expect(document.targets[0]?.problems.map(({ code }) => code)).toEqual(['PRINCIPAL_PATTERN', 'LOCKS_OUT']);
    // What the caller may do is another matter: nothing lets it use the key.
    expect(status).toBe(3);
  });
});
