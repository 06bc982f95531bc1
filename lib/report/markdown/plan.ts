import type { Step } from '../../domain/plan-step.ts';
import { isStepWarning } from '../../domain/reasons.ts';
import { NEXT_CHANGE } from '../document-problems.ts';
import type { WriterOf } from '../format.ts';
import { problemList } from '../problem-list.ts';
import { sealingKeys } from '../sealing-keys.ts';
import { counted, incompleteText, restText, unusableKey } from '../table.ts';
import { costText } from '../tables/cost.ts';
import { keysTitle } from '../tables/plan.ts';
import { planNotes } from '../tables/plan-notes.ts';
import { stepRows } from '../tables/steps.ts';
import { exemptionSection, unreadableConfiguration } from './exemptions.ts';
import { documentProblemSection, failedSection, problemSection } from './problems.ts';
import { PLAIN, stepSection, textSection } from './steps.ts';
import { block, code, document } from './text.ts';

/** A plan: how much would be sealed and refused, then each log store, the worst first, and each fix once. */
export const planMarkdown: WriterOf<'plan'> = ({ showAll, isQuiet }) => {
  const rows = stepRows<Step>(showAll);
  const refusals = problemList();
  const toKnow = problemList();
  const sealing = sealingKeys();
  let refused = 0;
  let later = 0;
  let forGood = 0;
  return {
    begin: () => '',
    page(steps) {
      for (const step of steps) {
        rows.add(step);
        sealing.add(step);
        if (step.refusal) {
          refusals.add([step.refusal]);
          refused++;
        }
        if (step.action === 'SEAL') toKnow.add(step.warnings.filter((warning) => isStepWarning(warning.code)));
        if (step.action === 'NONE' && step.skippedBy) later++;
        if (step.action === 'SEAL' && step.irreversible) forGood++;
      }
      return '';
    },
    end({ run, status, key, targets, filtered, cost, config, exemptions }) {
      const seals = sealing.count();
      const isNothing = status === 'FAILED' && seals + refused === 0;
      const counts = `${seals.toLocaleString('en')} to seal, ${refused.toLocaleString('en')} refused`;
      const headline = isNothing ? 'nothing was planned' : `${counts}${incompleteText(targets)}`;
      const good = `${counted(forGood, 'Logstore')} would be encrypted for good: neither the type nor the key can ever be changed`;
      const lines = [
        `${seals.toLocaleString('en')} to seal${sealing.text(key)}, ${refused.toLocaleString('en')} refused${restText(later, filtered)}`,
        ...(forGood > 0 ? [good] : []),
        `${unusableKey(key.targets, PLAIN)}${planNotes(key.targets, PLAIN)}`.trim(),
      ].filter(Boolean);
      // What is wrong with the keys shows in the steps, where there are any.
      const unfit = problemList();
      if (seals + refused === 0) unfit.add(key.targets.flatMap((target) => target.refusals));
      const warned = problemList();
      warned.add(key.targets.flatMap(({ warnings }) => warnings));
      const problems = key.targets.flatMap((target) => target.problems);
      return document(
        `## logseal plan: ${headline}\n\n${block(lines)}${unreadableConfiguration(config)}`,
        [
          failedSection(targets),
          stepSection(rows, whatOf),
          problemSection('Refused, and how to fix it', refusals),
          problemSection(keysTitle(key.targets), unfit, 'target'),
          problemSection('Before you seal', toKnow),
          problemSection('The key that would be attached', warned, 'target'),
          documentProblemSection(NEXT_CHANGE, problems),
          exemptionSection(exemptions),
          textSection('What sealing takes', isQuiet ? '' : costText(cost)),
        ],
        `\nRun ${code(run.id)}\n`,
      );
    },
  };
};

function whatOf(step: Step): string {
  if (step.refusal) return `refused: \`${step.refusal.code}\``;
  if (step.action === 'NONE') return 'left for later';
  return step.irreversible ? '**SEAL for good**' : 'SEAL';
}
