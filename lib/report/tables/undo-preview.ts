import type { PolicyEntry } from '../../domain/journal.ts';
import type { Step } from '../../domain/plan-step.ts';
import type { Colors } from '../colors.ts';
import { paintDiff, policyDiff } from '../policy-diff.ts';
import { problemList } from '../problem-list.ts';
import { counted, keyPolicies } from '../table.ts';
import { stepRows, stepTable } from './steps.ts';

/** What taking changes back would do. */
export function undoPreview(
  steps: readonly Step[],
  policies: readonly PolicyEntry[],
  paint: Colors,
  showAll: boolean,
): string {
  const rows = stepRows<Step>(showAll);
  const refusals = problemList();
  for (const step of steps) {
    rows.add(step);
    if (step.refusal) refusals.add([step.refusal]);
  }
  const diffs = policies.map(({ keyArn, from, to }) => paintDiff(policyDiff({ keyArn, from: to, to: from }), paint));
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length;
  const [unseals, seals] = [count('UNSEAL'), count('SEAL')];
  const parts = [
    unseals > 0 && `${counted(unseals, 'log store')} to unseal`,
    seals > 0 &&
      `${unseals > 0 ? seals.toLocaleString('en') : counted(seals, 'log store')} to seal with the ${seals === 1 ? 'key it' : 'keys they'} had`,
    policies.length > 0 && `${keyPolicies(policies)} to put back`,
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
    `${paint.bold(what)}\n`,
  ].join('');
}
