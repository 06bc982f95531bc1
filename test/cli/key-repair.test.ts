import { describe, expect, it } from 'vitest';
import { aDesk, aWorld } from '../support/logseal.ts';
import { accountMay, admitting, LOG_GROUPS, logGroupsUnder, policyOf } from '../support/policies.ts';
import { aRepairDesk, REPAIR, statementsOf } from '../support/repairs.ts';
import { runOnTerminal } from '../support/terminal.ts';

describe('a policy that lacks a statement', () => {
  it('has it afterwards, and all else as it was', async () => {
    const desk = await aRepairDesk(admitting(logGroupsUnder('arn:aws:logs:eu-west-1:111122223333:log-group:/prod/*')));

    const { status, stderr, document } = await desk.repair();

    const { repair, run, target } = document;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(repair).toMatchObject({ outcome: 'CHANGED', keyArn: desk.keyArn, inEffect: true, refusal: null });
    expect(repair.statement).toMatchObject({
      Sid: 'LogsealLogGroups',
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
    });
    const after = await desk.policy();
    expect(JSON.parse(after)).toEqual({
      ...JSON.parse(desk.before),
      Statement: [...statementsOf(desk.before), repair.statement],
    });
    expect(repair.diff).toContain('+      "Sid": "LogsealLogGroups"');
    expect(repair.diff?.split('\n').filter((line) => /^-(?!--)/.test(line))).toEqual([]);
    const written = { runId: run.id, change: 'POLICY', keyArn: desk.keyArn, from: desk.before, to: after, error: null };
    expect(await desk.journal()).toMatchObject([
      { ...written, phase: 'INTENT' },
      { ...written, phase: 'DONE' },
    ]);
    expect(target).toMatchObject({ account: '111122223333', region: 'eu-west-1', apiCalls: { 'kms:PutKeyPolicy': 1 } });
    expect((await desk.run('key check --key alias/logseal')).status).toBe(0);
    expect((await desk.run('apply --key alias/logseal --yes')).status).toBe(0);
  });

  it('is left alone the second time', async () => {
    const desk = await aRepairDesk(admitting());
    await desk.repair();
    const [after, journal] = [await desk.policy(), await desk.journal()];

    const { status, document } = await desk.repair();

    expect(status).toBe(0);
    expect(document.repair).toMatchObject({ outcome: 'UNCHANGED', statement: null, diff: null, inEffect: true });
    expect(await desk.policy()).toBe(after);
    expect(await desk.journal()).toEqual(journal);
    expect(desk.changes()).toBe(1);
  });

  it('gets one for the stored query results beside it', async () => {
    const desk = await aRepairDesk(admitting());
    await desk.repair();
    const between = await desk.policy();

    const { status, document } = await desk.repair(`${REPAIR} --query-results`);

    expect(status).toBe(0);
    expect(document.repair.statement?.Sid).toBe('LogsealQueryResults');
    expect(statementsOf(await desk.policy())).toEqual([...statementsOf(between), document.repair.statement]);
    expect((await desk.repair()).document.repair.outcome).toBe('UNCHANGED');
    expect((await desk.run('key check --key alias/logseal --query-results')).status).toBe(0);
  });

  it('is repaired under a key that is disabled, too', async () => {
    const desk = await aRepairDesk(admitting(), {
      keys: { logseal: { alias: 'alias/logseal', policy: 'broken', state: 'Disabled' } },
    });

    expect(await desk.repair()).toMatchObject({ status: 0, document: { repair: { outcome: 'CHANGED' } } });
  });

  it.each([
    ['Disabled', 'KEY_DISABLED', /is disabled/],
    ['PendingDeletion', 'KEY_PENDING_DELETION', /is scheduled for deletion on /],
  ] as const)(
    'says before and after that a key in the state %s cannot be used all the same',
    async (state, code, why) => {
      const world = { keys: { logseal: { alias: 'alias/logseal', policy: 'broken', state } } };
      const { document } = await (await aRepairDesk(admitting(), world)).repair();
      const { stdout } = await (await aRepairDesk(admitting(), world)).run('key repair --key alias/logseal --yes');

      const [before, after, ...others] = [
        ...stdout.matchAll(/^The key still cannot be used: (.*)\n {2}fix: aws kms /gm),
      ];
      expect(document.repair).toMatchObject({ outcome: 'CHANGED', keyReasons: [{ code }] });
      expect([before?.[1], after?.[1]]).toEqual(Array(2).fill(expect.stringMatching(why)));
      expect(others).toEqual([]);
      expect(before?.index).toBeLessThan(stdout.indexOf('--- arn:'));
      expect(after?.index).toBeGreaterThan(stdout.indexOf('\nrepaired arn:'));
    },
  );

  it('of a single statement that is no list stays one beside the new', async () => {
    const desk = await aRepairDesk({ Version: '2012-10-17', Statement: accountMay() });

    expect((await desk.repair()).status).toBe(0);

    expect(statementsOf(await desk.policy())).toEqual([JSON.parse(desk.before).Statement, expect.anything()]);
  });
});

