import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { STORES_READ_TO_CHANGE } from '../../lib/pacing.ts';
import {
  journalSchema,
  outcomeSchema,
  outcomeStepSchema,
  outcomeSummarySchema,
  parseDocument,
  scanSchema,
} from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, DEMO, linesOf } from '../support/logseal.ts';
import { JOURNAL, manyKeys, outcomesOf, runCalls } from './worlds.ts';

const APPLY = 'apply --key alias/logseal --yes';

describe('the demo world', () => {
  it('is sealed except for what is refused, and the next scan confirms it', async () => {
    const { run, sandbox, read } = await aDesk(DEMO);

    const { status, stdout, stderr } = await run(`${APPLY} --format json`);

    const document = parseDocument(outcomeSchema, stdout);
    const outcomes = outcomesOf(document);
    expect(status).toBe(3);
    expect(outcomes.filter((line) => line.includes('REFUSED'))).toEqual([
      '/restricted/staff REFUSED KEY_POLICY_DENIES',
      '/ops/locked REFUSED CALLER_MISSING_RIGHTS',
      '/partner/private REFUSED KEY_UNREADABLE',
      '/restricted/audit REFUSED KEY_POLICY_DENIES',
    ]);
    expect(outcomes.filter((line) => line.endsWith('SEALED'))).toHaveLength(16);
    expect(outcomes).toHaveLength(20);
    expect(stderr).toContain('16 to seal with alias/logseal, 4 refused');
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(16);
    expect(linesOf(await read(JOURNAL))).toHaveLength(32);

    const scanned = parseDocument(scanSchema, (await run('scan --format json')).stdout);
    expect(scanned.summary).toMatchObject({ compliant: 23, nonCompliant: 3, exempt: 1, unknown: 1 });
  });

  it('has nothing more to seal the second time, and AWS is asked for nothing that it would refuse', async () => {
    const { run, sandbox } = await aDesk(DEMO);
    await run(APPLY);
    sandbox.resetCalls();

    const { status, stdout } = await run(`${APPLY} --format json`);

    expect(status).toBe(3);
    expect(parseDocument(outcomeSchema, stdout).steps).toHaveLength(4);
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(0);
  });
});

describe('what is printed', () => {
  const world = aWorld({ groups: { '/a': null, '/b': 'disabled' } });

  it('as a table is the plan, then what became of it', async () => {
    const { run } = await aDesk(world);

    const { status, stdout } = await run(APPLY);

    expect(status).toBe(0);
    expect(stdout).toMatch(/^MEDIUM +SEAL +\/a +-\n[\s\S]*2 to seal with/m);
    // What came out as the plan says is not shown again.
    expect(stdout.match(/\/a\b/g)).toHaveLength(1);
    expect(stdout).toMatch(
      /\n\n2 log stores sealed, 0 unchanged, 0 refused, 0 failed \(run ([0-9a-f-]{36})\)\nundo: logseal undo --run \1\n$/,
    );
  });

  it('with --yes, is what is at stake as well, on standard error', async () => {
    const { run, sandbox } = await aDesk(world);
    const arn = await keysOf(sandbox).arn();

    const { stderr } = await run(APPLY);

    expect(stderr).toMatch(
      new RegExp(
        `^The key is alias/logseal: ${arn}\n1 of them has another key now, which is not compliant and is replaced\nTo take it back: logseal undo --run [0-9a-f-]{36}\nUndo cannot attach an earlier key again that does not work: such a log store then keeps the new key\n$`,
      ),
    );
  });

  it('as JSON is one document, and the plan goes to standard error', async () => {
    const { run, read } = await aDesk(world);

    const { status, stdout, stderr } = await run(`${APPLY} --format json`);

    const document = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(0);
    expect(stderr).toContain('2 to seal with alias/logseal');
    expect(document.planRunId).not.toBe(document.run.id);
    expect(new Set(linesOf(await read(JOURNAL)).map(({ runId }) => runId))).toEqual(new Set([document.run.id]));
  });

  it('as NDJSON is a step a line, with the rest last', async () => {
    const { run } = await aDesk(world);

    const { stdout } = await run(`${APPLY} --format ndjson --quiet`);

    const lines = linesOf(stdout);
    expect(v.parse(v.array(outcomeStepSchema), lines.slice(0, -1))).toHaveLength(2);
    expect(v.is(outcomeSummarySchema, lines.at(-1))).toBe(true);
  });

  it('quietly is the result alone', async () => {
    const { run, sandbox } = await aDesk(world);

    const { stdout, stderr } = await run(`apply --key ${await keysOf(sandbox).arn()} --yes --quiet`);

    expect(sandbox.calls()).not.toHaveProperty('kms:ListAliases');

    expect(stderr).toBe('');
    expect(stdout).toMatch(/^SEVERITY +STEP/);
    expect(stdout).not.toContain('to seal with');
  });

  it('into a file is the result, and the plan is still shown', async () => {
    const { run, read, files } = await aDesk(world);

    const { status, stdout, stderr } = await run(`${APPLY} --format table --output result.txt`);

    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('2 to seal with alias/logseal');
    expect(await read('result.txt')).toContain('2 log stores sealed');
    expect((await files()).toSorted()).toEqual(['result.txt', JOURNAL]);
  });
});

