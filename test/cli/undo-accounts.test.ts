import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { clients } from '../sandbox/support.ts';
import { aKeyEntry, aLogGroup } from '../support/builders.ts';
import { keyCheckSchema, keyRepairSchema, parseDocument, undoSchema } from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { type Desk, linesOf } from '../support/logseal.ts';
import { admitting, policyOf } from '../support/policies.ts';
import { runOnTerminal } from '../support/terminal.ts';
import {
  accountsWorld,
  anAccountsDesk,
  CLOSED,
  IN_ALL,
  MEMBER,
  OWN_ACTOR,
  REGIONS,
  ROLE,
  sessionIn,
  THIRD,
} from './member-accounts.ts';
import { ACCOUNT, JOURNAL, outcomesOf, runCalls } from './worlds.ts';

const MEMBERS = `--account ${MEMBER} --account ${THIRD}`;

/** A desk on which one run has sealed everything in three accounts. */
async function aSealedDesk(world?: World) {
  const desk = await anAccountsDesk(world);
  const { stdout } = await desk.run(
    `apply --key alias/logseal ${REGIONS} ${IN_ALL} ${ROLE} --yes --quiet --format json`,
  );
  const runId: string = JSON.parse(stdout).run.id;
  const all = await desk.sealed();
  desk.sandbox.resetCalls();
  return { ...desk, runId, all };
}

async function undo(desk: Pick<Desk, 'run'>, words: string) {
  const { status, stdout, stderr } = await desk.run(`undo ${words} --yes --quiet --format json`);
  return { status, stderr, document: parseDocument(undoSchema, stdout) };
}

