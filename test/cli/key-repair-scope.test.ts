import { describe, expect, it } from 'vitest';
import { admitting, LOG_GROUPS, logGroupsUnder } from '../support/policies.ts';
import { aRepairDesk, REPAIR, statementsOf } from '../support/repairs.ts';
import { runOnTerminal } from '../support/terminal.ts';
import { mistakesOf } from './mistakes-of.ts';

const PREFIX = 'arn:aws:logs:eu-west-1:111122223333:log-group:';
const CONTEXT = 'kms:EncryptionContext:aws:logs:arn';
const under = (name: string) => logGroupsUnder(`arn:{partition}:logs:{region}:{account}:log-group:${name}`);
const deny = (name: string) => ({ ...under(name), Sid: 'Closed', Effect: 'Deny', Principal: '*' });

describe('a repair is for what was asked for', () => {
  it.each([
    ['', '*'],
    ['--all-log-groups', '*'],
    ['--log-group *', '*'],
    ['--log-group /app/x', '/app/x'],
    ['--log-group /app/*', '/app/*'],
    ['--log-group /app*', '/app*'],
    ['--log-group aws/spans', 'aws/spans'],
  ])('%j', async (words, pattern) => {
    const desk = await aRepairDesk(admitting());

    const { status, document } = await desk.repair(`${REPAIR} ${words}`);

    expect(status).toBe(0);
    expect(document.repair.statement?.Condition).toEqual({ ArnLike: { [CONTEXT]: `${PREFIX}${pattern}` } });
    expect(document.repair).toMatchObject({ narrowerBefore: [], alsoCovers: [], stillDenied: [] });
    expect(statementsOf(await desk.policy())).toContainEqual(document.repair.statement);
    expect((await desk.repair(`${REPAIR} ${words}`)).document.repair.outcome).toBe('UNCHANGED');
  });

  it('and CloudWatch Logs may use the key there, and nowhere else', async () => {
    const desk = await aRepairDesk(admitting(), { groups: { '/app/x': null, '/app2': null, '/under': 'logseal' } });
    await desk.repair(`${REPAIR} --log-group /app/*`);

    expect(await desk.keys.refusal('/app/x', desk.keyArn)).toBe('no error');
    expect(await desk.keys.refusal('/app2', desk.keyArn)).toContain('AccessDeniedException');
    expect((await desk.run('key check --key alias/logseal --log-group /app/x')).status).toBe(0);
    expect((await desk.run('key check --key alias/logseal --log-group /app2')).status).toBe(3);
  });

  it('and the next repair adds to the statement of the first', async () => {
    const desk = await aRepairDesk(admitting());
    await desk.repair(`${REPAIR} --log-group /app/x`);

    const { document } = await desk.repair(`${REPAIR} --log-group /app/y`);
    const { document: wider } = await desk.repair(`${REPAIR} --log-group /app/*`);

    expect(document.repair.statement?.Condition.ArnLike?.[CONTEXT]).toEqual([`${PREFIX}/app/x`, `${PREFIX}/app/y`]);
    expect(document.repair.alsoCovers).toEqual([`${PREFIX}/app/x`]);
    expect(wider.repair.statement?.Condition.ArnLike?.[CONTEXT]).toBe(`${PREFIX}/app/*`);
    expect(wider.repair).toMatchObject({ alsoCovers: [], narrowerBefore: [`${PREFIX}/app/x`, `${PREFIX}/app/y`] });
    expect(statementsOf(await desk.policy())).toHaveLength(2);
  });
});

