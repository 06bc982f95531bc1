import { setTimeout as wait } from 'node:timers/promises';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { journalSchema, outcomeSchema, parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld, type Desk, ended, linesOf, type Ran, startLogseal } from '../support/logseal.ts';
import { JOURNAL, outcomesOf, runCalls } from './worlds.ts';

/** Interrupts a command once the sandbox has seen enough of a call. */
async function interrupt(desk: Desk, words: string, call: string, times: number): Promise<Ran> {
  const child = startLogseal(words, desk.options);
  const end = ended(child);
  while (runCalls(desk.sandbox, call) < times && child.exitCode === null) await wait(5);
  child.kill('SIGINT');
  return end;
}

const SLOW = { call: 'logs:AssociateKmsKey', kind: 'latency', latencyMs: 50 } as const;
const APPLY = 'apply --key alias/logseal --yes --quiet --format json';

describe('an interrupt', () => {
  it('ends an apply with 130, with a whole journal, and another run goes on', async () => {
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 40 }], faults: [SLOW] }));

    const { status, stdout } = await interrupt(desk, APPLY, 'logs:AssociateKmsKey', 10);

    const { steps } = parseDocument(outcomeSchema, stdout);
    const sealed = steps.filter(({ outcome }) => outcome === 'SEALED').map(({ store }) => store.name);
    const late = steps.filter(({ outcome }) => outcome !== 'SEALED');
    expect(status).toBe(130);
    expect(sealed.length).toBeGreaterThanOrEqual(8);
    expect(sealed.length).toBeLessThan(30);
    expect(steps).toHaveLength(40);
    expect(late.map(({ outcome, error, refusal }) => ({ outcome, error, refusal }))).toEqual(
      Array(40 - sealed.length).fill({ outcome: 'SKIPPED', error: null, refusal: null }),
    );
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(sealed.length);
    // Nothing is read any more, and the document says so.
    expect(new Set(steps.map(({ outcome, afterRun }) => `${outcome} ${afterRun?.status}`))).toEqual(
      new Set(['SEALED NOT_READ', 'SKIPPED undefined']),
    );
    const entries = v.parse(v.array(journalSchema), linesOf(await desk.read(JOURNAL)));
    for (const phase of ['INTENT', 'DONE']) {
      expect(
        entries
          .filter((entry) => entry.phase === phase)
          .map(({ store }) => store.name)
          .toSorted(),
      ).toEqual(sealed.toSorted());
    }

    const second = await desk.run(APPLY);
    expect(second.status).toBe(0);
    expect(parseDocument(outcomeSchema, second.stdout).steps).toHaveLength(40 - sealed.length);
    expect(linesOf(await desk.read(JOURNAL))).toHaveLength(80);
    expect(parseDocument(scanSchema, (await desk.run('scan --format json')).stdout).summary.compliant).toBe(40);
  });

  it('is in the last line of an apply as a table, after the command that takes back what was done', async () => {
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 40 }], faults: [SLOW] }));

    const words = 'apply --key alias/logseal --yes --quiet --all';
    const { status, stdout } = await interrupt(desk, words, 'logs:AssociateKmsKey', 5);

    const sealed = runCalls(desk.sandbox, 'logs:AssociateKmsKey');
    const lines = stdout.trimEnd().split('\n');
    expect(status).toBe(130);
    expect(lines.filter((line) => /^MEDIUM +SKIPPED /.test(line))).toHaveLength(40 - sealed);
    expect(lines.at(-2)).toMatch(/^undo: npm run -s logseal -- undo --run [0-9a-f-]{36}$/);
    expect(lines.at(-1)).toMatch(
      new RegExp(
        `^${sealed} log stores sealed, 0 unchanged, 0 refused, 0 failed, ${40 - sealed} skipped, since the run was interrupted \\(run [0-9a-f-]{36}\\)$`,
      ),
    );
  });

  it('while an apply still plans ends it with 130, and nothing is changed', async () => {
    const faults = [{ call: 'logs:DescribeLogGroups', kind: 'latency', latencyMs: 100 }] as const;
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 200 }], faults: [...faults] }));

    const { status, stdout, stderr } = await interrupt(desk, APPLY, 'logs:DescribeLogGroups', 2);

    expect({ status, stdout, stderr }).toEqual({ status: 130, stdout: '', stderr: 'interrupted\n' });
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await desk.files()).toEqual([]);
  });

  it.each(['scan', 'plan --key alias/logseal'])('ends a %s with 130, and leaves no half document', async (words) => {
    const faults = [{ call: 'logs:DescribeLogGroups', kind: 'latency', latencyMs: 100 }] as const;
    const desk = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 200 }], faults: [...faults] }));

    const { status } = await interrupt(desk, `${words} --format json --output out.json`, 'logs:DescribeLogGroups', 2);

    expect(status).toBe(130);
    expect(await desk.files()).toEqual([]);
  });

  it.each(['scan', 'plan --key alias/x', 'key check --key alias/x', 'apply --key alias/x --yes'])(
    'does not wait for a call of %s that may take long: nothing is changed yet',
    async (words) => {
      const faults = [
        { call: 'logs:DescribeLogGroups', kind: 'latency', latencyMs: 60_000 },
        { call: 'kms:DescribeKey', kind: 'latency', latencyMs: 60_000 },
      ] as const;
      const desk = await aDesk(aWorld({ groups: { '/a': null }, faults: [...faults] }));

      const call = words.startsWith('key') ? 'kms:DescribeKey' : 'logs:DescribeLogGroups';
      const { status, stderr } = await interrupt(desk, `${words} --output out.json`, call, 1);

      expect({ status, stderr }).toEqual({ status: 130, stderr: 'interrupted\n' });
      expect(await desk.files()).toEqual([]);
    },
  );

  it.each(['apply --plan plan.json --yes', 'undo --store /a --yes', 'key repair --key alias/logseal --yes'])(
    'nor for who calls, in %s',
    async (words) => {
      const desk = await aDesk(aWorld({ groups: { '/a': null } }));
      await desk.run('plan --key alias/logseal --format json --output plan.json');
      await desk.run('apply --plan plan.json --yes');
      const files = await desk.files();
      desk.sandbox.resetCalls();
      desk.sandbox.setFaults([{ call: 'sts:GetCallerIdentity', kind: 'latency', latencyMs: 60_000 }]);

      const { status, stderr } = await interrupt(desk, words, 'sts:GetCallerIdentity', 1);

      expect({ status, stderr }).toEqual({ status: 130, stderr: 'interrupted\n' });
      expect(await desk.files()).toEqual(files);
    },
  );

  it('that comes twice does not wait for a change either', async () => {
    const faults = [{ call: 'logs:AssociateKmsKey', kind: 'latency', latencyMs: 60_000 }] as const;
    const desk = await aDesk(aWorld({ groups: { '/a': null }, faults: [...faults] }));
    const child = startLogseal(`${APPLY} --output out.json`, desk.options);
    const end = ended(child);
    while (runCalls(desk.sandbox, 'logs:AssociateKmsKey') === 0) await wait(5);

    child.kill('SIGINT');
    await wait(200);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');

    expect((await end).status).toBe(130);
    expect(await desk.files()).toEqual([JOURNAL]);
  });

  it('that comes twice does not end the way back of a canary', async () => {
    const faults = [{ call: 'logs:DisassociateKmsKey', kind: 'latency', latencyMs: 1_000 }] as const;
    const groups = { '/a': { key: null, writer: { perMinute: 60 } } };
    const desk = await aDesk(aWorld({ groups, faults: [...faults] }));
    const child = startLogseal(`${APPLY} --canary 1`, desk.options);
    const end = ended(child);
    for (const call of ['logs:AssociateKmsKey', 'logs:DisassociateKmsKey']) {
      while (runCalls(desk.sandbox, call) === 0 && child.exitCode === null) await wait(5);
      child.kill('SIGINT');
    }

    const { status, stdout } = await end;

    expect(status).toBe(130);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a ROLLED_BACK']);
    expect(linesOf(await desk.read(JOURNAL)).map(({ phase }) => phase)).toEqual(['INTENT', 'DONE', 'INTENT', 'DONE']);
  });
});
