import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JournalEntry, KeyEntry, PolicyEntry } from '../../lib/domain/journal.ts';
import { changedArn } from '../../lib/domain/journal.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { TEMPLATE } from '../functions/support.ts';
import { clients } from '../sandbox/support.ts';
import { aKeyArn, aKeyEntry, aLogGroup, aPolicyEntry, OTHER_ACCOUNT } from '../support/builders.ts';
import { parseDocument, undoSchema } from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { aDirectory, aWorld, runLogseal } from '../support/logseal.ts';
import { admitting, LOG_GROUPS } from '../support/policies.ts';
import { aRepairDesk } from '../support/repairs.ts';
import { runOnTerminal } from '../support/terminal.ts';
import { anUndoDesk, JOURNAL } from '../support/undoing.ts';
import { outcomesOf, runCalls } from './worlds.ts';

const RUN = '6d1d9e0c-0000-4000-8000-000000000000';
const INTRUDER = {
  Sid: 'Admin',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
};

/** A policy with one more administrator. */
function intruded(policy: string): string {
  const { Statement, ...rest } = JSON.parse(policy);
  return JSON.stringify({ ...rest, Statement: [...Statement, INTRUDER] });
}

/** The stack of template.yaml, and an attacker who has the role of its remediate function. */
async function anAttackedTable() {
  const world = aWorld({ groups: { '/app/a': 'logseal', '/app/b': null, '/app/c': 'spare' }, keys: { spare: {} } });
  const stackOptions = { template: TEMPLATE, run: false, parameters: { KeyId: 'alias/logseal', Mode: 'Enforce' } };
  const sandbox = await startSandbox({ world, stack: stackOptions });
  onTestFinished(() => sandbox.close());
  const TableName = sandbox.stack?.environment('RemediateFunction')['LOGSEAL_JOURNAL_TABLE'] ?? '';
  const attacker = clients(sandbox, { path: '/_as/RemediateFunction' });
  const keys = keysOf(sandbox);
  const key = await keys.arn();
  const options = { cwd: await aDirectory(), env: sandbox.environment() };
  let entries = 0;
  return {
    sandbox,
    attacker,
    key,
    options,
    table: TableName,
    policy: () => keys.policy(key),
    attached: keys.attached,
    /** @param filed the keys of the item, where they are not those of the entry */
    async put(entry: JournalEntry | { readonly runId: string }, filed: Record<string, string> = {}) {
      const storeArn = 'change' in entry ? changedArn(entry) : key;
      const item = {
        runId: entry.runId,
        entryId: `2026#${++entries}`,
        storeArn,
        entry: JSON.stringify(entry),
        ...filed,
      };
      const Item = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
      await attacker.dynamodb.send(new PutItemCommand({ TableName, Item }));
    },
    undo: (words = `--run ${RUN}`) =>
      runLogseal(`undo --journal-table ${TableName} ${words} --yes --format json`, options),
    changes: () =>
      ['logs:AssociateKmsKey', 'logs:DisassociateKmsKey', 'kms:PutKeyPolicy'].filter(
        (call) => runCalls(sandbox, call) > 0,
      ),
  };
}

const forgedKey = (entry: Partial<KeyEntry> & { readonly name?: string } = {}) => aKeyEntry({ runId: RUN, ...entry });
const forgedPolicy = (entry: Partial<PolicyEntry>) => aPolicyEntry({ runId: RUN, ...entry });

