import type { PlannedKey } from '../../app/change/plan-target.ts';
import type { TargetReport } from '../../app/scan/scan-target.ts';
import { SEVERITIES, type Severity } from '../../domain/catalogue-entry.ts';
import { isUnread } from '../../domain/key-use.ts';
import type { Step } from '../../domain/plan-step.ts';
import type { Colors } from '../colors.ts';
import { isNarrow } from '../columns.ts';
import { documentProblemsText, NEXT_CHANGE } from '../document-problems.ts';
import { isUnusableEverywhere } from '../documents.ts';
import type { ReportOptions, WriterOf } from '../format.ts';
import { placesText } from '../headline.ts';
import { planContents } from '../plan-contents.ts';
import { severityText } from '../problem-list.ts';
import { skippedText } from '../skipped.ts';
import { counted, failures, incompleteText, nothingDone, restText, shortKey, unusableKey } from '../table.ts';
import { costText } from './cost.ts';
import { exemptionsText } from './exemptions.ts';
import { planNotes } from './plan-notes.ts';
import { stepTable } from './steps.ts';

/** A plan as a person reads it: what would be sealed, what would not and why. */
export const planTable: WriterOf<'plan'> = (options) => {
  const { paint, showAll, isQuiet } = options;
  const contents = planContents(showAll);
  const { rows, refusals, toKnow, sealing, counts } = contents;
  const codes = new Set<string>();
  const bySeverity = new Map<Severity, number>();
  return {
    begin: () => '',
    page(steps) {
      for (const step of steps) {
        contents.add(step);
        if (step.refusal) codes.add(step.refusal.code);
        if (step.severity) bySeverity.set(step.severity, (bySeverity.get(step.severity) ?? 0) + 1);
      }
      return '';
    },
    end({ status, key, targets, filtered, cost, config, exemptions, skipped }) {
      const seals = sealing.count();
      const { refused, later, forGood } = counts;
      const ofKeys = contents.isEmpty() ? key.targets.flatMap((target) => target.refusals) : [];
      for (const { code } of ofKeys) codes.add(code);
      const sum = `${paint.bold(`${seals.toLocaleString('en')} to seal`)}${sealing.text(key)}, ${refused.toLocaleString('en')} refused${restText(later, filtered)}`;
      const last =
        status === 'FAILED' && contents.isEmpty()
          ? nothingDone('planned', targets, paint)
          : `${sum}${paint.red(incompleteText(targets))}\n`;
      const steps = stepTable(rows, targets, options, (step) => whatOf(step, options), keyNames(key.targets));
      return [
        headline(targets, bySeverity, paint),
        failures(targets, options),
        skippedText(skipped),
        steps === '' ? '' : `\n${steps}`,
        refusals.text('Refused, and how to fix it', options, targets),
        toKnow.text('Before you seal', options),
        contents.unfit(key.targets).text(keysTitle(key.targets), options, targets),
        contents.warned(key.targets).text('The key that would be attached', options),
        documentProblemsText(
          NEXT_CHANGE,
          key.targets.flatMap(({ problems }) => problems),
          paint,
        ),
        exemptionsText(exemptions, config, options),
        '\n',
        planNotes(key.targets, paint),
        forGood === 0
          ? ''
          : `${paint.red(
              `${counted(forGood, 'Logstore')} would be encrypted for good: neither the type nor the key can ever be changed`,
            )}\n`,
        isQuiet ? '' : costText(cost),
        // What was not done must be in the last lines.
        last,
        unusableKey(key.targets, paint, codes),
      ].join('');
    },
  };
};

/** Where the plan is for, and how many log stores are not compliant, by severity. */
function headline(targets: readonly TargetReport[], bySeverity: ReadonlyMap<Severity, number>, paint: Colors): string {
  const total = [...bySeverity.values()].reduce((sum, count) => sum + count, 0);
  const counts = SEVERITIES.flatMap((severity) => {
    const count = bySeverity.get(severity);
    return count === undefined ? [] : [`${severityText(severity, paint)} ${count.toLocaleString('en')}`];
  });
  const open = counts.length === 0 ? '' : `${counted(total, 'log store')} open: ${counts.join(', ')}\n`;
  return `${paint.bold(`Plan for ${placesText(targets)}`)}\n${open}`;
}

/** Calls a key by the alias that was named, or by its id. */
function keyNames(keys: readonly PlannedKey[]): (keyArn: string | null) => string {
  const names = new Map(keys.map(({ keyArn, configured }) => [keyArn, shortKey(configured)]));
  return (keyArn) => (keyArn === null ? shortKey(null) : (names.get(keyArn) ?? shortKey(keyArn)));
}

function whatOf(step: Step, { paint, width }: ReportOptions): string {
  if (step.refusal) return paint.yellow(`${isNarrow(width) ? '' : 'refused: '}${step.refusal.code}`);
  if (step.action === 'NONE') return 'left for later';
  return step.irreversible ? paint.red('SEAL for good') : paint.green('SEAL');
}

/** What is to be said of the keys, where no step says it. */
export function keysTitle(keys: readonly PlannedKey[]): string {
  const isOne = new Set(keys.map(({ configured }) => configured)).size <= 1;
  if (isOne && isUnusableEverywhere(keys)) return 'Nothing could be sealed with this key';
  if (keys.flatMap(({ refusals }) => refusals).every(isUnread))
    return `What is not known of ${isOne ? 'this key' : 'these keys'}`;
  return isOne ? 'This key cannot be used in every Region' : 'Not each of the keys can be used in every Region';
}
