import type { PlannedKey } from '../app/change/plan-target.ts';
import type { Step } from '../domain/plan-step.ts';
import { isStepWarning } from '../domain/reasons.ts';
import { type ProblemList, problemList } from './problem-list.ts';
import { sealingKeys } from './sealing-keys.ts';
import { stepRows } from './tables/steps.ts';

/** Collects what people read of a plan, step by step, in memory that stays bounded. */
export function planContents(showAll: boolean) {
  const rows = stepRows<Step>(showAll);
  const refusals = problemList();
  const toKnow = problemList({ showAll });
  const sealing = sealingKeys();
  const counts = { refused: 0, later: 0, forGood: 0 };
  const isEmpty = () => sealing.count() + counts.refused === 0;
  return {
    rows,
    refusals,
    /** What whoever seals should know before. */
    toKnow,
    sealing,
    /** How many steps were refused, are left for later, and would encrypt a Logstore for good. */
    counts,
    add(step: Step): void {
      rows.add(step);
      sealing.add(step);
      if (step.refusal) {
        refusals.add([step.refusal], undefined, step.store.account);
        counts.refused++;
      }
      for (const warning of step.action === 'SEAL' ? step.warnings : []) {
        // Whoever owns the stack needs each name.
        const name = warning.code === 'MANAGED_BY_CLOUDFORMATION' ? step.store.name : undefined;
        if (isStepWarning(warning.code)) toKnow.add([warning], name);
      }
      if (step.action === 'NONE' && step.skippedBy) counts.later++;
      if (step.action === 'SEAL' && step.irreversible) counts.forGood++;
    },
    /** Whether no step seals or is refused: then what is wrong with the keys shows in none of them. */
    isEmpty,
    /** Why the keys cannot be used, where no step says it. */
    unfit(keys: readonly PlannedKey[]): ProblemList {
      const list = problemList();
      for (const { refusals: ofKey, account } of isEmpty() ? keys : []) list.add(ofKey, undefined, account);
      return list;
    },
    /** What is to be known of the keys that would be attached. */
    warned(keys: readonly PlannedKey[]): ProblemList {
      const list = problemList();
      list.add(keys.flatMap(({ warnings }) => warnings));
      return list;
    },
  };
}
