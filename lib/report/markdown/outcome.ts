import type { Outcome } from '../../domain/plan-step.ts';
import { kindOf } from '../../domain/stores/index.ts';
import type { WriterOf } from '../format.ts';
import { problemList } from '../problem-list.ts';
import { incompleteText, keyPolicies, restText, unusableKey } from '../table.ts';
import { afterRunNotes } from '../tables/after-run.ts';
import { canaryText, whyStopped } from '../tables/canary.ts';
import { failureGroups, failuresText } from '../tables/outcome-failures.ts';
import { stepRows } from '../tables/steps.ts';
import { failedSection, problemSection } from './problems.ts';
import { inBlocks, PLAIN, stepSection, textSection } from './steps.ts';
import { block, code, document, tableHead, tableRow } from './text.ts';

/** What became of a plan, or of taking one back: how much of each, then each log store, the worst first, and each fix once. */
export const outcomeMarkdown: WriterOf<'outcome'> = (options) => {
  const { showAll, undoCommand, asTyped } = options;
  const rows = stepRows<Outcome>(showAll);
  const refusals = problemList();
  const failures = failureGroups();
  const afterRun = afterRunNotes();
  const counts = new Map<string, number>();
  const kindNotes = new Set<string>();
  const failedArns = new Set<string>();
  let later = 0;
  return {
    begin: () => '',
    page(outcomes) {
      for (const outcome of outcomes) {
        rows.add(outcome);
        afterRun.add(outcome);
        if (outcome.skippedBy) later++;
        else counts.set(outcome.outcome, (counts.get(outcome.outcome) ?? 0) + 1);
        if (outcome.outcome === 'FAILED') failedArns.add(outcome.store.arn);
        if (outcome.error) failures.add(outcome.error, outcome.store.provider);
        if (outcome.refusal) refusals.add([outcome.refusal], undefined, outcome.store.account);
        const note = outcome.outcome === 'UNSEALED' ? kindOf(outcome.store).unsealedNote : null;
        if (note !== null) kindNotes.add(note);
      }
      return '';
    },
    end({ run, key, targets, filtered = 0, canary, policies = [] }) {
      for (const { outcome, error, refusal } of policies) {
        if (outcome !== 'CHANGED') counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        // Only AWS has key policies.
        if (error) failures.add(error, 'aws');
        if (refusal) refusals.add([refusal]);
      }
      const changed = policies.filter(({ outcome }) => outcome === 'CHANGED');
      const of = (outcome: string) => counts.get(outcome) ?? 0;
      const headline = HEADLINE.filter((outcome) => outcome === 'SEALED' || of(outcome) > 0)
        .map((outcome) => `${of(outcome).toLocaleString('en')} ${WORDS[outcome]}`)
        .concat(changed.length > 0 ? [`${keyPolicies(changed)} put back`] : [])
        .join(', ');
      const changes = of('SEALED') + of('UNSEALED') + changed.length;
      // What a canary could not put back is FAILED, and still sealed.
      const isLeftSealed = canary?.stores.some(({ store }) => failedArns.has(store.arn)) ?? false;
      const undo = changes > 0 || isLeftSealed ? block([`undo: ${undoCommand(run.id)}`]) : '';
      const rest = restText(later, filtered).replace(/^, /, '');
      const table = [...counts].map(([outcome, count]) => tableRow([outcome, count.toLocaleString('en')])).join('');
      const notes = [
        of('SKIPPED') > 0 && `Skipped, since ${whyStopped(canary?.result)}.\n\n`,
        rest !== '' && `${rest}\n\n`,
      ].filter(Boolean);
      return document(
        `## logseal: ${headline}${incompleteText(targets, 'change')}\n\n${tableHead(['Outcome', policies.length > 0 ? 'Log stores and key policies' : 'Log stores'])}${table}\n${notes.join('')}${undo}`,
        [
          failedSection(targets, options, 'change'),
          textSection('The canary', canary ? canaryText(canary, PLAIN, asTyped) : ''),
          textSection('Failed', failuresText(failures, { paint: PLAIN, asTyped })),
          stepSection(rows, whatOf),
          textSection(
            'Key policies',
            policies.map(({ keyArn, outcome }) => `${outcome} key policy of ${keyArn}\n`).join(''),
          ),
          problemSection('Refused, and how to fix it', refusals, targets),
          textSection('After the run', `${afterRun.text(inBlocks(options))}${[...kindNotes].join('')}`),
          textSection('The key', unusableKey(key?.targets ?? [], PLAIN)),
        ],
        `\nRun ${code(run.id)}, ${run.startedAt} to ${run.finishedAt}\n`,
      );
    },
  };
};

type Result = Outcome['outcome'];

const HEADLINE: readonly Result[] = ['SEALED', 'UNSEALED', 'FAILED', 'ROLLED_BACK', 'REFUSED', 'SKIPPED'];

const WORDS: Readonly<Record<Result, string>> = {
  SEALED: 'sealed',
  UNSEALED: 'unsealed',
  UNCHANGED: 'unchanged',
  FAILED: 'failed',
  ROLLED_BACK: 'rolled back',
  REFUSED: 'refused',
  SKIPPED: 'skipped',
};

function whatOf({ outcome, refusal, error, afterRun }: Outcome): string {
  if (afterRun?.status === 'CHANGED') return `**${outcome}, THEN CHANGED**`;
  const why = refusal?.code ?? error?.code;
  return why === undefined ? outcome : `${outcome}: ${code(why)}`;
}
