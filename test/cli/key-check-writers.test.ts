import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { CHECK, checkOn } from '../support/key-checks.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { admitting, LOG_GROUPS, policyOf } from '../support/policies.ts';

const ALLOW = { Effect: 'Allow', Resource: '*' };
/** As AWS's managed policy CloudWatchLogsAPIKeyAccess gives them. */
const MAY_WRITE = policyOf(
  {
    ...ALLOW,
    Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
    Condition: {
      StringLike: { 'kms:ViaService': 'logs.*' },
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:*:*:log-group:*' },
    },
  },
  { ...ALLOW, Action: 'kms:DescribeKey', Condition: { StringLike: { 'kms:ViaService': 'logs.*' } } },
);
const READS = ['kms:DescribeKey', 'kms:GetKeyPolicy', 'lambda:GetFunctionConfiguration', 'iam:*'];
const USES = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'logs:*'];

async function aDeskWithFunctions(more: World = {}) {
  const role = (...policies: object[]) => ({ policies: policies as Record<string, unknown>[] });
  return aDesk(
    aWorld({
      keys: { logseal: { alias: 'alias/logseal', policy: admitting(LOG_GROUPS) } },
      groups: { '/aws/lambda/orders': null, '/aws/lambda/billing': null, '/app': null },
      roles: {
        writer: role(MAY_WRITE),
        other: role(),
        reader: role(policyOf({ ...ALLOW, Action: [...READS, ...USES] })),
        blind: role(policyOf({ ...ALLOW, Action: [...READS.filter((it) => !it.startsWith('lambda')), ...USES] })),
      },
      functions: { orders: { role: 'writer' }, billing: { role: 'other' }, away: { role: 'writer', logGroup: '/app' } },
      ...more,
    }),
  );
}

describe('a key check tells who writes and reads', () => {
  it('in general, and passes where the key policy leaves it to IAM', async () => {
    const { status, document } = await checkOn(await aDeskWithFunctions());

    expect(status).toBe(0);
    expect(document.targets).toMatchObject([{ readersAndWriters: { access: 'IAM' } }]);
    expect(document.targets[0]?.readersAndWriters).not.toHaveProperty('writer');
  });

  it('of a function, whose role has the rights', async () => {
    const desk = await aDeskWithFunctions();

    const { status, document } = await checkOn(desk, `${CHECK} --log-group /aws/lambda/orders`);

    expect(status).toBe(0);
    expect(document.targets[0]?.readersAndWriters?.writer).toMatchObject({
      status: 'FOUND',
      roleArn: 'arn:aws:iam::111122223333:role/writer',
      rights: [{ result: 'PASS' }, { result: 'PASS' }, { result: 'PASS' }],
      fix: null,
    });
  });

  it('of a function, whose role lacks them: it does not fail the key', async () => {
    const desk = await aDeskWithFunctions();
    const check = `${CHECK} --log-group /aws/lambda/billing`;

    const { status, document } = await checkOn(desk, check);
    const { stdout } = await desk.run(check);

    expect(status).toBe(0);
    expect(document.targets[0]?.readersAndWriters?.writer).toMatchObject({
      rights: [{ result: 'FAIL' }, { result: 'FAIL' }, { result: 'FAIL' }],
    });
    expect(stdout).toContain('\nWho writes and reads the logs\nnot proven: the statement "Account"');
    expect(stdout).toMatch(
      /^MISSING +kms:GenerateDataKey +the statement "Account" .* the role other's policies, which do not/m,
    );
    expect(stdout).toMatch(/ fix: add this statement to a policy of the role other: \{…\}\n/);
  });

  it('and has nothing left to prove once the key is repaired', async () => {
    const desk = await aDeskWithFunctions();
    await desk.run('key repair --readers-and-writers --key alias/logseal --yes');

    const { status, document } = await checkOn(desk, `${CHECK} --log-group /aws/lambda/billing`);

    expect(status).toBe(0);
    expect(document.targets[0]?.readersAndWriters).toMatchObject({
      access: 'ALL',
      writer: { rights: [{ result: 'PASS' }, { result: 'PASS' }, { result: 'PASS' }], fix: null },
    });
  });

  it.each([
    [
      '/app',
      'only functions of AWS Lambda are known by the name of their log group, so logseal does not know who writes to /app',
    ],
    ['/aws/lambda/away', 'the function away writes to /app, so logseal does not know who writes to /aws/lambda/away'],
    ['/aws/lambda/gone', 'there is no function gone in eu-west-1, so logseal does not know who writes to'],
  ])('and that it does not know the writers of %s', async (name, message) => {
    const { status, document } = await checkOn(await aDeskWithFunctions(), `${CHECK} --log-group ${name}`);

    expect(status).toBe(0);
    const writer = document.targets[0]?.readersAndWriters?.writer;
    expect(writer).toMatchObject({ status: 'NOT_KNOWN', message: expect.stringContaining(message) });
  });

  it('once, where the caller lacks the right to read the function; that is no failure', async () => {
    const desk = await aDeskWithFunctions();
    const check = `${CHECK} --log-group /aws/lambda/orders`;

    const { status, document } = await checkOn(desk, check, { AWS_ACCESS_KEY_ID: 'blind' });
    const { stdout } = await desk.run(check, { env: { AWS_ACCESS_KEY_ID: 'blind' } });

    expect(status).toBe(0);
    expect(document.targets[0]?.readersAndWriters?.writer).toMatchObject({
      status: 'NOT_KNOWN',
      fix: expect.stringContaining('"Action":"lambda:GetFunctionConfiguration"'),
    });
    expect(stdout.match(/so logseal does not know/g)).toHaveLength(1);
    expect((await checkOn(desk, check, { AWS_ACCESS_KEY_ID: 'reader' })).document.targets[0]).toMatchObject({
      readersAndWriters: { writer: { status: 'FOUND' } },
    });
  });

  it('and asks Lambda only about a log group that is named', async () => {
    const desk = await aDeskWithFunctions();
    await checkOn(desk);
    await checkOn(desk, `${CHECK} --log-group /app`);

    expect(desk.sandbox.calls()).not.toHaveProperty('lambda:GetFunctionConfiguration');
  });
});
