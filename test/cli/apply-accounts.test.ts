import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { aCanaryDesk, FREE, LACKING, ROLES } from '../support/canary.ts';
import { outcomeSchema, parseDocument, planSchema } from '../support/documents.ts';
import { type Desk, ended, journalOf, startLogseal } from '../support/logseal.ts';
import { runOnTerminal } from '../support/terminal.ts';
import { APPLY, type EditablePlan } from './edited-plan.ts';
import {
  accountsWorld,
  anAccountsDesk,
  CLOSED,
  IN_ALL,
  MEMBER,
  OWN_ACTOR,
  REGIONS,
  ROLE,
  seenIn,
  sessionIn,
  THIRD,
} from './member-accounts.ts';
import { ACCOUNT, outcomesOf, runCalls } from './worlds.ts';

const PLAN = `plan --key alias/logseal ${REGIONS} --format json`;
const FRESH = `apply --key alias/logseal ${REGIONS} --yes`;
const EVERYTHING = [`${ACCOUNT} /app`, `${MEMBER} /app`, `${MEMBER} /app-us`, `${THIRD} /third`];

async function plan(desk: Desk, words = `${IN_ALL} ${ROLE}`): Promise<void> {
  await desk.run(`${PLAN} ${words} --output plan.json`);
  desk.sandbox.resetCalls();
}

describe('plan --account ID --role-name NAME', () => {
  it('plans each account, and says which one cannot be entered', async () => {
    const { run } = await anAccountsDesk();

    const { status, stdout } = await run(`${PLAN} ${IN_ALL} --account ${CLOSED} ${ROLE}`);

    const { run: ran, status: how, steps, targets } = parseDocument(planSchema, stdout);
    expect({ status, how }).toEqual({ status: 1, how: 'PARTIAL' });
    expect(steps.map(({ store, action }) => `${store.account} ${store.name} ${action}`).toSorted()).toEqual(
      EVERYTHING.map((line) => `${line} SEAL`),
    );
    expect(targets.filter(({ error }) => error).map(({ account, error }) => [account, error?.code])).toEqual([
      [CLOSED, 'ROLE_REFUSED'],
      [CLOSED, 'ROLE_REFUSED'],
    ]);
    expect(targets.find(({ account }) => account === MEMBER)?.caller).toBe(sessionIn(MEMBER, ran.id));
  });
});

describe('apply --account ID --role-name NAME', () => {
  it('seals in each account as the session there, and goes on where one cannot be entered', async () => {
    const { run, sealed, actors } = await anAccountsDesk();

    const { status, stdout } = await run(`${FRESH} --quiet --format json ${IN_ALL} --account ${CLOSED} ${ROLE}`);

    const { run: ran, targets } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(1);
    expect(targets.filter(({ status: each }) => each === 'FAILED').map(({ account }) => account)).toEqual([
      CLOSED,
      CLOSED,
    ]);
    expect(await sealed()).toEqual(EVERYTHING);
    expect(await actors(ran.id)).toEqual({
      [ACCOUNT]: [OWN_ACTOR],
      [MEMBER]: [sessionIn(MEMBER, ran.id)],
      [THIRD]: [sessionIn(THIRD, ran.id)],
    });
    expect(targets.find(({ account }) => account === MEMBER)?.caller).toBe(sessionIn(MEMBER, ran.id));
  });

  it('keeps the journal of the caller where every log store is in other accounts, and runs names those', async () => {
    const { run, files } = await anAccountsDesk();

    await run(`${FRESH} --account ${MEMBER} --account ${THIRD} ${ROLE}`);

    expect(await files()).toEqual([journalOf(ACCOUNT)]);
    const { stdout } = await run('runs --format json --region eu-west-1');
    expect(JSON.parse(stdout).runs).toMatchObject([
      { accounts: [MEMBER, THIRD], regions: ['eu-west-1', 'us-east-1'], counts: { sealed: 3 } },
    ]);
    expect((await run('runs --region eu-west-1')).stdout).toContain(`${MEMBER}, ${THIRD} eu-west-1, us-east-1`);
  });

  it('names in its question every account, their Regions, the key and the number, and changes nothing after a no', async () => {
    const world = accountsWorld();
    const accounts = Array.from({ length: 5 }, (_, index) => `88880000000${index}`);
    const { options, sandbox } = await anAccountsDesk({
      ...world,
      keys: {
        ...world.keys,
        ...Object.fromEntries(
          accounts.map((account) => [account, { account, alias: 'alias/logseal', policy: 'member' }]),
        ),
      },
      roles: {
        ...world.roles,
        ...Object.fromEntries(accounts.map((account) => [`r${account}`, { ...world.roles?.['member'], account }])),
      } as NonNullable<typeof world.roles>,
      elsewhere: [...(world.elsewhere ?? []), ...accounts.map((account) => ({ account, groups: { '/x': null } }))],
    });
    const more = accounts.map((account) => `--account ${account}`).join(' ');

    const { screen } = await runOnTerminal(
      `apply --key alias/logseal ${REGIONS} ${IN_ALL} ${more} ${ROLE} --no-color`,
      { waitFor: '[y/N]', type: 'n\n' },
      options,
    );

    const [first, ...others] = [ACCOUNT, THIRD, ...accounts];
    expect(screen.replace(/\s+/g, ' ')).toContain(
      `Seal 9 log stores in accounts ${[first, ...others.slice(0, -1)].join(', ')}, and ${others.at(-1)}, eu-west-1; account ${MEMBER}, eu-west-1 and us-east-1 with alias/logseal?`,
    );
    expect(screen).toContain('nothing was changed');
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });

  it('prints an undo that works as it is printed, in all accounts that it changed', async () => {
    const { run, sealed } = await anAccountsDesk();
    const { stdout } = await run(`${FRESH} ${IN_ALL} --account ${CLOSED} ${ROLE}`);
    const [, undo = ''] = /\nundo: logseal (undo .*)\n/.exec(stdout) ?? [];
    expect(undo).not.toContain(CLOSED);

    const { status, stdout: undone } = await run(`${undo} --yes`);

    expect(status).toBe(0);
    expect(undone).toContain('4 unsealed');
    expect(await sealed()).toEqual([]);
  });

  it('puts a canary back as the session of each account', async () => {
    const world = accountsWorld({ groups: { '/own': FREE }, roles: ROLES });
    const desk = await aCanaryDesk({
      ...world,
      elsewhere: [{ account: MEMBER, groups: { '/member': { ...LACKING, key: null } } }],
    });

    const words = `--canary 2 --quiet --format json --account ${ACCOUNT} --account ${MEMBER} ${ROLE}`;
    const { stdout } = await desk.run(`apply --key alias/logseal --region eu-west-1 --yes ${words}`);

    const document = parseDocument(outcomeSchema, stdout);
    expect(outcomesOf(document)).toEqual(['/own ROLLED_BACK', '/member ROLLED_BACK']);
    expect(await seenIn(desk).actors(document.run.id)).toEqual({
      [ACCOUNT]: [OWN_ACTOR],
      [MEMBER]: [sessionIn(MEMBER, document.run.id)],
    });
    expect(await seenIn(desk).sealed()).toEqual([]);
  });
});