describe('the journal', () => {
  it('has an INTENT and a DONE entry for each change, from which key to which, by whom', async () => {
    const { run, read } = await aDesk(aWorld({ groups: { '/a': null, '/b': 'disabled', '/ok': 'logseal' } }));

    const { stdout } = await run(`${APPLY} --format json`);

    const entries = v.parse(v.array(journalSchema), linesOf(await read(JOURNAL)));
    const { steps } = parseDocument(outcomeSchema, stdout);
    expect(entries).toHaveLength(4);
    for (const { store, fromKeyArn, toKeyArn } of steps) {
      const own = entries.filter((entry) => entry.store.name === store.name);
      expect(own.map(({ phase }) => phase)).toEqual(['INTENT', 'DONE']);
      for (const { from, to, actor, error } of own) {
        expect({ from, to, error }).toEqual({ from: fromKeyArn, to: toKeyArn, error: null });
        expect(actor).toBe('arn:aws:iam::111122223333:user/sandbox');
      }
    }
  });

  it('keeps what AWS said of a change that it refused', async () => {
    const { run, read } = await aDesk(DEMO);

    await run(`${APPLY} --no-caller-check`);

    const entries = v.parse(v.array(journalSchema), linesOf(await read(JOURNAL)));
    const locked = entries.filter(({ store }) => store.name === '/ops/locked');
    expect(locked.map(({ phase }) => phase)).toEqual(['INTENT', 'FAILED']);
    expect(locked[1]?.error).toContain('not authorized to perform: logs:AssociateKmsKey');
  });

  it('goes where it is told to, and grows', async () => {
    const { run, read, files } = await aDesk(aWorld({ groups: { '/a': null } }));

    await run(`${APPLY} --journal changes.ndjson`);
    await run(`${APPLY} --journal changes.ndjson`);

    expect(linesOf(await read('changes.ndjson'))).toHaveLength(2);
    expect(await files()).toEqual(['changes.ndjson']);
  });
});

describe('nothing to do', () => {
  it('is 0, without a question and without a journal', async () => {
    const { run, sandbox, files } = await aDesk(aWorld({ groups: { '/a': 'logseal' } }));

    const { status, stdout } = await run(`${APPLY} --format json`);

    expect(status).toBe(0);
    expect(parseDocument(outcomeSchema, stdout).steps).toEqual([]);
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await files()).toEqual([]);
  });

  it('is 3 where something is refused, without a journal', async () => {
    const keys = { private: { account: '444455556666' } };
    const { run, files } = await aDesk(aWorld({ keys, groups: { '/a': 'private' } }));

    expect((await run(APPLY)).status).toBe(3);
    expect(await files()).toEqual([]);
  });
});

describe('without a terminal', () => {
  it('and without --yes nothing is called', async () => {
    const { run, sandbox, files } = await aDesk(DEMO);

    const { status, stdout, stderr } = await run('apply --key alias/logseal', { stdin: 'y\n' });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('This is not a terminal, so nobody can be asked: add --yes');
    expect(sandbox.calls()).toEqual({});
    expect(await files()).toEqual([]);
  });
});

describe('many groups', () => {
  it('of names like others are sealed by their exact names', async () => {
    const groups = { '/app': null, '/app/a': 'other', '/app-1': 'other', '/app#1': null, '/application': 'other' };
    const { run } = await aDesk(aWorld({ keys: { other: { policy: 'logs' } }, groups }));
    const before = parseDocument(scanSchema, (await run('scan --format json')).stdout);

    const { status } = await run(APPLY);

    const after = parseDocument(scanSchema, (await run('scan --format json')).stdout);
    const changed = after.findings.filter(({ keyArn }, index) => keyArn !== before.findings[index]?.keyArn);
    expect(status).toBe(0);
    expect(changed.map(({ name }) => name)).toEqual(['/app', '/app#1']);
  });

  it.each([
    // One question is about the key, and two are about the 120 groups.
    ['that the caller has no right to', '', { 'iam:SimulatePrincipalPolicy': 3, 'logs:AssociateKmsKey': 119 }],
    ['that AWS refuses', ' --no-caller-check', { 'logs:AssociateKmsKey': 120 }],
  ])('are sealed except for the one %s', async (_, option, calls) => {
    const { run, sandbox } = await aDesk(
      aWorld({
        bulk: [{ name: '/bulk/{n}', count: 120 }],
        faults: [{ call: 'logs:AssociateKmsKey', kind: 'deny', resource: '/bulk/60' }],
      }),
    );

    const { status, stdout } = await run(`${APPLY} --format json${option}`);

    const { steps, targets } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(3);
    expect(steps.filter(({ outcome }) => outcome !== 'SEALED')).toMatchObject([
      { store: { name: '/bulk/60' }, outcome: 'REFUSED', refusal: { code: 'CALLER_MISSING_RIGHTS' } },
    ]);
    expect(steps).toHaveLength(120);
    const { 'logs:DescribeLogGroups': reads = 0, ...others } = sandbox.calls();
    // The plan: three pages; the run: a read for about ten changes, and three at the end.
    expect(reads).toBeGreaterThanOrEqual(3 + Math.ceil(120 / STORES_READ_TO_CHANGE) + 3);
    expect(reads).toBeLessThanOrEqual(3 + 0.25 * 120);
    // The plan and the run: the caller, the tags, the configured key, and the changes.
    expect(others).toEqual({
      'sts:GetCallerIdentity': 1,
      'tag:GetResources': 1,
      'kms:DescribeKey': 2,
      'kms:GetKeyPolicy': 2,
      ...calls,
    });
    expect(targets[0]?.apiCalls).toEqual(sandbox.calls());
  });

  it('under healthy keys are replaced only where one key is required', async () => {
    const { run } = await aDesk(aWorld(manyKeys(3, 4)));

    expect(parseDocument(outcomeSchema, (await run(`${APPLY} --format json`)).stdout).steps).toEqual([]);
    const { status, stdout } = await run(`${APPLY} --require-key --format json`);

    expect(status).toBe(0);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout)).filter((line) => line.endsWith(' SEALED'))).toHaveLength(
      12,
    );
    expect((await run('scan --key alias/logseal --require-key')).status).toBe(0);
  });
});
