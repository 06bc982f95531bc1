import type { Outcome } from '../../domain/plan-step.ts';
import { kindOf } from '../../domain/stores/index.ts';
import type { Provider } from '../../domain/target.ts';
import type { Colors } from '../colors.ts';
import type { WriterOf } from '../format.ts';
import { problemList } from '../problem-list.ts';
import { counted, failures, incompleteText, keyPolicies, nothingDone, restText, unusableKey } from '../table.ts';
import { afterRunNotes } from './after-run.ts';
import { canaryText, whyStopped } from './canary.ts';
import { failureGroups, failuresText } from './outcome-failures.ts';
import { stepRows, stepTable } from './steps.ts';

/** Counts what was left for another run, apart from what a run skipped against its plan. */
const LATER = 'LATER';

/** What became of a plan, or of taking one back. */
export const outcomeTable: WriterOf<'outcome'> = (options) => {
  const { paint, showAll, undoCommand, isShown, asTyped } = options;
  const rows = stepRows<Outcome>(showAll);
  const refusals = problemList();
  const errors = failureGroups();
  const counts = new Map<string, number>();
  const notes = new Set<string>();
  const afterRun = afterRunNotes();
  const failedArns = new Set<string>();
  const count = (outcome: string, error: Outcome['error'], provider: Provider) => {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (error) errors.add(error, provider);
  };
  return {
    begin: () => '',
    page(outcomes) {
      for (const outcome of outcomes) {
        count(outcome.skippedBy ? LATER : outcome.outcome, outcome.error, outcome.store.provider);
        if (outcome.outcome === 'FAILED') failedArns.add(outcome.store.arn);
        afterRun.add(outcome);
        if (!isShown(outcome)) {
          rows.add(outcome);
          if (outcome.refusal) refusals.add([outcome.refusal], undefined, outcome.store.account);
        }
        const note = outcome.outcome === 'UNSEALED' ? kindOf(outcome.store).unsealedNote : null;
        if (note !== null) notes.add(note);
      }
      return '';
    },
    end({ run, key, targets, filtered = 0, canary, policies = [] }) {
      for (const { outcome, refusal, error } of policies) {
        // Only AWS has key policies.
        count(outcome, error, 'aws');
        if (refusal) refusals.add([refusal]);
      }
      const of = (outcome: string) => counts.get(outcome) ?? 0;
      const changed = policies.filter(({ outcome }) => outcome === 'CHANGED');
      const others = [
        of('UNSEALED') > 0 && `${of('UNSEALED').toLocaleString('en')} unsealed`,
        changed.length > 0 && `${keyPolicies(changed)} put back`,
        afterRun.summary(paint),
        `${of('UNCHANGED').toLocaleString('en')} unchanged`,
        `${of('REFUSED').toLocaleString('en')} refused`,
        `${of('FAILED').toLocaleString('en')} failed`,
        of('ROLLED_BACK') > 0 && paint.red(`${of('ROLLED_BACK').toLocaleString('en')} rolled back`),
        of('SKIPPED') > 0 &&
          paint.red(`${of('SKIPPED').toLocaleString('en')} skipped, since ${whyStopped(canary?.result)}`),
      ].filter(Boolean);
      // What a canary could not put back is FAILED, and still sealed.
      const isLeftSealed = canary?.stores.some(({ store }) => failedArns.has(store.arn)) ?? false;
      const isUndoable = of('SEALED') + of('UNSEALED') + changed.length > 0 || isLeftSealed;
      const undo = isUndoable ? `undo: ${undoCommand(run.id)}\n` : '';
      const isNothingTried =
        counts.size === 0 && targets.length > 0 && targets.every(({ status }) => status === 'FAILED');
      const summary = `${paint.bold(counted(of('SEALED'), 'log store'))} sealed, ${others.join(', ')}${restText(of(LATER), filtered)}${paint.red(incompleteText(targets, 'change'))} (run ${run.id})\n`;
      const failed = failuresText(errors, options);
      const last = isNothingTried ? nothingDone('changed', targets, paint) : summary;
      return [
        stepTable(rows, targets, options, (outcome) => whatOf(outcome, paint)),
        ...policies.map(({ keyArn, outcome }) => `${outcome} key policy of ${keyArn}\n`),
        refusals.text('Refused, and how to fix it', options, targets),
        failed === '' ? '' : `\n${paint.bold('Failed')}\n${failed}`,
        afterRun.text(options),
        rows.kept().length === 0 ? '' : '\n',
        ...notes,
        canary ? canaryText(canary, paint, asTyped) : '',
        failures(targets, options, 'change'),
        // An interruption must be in the last line.
        ...(of('SKIPPED') > 0 ? [undo, last] : [last, undo]),
        unusableKey(key?.targets ?? [], paint),
      ].join('');
    },
  };
};

function whatOf({ outcome, refusal, error, afterRun }: Outcome, paint: Colors): string {
  if (afterRun?.status === 'CHANGED') return paint.yellow(`${outcome}, THEN CHANGED`);
  switch (outcome) {
    case 'REFUSED':
      return paint.yellow(`REFUSED: ${refusal?.code}`);
    case 'FAILED':
      return paint.red(`FAILED: ${error?.code}`);
    case 'SKIPPED':
    case 'ROLLED_BACK':
      return paint.yellow(outcome);
    case 'SEALED':
    case 'UNSEALED':
    case 'UNCHANGED':
      return paint.green(outcome);
  }
}