describe('apply --plan FILE of several accounts', () => {
  it('is refused in one error that names every account which the options do not, and nothing is called there', async () => {
    const desk = await anAccountsDesk();
    await plan(desk);

    const { status, stderr } = await desk.run(APPLY);

    expect(status).toBe(2);
    expect(stderr).toContain(
      `logseal: --plan: the plan has log stores of accounts ${MEMBER} and ${THIRD}, and the credentials are for account ${ACCOUNT}: to enter them, add --account ${MEMBER} --account ${THIRD} --role-name NAME\n`,
    );
    expect(desk.sandbox.calls()).toEqual({ 'sts:GetCallerIdentity': 1 });
    expect(await desk.files()).toEqual(['plan.json']);
  });

  it('that a hand has added an account to is refused with that account', async () => {
    const desk = await anAccountsDesk();
    await plan(desk);
    const edited: EditablePlan = JSON.parse(await desk.read('plan.json'));
    const forged = JSON.stringify(edited.steps.find(({ store }) => store['account'] === THIRD)).replaceAll(
      THIRD,
      CLOSED,
    );
    await desk.write('plan.json', JSON.stringify({ ...edited, steps: [...edited.steps, JSON.parse(forged)] }));

    const { status, stderr } = await desk.run(`${APPLY} ${IN_ALL} ${ROLE}`);

    expect(status).toBe(2);
    expect(stderr).toContain(
      `--plan: the plan has log stores of account ${CLOSED}, and the credentials are for account ${ACCOUNT}: to enter it, add --account ${CLOSED}\n`,
    );
    expect(runCalls(desk.sandbox, 'sts:AssumeRole')).toBe(0);
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });

  it('is carried out in the accounts that the options name, the own one without being named', async () => {
    const desk = await anAccountsDesk();
    await plan(desk);

    const { status, stdout } = await desk.run(`${APPLY} --account ${MEMBER} --account ${THIRD} ${ROLE}`);

    const { run, targets } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(0);
    expect(targets.find(({ account }) => account === THIRD)?.caller).toBe(sessionIn(THIRD, run.id));
    expect(await desk.sealed()).toEqual(EVERYTHING);
    expect(await desk.actors(run.id)).toEqual({
      [ACCOUNT]: [OWN_ACTOR],
      [MEMBER]: [sessionIn(MEMBER, run.id)],
      [THIRD]: [sessionIn(THIRD, run.id)],
    });
  });

  it('has FAILED steps where an account cannot be entered, with the cause and the fix, and goes on with the others', async () => {
    const desk = await anAccountsDesk();
    await plan(desk);
    const words = `apply --plan plan.json --yes ${IN_ALL} --role-name logseal-member --external-id wrong`;

    const table = await desk.run(words, { env: { COLUMNS: '200' } });

    expect(table.status).toBe(1);
    expect(table.stdout).toMatch(new RegExp(`FAILED: ROLE_REFUSED +${MEMBER} +eu-west-1 +/app `));
    expect(table.stdout).toContain('ROLE_REFUSED × 3\n');
    expect(table.stdout).toContain('fix: check that the role exists in that account');
    expect(table.stdout).toContain(`${MEMBER}, ${THIRD} could not be entered: ROLE_REFUSED: `);
    expect(table.stdout).toMatch(/1 log store sealed, .* 3 failed; 3 of 6 targets could not be reached \(run /);
    expect(table.stdout).toMatch(new RegExp(`\nundo: logseal undo --run \\S+ --account=${ACCOUNT} --role-name=`));
    expect(await desk.sealed()).toEqual([`${ACCOUNT} /app`]);

    const json = await desk.run(`${words} --quiet --format json`);
    const { steps, targets } = parseDocument(outcomeSchema, json.stdout);
    expect(outcomesOf({ steps }).toSorted()).toEqual([
      '/app FAILED ROLE_REFUSED',
      '/app UNCHANGED',
      '/app-us FAILED ROLE_REFUSED',
      '/third FAILED ROLE_REFUSED',
    ]);
    expect(targets.filter(({ error }) => error?.code === 'ROLE_REFUSED')).toHaveLength(3);
  });

  it('chooses its canary among the log groups that can be reached', async () => {
    const world = accountsWorld({ groups: { '/own': FREE }, roles: ROLES });
    const desk = await aCanaryDesk({ ...world, elsewhere: [{ account: MEMBER, groups: { '/member': FREE } }] });
    const accounts = `--account ${ACCOUNT} --account ${MEMBER}`;
    await desk.run(`plan --key alias/logseal --region eu-west-1 --format json --output plan.json ${accounts} ${ROLE}`);

    const { status, stdout } = await desk.run(
      `${APPLY} --canary 2 ${accounts} --role-name logseal-member --external-id wrong`,
    );

    expect(status).toBe(1);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/own SEALED', '/member FAILED ROLE_REFUSED']);
  });
});

describe('an interrupt', () => {
  it('does not wait for an account that is being entered: nothing is changed yet', async () => {
    const desk = await anAccountsDesk();
    await plan(desk);
    desk.sandbox.setFaults([{ call: 'sts:AssumeRole', kind: 'latency', latencyMs: 60_000 }]);

    const { status, stderr } = await interrupt(desk, `${APPLY} ${IN_ALL} ${ROLE}`, 'sts:AssumeRole', 1);

    expect({ status, stderr }).toEqual({ status: 130, stderr: 'interrupted\n' });
    expect(await desk.files()).toEqual(['plan.json']);
  });

  it('ends the changes in all accounts, each with a whole journal', async () => {
    const world = accountsWorld({ groups: {}, bulk: [{ name: '/bulk/{n}', count: 40 }] });
    const elsewhere = [MEMBER, THIRD].map((account) => ({ account, bulk: [{ name: '/bulk/{n}', count: 40 }] }));
    const faults = [{ call: 'logs:AssociateKmsKey', kind: 'latency', latencyMs: 50 }] as const;
    const desk = await anAccountsDesk({ ...world, elsewhere, faults: [...faults] });

    const words = `apply --key alias/logseal --region eu-west-1 --yes --quiet --format json ${IN_ALL} ${ROLE}`;
    const { status, stdout } = await interrupt(desk, words, 'logs:AssociateKmsKey', 12);

    const { steps, run } = parseDocument(outcomeSchema, stdout);
    const done = steps.filter(({ outcome }) => outcome === 'SEALED');
    expect(status).toBe(130);
    expect(steps).toHaveLength(120);
    expect(done).toHaveLength(runCalls(desk.sandbox, 'logs:AssociateKmsKey'));
    expect(steps.filter(({ outcome }) => outcome === 'SKIPPED')).toHaveLength(120 - done.length);
    expect(Object.keys(await desk.actors(run.id)).toSorted()).toEqual([ACCOUNT, MEMBER, THIRD]);
  });
});

async function interrupt(desk: Desk, words: string, call: string, times: number) {
  const child = startLogseal(words, desk.options);
  const end = ended(child);
  while (runCalls(desk.sandbox, call) < times && child.exitCode === null) await wait(5);
  child.kill('SIGINT');
  return end;
}

it('tags that cannot be read are said with their account', async () => {
  const desk = await anAccountsDesk(accountsWorld({ faults: [{ call: 'tag:GetResources', kind: 'deny', times: 1 }] }));
  const rules = 'exemptions: []\nkeys:\n  - { match: { tags: { team: a } }, key: alias/logseal }\n';
  await desk.write('config.yaml', `schema: logseal/config/1\n${rules}`);

  const { stderr } = await desk.run(
    `scan --account ${MEMBER} --account ${THIRD} --region eu-west-1 ${ROLE} --config config.yaml`,
  );

  expect(stderr).toMatch(
    new RegExp(`not known of all log stores in (${MEMBER}|${THIRD}) eu-west-1: ACCESS_DENIED: tag:GetResources`),
  );
});
