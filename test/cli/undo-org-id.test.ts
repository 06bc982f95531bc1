import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { admitting, LOG_GROUPS } from '../support/policies.ts';
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

it('an id of no organization is refused', async () => {
  const desk = await anUndoDesk(WORLD);

  const { status, stderr } = await desk.run('undo --run x --org-id a1b2c3d4e5');

  expect(status).toBe(2);
  expect(stderr).toContain('--org-id: expected the id of an organization such as o-a1b2c3d4e5, got "a1b2c3d4e5"');
});