describe('what is shown', () => {
  it('is the difference, then what became of it and how it is undone', async () => {
    const desk = await aRepairDesk(admitting());

    const { status, stdout, stderr } = await desk.run('key repair --key alias/logseal --yes');

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^The statement lets CloudWatch Logs use the key for all log groups of account 111122223333 in eu-west-1\.\n\n--- arn:aws:kms:\S+ now\n\+\+\+ arn:aws:kms:\S+ then\n@@ /,
    );
    expect(stdout).toContain('\n+      "Sid": "LogsealLogGroups",\n');
    expect(stdout).toMatch(
      /\nrepaired arn:aws:kms:\S+ \(run [0-9a-f-]{36}\)\n.*\nundo: logseal undo --run [0-9a-f-]{36}\n$/,
    );
  });

  it('of a refusal is why, and its fix', async () => {
    const desk = await aRepairDesk('not JSON');

    const { status, stdout } = await desk.run('key repair --key alias/logseal --yes');

    expect(status).toBe(3);
    expect(stdout).toMatch(
      /Refused, and how to fix it\nLOW KEY_POLICY_UNREADABLE × 1\n.*\n {2}fix: replace the key policy of/,
    );
  });

  it('of nothing to do is said', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS));

    const { status, stdout } = await desk.run('key repair --key alias/logseal --yes');

    expect(status).toBe(0);
    expect(stdout).toMatch(/^nothing to repair: the policy of arn:\S+ lets CloudWatch Logs use the key\n$/);
    expect(await desk.files()).toEqual([]);
  });
});

describe('without a yes', () => {
  it('and without a terminal nothing is called', async () => {
    const desk = await aDesk(aWorld({ keys: { bare: { alias: 'alias/bare' } } }));

    const { status, stdout, stderr } = await desk.run('key repair --key alias/bare', { stdin: 'y\n' });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('This is not a terminal, so nobody can be asked: add --yes');
    expect(desk.sandbox.calls()).toEqual({});
    expect(await desk.files()).toEqual([]);
  });

  it.each([
    ['no', 'n\n', 3, 0],
    ['nothing', '\n', 3, 0],
    ['yes', 'y\n', 0, 1],
    ['an interrupt', '\x03', 130, 0],
  ])('the answer is asked for on a terminal: %s', async (_, type, expected, writes) => {
    const desk = await aRepairDesk(admitting());
    const waitFor = `Write this policy of ${desk.keyArn}? [y/N]`;

    const { status, screen } = await runOnTerminal(
      'key repair --key alias/logseal',
      { waitFor: '[y/N]', type },
      desk.options,
    );

    expect(status).toBe(expected);
    expect(screen.indexOf('LogsealLogGroups')).toBeLessThan(screen.indexOf('[y/N]'));
    expect(screen.replaceAll(/\s+/g, ' ')).toContain(waitFor);
    expect(desk.changes()).toBe(writes);
    expect((await desk.policy()) === desk.before).toBe(writes === 0);
    if (writes === 0) expect(await desk.files()).toEqual([]);
  });

  it('nothing is asked where there is nothing to repair, or it is refused', async () => {
    const untyped = { waitFor: '[y/N]', type: 'n\n' };
    const sound = await aRepairDesk(admitting(LOG_GROUPS));
    const refused = await aRepairDesk('not JSON');

    const words = 'key repair --key alias/logseal';
    expect((await runOnTerminal(words, untyped, sound.options)).status).toBe(0);
    expect((await runOnTerminal(words, untyped, refused.options)).status).toBe(3);
  });
});

describe('a caller', () => {
  const RIGHTS = ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:PutKeyPolicy'];
  const as = { env: { AWS_ACCESS_KEY_ID: 'repairer' } };
  const desk = (rights: string[]) =>
    aRepairDesk(admitting(), {
      roles: { repairer: { policies: [policyOf({ Effect: 'Allow', Action: rights, Resource: '*' })] } },
    });

  it('needs no other rights than these', async () => {
    const { repair, sandbox } = await desk(RIGHTS);
    sandbox.resetCalls();

    expect(await repair(REPAIR, as)).toMatchObject({ status: 0, document: { repair: { outcome: 'CHANGED' } } });
    expect(Object.keys(sandbox.calls()).toSorted()).toEqual([...RIGHTS, 'sts:GetCallerIdentity'].toSorted());
  });

  it.each([
    ['kms:DescribeKey', 'KEY_UNREADABLE', []],
    ['kms:GetKeyPolicy', 'KEY_POLICY_UNREADABLE', []],
    ['kms:PutKeyPolicy', 'CALLER_MISSING_RIGHTS', ['INTENT', 'FAILED']],
  ])('without %s is refused, and nothing is changed', async (right, code, phases) => {
    const { repair, policy, before, journal } = await desk(RIGHTS.filter((each) => each !== right));

    const { status, document } = await repair(REPAIR, as);

    expect(status).toBe(3);
    expect(document.repair).toMatchObject({ outcome: 'REFUSED', refusal: { code }, inEffect: false });
    expect(`${document.repair.refusal?.message} ${document.repair.refusal?.fix}`).toContain(right);
    expect(await policy()).toBe(before);
    expect((await journal()).map(({ phase }) => phase)).toEqual(phases);
  });
});
