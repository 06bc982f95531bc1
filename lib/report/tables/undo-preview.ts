import type { PolicyChange } from '../../app/key/repair-key-policy.ts';
import type { PlannedPolicyUndo } from '../../app/key/undo-key-policy.ts';
import { SIDS } from '../../domain/key-policy/build-statement.ts';
import { partsOf } from '../../domain/key-policy/policy-text.ts';
import type { Step } from '../../domain/plan-step.ts';
import type { Target } from '../../domain/target.ts';
import type { Colors } from '../colors.ts';
import { forPeople } from '../for-people.ts';
import type { ReportOptions } from '../format.ts';
import { paintDiff, policyDiff } from '../policy-diff.ts';
import { problemList } from '../problem-list.ts';
import { counted, keyPolicies } from '../table.ts';
import { stepRows, stepTable } from './steps.ts';

/**
 * What taking changes back would do: each key that would be attached, and each key policy as it is and as it would be.
 * @param targets where the changes were made
 */
export function undoPreview(
  steps: readonly Step[],
  policies: readonly PlannedPolicyUndo[],
  targets: readonly Target[],
  options: ReportOptions,
): string {
  const { paint, showAll } = options;
  const rows = stepRows<Step>(showAll);
  const refusals = problemList();
  for (const step of forPeople(steps, options)) {
    rows.add(step);
    if (step.refusal) refusals.add([step.refusal]);
  }
  const changes = policies.flatMap((policy) => (policy.kind === 'CHANGE' ? [policy.change] : []));
  const leftPolicies = policies.flatMap((policy) =>
    policy.kind === 'SETTLED' && policy.outcome.refusal ? [policy.outcome.refusal] : [],
  );
  refusals.add(forPeople(leftPolicies, options));
  const diffs = changes.map((change) => paintDiff(policyDiff(change), paint));
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length;
  const [unseals, seals] = [count('UNSEAL'), count('SEAL')];
  const parts = [
    unseals > 0 && `${counted(unseals, 'log store')} to unseal`,
    seals > 0 &&
      `${unseals > 0 ? seals.toLocaleString('en') : counted(seals, 'log store')} to seal with the ${seals === 1 ? 'key that the journal says it' : 'keys that the journal says they'} had`,
    changes.length > 0 && `${keyPolicies(changes)} to change back`,
  ].filter(Boolean);
  const left = steps.filter(({ refusal }) => refusal).length + leftPolicies.length;
  const what = [
    parts.length === 0 ? 'nothing to undo' : parts.join(', '),
    ...(left > 0 ? [`${left.toLocaleString('en')} left as ${left === 1 ? 'it is' : 'they are'}`] : []),
  ].join(', ');
  return [
    stepTable(rows, targets, options, (step) => {
      if (step.refusal) return paint.yellow(`left: ${step.refusal.code}`);
      return step.action === 'NONE' ? 'nothing to undo' : paint.green(step.action);
    }),
    refusals.text('Left as they are, and why', options),
    ...diffs,
    ...changes.map((change) => riskText(change, paint)),
    steps.length === 0 ? '' : '\n',
    attachedText(steps),
    laterText(forPeople(steps, options), paint),
    `${paint.bold(what)}\n`,
  ].join('');
}

/** What log groups may lose that are already sealed with the key of a statement that is taken out. */
function riskText({ keyArn, from, to }: PolicyChange, { yellow }: Colors): string {
  const sids = (text: string) => partsOf(text).statements.map((statement) => JSON.parse(statement).Sid);
  const kept = sids(to);
  const lines = Object.values(SIDS)
    .filter((sid) => sids(from).includes(sid) && !kept.includes(sid))
    .map((sid) => {
      const who =
        sid === SIDS['readers-and-writers'] || sid === SIDS.organization
          ? 'whoever writes or reads the logs'
          : 'CloudWatch Logs itself';
      return `${yellow('note:')} without the statement "${sid}", ${who} may no longer be able to use ${keyArn}: log groups that are already sealed with it may fall silent or become unreadable\n`;
    });
  return lines.length === 0 ? '' : `\n${lines.join('')}`;
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
      const were = some.length === 1 ? 'was' : 'were';
      return `${[...names, ...more].join(', ')} ${yellow(`${were} changed again by run ${runId}`)}\n`;
    })
    .join('');
}

const MAX_NAMES = 5;
