import type { PlannedPolicyUndo } from '../../app/key/undo-key-policy.ts';
import type { Step } from '../../domain/plan-step.ts';
import type { Colors } from '../colors.ts';
import { paintDiff, policyDiff } from '../policy-diff.ts';
import { problemList } from '../problem-list.ts';
import { counted, keyPolicies } from '../table.ts';
import { stepRows, stepTable } from './steps.ts';

/** What taking changes back would do: each key that would be attached, and each key policy as it is and as it would be. */
export function undoPreview(
  steps: readonly Step[],
  policies: readonly PlannedPolicyUndo[],
  paint: Colors,
  showAll: boolean,
): string {
  const rows = stepRows<Step>(showAll);
  const refusals = problemList();
  for (const step of steps) {
    rows.add(step);
    if (step.refusal) refusals.add([step.refusal]);
  }
  const changes = policies.flatMap((policy) => (policy.kind === 'CHANGE' ? [policy.change] : []));
  for (const policy of policies) {
    if (policy.kind === 'SETTLED' && policy.outcome.refusal) refusals.add([policy.outcome.refusal]);
  }
  const diffs = changes.map((change) => paintDiff(policyDiff(change), paint));
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length;
  const [unseals, seals] = [count('UNSEAL'), count('SEAL')];
  const parts = [
    unseals > 0 && `${counted(unseals, 'log store')} to unseal`,
    seals > 0 &&
      `${unseals > 0 ? seals.toLocaleString('en') : counted(seals, 'log store')} to seal with the ${seals === 1 ? 'key it' : 'keys they'} had`,
    changes.length > 0 && `${keyPolicies(changes)} to change back`,
  ].filter(Boolean);
  const what = parts.length === 0 ? 'nothing to undo' : parts.join(', ');
  return [
    stepTable(rows, paint, (step) => {
      if (step.refusal) return paint.yellow(`left: ${step.refusal.code}`);
      return step.action === 'NONE' ? 'nothing to undo' : paint.green(step.action);
    }),
    refusals.text('Left as they are, and why', paint),
    ...diffs,
    steps.length === 0 ? '' : '\n',
    attachedText(steps),
    laterText(steps, paint),
    `${paint.bold(what)}\n`,
  ].join('');
}

/** The keys that would be attached, in full. */
function attachedText(steps: readonly Step[]): string {
  const byKey = Map.groupBy(
    steps.filter(({ action }) => action === 'SEAL'),
    ({ toKeyArn }) => toKeyArn,
  );
  return [...byKey].map(([key, some]) => `attaches ${key} to ${counted(some.length, 'log store')}\n`).join('');
}

/** What somebody else may have relied on since. */
function laterText(steps: readonly Step[], { yellow }: Colors): string {
  const later = steps.flatMap((step) => (step.laterRuns ?? []).map((runId) => ({ runId, name: step.store.name })));
  return [...Map.groupBy(later, ({ runId }) => runId)]
    .map(([runId, some]) => {
      const names = some.slice(0, MAX_NAMES).map(({ name }) => name);
      const more = some.length > names.length ? [`${(some.length - names.length).toLocaleString('en')} more`] : [];
      return `${yellow(`run ${runId} changed since:`)} ${[...names, ...more].join(', ')}\n`;
    })
    .join('');
}

const MAX_NAMES = 5;
