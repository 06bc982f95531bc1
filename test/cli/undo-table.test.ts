import { describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { aFindingEvent } from '../events/builders.ts';
import { TEMPLATE } from '../functions/support.ts';
import { parseDocument, undoSchema } from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aDirectory, aWorld, type RunOptions, runLogseal } from '../support/logseal.ts';
import { policyOf } from '../support/policies.ts';
import { outcomesOf } from './worlds.ts';

/** The stack of template.yaml, whose remediate function has sealed what it was told of; and the command beside it. */
async function aRemediatedStack() {
  const rights = ['logs:*', 'kms:*', 'dynamodb:PutItem'];
  const world = aWorld({
    groups: { '/app/a': null, '/app/b': 'disabled', '/app/c': null },
    roles: { blind: { policies: [policyOf({ Effect: 'Allow', Action: rights, Resource: '*' })] } },
  });
  const parameters = { KeyId: 'alias/logseal', Mode: 'Enforce' };
  const sandbox = await startSandbox({ world, stack: { template: TEMPLATE, parameters } });
  onTestFinished(() => sandbox.close());
  const { stack } = sandbox;
  if (!stack) throw new Error('the sandbox has no stack');
  const before = await keysOf(sandbox).attached();
  for (const names of [['/app/a', '/app/b'], ['/app/c']]) {
    for (const name of names) stack.send('RemediateQueue', aFindingEvent(name));
    await stack.idle();
  }
  const outcomes = stack
    .events()
    .filter((event) => event['detail-type'] === 'Remediation Outcome')
    // biome-ignore lint/suspicious/noExplicitAny: a test knows what its own events hold
    .map(({ detail }) => detail as any);
  const cwd = await aDirectory();
  const table = stack.environment('RemediateFunction')['LOGSEAL_JOURNAL_TABLE'];
  sandbox.resetCalls();
  return {
    sandbox,
    before,
    table,
    attached: () => keysOf(sandbox).attached(),
    /** The run in which a log group was sealed. */
    runOf: (name: string): string => outcomes.find(({ store }) => store.name === name)?.runId,
    undo: (words: string, options: RunOptions = {}) =>
      runLogseal(`undo ${words} --yes --quiet --format json`, {
        cwd,
        ...options,
        env: { ...sandbox.environment(), ...options.env },
      }),
  };
}

describe('the table of the functions', () => {
  it('is undone by run', async () => {
    const { undo, table, before, attached, runOf } = await aRemediatedStack();
    const runs = new Set(['/app/a', '/app/b', '/app/c'].map(runOf));
    const sealed = await attached();
    expect(new Set(Object.values(sealed)).size).toBe(1);

    const became: string[] = [];
    for (const run of runs) {
      const { status, stdout, stderr } = await undo(`--journal-table ${table} --run ${run}`);
      const outcomes = outcomesOf(parseDocument(undoSchema, stdout));
      expect({ status, stderr }).toEqual({ status: outcomes.some((line) => /REFUSED/.test(line)) ? 3 : 0, stderr: '' });
      became.push(...outcomes);
    }

    // The key that /app/b had is disabled: that is why it was replaced.
    expect(became.toSorted()).toEqual(['/app/a UNSEALED', '/app/b REFUSED KEY_DISABLED', '/app/c UNSEALED']);
    expect(await attached()).toEqual({ ...before, '/app/b': sealed['/app/b'] });
  });

  it('is undone by store, and that undo by its own run', async () => {
    const { undo, table, attached, sandbox } = await aRemediatedStack();
    const sealed = await attached();

    const undone = await undo(`--journal-table ${table} --store /app/a`);
    const document = parseDocument(undoSchema, undone.stdout);

    expect(undone.status).toBe(0);
    expect(outcomesOf(document)).toEqual(['/app/a UNSEALED']);
    expect((await attached())['/app/a']).toBe(null);
    expect(sandbox.calls()['dynamodb:PutItem']).toBe(2);
    const redone = await undo(`--journal-table ${table} --run ${document.run.id}`);
    expect(redone.status).toBe(0);
    expect(await attached()).toEqual(sealed);
  });

  it('does not know every run, nor exist under every name', async () => {
    const { undo, table, sandbox } = await aRemediatedStack();

    const unknown = await undo(`--journal-table ${table} --run nonsense`);
    const missing = await undo('--journal-table no-such-table --run nonsense');

    expect(unknown).toMatchObject({ status: 2, stdout: '' });
    expect(unknown.stderr).toContain(`--run: nonsense is not in ${table}`);
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect(missing.stderr).toContain('no-such-table');
    expect(sandbox.calls()).not.toHaveProperty('logs:DisassociateKmsKey');
  });

  it('may not be read by everybody: one clear error', async () => {
    const { undo, table, sandbox, runOf } = await aRemediatedStack();

    const words = `--journal-table ${table} --run ${runOf('/app/a')}`;
    const { status, stdout, stderr } = await undo(words, { env: { AWS_ACCESS_KEY_ID: 'blind' } });

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`the journal cannot be read: DynamoDB table ${table} in eu-west-1: `);
    expect(stderr).toContain('not authorized to perform: dynamodb:Query');
    expect(sandbox.calls()).not.toHaveProperty('logs:DisassociateKmsKey');
  });

  it('is not named beside a file', async () => {
    const { run, sandbox } = await aDesk(aWorld());

    const { status, stderr } = await run('undo --journal-table a --journal x --run y --yes');

    expect(status).toBe(2);
    expect(stderr).toContain('--journal-table: expected the name of a DynamoDB table, got "a"');
    expect(stderr).toContain('--journal-table: cannot be combined with --journal');
    expect(sandbox.calls()).toEqual({});
  });
});
