import { describe, expect, it } from 'vitest';
import { orderedSteps } from '../../cli/ordered-steps.ts';
import { inPlanOrder } from '../../lib/domain/order.ts';
import type { Step } from '../../lib/domain/plan-step.ts';
import { aLogGroup, aReason, aStep } from '../support/builders.ts';

const SEVERITY = ['MEDIUM', 'CRITICAL', 'HIGH'] as const;
const nameOf = (index: number) => `/app/${String(index).padStart(5, '0')}`;

function ordered(pages: readonly (readonly Step[])[]): Step[] {
  const steps = orderedSteps();
  for (const page of pages) steps.add(page);
  return [...steps.pages()].flat();
}

describe('the steps of a plan', () => {
  const steps = ['eu-west-1', 'us-east-1'].flatMap((region) =>
    Array.from({ length: 4_500 }, (_, index) => {
      const store = aLogGroup(nameOf(index), { region });
      const severity = SEVERITY[index % SEVERITY.length] ?? null;
      return aStep(
        index % 7 === 0 ? { store, severity, action: 'NONE', refusal: aReason('NO_KEY') } : { store, severity },
      );
    }),
  );
  const pages = Array.from({ length: 90 }, (_, page) => steps.slice(page * 100, page * 100 + 100));

  it('are in order, over all targets, however many there are', () => {
    // As two targets that are listed side by side.
    const interleaved = pages.flatMap((page, index) => (index < 45 ? [page, pages[45 + index] ?? []] : []));

    expect(ordered(interleaved)).toEqual(steps.toSorted(inPlanOrder));
  });

  it('are in order as well where a cloud does not list by name', () => {
    expect(ordered(pages.toReversed())).toEqual(steps.toSorted(inPlanOrder));
  });

  it('may be none', () => {
    expect(ordered([])).toEqual([]);
  });
});
