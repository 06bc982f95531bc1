import { CreateGrantCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { clients } from '../sandbox/support.ts';
import { aKey, CHECK, checkOn, EVERY, nameOf, READS } from '../support/key-checks.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, linesOf } from '../support/logseal.ts';
import { admitting, LOG_GROUPS, logGroupsUnder, QUERY_RESULTS } from '../support/policies.ts';
import { runCalls } from './worlds.ts';

describe('a key that can be attached', () => {
  it('passes every check: 0, by reads alone', async () => {
    const desk = await aDesk(aKey(admitting(LOG_GROUPS)));

    const { status, stderr, document, checks, open } = await checkOn(desk, `${CHECK} --log-group /app/a`);

    expect({ status, stderr, open }).toEqual({ status: 0, stderr: '', open: [] });
    expect(checks.map(nameOf)).toEqual(EVERY);
    expect(document).toMatchObject({
      key: { configured: 'alias/logseal' },
      targets: [{ store: { type: 'log-group', name: '/app/a' }, keyArn: await keysOf(desk.sandbox).arn() }],
    });
    const reads = [...READS, 'logs:DescribeLogGroups'];
    expect(Object.keys(document.targets[0]?.apiCalls ?? {}).toSorted()).toEqual(reads.toSorted());
    expect(await desk.files()).toEqual([]);
  });

  it('passes for a log group that does not exist (yet), and a note says so', async () => {
    const desk = await aDesk(aWorld({ ...aKey(admitting(LOG_GROUPS)), groups: { '/app/a': null } }));

    const there = await checkOn(desk, `${CHECK} --log-group /app/a`);
    const missing = await checkOn(desk, `${CHECK} --log-group /app/b`);
    const table = await desk.run(`${CHECK} --log-group /app/b`);

    const note = 'the log group /app/b does not exist in eu-west-1 (yet): the checks hold for one of this name';
    expect([there.status, missing.status, table.status]).toEqual([0, 0, 0]);
    expect(there.document.targets[0]).not.toHaveProperty('note');
    expect(missing.document.targets[0]).toMatchObject({ note, apiCalls: { 'logs:DescribeLogGroups': 1 } });
    expect(table.stdout).toContain(`\nnote: ${note}\n`);
  });

  it('is checked without a read of log groups where none is named', async () => {
    const desk = await aDesk(aKey(admitting(LOG_GROUPS)));

    await checkOn(desk);

    expect(runCalls(desk.sandbox, 'logs:DescribeLogGroups')).toBe(0);
  });

  it('is evaluated for one log group, or for one that no policy names', async () => {
    const prod = 'arn:{partition}:logs:{region}:{account}:log-group:/prod/*';
    const desk = await aDesk(aKey(admitting(logGroupsUnder(prod))));

    expect((await checkOn(desk, `${CHECK} --log-group /prod/a`)).status).toBe(0);
    const { status, open } = await checkOn(desk, CHECK);

    expect(status).toBe(3);
    expect(open).toContain('KEY_POLICY kms:Encrypt FAIL KEY_POLICY_MISSING_ACTIONS');
  });

  it('is evaluated for the stored query results by --query-results', async () => {
    const groups = await aDesk(aKey(admitting(LOG_GROUPS)));
    const both = await aDesk(aKey(admitting(LOG_GROUPS, QUERY_RESULTS)));

    const { status, open, document } = await checkOn(groups, `${CHECK} --query-results`);
    const repaired = await checkOn(both, `${CHECK} --query-results`);

    expect(status).toBe(3);
    expect(open).toContain('KEY_POLICY kms:GenerateDataKey FAIL KEY_POLICY_MISSING_ACTIONS');
    expect(document.targets[0]?.store).toMatchObject({ type: 'query-results', name: 'query-result:*' });
    expect(document.targets[0]?.checks.find(({ check }) => check === 'GRANTS')?.fix).toContain('LogsealQueryResults');
    expect(repaired).toMatchObject({ status: 0, open: [], checks: { length: EVERY.length } });
    // Inspecting the key takes no query.
    expect(runCalls(both.sandbox, 'logs:StartQuery')).toBe(0);
  });
});

describe('a key that cannot', () => {
  it.each([
    ['disabled', { state: 'Disabled' }, 'ENABLED FAIL KEY_DISABLED'],
    ['dying', { state: 'PendingDeletion' }, 'ENABLED FAIL KEY_PENDING_DELETION'],
    ['asymmetric', { spec: 'RSA_2048' }, 'KEY_SPEC FAIL KEY_NOT_SYMMETRIC'],
    ['for signing', { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }, 'KEY_USAGE FAIL KEY_WRONG_USAGE'],
  ] as const)('because it is %s: 3, and every other check is reported too', async (_, more, expected) => {
    const desk = await aDesk(aKey(admitting(), more));

    const { status, checks, open } = await checkOn(desk);

    expect(status).toBe(3);
    expect(checks.map(nameOf)).toEqual(EVERY);
    expect(open).toContain(expected);
    expect(open).toContain('KEY_POLICY kms:Encrypt FAIL KEY_POLICY_MISSING_ACTIONS');
  });

  it('because it does not exist, or is in another Region', async () => {
    const desk = await aDesk(aKey(admitting(LOG_GROUPS)));
    const keyArn = await keysOf(desk.sandbox).arn();

    const missing = await checkOn(desk, 'key check --key alias/none');
    const elsewhere = await checkOn(desk, `key check --key ${keyArn} --region us-east-1`);

    expect(missing).toMatchObject({ status: 3, document: { targets: [{ keyArn: null }] } });
    expect(missing.open[0]).toBe('FOUND FAIL KEY_NOT_FOUND');
    expect(elsewhere.status).toBe(3);
    expect(elsewhere.open).toContain('REGION FAIL KEY_WRONG_REGION');
  });

  it('because AWS manages it: there is nothing to repair, so no statement is offered', async () => {
    const keys = { ssm: { alias: 'alias/aws/ssm', manager: 'AWS' as const } };
    const desk = await aDesk(aWorld({ keys }));
    const words = `key check --key ${await keysOf(desk.sandbox).arn('alias/aws/ssm')}`;

    const { status, open, document } = await checkOn(desk, words);
    const { stdout } = await desk.run(words);

    expect(status).toBe(3);
    expect(open[0]).toBe('KEY_POLICY FAIL KEY_AWS_MANAGED');
    expect(JSON.stringify(document)).not.toContain('Statement');
    expect(JSON.stringify(document)).not.toContain('"Effect');
    expect(stdout).toMatch(
      /^FAIL +KEY_POLICY +- +arn:\S+ is an AWS-managed key: nobody in its account can change its policy$/m,
    );
    expect(stdout).toMatch(/\nFixes\nMEDIUM KEY_AWS_MANAGED × 1\n.*\n {2}fix: use a customer managed key: [^\n]+\n\n/);
  });

  it('because its policy is not even JSON', async () => {
    const policies = { broken: 'not JSON' };
    const desk = await aDesk(aWorld({ policies, keys: { logseal: { alias: 'alias/logseal', policy: 'broken' } } }));

    const { status, open } = await checkOn(desk);

    expect(status).toBe(3);
    expect(open).toContain('KEY_POLICY FAIL KEY_POLICY_UNREADABLE');
  });

  it('except by a grant: whether CloudWatch Logs uses it is not known', async () => {
    const desk = await aDesk(aKey(admitting()));
    const GranteeServicePrincipal = 'logs.eu-west-1.amazonaws.com';
    await clients(desk.sandbox).kms.send(
      new CreateGrantCommand({
        KeyId: await keysOf(desk.sandbox).arn(),
        GranteeServicePrincipal,
        RetiringServicePrincipal: GranteeServicePrincipal,
        Operations: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'],
        Constraints: { SourceArn: 'arn:aws:logs:eu-west-1:111122223333:log-group:*' },
      }),
    );

    const { status, open, document } = await checkOn(desk);

    expect(status).toBe(3);
    expect(open).toContain('GRANTS UNKNOWN KEY_POLICY_MISSING_ACTIONS');
    expect(open.filter((line) => line.includes('FAIL'))).toEqual([]);
    expect(document.targets[0]?.apiCalls).toMatchObject({ 'kms:ListGrants': 1 });
  });
});

describe('the result', () => {
  it('is a table with each check and how to fix it', async () => {
    const desk = await aDesk(aKey(admitting()));

    const { status, stdout, stderr } = await desk.run(CHECK);

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout).toMatch(/^alias\/logseal for log groups in general in eu-west-1 \(arn:aws:kms:[^)]+\)\n/);
    expect(stdout).toMatch(/^PASS +FOUND /m);
    expect(stdout).toMatch(/^FAIL +KEY_POLICY +kms:Encrypt, kms:Decrypt, .* no statement allows/m);
    expect(stdout).toMatch(/^Fixes$/m);
    expect(stdout).toMatch(/^PASS +CALLER_RIGHTS +kms:DescribeKey, kms:Encrypt, .*logs:AssociateKmsKey$/m);
    expect(stdout).toContain('add this statement to the key policy of');
    expect(stdout).not.toContain('LogsealLogGroups');
    const { stdout: verbose } = await desk.run(`${CHECK} --verbose`);
    expect(verbose).toContain('\n      "Sid": "LogsealLogGroups",\n');
    expect(verbose).toMatch(/^PASS +CALLER_RIGHTS +kms:DescribeKey +the caller has just used this right$/m);
    expect(stdout).toMatch(/\nkey: 12 pass, 6 fail, 0 not known; readers and writers: not proven\n$/);
  });

  it('has a target for each Region', async () => {
    const desk = await aDesk(
      aWorld({ keys: { there: { alias: 'alias/logseal', region: 'us-east-1', state: 'Disabled', policy: 'logs' } } }),
    );
    const words = `${CHECK} --region eu-west-1 --region us-east-1`;

    const { status, document } = await checkOn(desk, words);
    const { stdout } = await desk.run(`${words} --format ndjson`);

    expect(status).toBe(3);
    expect(document.targets.map(({ store }) => store.region)).toEqual(['eu-west-1', 'us-east-1']);
    expect(linesOf(stdout)).toMatchObject([
      { checks: { length: 18 } },
      { checks: { length: 18 } },
      { schema: 'logseal/key-check-summary/1' },
    ]);
  });

  it('is 3 where the key is disabled, even if its policy cannot be read this time', async () => {
    const world = aWorld({
      keys: { off: { alias: 'alias/off', state: 'Disabled', policy: 'logs' } },
      faults: [{ call: 'kms:GetKeyPolicy', kind: 'throttle' }],
    });
    const desk = await aDesk(world);

    const { status, document } = await checkOn(desk, 'key check --key alias/off');

    expect(status).toBe(3);
    const of = (name: string) => document.targets[0]?.checks.find(({ check }) => check === name);
    expect(of('ENABLED')).toMatchObject({ result: 'FAIL', code: 'KEY_DISABLED' });
    expect(of('KEY_POLICY')).toMatchObject({ result: 'UNKNOWN', code: 'KEY_POLICY_UNREADABLE' });
  });

  it('is 1 where the caller cannot be known', async () => {
    const desk = await aDesk(aWorld({ faults: [{ call: 'sts:GetCallerIdentity', kind: 'deny' }] }));

    const { status, stdout, stderr } = await desk.run(`${CHECK} --format json --output out.json`);

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('sts:GetCallerIdentity');
    expect(await desk.files()).toEqual([]);
  });
});