describe('whoever can put items into the journal table', () => {
  it('cannot get an administrator into a key policy', async () => {
    const { put, undo, policy, key, changes, table } = await anAttackedTable();
    const before = await policy();
    await put(forgedPolicy({ keyArn: key, from: intruded(before), to: before }));

    const { status, stdout, stderr } = await undo();

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(
      `table ${table}, run ${RUN}, entry 2026#1 is not an entry of a journal table: a journal table takes only changes of the key of log groups and query results`,
    );
    expect(await policy()).toBe(before);
    expect(changes()).toEqual([]);
  });

  it('cannot get one in beside an honest change either, nor by the name of a log group', async () => {
    const { put, undo, policy, key, changes } = await anAttackedTable();
    const before = await policy();
    await put(forgedKey({ to: key }));
    await put(forgedPolicy({ keyArn: key, from: intruded(before), to: before }), { storeArn: aLogGroup().arn });

    for (const words of [`--run ${RUN}`, '--store /app/a']) {
      const { status, stderr } = await undo(words);
      expect(status).toBe(2);
      expect(stderr).toContain('entry 2026#2 is not an entry of a journal table');
    }
    expect(await policy()).toBe(before);
    expect(changes()).toEqual([]);
  });

  it.each<[string, { readonly runId: string }]>([
    ['of another provider', { ...forgedKey(), store: { ...aLogGroup(), provider: 'alibaba' } } as JournalEntry],
    ['of nothing known', { runId: RUN }],
    ['with what a terminal would carry out', forgedKey({ from: '\u001b[2Karn' })],
  ])('is refused with an entry %s', async (_, entry) => {
    const { put, undo, changes } = await anAttackedTable();
    await put(entry);

    const { status, stderr } = await undo();

    expect(status).toBe(2);
    expect(stderr).toContain(`run ${RUN}, entry 2026#1 is not an entry of a journal table: `);
    expect(stderr).not.toContain('\u001b');
    expect(changes()).toEqual([]);
  });

  it('is refused with an entry that is filed under the run of somebody else, or under another log group', async () => {
    const { put, undo, key, changes } = await anAttackedTable();
    await put(forgedKey({ to: key }), { runId: 'honest' });
    await put(forgedKey({ to: key }), { storeArn: aLogGroup('/app/b').arn });

    for (const words of ['--run honest', '--store /app/b']) {
      const { status, stderr } = await undo(words);
      expect(status).toBe(2);
      expect(stderr).toContain('was not written by logseal');
    }
    expect(changes()).toEqual([]);
  });

  it('cannot get the key of a foreign account attached, nor one of another Region, nor one that cannot be used', async () => {
    const { put, undo, key, attached, changes, sandbox } = await anAttackedTable();
    const before = await attached();
    await put(forgedKey({ name: '/app/a', from: aKeyArn('foreign', { account: OTHER_ACCOUNT }), to: key }));
    await put(forgedKey({ name: '/app/b', from: aKeyArn('away', { region: 'us-east-1' }), to: null }));
    await put(forgedKey({ name: '/app/c', from: key.replace(/key\/.*/, 'key/gone'), to: before['/app/c'] ?? '' }));

    sandbox.resetCalls();
    const { status, stdout } = await undo();

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(undoSchema, stdout)).toSorted()).toEqual([
      '/app/a REFUSED JOURNAL_NOT_TRUSTED',
      '/app/b REFUSED KEY_WRONG_REGION',
      '/app/c REFUSED KEY_NOT_FOUND',
    ]);
    expect(await attached()).toEqual(before);
    expect(changes()).toEqual([]);
    // For the key that is gone alone.
    expect(runCalls(sandbox, 'kms:DescribeKey')).toBe(1);
  });

  it('cannot get a log group of another account changed', async () => {
    const { put, undo, changes } = await anAttackedTable();
    await put(forgedKey({ store: aLogGroup('/app/a', { account: OTHER_ACCOUNT }) }));

    const { status, stderr } = await undo();

    expect(status).toBe(2);
    expect(stderr).toContain(
      `changed account ${OTHER_ACCOUNT}, and the credentials are for account 111122223333: to enter it, add `,
    );
    expect(changes()).toEqual([]);
  });

  it('can only have another key of the same account attached, which the operator sees by its ARN and may refuse', async () => {
    const { put, key, table, options, attached, changes } = await anAttackedTable();
    await put(forgedKey({ name: '/app/c', from: key, to: (await attached())['/app/c'] ?? '' }));

    const { status, screen } = await runOnTerminal(
      `undo --journal-table ${table} --run ${RUN}`,
      { waitFor: '[y/N]', type: 'n\n' },
      options,
    );

    expect(status).toBe(3);
    expect(screen).toContain(`attaches ${key} to 1 log store`);
    expect(screen.replaceAll(/\s+/g, ' ')).toContain(
      `Take back 1 change in account 111122223333, eu-west-1, and attach ${key}? [y/N]`,
    );
    expect(changes()).toEqual([]);
  });
});

