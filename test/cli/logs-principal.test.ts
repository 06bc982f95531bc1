import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { logsPolicy } from '../sandbox/support.ts';
import { parseDocument, planSchema } from '../support/documents.ts';
import { anUndoDesk } from '../support/undoing.ts';
import { outcomesOf } from './worlds.ts';

const REGION = 'eusc-de-east-1';
const PRINCIPAL = `logs.${REGION}.amazonaws.eu`;
const policies = { logs: JSON.parse(JSON.stringify(logsPolicy()).replaceAll('amazonaws.com', 'amazonaws.eu')) };
/** A partition where AWS does not document the service principal of CloudWatch Logs: `/b` has a working key of before. */
const WORLD: World = {
  region: REGION,
  logsPrincipal: PRINCIPAL,
  policies,
  keys: { other: { policy: 'logs' } },
  groups: { '/a': null, '/b': 'other' },
};
const unnamed = { env: { LOGSEAL_LOGS_PRINCIPAL: '' } };

describe('the service principal that the environment names', () => {
  it('decides for plan, key check, apply, apply --plan and undo', async () => {
    const desk = await anUndoDesk(WORLD);
    const plan = await desk.run('plan --key alias/logseal --require-key --format json --output plan.json');
    const check = await desk.run('key check --key alias/logseal');
    expect({ plan: plan.stderr, check: check.status }).toEqual({
      plan: '2 to seal, 0 refused: plan.json\n',
      check: 0,
    });

    const planned = await desk.run('apply --plan plan.json --yes --quiet');
    const [run] = await desk.journal();
    const undone = await desk.undo(`--run ${run?.runId}`);
    const applied = await desk.apply('--require-key');

    expect([planned.status, undone.status, applied.status]).toEqual([0, 0, 0]);
    expect(outcomesOf(undone.document).toSorted()).toEqual(['/a UNSEALED', '/b SEALED']);
  });

  it('is what every command lacks where it names none', async () => {
    const desk = await anUndoDesk(WORLD);
    const { document } = await desk.apply('--require-key');

    const plan = await desk.run('plan --key alias/logseal --require-key --format json', unnamed);
    const undone = await desk.undo(`--run ${document.run.id}`, unnamed);

    expect(plan.status).toBe(0);
    expect(parseDocument(planSchema, plan.stdout).key.targets).toMatchObject([{ refusals: [] }]);
    expect(outcomesOf(undone.document).toSorted()).toEqual(['/a UNSEALED', '/b REFUSED KEY_POLICY_UNCERTAIN']);
  });

  it.each([
    'plan --key alias/logseal',
    'undo --run x',
    'policy check --policy policy.json --key-arn arn:aws-eusc:kms:eusc-de-east-1:111122223333:key/k --query-results 111122223333',
  ])('is a mistake where it cannot be one: %s', async (command) => {
    const desk = await anUndoDesk(WORLD);
    await desk.write('policy.json', JSON.stringify(policies.logs));

    const { status, stderr } = await desk.run(command, { env: { LOGSEAL_LOGS_PRINCIPAL: 'garbage' } });

    expect(status).toBe(2);
    expect(stderr).toContain(
      'LOGSEAL_LOGS_PRINCIPAL: expected a service principal such as logs.REGION.SUFFIX, got "garbage"',
    );
  });
});
