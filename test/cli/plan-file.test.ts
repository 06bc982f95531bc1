import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { STORES_READ_TO_CHANGE } from '../../lib/pacing.ts';
import { outcomeSchema, parseDocument, planSchema } from '../support/documents.ts';
import { aDesk, aDirectory, aWorld, runLogseal, runProcess } from '../support/logseal.ts';
import { APPLY, applyEdited } from './edited-plan.ts';
import { JOURNAL, outcomesOf, runCalls } from './worlds.ts';

describe('a plan from a file', () => {
  it('is carried out, and its outcome says which it was', async () => {
    const keys = { private: { account: '444455556666' } };
    const desk = await aDesk(aWorld({ keys, groups: { '/a': null, '/b': 'disabled', '/c': 'private' } }));
    await desk.run('plan --key alias/logseal --format json --output plan.json');
    const plan = parseDocument(planSchema, await desk.read('plan.json'));

    const { status, stdout } = await desk.run(APPLY);

    const document = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(3);
    expect(document.planRunId).toBe(plan.run.id);
    expect(document.key).toEqual({ configured: 'alias/logseal', required: false });
    expect(outcomesOf(document)).toEqual(['/b SEALED', '/a SEALED', '/c REFUSED KEY_UNREADABLE']);
  });

  it.each([
    ['', { 'iam:SimulatePrincipalPolicy': 1 }],
    [' --no-caller-check', {}],
  ])('lists no Region again, and reads its stores by name%s', async (option, calls) => {
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 60 }] }));
    await desk.run('plan --key alias/logseal --format json --output plan.json');
    desk.sandbox.resetCalls();

    const { status } = await desk.run(`${APPLY}${option}`);

    expect(status).toBe(0);
    const { 'logs:DescribeLogGroups': reads = 0, ...others } = desk.sandbox.calls();
    // Before the changes, and two at the end.
    expect(reads).toBeGreaterThanOrEqual(Math.ceil(60 / STORES_READ_TO_CHANGE) + 2);
    expect(reads).toBeLessThanOrEqual(0.25 * 60);
    expect(others).toEqual({
      'sts:GetCallerIdentity': 1,
      'kms:DescribeKey': 1,
      'kms:GetKeyPolicy': 1,
      'logs:AssociateKmsKey': 60,
      ...calls,
    });
  });

  it('says that what it refuses was refused when it was planned, and how to see whether that is fixed', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null, '/b': 'logseal' } }));
    const plan = 'plan --key alias/none --format json --output plan.json';
    await desk.run(plan);
    const note = 'note: 1 log store was refused when it was planned; plan again to see whether that is fixed\n';

    expect((await desk.run('apply --plan plan.json --yes')).stdout).toContain(note);
    expect((await desk.run('apply --key alias/none --yes')).stdout).not.toContain('plan again');
    await desk.run(plan.replace('none', 'logseal'));
    expect((await desk.run('apply --plan plan.json --yes')).stdout).not.toContain('plan again');
  });

  it('is refused where the store or the key has changed since', async () => {
    const old = aWorld({ groups: { '/changed': null, '/gone': null, '/same': null } });
    const planned = await aDesk(old);
    await planned.run('plan --key alias/logseal --format json --output plan.json');
    const now = aWorld({ keys: { other: { policy: 'logs' } }, groups: { '/changed': 'other', '/same': null } });
    const desk = await aDesk(now);
    await desk.write('plan.json', await planned.read('plan.json'));

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual([
      '/changed REFUSED STORE_CHANGED',
      '/gone REFUSED STORE_GONE',
      '/same SEALED',
    ]);
  });

  it('is refused where the alias that it was made with leads to another key since', async () => {
    const planned = await aDesk(aWorld({ groups: { '/a': null } }));
    await planned.run('plan --key alias/logseal --format json --output plan.json');
    const keys = { logseal: { policy: 'logs' }, newer: { alias: 'alias/logseal', policy: 'logs' } };
    const desk = await aDesk(aWorld({ keys, groups: { '/a': null } }));
    await desk.write('plan.json', await planned.read('plan.json'));

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a REFUSED STORE_CHANGED']);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });

  it('seals nothing under a key that died since', async () => {
    const planned = await aDesk(aWorld({ groups: { '/a': null } }));
    await planned.run('plan --key alias/logseal --format json --output plan.json');
    const keys = { logseal: { alias: 'alias/logseal', policy: 'logs', state: 'PendingDeletion' } } as const;
    const desk = await aDesk(aWorld({ keys, groups: { '/a': null } }));
    await desk.write('plan.json', await planned.read('plan.json'));

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a REFUSED KEY_PENDING_DELETION']);
    expect(await desk.files()).toEqual(['plan.json']);
  });

  it('of two Regions is carried out in both', async () => {
    const keys = { far: { alias: 'alias/logseal', region: 'us-east-1', policy: 'logs' } };
    const elsewhere = [{ region: 'us-east-1', groups: { '/there': null } }];
    const desk = await aDesk(aWorld({ keys, groups: { '/here': null }, elsewhere }));
    await desk.run('plan --key alias/logseal --format json --output plan.json --region eu-west-1 --region us-east-1');

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(0);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/here SEALED', '/there SEALED']);
  });

  it('under a required key replaces healthy ones', async () => {
    const desk = await aDesk(aWorld({ keys: { other: { policy: 'logs' } }, groups: { '/a': 'other' } }));
    await desk.run('plan --key alias/logseal --require-key --format json --output plan.json');

    const { status, stdout } = await desk.run(APPLY);

    expect(status).toBe(0);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a SEALED']);
  });

  it.each(['alias/missing', 'arn:aws:kms:us-east-1:111122223333:alias/logseal'])(
    'that refuses everything can be read again: %s',
    async (key) => {
      const desk = await aDesk(aWorld({ groups: { '/a': null } }));
      await desk.run(`plan --key ${key} --format json --output plan.json`);

      const { status, stdout, stderr } = await desk.run(APPLY);

      expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
      expect(parseDocument(outcomeSchema, stdout).steps).toMatchObject([{ outcome: 'REFUSED' }]);
    },
  );

  it('of nothing is 0, and calls nothing', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': 'logseal' } }));

    const { status } = await applyEdited(desk, () => {});

    expect(status).toBe(0);
    expect(desk.sandbox.calls()).toEqual({});
  });
});

