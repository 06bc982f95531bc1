import type { Step } from '../../domain/plan-step.ts';
import { NEXT_CHANGE } from '../document-problems.ts';
import type { WriterOf } from '../format.ts';
import { planContents } from '../plan-contents.ts';
import { counted, incompleteText, restText, unusableKey } from '../table.ts';
import { costText } from '../tables/cost.ts';
import { keysTitle } from '../tables/plan.ts';
import { planNotes } from '../tables/plan-notes.ts';
import { exemptionSection, unreadableConfiguration } from './exemptions.ts';
import { documentProblemSection, failedSection, problemSection } from './problems.ts';
import { PLAIN, stepSection, textSection } from './steps.ts';
import { block, code, document } from './text.ts';

/** A plan: how much would be sealed and refused, then each log store, the worst first, and each fix once. */
export const planMarkdown: WriterOf<'plan'> = (options) => {
  const { showAll, isQuiet } = options;
  const contents = planContents(showAll);
  const { rows, refusals, toKnow, sealing, counts } = contents;
  return {
    begin: () => '',
    page(steps) {
      steps.forEach(contents.add);
      return '';
    },
    end({ run, status, key, targets, filtered, cost, config, exemptions }) {
      const seals = sealing.count();
      const { refused, later, forGood } = counts;
      const isNothing = status === 'FAILED' && contents.isEmpty();
      const sum = `${seals.toLocaleString('en')} to seal, ${refused.toLocaleString('en')} refused`;
      const headline = isNothing ? 'nothing was planned' : `${sum}${incompleteText(targets)}`;
      const good = `${counted(forGood, 'Logstore')} would be encrypted for good: neither the type nor the key can ever be changed`;
      const lines = [
        `${seals.toLocaleString('en')} to seal${sealing.text(key)}, ${refused.toLocaleString('en')} refused${restText(later, filtered)}`,
        ...(forGood > 0 ? [good] : []),
        `${unusableKey(key.targets, PLAIN)}${planNotes(key.targets, PLAIN)}`.trim(),
      ].filter(Boolean);
      const problems = key.targets.flatMap((target) => target.problems);
      return document(
        `## logseal plan: ${headline}\n\n${block(lines)}${unreadableConfiguration(config)}`,
        [
          failedSection(targets, options),
          stepSection(rows, whatOf),
          problemSection('Refused, and how to fix it', refusals, targets),
          problemSection(keysTitle(key.targets), contents.unfit(key.targets), targets, 'target'),
          problemSection('Before you seal', toKnow),
          problemSection('The key that would be attached', contents.warned(key.targets), targets, 'target'),
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