describe('undo --run of several accounts', () => {
  it('takes the run back in every account and Region, as the session of each, in the journal of the caller', async () => {
    const desk = await aSealedDesk();
    expect(desk.all).toHaveLength(4);

    const { status, document } = await undo(desk, `--run ${desk.runId} ${MEMBERS} ${ROLE}`);

    expect(status).toBe(0);
    expect(document.steps.map(({ outcome }) => outcome)).toEqual(Array(4).fill('UNSEALED'));
    expect(document.targets.map(({ account, region }) => `${account} ${region}`).toSorted()).toEqual([
      `${ACCOUNT} eu-west-1`,
      `${MEMBER} eu-west-1`,
      `${MEMBER} us-east-1`,
      `${THIRD} eu-west-1`,
    ]);
    expect(await desk.sealed()).toEqual([]);
    expect(await desk.actors(document.run.id)).toEqual({
      [ACCOUNT]: [OWN_ACTOR],
      [MEMBER]: [sessionIn(MEMBER, document.run.id)],
      [THIRD]: [sessionIn(THIRD, document.run.id)],
    });
    expect(document.targets.find(({ account }) => account === THIRD)?.caller).toBe(sessionIn(THIRD, document.run.id));
    expect(await desk.files()).toEqual([JOURNAL]);
  });

  it('names every account in its question, and the undo that it prints works', async () => {
    const desk = await aSealedDesk();

    const { screen } = await runOnTerminal(
      `undo --run ${desk.runId} ${MEMBERS} ${ROLE} --no-color`,
      { waitFor: '[y/N]', type: 'y\n' },
      desk.options,
    );

    expect(screen.replace(/\s+/g, ' ')).toContain(
      `Take back 4 changes in accounts ${ACCOUNT} and ${THIRD}, eu-west-1; account ${MEMBER}, eu-west-1 and us-east-1, and detach`,
    );
    expect(await desk.sealed()).toEqual([]);
    const [, again = ''] = /\nundo:\s+logseal (undo .*)\n/.exec(screen.replace(/ \\\s+/g, ' ')) ?? [];
    expect((await desk.run(`${again} --yes`)).status).toBe(0);
    expect(await desk.sealed()).toEqual(desk.all);
  });

  it('is refused in one error that names every account which the options do not, and nothing is called there', async () => {
    const desk = await aSealedDesk();

    const { status, stderr } = await desk.run(`undo --run ${desk.runId} --yes`);

    expect(status).toBe(2);
    expect(stderr).toContain(
      `logseal: --run: run ${desk.runId} changed accounts ${MEMBER} and ${THIRD}, and the credentials are for account ${ACCOUNT}: to enter them, add --account ${MEMBER} --account ${THIRD} --role-name NAME\n`,
    );
    expect(desk.sandbox.calls()).toEqual({ 'sts:GetCallerIdentity': 1 });
    expect(await desk.sealed()).toEqual(desk.all);
  });

  it('refuses a journal that a hand has added an account to, with that account', async () => {
    const desk = await aSealedDesk();
    const journal = await desk.read(JOURNAL);
    const forged = linesOf(journal).filter(({ store }) => (store as { account: string }).account === THIRD);
    const lines = forged.map((entry) => `${JSON.stringify(entry).replaceAll(THIRD, CLOSED)}\n`).join('');
    await desk.write(JOURNAL, journal + lines);

    const { status, stderr } = await desk.run(`undo --run ${desk.runId} ${MEMBERS} ${ROLE} --yes`);

    expect(status).toBe(2);
    expect(stderr).toContain(
      `changed account ${CLOSED}, and the credentials are for account ${ACCOUNT}: to enter it, add --account ${CLOSED}\n`,
    );
    expect(runCalls(desk.sandbox, 'sts:AssumeRole')).toBe(0);
    expect(await desk.sealed()).toEqual(desk.all);
  });

  it('goes on with the others where an account cannot be entered, with the cause and the fix', async () => {
    const desk = await aSealedDesk();
    const words = `undo --run ${desk.runId} ${MEMBERS} --role-name logseal-member --external-id wrong --yes`;

    const { status, stdout } = await desk.run(words, { env: { COLUMNS: '200' } });

    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`FAILED: ROLE_REFUSED +${MEMBER} +eu-west-1 +/app `));
    expect(stdout).toContain('ROLE_REFUSED × 3\n');
    expect(stdout).toContain('fix: check that the role exists in that account');
    expect(stdout).toMatch(/1 unsealed, .* 3 failed; 3 of 4 targets could not be reached/);
    expect(stdout).toMatch(new RegExp(`\nundo: logseal undo --run \\S+ --account=${ACCOUNT} --role-name=`));
    expect(await desk.sealed()).toEqual(desk.all.filter((line) => !line.startsWith(ACCOUNT)));
  });

  it('reads a journal table with the credentials of the caller', async () => {
    const desk = await anAccountsDesk(accountsWorld({ journalTable: 'journal' }));
    const keys = keysOf(desk.sandbox, { account: MEMBER });
    const to = await keys.arn();
    await keys.attach('/app', to);
    const entry = aKeyEntry({ store: aLogGroup('/app', { account: MEMBER }), to, runId: crypto.randomUUID() });
    const item = { runId: entry.runId, entryId: '2026#1', storeArn: entry.store.arn, entry: JSON.stringify(entry) };
    const Item = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
    await clients(desk.sandbox).dynamodb.send(new PutItemCommand({ TableName: 'journal', Item }));

    const words = `--run ${entry.runId} --journal-table journal --region eu-west-1 --account ${MEMBER} ${ROLE}`;
    const { document } = await undo(desk, words);

    expect(outcomesOf(document)).toEqual(['/app UNSEALED']);
    expect(await desk.sealed()).toEqual([]);
  });
});

describe('undo --store in another account', () => {
  it('takes back the log store of that account alone', async () => {
    const desk = await aSealedDesk();

    const { status, document } = await undo(desk, `--store /app --region eu-west-1 --account ${MEMBER} ${ROLE}`);

    expect(status).toBe(0);
    expect(document.steps.map(({ store, outcome }) => `${store.account} ${store.name} ${outcome}`)).toEqual([
      `${MEMBER} /app UNSEALED`,
    ]);
    expect(await desk.sealed()).toEqual(desk.all.filter((line) => line !== `${MEMBER} /app`));
  });

  it('takes one account', async () => {
    const desk = await anAccountsDesk();
    await desk.write(JOURNAL, '');

    const { status, stderr } = await desk.run(`undo --store /app ${MEMBERS} ${ROLE} --yes`);

    expect(status).toBe(2);
    expect(stderr).toContain('--account: expected one with --role-name, the account of the log store; got 2\n');
  });
});

