import { DisassociateKmsKeyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { clients } from '../sandbox/support.ts';
import { outcomeSchema, parseDocument } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';
import { outcomesOf, runCalls } from './worlds.ts';

const APPLY = 'apply --key alias/logseal --yes';
const JSON_APPLY = `${APPLY} --quiet --format json`;
const HOUR_MS = 3_600_000;

/** A desk with a clock of its own. */
async function aClockedDesk(names: readonly string[] = ['/a', '/b']) {
  const desk = await aDesk(aWorld({ groups: Object.fromEntries(names.map((name) => [name, null])) }));
  const { logs } = clients(desk.sandbox);
  let now = new Date();
  const run = (words: string) => desk.run(words, { now: () => now });
  return {
    ...desk,
    run,
    now: () => now,
    wait: (hours: number) => {
      now = new Date(now.getTime() + hours * HOUR_MS);
    },
    /** Somebody else does it. */
    removeKey: (logGroupName: string) => logs.send(new DisassociateKmsKeyCommand({ logGroupName })),
    apply: async (more = '') => {
      const { status, stdout, stderr } = await run(`${JSON_APPLY}${more}`);
      const { steps } = parseDocument(outcomeSchema, stdout);
      return { status, stderr, steps, short: outcomesOf({ steps }) };
    },
  };
}

/** A log group whose key somebody removed twice after apply had set it, and one that was left alone. */
async function aFight() {
  const desk = await aClockedDesk();
  await desk.run('plan --key alias/logseal --format json --output plan.json');
  const applied: string[][] = [];
  for (let round = 0; round < 2; round++) {
    applied.push((await desk.apply()).short);
    desk.wait(1);
    await desk.removeKey('/a');
  }
  return { ...desk, applied };
}

describe('apply on a log group whose key somebody keeps removing', () => {
  it('refuses it, and says until when and what to do', async () => {
    const { apply, applied, sandbox, now } = await aFight();
    const changes = runCalls(sandbox, 'logs:AssociateKmsKey');

    const { status, stderr, steps } = await apply();

    expect(applied).toEqual([['/a SEALED', '/b SEALED'], ['/a SEALED']]);
    expect(status).toBe(3);
    expect(stderr).toBe('');
    expect(steps).toMatchObject([
      {
        ...{ store: { name: '/a' }, outcome: 'REFUSED', action: 'NONE', fromKeyArn: null },
        refusal: {
          code: 'FLAPPING',
          message: expect.stringMatching(
            /^\/a lost its key 2 times, each time within 26 hours after logseal had set it /,
          ),
          fix: expect.stringContaining(
            `logseal refuses to seal it until ${new Date(now().getTime() + 25 * HOUR_MS).toISOString()}`,
          ),
        },
      },
    ]);
    expect(runCalls(sandbox, 'logs:AssociateKmsKey')).toBe(changes);
  });

  it('shows the refusal in its plan, before anything is asked', async () => {
    const { run, removeKey } = await aFight();
    await removeKey('/b');

    const { stderr } = await run(`${APPLY} --format json`);

    expect(stderr).toMatch(/^MEDIUM +refused: FLAPPING +\/a( |$)/m);
    expect(stderr).toMatch(/^MEDIUM +SEAL +\/b( |$)/m);
    expect(stderr).toContain('\n1 to seal with alias/logseal, 1 refused\n');
  });

  it('refuses it with a plan that was written before, too', async () => {
    const { apply, run } = await aFight();

    const { stdout, status } = await run('apply --plan plan.json --yes --quiet --format json');

    expect(status).toBe(3);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a REFUSED FLAPPING', '/b UNCHANGED']);
    expect((await apply(' --journal other.ndjson')).short).toEqual(['/a SEALED']);
  });

  it('leaves it unchanged with a plan that was written before, if the key is attached by now', async () => {
    const { run, apply } = await aFight();
    await apply(' --journal other.ndjson');

    const { stdout, status } = await run('apply --plan plan.json --yes --quiet --format json');

    expect(status).toBe(0);
    expect(outcomesOf(parseDocument(outcomeSchema, stdout))).toEqual(['/a UNCHANGED', '/b UNCHANGED']);
  });

  it('seals the others', async () => {
    const { apply, removeKey } = await aFight();
    await removeKey('/b');

    expect((await apply()).short).toEqual(['/a REFUSED FLAPPING', '/b SEALED']);
  });

  it('seals it 26 hours after the first loss was found', async () => {
    const { apply, wait } = await aFight();

    wait(24.9);
    expect((await apply()).short).toEqual(['/a REFUSED FLAPPING']);
    wait(0.1);
    expect(await apply()).toMatchObject({ status: 0, short: ['/a SEALED'] });
  });
});

describe('apply after an undo', () => {
  it('is never refused, however often', async () => {
    const { apply, run, wait } = await aClockedDesk(['/a']);

    for (let round = 0; round < 4; round++) {
      expect(await apply()).toMatchObject({ status: 0, short: ['/a SEALED'] });
      wait(0.1);
      expect((await run('undo --store /a --yes')).status).toBe(0);
      wait(0.1);
    }
  });

  it('is refused if somebody else removed the key twice as well', async () => {
    const { apply, run, removeKey } = await aClockedDesk(['/a']);

    for (let round = 0; round < 2; round++) {
      await apply();
      expect((await run('undo --store /a --yes')).status).toBe(0);
      await apply();
      await removeKey('/a');
    }

    expect(await apply()).toMatchObject({ status: 3, short: ['/a REFUSED FLAPPING'] });
  });
});