it.each([
  ['--log-group /app/x --all-log-groups', ['--all-log-groups: cannot be combined with --log-group']],
  ['--log-group /app/x --query-results', ['--query-results: cannot be combined with --log-group']],
  ['--all-log-groups --query-results', ['--query-results: cannot be combined with --all-log-groups']],
  [
    '--log-group /a --all-log-groups --query-results',
    ['--all-log-groups: cannot be combined with --log-group', '--query-results: cannot be combined with --log-group'],
  ],
  ['--log-group /app/*/x', [expect.stringContaining('expected the name of a log group, or the beginning of names')]],
  ['--log-group **', [expect.stringContaining('--log-group: expected the name of a log group, or')]],
  ['--log-group a:b', [expect.stringContaining('--log-group: expected the name of a log group, or')]],
])('%s is a mistake, and nothing is called', async (words, expected) => {
  const desk = await aRepairDesk(admitting());
  desk.sandbox.resetCalls();

  expect(await mistakesOf(desk, `key repair --key alias/logseal --yes ${words}`)).toEqual(expected);
  expect(desk.sandbox.calls()).toEqual({});
});

describe('before the question', () => {
  /** What is on the screen when the question comes, on lines of their own. */
  async function shownBefore(desk: Awaited<ReturnType<typeof aRepairDesk>>, words = '') {
    const answer = { waitFor: '[y/N]', type: 'n\n' };
    const { screen } = await runOnTerminal(`key repair --key alias/logseal ${words}`, answer, desk.options);
    return screen.slice(0, screen.indexOf('[y/N]')).replaceAll(/\s+/g, ' ');
  }

  it('stands what the statement is for', async () => {
    const desk = await aRepairDesk(admitting());

    expect(await shownBefore(desk, '--log-group /app/x')).toContain(
      'use the key for the log group /app/x of account 111122223333. ',
    );
    expect(await shownBefore(desk, '--log-group /app/*')).toContain(
      'all log groups whose name begins with /app/ of account 111122223333. ',
    );
    expect(await shownBefore(desk)).toContain('for all log groups of account 111122223333 in eu-west-1. ');
    expect(await shownBefore(desk)).not.toContain('more than');
    expect(await shownBefore(desk, '--query-results')).toContain('for the query results of account 111122223333. ');
    expect(desk.changes()).toBe(0);
  });

  it('stands that the policy was narrower', async () => {
    const desk = await aRepairDesk(admitting(under('/app/x')));

    expect(await shownBefore(desk)).toContain(`That is more than the key policy has allowed so far: ${PREFIX}/app/x. `);
    expect(await shownBefore(desk, '--log-group /app/y')).not.toContain('more than');
  });

  it('stands what else the statement goes on covering', async () => {
    const desk = await aRepairDesk(admitting());
    await desk.repair(`${REPAIR} --log-group /app/x`);

    expect(await shownBefore(desk, '--log-group /app/y')).toContain(
      `takes the place of logseal's earlier statement, and allows the same actions for its log groups: ${PREFIX}/app/x. `,
    );
    expect(await shownBefore(desk)).not.toContain('earlier statement');
  });

  it('stands which log groups stay denied', async () => {
    const desk = await aRepairDesk(admitting(deny('/audit')));

    expect(await shownBefore(desk)).toContain(
      `A Deny of the key policy still applies, or may apply, to ${PREFIX}/audit. `,
    );
    expect(await shownBefore(desk, '--log-group /app/*')).not.toContain('still applies');
  });
});

it('which log groups stay denied is said where nothing is to repair, too', async () => {
  const desk = await aRepairDesk(admitting(LOG_GROUPS, deny('/audit')));

  const { status, document } = await desk.repair();
  const { stdout } = await desk.run('key repair --key alias/logseal --yes');

  expect({ status, ...document.repair }).toMatchObject({
    status: 0,
    outcome: 'UNCHANGED',
    stillDenied: [`${PREFIX}/audit`],
  });
  expect(stdout).toMatch(
    /^nothing to repair: .*\nA Deny of the key policy still applies, or may apply, to arn:\S+audit\.\n$/,
  );
  expect((await desk.repair(`${REPAIR} --log-group /audit`)).document.repair.refusal?.code).toBe('KEY_POLICY_DENIES');
});