describe('a plan of another account', () => {
  it('changes nothing', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null } }));
    await desk.run('plan --key alias/logseal --format json --output plan.json');

    const { status, stdout, stderr } = await desk.run(APPLY, { env: { AWS_ACCESS_KEY_ID: '444455556666' } });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(
      'the plan has log stores of account 111122223333, and the credentials are for account 444455556666',
    );
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await desk.files()).not.toContain(JOURNAL);
  });

  it('cannot be combined with options for other targets or keys', async () => {
    const desk = await aDesk(aWorld({ groups: { '/a': null } }));
    await desk.run('plan --key alias/logseal --format json --output plan.json');
    desk.sandbox.resetCalls();

    const { status, stderr } = await desk.run(`${APPLY} --key alias/logseal --require-key --region eu-west-1`);

    expect(status).toBe(2);
    for (const name of ['key', 'require-key', 'region']) {
      expect(stderr).toContain(`logseal: --${name}: cannot be combined with --plan`);
    }
    expect(desk.sandbox.calls()).toEqual({});
  });
});

describe('a plan that cannot be read is a mistake in the command line', () => {
  it('a device without an end', async () => {
    const { status, stderr } = await runProcess('apply --plan /dev/zero --yes');

    expect(status).toBe(2);
    expect(stderr).toBe(
      'logseal: --plan: expected a file that can be read, got /dev/zero (it is larger than 511 MiB)\nsee npm run -s logseal -- apply --help\n',
    );
  });

  it('a named pipe that nothing writes to', async () => {
    const cwd = await aDirectory();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);

    const { status, stderr } = await runLogseal('apply --plan pipe --yes', { cwd });

    expect(status).toBe(2);
    expect(stderr).toContain(
      '--plan: expected a file that can be read, got pipe (it is a pipe that nothing writes to)',
    );
  });

  it('a file called -, which does not mean standard input here', async () => {
    const { status, stderr } = await runLogseal('apply --plan - --yes', { stdin: '{}' });

    expect(status).toBe(2);
    expect(stderr).toMatch(/--plan: expected a file that can be read, got - \(ENOENT/);
  });
});

it('a plan is read from a named pipe', async () => {
  const desk = await aDesk(aWorld({ groups: { '/a': null } }));
  await desk.run('plan --key alias/logseal --format json --output plan.json');
  const pipe = join(desk.directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writing = pipeline(createReadStream(join(desk.directory, 'plan.json')), createWriteStream(pipe));

  const { status, stdout } = await desk.run(APPLY.replace('plan.json', 'pipe'));

  await writing;
  expect(status).toBe(0);
  expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a SEALED']);
});
