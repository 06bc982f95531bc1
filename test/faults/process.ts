import { violationsIn } from './invariants/index.ts';
import { planOf } from './plan.ts';
import { carryOutPlan } from './run.ts';

/** Runs one plan after the other, as `npm run test:faults` sends their seeds. */

const [, , template = ''] = process.argv;

/** What became of a run. */
export interface RunResult {
  readonly seed: number;
  readonly violations: readonly { readonly invariant: string; readonly stack: string; readonly what: string }[];
  readonly calls: number;
  readonly tookMs: number;
}

process.on('message', async (seed: number) => {
  const beganMs = performance.now();
  const said = (violations: RunResult['violations'], calls: number) =>
    process.send?.({ seed, violations, calls, tookMs: performance.now() - beganMs } satisfies RunResult);
  try {
    const evidence = await carryOutPlan(planOf(seed), template);
    said(violationsIn(evidence), evidence.calls.length);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    said([{ invariant: 'the run itself', stack: '', what }], 0);
  }
});
process.on('disconnect', () => process.exit());
