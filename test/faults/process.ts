import type { Evidence } from './evidence.ts';
import { deathsIn } from './invariants/counts.ts';
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
  /** How much of what the invariants are about there was. */
  readonly seen: Readonly<Record<string, number>>;
  readonly tookMs: number;
}

process.on('message', async (seed: number) => {
  const beganMs = performance.now();
  const say = (result: Pick<RunResult, 'violations' | 'calls' | 'seen'>) =>
    process.send?.({ seed, ...result, tookMs: performance.now() - beganMs } satisfies RunResult);
  try {
    const evidence = await carryOutPlan(planOf(seed), template);
    say({ violations: violationsIn(evidence), calls: evidence.calls.length, seen: seenIn(evidence) });
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say({ violations: [{ invariant: 'the run itself', stack: '', what }], calls: 0, seen: {} });
  }
});
function seenIn({ stacks, calls }: Evidence): RunResult['seen'] {
  const events = (type: string) =>
    stacks.flatMap((stack) => stack.events).filter((event) => event['detail-type'] === type).length;
  const lines = stacks.flatMap((stack) => [...stack.lines.scan, ...stack.lines.remediate]);
  return {
    scans: events('Scan Completed'),
    findings: events('Log Store Finding'),
    seals: calls.filter(({ name, actingAs }) => name === 'logs:AssociateKmsKey' && actingAs !== undefined).length,
    outcomes: events('Remediation Outcome'),
    'functions that died': deathsIn(lines),
    'dead letters': stacks.flatMap(({ waiting }) => waiting).length,
  };
}

process.on('disconnect', () => process.exit());