describe('whoever can write the journal file', () => {
  it.each<[string, (now: string) => { from: string; to: string }]>([
    ['before, beside what is there', (now) => ({ from: intruded(now), to: now })],
    [
      "before, without logseal's statement",
      (now) => {
        const { Statement, ...rest } = JSON.parse(now);
        return { from: intruded(JSON.stringify({ ...rest, Statement: Statement.slice(0, 1) })), to: now };
      },
    ],
    [
      "in the place of logseal's statement",
      (now) => {
        const { Statement, ...rest } = JSON.parse(now);
        const forged = { ...INTRUDER, Sid: 'LogsealLogGroups' };
        return { from: JSON.stringify({ ...rest, Statement: [Statement[0], forged] }), to: now };
      },
    ],
  ])('cannot get an administrator into a key policy: %s', async (_, texts) => {
    const desk = await aRepairDesk(admitting({ ...LOG_GROUPS, Sid: 'LogsealLogGroups' }));
    const forged = forgedPolicy({ keyArn: desk.keyArn, ...texts(desk.before) });
    await desk.write(JOURNAL, `${JSON.stringify(forged)}\n`);

    const { status, stdout } = await desk.run(`undo --run ${RUN} --yes --quiet --format json`);

    expect(status).toBe(3);
    expect(parseDocument(undoSchema, stdout).policies).toMatchObject([
      { outcome: 'REFUSED', refusal: { code: 'JOURNAL_NOT_TRUSTED' } },
    ]);
    expect(await desk.policy()).toBe(desk.before);
    expect(desk.changes()).toBe(0);
  });

  it('cannot get the key of a foreign account attached', async () => {
    const desk = await anUndoDesk({ groups: { '/app/a': 'logseal' } });
    const before = await desk.attached();
    const from = aKeyArn('foreign', { account: OTHER_ACCOUNT });
    await desk.write(JOURNAL, `${JSON.stringify(forgedKey({ from, to: before['/app/a'] ?? null }))}\n`);

    const { status, document } = await desk.undo(`--run ${RUN}`);

    expect(status).toBe(3);
    expect(outcomesOf(document)).toEqual(['/app/a REFUSED JOURNAL_NOT_TRUSTED']);
    expect(await desk.attached()).toEqual(before);
    expect(desk.sandbox.calls()).not.toHaveProperty('kms:DescribeKey');
  });

  it('cannot have it attached with --account either, which compares the credentials in undo as elsewhere', async () => {
    const desk = await anUndoDesk({ groups: { '/app/a': 'logseal' } });
    const before = await desk.attached();
    const from = aKeyArn('foreign', { account: OTHER_ACCOUNT });
    await desk.write(JOURNAL, `${JSON.stringify(forgedKey({ from, to: before['/app/a'] ?? null }))}\n`);

    const own = await desk.undo(`--run ${RUN} --account 111122223333`);
    const other = await desk.run(`undo --run ${RUN} --yes --account 111122223333 --account ${OTHER_ACCOUNT}`);
    const { stdout: help } = await desk.run('undo --help');

    expect(outcomesOf(own.document)).toEqual(['/app/a REFUSED JOURNAL_NOT_TRUSTED']);
    expect([other.status, other.stderr]).toEqual([
      2,
      expect.stringContaining(
        `--account: the credentials are for account 111122223333, not for ${OTHER_ACCOUNT}; --role-name names`,
      ),
    ]);
    expect(help.replaceAll(/\s+/g, ' ')).toContain('Without --role-name: refuse credentials of any other account');
    expect(await desk.attached()).toEqual(before);
  });
});

describe('a log store that later runs changed', () => {
  it('is unsealed all the same if it is under the key of the run again, and the runs are named', async () => {
    const desk = await anUndoDesk({ groups: { '/app/a': null } });
    const first = await desk.apply();
    const undone = await desk.undo('--store /app/a');
    const second = await desk.apply();
    const later = [undone.document.run.id, second.document.run.id];

    const shown = await runOnTerminal(
      `undo --run ${first.document.run.id} --no-color`,
      { waitFor: '[y/N]', type: 'n\n' },
      desk.options,
    );
    const { status, document } = await desk.undo(`--run ${first.document.run.id}`);

    for (const run of later) expect(shown.screen).toContain(`/app/a was changed again by run ${run}`);
    expect(status).toBe(0);
    expect(document.steps).toMatchObject([{ outcome: 'UNSEALED', laterRuns: later }]);
  });

  it('is left if a later run gave it another key, and that run is named', async () => {
    const desk = await anUndoDesk({
      keys: { third: { alias: 'alias/third', policy: 'logs' } },
      groups: { '/app/a': null },
    });
    const first = await desk.apply();
    const second = await desk.run('apply --key alias/third --require-key --yes --quiet --format json');
    const { run } = JSON.parse(second.stdout);
    const sealed = await desk.attached();

    const { status, document } = await desk.undo(`--run ${first.document.run.id}`);

    expect(status).toBe(3);
    expect(document.steps).toMatchObject([
      {
        outcome: 'REFUSED',
        refusal: { code: 'STORE_CHANGED', fix: `run ${run.id} of logseal has changed it since: take that back first` },
      },
    ]);
    expect(await desk.attached()).toEqual(sealed);
  });
});

it('before its question an undo shows each change, however many there are', async () => {
  const desk = await anUndoDesk({ bulk: [{ name: '/bulk/{n}', count: 60 }] });
  const { document } = await desk.apply();

  const shown = await runOnTerminal(
    `undo --run ${document.run.id} --no-color`,
    { waitFor: '[y/N]', type: 'n\n' },
    desk.options,
  );
  const unasked = await desk.run(`undo --run ${document.run.id} --yes --format json`);

  expect(shown.screen.match(/^UNSEAL +\/bulk\//gm)).toHaveLength(60);
  expect(unasked.stderr.match(/^UNSEAL +\/bulk\//gm)).toHaveLength(50);
});
