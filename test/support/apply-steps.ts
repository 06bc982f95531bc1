import { type ApplyOptions, applySteps } from '../../lib/app/change/apply-plan.ts';
import type { ChangeStep, Outcome, Step } from '../../lib/domain/plan-step.ts';
import { rulesAt } from '../../lib/domain/rules.ts';
import { aKey, aKeyArn, aStep, NOW } from './builders.ts';
import { CALLER, type FakeWorld, fakeCloud, fakeJournal } from './fake-cloud.ts';

export const KEY = aKeyArn();
export const OLD = aKeyArn('old');
/** The key to seal with, and one that is disabled. */
export const KEYS = { [KEY]: aKey(), [OLD]: aKey({ arn: OLD, state: 'Disabled' }) };

/** Applies steps to a fake cloud. `short` has the name, the outcome and the code of each. */
export async function applied(steps: readonly Step[], world: FakeWorld, options: Partial<ApplyOptions> = {}) {
  const fake = fakeCloud({ keys: KEYS, ...world });
  const book = fakeJournal();
  const reported: Outcome[] = [];
  const outcomes = await applySteps(steps, fake.cloud, {
    runId: 'run-1',
    actor: CALLER.arn,
    journal: book.journal,
    clock: () => NOW,
    rules: rulesAt(NOW, { key: KEY }),
    onOutcome: (outcome) => reported.push(outcome),
    ...options,
  });
  const short = outcomes.map(({ store, outcome, refusal, error }) =>
    [store.name, outcome, refusal?.code ?? error?.code].filter(Boolean).join(' '),
  );
  return { ...fake, outcomes, short, reported, phases: book.phases() };
}

/** A step that changes a log group: as `aStep`. */
export function aChange(step: Parameters<typeof aStep>[0] = {}): ChangeStep {
  const change = aStep(step);
  if (change.action === 'NONE') throw new TypeError('it changes nothing');
  return change;
}

/** Seals each group, which has that key. */
export const stepsFor = (groups: Record<string, string | null>) =>
  Object.entries(groups).map(([name, fromKeyArn]) => aStep({ name, fromKeyArn }));