describe('a key of another account', () => {
  /** The keys of two accounts, whose policies do not let CloudWatch Logs in. */
  const broken = () => {
    const world = accountsWorld();
    const policy = policyOf(...admitting().Statement);
    return { ...world, policies: { ...world.policies, member: policy } };
  };

  it('is repaired in its account as the session there, which the undo that is printed takes back', async () => {
    const desk = await anAccountsDesk(broken());
    const keys = keysOf(desk.sandbox, { account: MEMBER });
    const arn = await keys.arn();
    const before = await keys.policy(arn);

    const { status, stdout } = await desk.run(
      `key repair --key alias/logseal --region eu-west-1 --account ${MEMBER} ${ROLE} --yes`,
    );

    const [, again = '', runId = ''] = /logseal (undo --run ([0-9a-f-]{36}) .*)\n/.exec(stdout) ?? [];
    expect(status).toBe(0);
    expect(await keys.policy(arn)).toContain('LogsealLogGroups');
    expect(await desk.actors(runId)).toEqual({ [MEMBER]: [sessionIn(MEMBER, runId)] });
    const undone = await undo(desk, again.replace('undo ', ''));
    expect(undone.document.policies).toMatchObject([{ keyArn: arn, outcome: 'CHANGED' }]);
    expect(JSON.parse(await keys.policy(arn))).toEqual(JSON.parse(before));
    expect(await desk.actors(undone.document.run.id)).toEqual({
      [MEMBER]: [sessionIn(MEMBER, undone.document.run.id)],
    });
  });

  it('is left where its account cannot be entered for the undo, with the cause', async () => {
    const desk = await anAccountsDesk(broken());
    const repair = `key repair --key alias/logseal --region eu-west-1 --account ${MEMBER} ${ROLE} --yes`;
    const { stdout } = await desk.run(`${repair} --quiet --format json`);
    const { run } = parseDocument(keyRepairSchema, stdout);

    const words = `--run ${run.id} --account ${MEMBER} --role-name logseal-member --external-id wrong`;
    const { status, document } = await undo(desk, words);

    expect(status).toBe(1);
    expect(document.policies).toMatchObject([{ outcome: 'FAILED', error: { code: 'ROLE_REFUSED' } }]);
  });

  it('is not entered by its ARN, unless --account names its account too', async () => {
    const desk = await anAccountsDesk(broken());
    const keys = keysOf(desk.sandbox, { account: MEMBER });
    const arn = await keys.arn();
    const before = await keys.policy(arn);
    const repair = `key repair --key ${arn} --region eu-west-1 ${ROLE} --yes --format json`;

    const unnamed = await desk.run(`${repair} --account ${THIRD}`);
    expect(await keys.policy(arn)).toBe(before);
    const named = await desk.run(`${repair} --account ${THIRD} --account ${MEMBER}`);

    expect([unnamed.status, runCalls(desk.sandbox, 'kms:PutKeyPolicy')]).toEqual([3, 1]);
    expect(parseDocument(keyRepairSchema, named.stdout).repair.outcome).toBe('CHANGED');
    expect(await keys.policy(arn)).toContain(`:${THIRD}:log-group:*`);
  });

  it('is repaired in one account at a time', async () => {
    const desk = await anAccountsDesk();

    const { status, stderr } = await desk.run(
      `key repair --key alias/logseal --region eu-west-1 ${MEMBERS} ${ROLE} --yes`,
    );

    expect(status).toBe(2);
    expect(stderr).toContain('--account: expected one with --role-name, the account of the key; got 2\n');
  });

  it('is checked in each account, and nothing is said of it where one cannot be entered', async () => {
    const desk = await anAccountsDesk();
    const words = `key check --key alias/logseal --region eu-west-1 ${IN_ALL} --account ${CLOSED} ${ROLE}`;

    const { status, stdout } = await desk.run(`${words} --format json`);
    const table = await desk.run(words);

    const { targets } = parseDocument(keyCheckSchema, stdout);
    expect([status, table.status]).toEqual([1, 1]);
    expect(targets.map(({ store, keyArn }) => [store.account, keyArn?.split(':')[4] ?? null])).toEqual([
      [ACCOUNT, ACCOUNT],
      [MEMBER, MEMBER],
      [THIRD, THIRD],
      [CLOSED, null],
    ]);
    expect(targets.at(-1)?.checks).toMatchObject([
      { check: 'FOUND', result: 'UNKNOWN', message: expect.stringContaining('ROLE_REFUSED: User: ') },
    ]);
    expect(table.stdout).toContain(`alias/logseal for log groups in general in ${THIRD} eu-west-1 (arn:aws:kms:`);
    expect(table.stdout).toContain('check that the role exists in that account');
  });
});
