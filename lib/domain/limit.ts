import type { SealStep, Step } from './plan-step.ts';

/**
 * Leaves all but the first steps that seal for another run.
 * @param most null: all are kept
 * @returns takes one step after another, in the order of the plan
 */
export function limiter(most: number | null): (step: Step) => Step {
  let seals = 0;
  return (step) => {
    if (step.action !== 'SEAL' || most === null) return step;
    seals++;
    return seals > most ? leftForLater(step) : step;
  };
}

function leftForLater({ irreversible: _ofSeal, ...step }: SealStep): Step {
  return { ...step, action: 'NONE', skippedBy: 'LIMIT' };
}
