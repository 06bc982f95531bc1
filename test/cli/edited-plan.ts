import type { Desk, Ran } from '../support/logseal.ts';

export const APPLY = 'apply --plan plan.json --yes --format json --quiet';

/** Plans, and applies what a hand made of the plan. */
export async function applyEdited(desk: Desk, edit: (plan: EditablePlan) => unknown): Promise<Ran> {
  await desk.run('plan --key alias/logseal --format json --output plan.json');
  const plan = JSON.parse(await desk.read('plan.json'));
  await desk.write('plan.json', JSON.stringify(edit(plan) ?? plan));
  desk.sandbox.resetCalls();
  return desk.run(APPLY);
}

export interface EditablePlan extends Record<string, unknown> {
  readonly key: Record<string, unknown>;
  readonly targets: [Record<string, unknown>];
  readonly steps: [EditableStep, EditableStep, ...EditableStep[]];
}

interface EditableStep extends Record<string, unknown> {
  readonly store: Record<string, unknown>;
}
