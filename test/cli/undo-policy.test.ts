import { describe, expect, it } from 'vitest';
import { parseDocument, undoSchema } from '../support/documents.ts';
import { admitting } from '../support/policies.ts';
import { aRepairDesk, REPAIR, statementsOf } from '../support/repairs.ts';
import { runOnTerminal } from '../support/terminal.ts';

/** A desk with repairs of one key in one journal. @param scopes the options of each repair */
async function aRepairedDesk(...scopes: string[]) {
  const desk = await aRepairDesk(admitting());
  const runs: string[] = [];
  const policies: string[] = [desk.before];
  for (const scope of scopes) {
    const { document } = await desk.repair(`${REPAIR} ${scope}`);
    runs.push(document.run.id);
    policies.push(await desk.policy());
  }
  return {
    ...desk,
    runs,
    policies,
    async undo(run: string | undefined) {
      const { status, stdout } = await desk.run(`undo --run ${run} --yes --quiet --format json`);
      const document = parseDocument(undoSchema, stdout);
      return { status, run: document.run.id, outcome: document.policies[0] };
    },
  };
}

const asJson = (text: string) => JSON.parse(text);
const sidsOf = (text: string) => statementsOf(text).map((statement) => ('Sid' in statement ? statement.Sid : null));

describe('undo of a repair', () => {
  it('takes the statement out and leaves what somebody else changed in the policy since', async () => {
    const { runs, undo, keys, keyArn, policy, before, journal, policies } = await aRepairedDesk('');
    await keys.putPolicy(keyArn, JSON.stringify({ ...asJson(policies[1] ?? ''), Id: 'theirs' }));

    const { status, outcome } = await undo(runs[0]);

    expect({ status, outcome }).toMatchObject({ status: 0, outcome: { outcome: 'CHANGED', inEffect: true } });
    expect(asJson(await policy())).toEqual({ ...asJson(before), Id: 'theirs' });
    expect((await journal()).map(({ phase }) => phase)).toEqual(['INTENT', 'DONE', 'INTENT', 'DONE']);
  });

  it('has nothing to do the second time, and is redone by its own run', async () => {
    const { runs, undo, policy, before, journal, policies } = await aRepairedDesk('--log-group /app/*');
    const undone = await undo(runs[0]);
    expect(asJson(await policy())).toEqual(asJson(before));

    expect(await undo(runs[0])).toMatchObject({ status: 0, outcome: { outcome: 'UNCHANGED' } });
    expect(await journal()).toHaveLength(4);
    expect(await undo(undone.run)).toMatchObject({ status: 0, outcome: { outcome: 'CHANGED' } });
    expect(asJson(await policy())).toEqual(asJson(policies[1] ?? ''));
  });

  it('of two repairs for two log groups is refused for the first, which names the second, and made in turn', async () => {
    const { runs, undo, policy, policies } = await aRepairedDesk('--log-group /app/a', '--log-group /app/b');

    const { status, outcome } = await undo(runs[0]);

    expect(status).toBe(3);
    expect(outcome).toMatchObject({
      outcome: 'REFUSED',
      refusal: {
        code: 'KEY_POLICY_CHANGED',
        message: `run ${runs[1]} of logseal changed the statement "LogsealLogGroups" after run ${runs[0]}`,
        fix: `take run ${runs[1]} back first`,
      },
    });
    expect(await policy()).toBe(policies[2]);
    expect(await undo(runs[1])).toMatchObject({ status: 0 });
    expect(asJson(await policy())).toEqual(asJson(policies[1] ?? ''));
    expect(await undo(runs[0])).toMatchObject({ status: 0 });
    expect(asJson(await policy())).toEqual(asJson(policies[0] ?? ''));
  });

  it('takes out its own statement beside that of a later repair for something else', async () => {
    const { runs, undo, policy } = await aRepairedDesk('', '--query-results');

    expect(await undo(runs[0])).toMatchObject({ status: 0 });

    expect(sidsOf(await policy())).toEqual(['Account', 'LogsealQueryResults']);
  });

  it('is refused where the statement was edited by hand, before any question', async () => {
    const desk = await aRepairedDesk('');
    const edited = (desk.policies[1] ?? '').replace('log-group:*', 'log-group:/app/*');
    await desk.keys.putPolicy(desk.keyArn, edited);

    const { status, screen } = await runOnTerminal(
      `undo --run ${desk.runs[0]}`,
      { waitFor: '[y/N]', type: 'n\n' },
      desk.options,
    );

    expect(status).toBe(3);
    expect(screen).not.toContain('[y/N]');
    expect(screen).not.toContain('@@');
    expect(screen).toContain('somebody else has changed the statement "LogsealLogGroups" since run');
    expect(await desk.policy()).toBe(edited);
    expect(await desk.journal()).toHaveLength(2);
  });
});

it.each([
  ['in one line', undefined],
  ['indented', 2],
])('the preview has the policy as it is now, %s, and the question names the key', async (_, indent) => {
  const desk = await aRepairedDesk('');
  const now = { ...asJson(desk.policies[1] ?? ''), Id: 'theirs' };
  await desk.keys.putPolicy(desk.keyArn, JSON.stringify(now, null, indent));

  const { status, screen } = await runOnTerminal(
    `undo --run ${desk.runs[0]} --no-color`,
    { waitFor: '[y/N]', type: 'n\n' },
    desk.options,
  );

  expect(status).toBe(3);
  const removed = screen.split('\n').filter((line) => /^-(?!--)/.test(line));
  expect(removed.join('\n')).toContain('"Sid": "LogsealLogGroups"');
  expect(screen.split('\n').filter((line) => /^\+(?!\+\+)/.test(line))).toEqual([]);
  expect(screen).toContain('"Id": "theirs"');
  expect(screen.replaceAll(/\s+/g, ' ')).toContain(
    `Take back 1 change in account 111122223333, eu-west-1, and change the key policy of ${desk.keyArn}? [y/N]`,
  );
  expect(await desk.journal()).toHaveLength(2);
});
