import { describe, expect, it } from 'vitest';
import { parseDocument, planSchema } from '../support/documents.ts';
import { admitting, LOG_GROUPS, QUERY_RESULTS } from '../support/policies.ts';
import { aRepairDesk, REPAIR, statementsOf } from '../support/repairs.ts';
import { runOnTerminal } from '../support/terminal.ts';
import { mistakesOf } from './mistakes-of.ts';

const FOR_ALL = `${REPAIR} --readers-and-writers`;
const STATEMENT = {
  Sid: 'LogsealReadersAndWriters',
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
  Resource: '*',
  Condition: {
    StringEquals: { 'kms:CallerAccount': '111122223333', 'kms:ViaService': 'logs.eu-west-1.amazonaws.com' },
  },
};
const GROUPS = { groups: { '/a': null, '/b': null, '/under': 'logseal' } };

describe('key repair --readers-and-writers', () => {
  it('adds the one statement, once, and undo takes it out', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS));

    const { status, document } = await desk.repair(FOR_ALL);

    expect(status).toBe(0);
    expect(document.repair).toMatchObject({ scope: 'readers-and-writers', statement: STATEMENT, outcome: 'CHANGED' });
    expect(statementsOf(await desk.policy())).toEqual([...statementsOf(desk.before), STATEMENT]);
    expect((await desk.journal()).map(({ phase }) => phase)).toEqual(['INTENT', 'DONE']);
    expect((await desk.repair(FOR_ALL)).document.repair.outcome).toBe('UNCHANGED');
    expect(desk.changes()).toBe(1);

    const undo = await desk.run(`undo --run ${document.run.id} --yes`);

    expect(undo.status).toBe(0);
    expect(JSON.parse(await desk.policy())).toEqual(JSON.parse(desk.before));

    const [, again = ''] = /undo: logseal (.*)/.exec(undo.stdout) ?? [];

    expect((await desk.run(`${again} --yes`)).status).toBe(0);
    expect(statementsOf(await desk.policy())).toEqual([...statementsOf(desk.before), STATEMENT]);
  });

  it('leaves the statement for CloudWatch Logs to the other repair', async () => {
    const desk = await aRepairDesk(admitting());
    const { document } = await desk.repair(FOR_ALL);
    await desk.repair(REPAIR);

    expect(document.repair.keyReasons).toMatchObject([{ code: 'KEY_POLICY_MISSING_ACTIONS' }]);
    expect(document.repair.keyReasons[0]?.fix).toContain(`logseal key repair --key ${desk.keyArn} --region eu-west-1`);
    expect((await desk.repair(FOR_ALL)).document.repair.keyReasons).toEqual([]);

    expect(statementsOf(await desk.policy())).toMatchObject([{}, STATEMENT, { Sid: 'LogsealLogGroups' }]);
    expect((await desk.repair(FOR_ALL)).document.repair.outcome).toBe('UNCHANGED');
  });

  it('says what it opens, before it asks', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS));

    const answer = { waitFor: '[y/N]', type: 'n\n' };
    const { screen } = await runOnTerminal(
      'key repair --readers-and-writers --key alias/logseal',
      answer,
      desk.options,
    );
    const shown = screen.slice(0, screen.indexOf('[y/N]')).replaceAll(/\s+/g, ' ');

    expect(shown).toContain(
      'The statement lets all principals of account 111122223333 in eu-west-1 use the key through CloudWatch Logs. ',
    );
    expect(shown).toContain(
      'After that, none of them needs a policy of its own that allows these actions on the key. ',
    );
    expect(shown).toContain('+ "Sid": "LogsealReadersAndWriters"');
    expect(desk.changes()).toBe(0);
  });

  it('is refused where a Deny is in the way', async () => {
    const deny = { Sid: 'No', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };
    const only = { StringEquals: { 'aws:PrincipalTag/team': 'other' } };
    const desk = await aRepairDesk(admitting(LOG_GROUPS, { ...deny, Condition: only }));

    const { status, document } = await desk.repair(FOR_ALL);

    expect(status).toBe(3);
    expect(document.repair).toMatchObject({ outcome: 'REFUSED', refusal: { code: 'KEY_POLICY_UNCERTAIN' } });
    expect(desk.changes()).toBe(0);
  });

  it('of a key of another account has the statement that its owner must add', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS));
    const run = { env: { AWS_ACCESS_KEY_ID: '444455556666' } };

    const { status, document } = await desk.repair(FOR_ALL.replace('alias/logseal', desk.keyArn), run);

    expect(status).not.toBe(0);
    expect(document.repair.refusal?.fix).toContain('"Sid":"LogsealReadersAndWriters"');
    expect(document.repair.refusal?.fix).toContain('"kms:CallerAccount":"444455556666"');
  });

  it.each(['--log-group /a', '--all-log-groups', '--query-results'])('cannot be combined with %s', async (other) => {
    const desk = await aRepairDesk(admitting());
    desk.sandbox.resetCalls();

    expect(await mistakesOf(desk, `${FOR_ALL} ${other}`)).toEqual([
      `--readers-and-writers: cannot be combined with ${other.split(' ')[0]}`,
    ]);
  });
});

describe('a plan', () => {
  it('shows once, with the number of log stores, that nothing is proven of those who write and read', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS, QUERY_RESULTS), GROUPS);
    const words = 'plan --key alias/logseal --query-results --quiet';

    const { stdout } = await desk.run(words);
    const { steps } = parseDocument(planSchema, (await desk.run(`${words} --format json`)).stdout);

    expect(stdout.match(/WRITERS_UNPROVEN/g)).toHaveLength(1);
    expect(stdout).toContain('\nBefore you seal\nHIGH WRITERS_UNPROVEN × 3\n');
    expect(stdout).toContain(`: logseal key repair --key ${desk.keyArn} --region eu-west-1 --readers-and-writers\n`);
    expect(steps).toHaveLength(3);
    for (const { warnings } of steps) expect(warnings).toMatchObject([{ code: 'WRITERS_UNPROVEN', severity: 'HIGH' }]);
  });

  it('has no such warning once the key is repaired', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS), GROUPS);
    await desk.repair(FOR_ALL);

    const { stdout } = await desk.run('plan --key alias/logseal --format json --output plan.json');
    expect(stdout).toBe('');
    const { steps } = parseDocument(planSchema, await desk.read('plan.json'));
    expect(steps.map(({ action, warnings }) => [action, warnings])).toEqual([
      ['SEAL', []],
      ['SEAL', []],
    ]);
  });

  it('in a file keeps the warnings for apply', async () => {
    const desk = await aRepairDesk(admitting(LOG_GROUPS), GROUPS);
    await desk.run('plan --key alias/logseal --format json --output plan.json');

    const { status, stdout } = await desk.run('apply --plan plan.json --yes --format json');

    expect(status).toBe(0);
    expect(JSON.parse(stdout).steps).toMatchObject([
      { outcome: 'SEALED', warnings: [{ code: 'WRITERS_UNPROVEN' }] },
      { outcome: 'SEALED', warnings: [{ code: 'WRITERS_UNPROVEN' }] },
    ]);
  });
});
