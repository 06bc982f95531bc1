import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { admitting, LOG_GROUPS } from '../support/policies.ts';
import { aRepairDesk } from '../support/repairs.ts';
import { anUndoDesk } from '../support/undoing.ts';
import { outcomesOf } from './worlds.ts';

const ORG_ID = 'o-a1b2c3d4e5';
const ofOrganization = admitting({
  ...LOG_GROUPS,
  Condition: { StringEquals: { 'aws:SourceOrgID': ORG_ID } },
});
/** The earlier key of `/b` is for the logs of one organization. */
const WORLD: World = {
  uncertain: 'allow',
  policies: { organization: ofOrganization },
  keys: { other: { policy: 'organization' } },
  groups: { '/b': 'other' },
};

describe('an earlier key whose policy asks for the organization', () => {
  it('is attached again with --org-id, and refused without it, with a fix that undo knows', async () => {
    const desk = await anUndoDesk(WORLD);
    const { document } = await desk.apply('--require-key');

    const refused = await desk.undo(`--run ${document.run.id}`);
    const undone = await desk.undo(`--run ${document.run.id} --org-id ${ORG_ID}`);

    expect(refused.document.steps).toMatchObject([
      { refusal: { code: 'KEY_POLICY_UNCERTAIN', message: expect.stringContaining('--org-id o-… settles it') } },
    ]);
    expect(outcomesOf(undone.document)).toEqual(['/b SEALED']);
  });

  it('is named by the command that takes a run back', async () => {
    const desk = await anUndoDesk(WORLD);
    await desk.run(`plan --key alias/logseal --require-key --org-id ${ORG_ID} --format json --output plan.json`);

    const { stdout } = await desk.run('apply --plan plan.json --yes');

    const [, command = ''] = /^undo: logseal (.*)$/m.exec(stdout) ?? [];
    expect(command).toMatch(new RegExp(`^undo --run \\S+ --org-id=${ORG_ID}$`));
    expect((await desk.run(`${command} --yes`)).status).toBe(0);
  });
});

it('a repair under an organization names it in the command that takes it back, and that can be redone', async () => {
  const desk = await aRepairDesk(admitting());
  const { stdout } = await desk.run(`key repair --key alias/logseal --org-id ${ORG_ID} --yes`);
  const repaired = await desk.policy();

  const [, command = ''] = /^undo: logseal (.*)$/m.exec(stdout) ?? [];
  const undone = await desk.run(`${command} --yes`);
  const [, again = ''] = /^undo: logseal (.*)$/m.exec(undone.stdout) ?? [];

  for (const each of [command, again]) expect(each).toMatch(new RegExp(`^undo --run \\S+ --org-id=${ORG_ID}$`));
  expect(JSON.parse(await desk.policy())).toEqual(JSON.parse(desk.before));
  expect((await desk.run(`${again} --yes`)).status).toBe(0);
  expect(JSON.parse(await desk.policy())).toEqual(JSON.parse(repaired));
});

it('an id of no organization is refused', async () => {
  const desk = await anUndoDesk(WORLD);

  const { status, stderr } = await desk.run('undo --run x --org-id a1b2c3d4e5');

  expect(status).toBe(2);
  expect(stderr).toContain('--org-id: expected the id of an organization such as o-a1b2c3d4e5, got "a1b2c3d4e5"');
});
