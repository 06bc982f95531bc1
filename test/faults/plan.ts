import type { Fault, World } from '../../sandbox/world.ts';
import { drawActions, type TimedAction } from './actions.ts';
import { drawExemption } from './exemptions.ts';
import { drawFaults } from './incidents.ts';
import { type Random, random } from './random.ts';
import { drawWorld, ELSEWHERE, HOME } from './worlds.ts';

/** A stack as it is deployed. */
export interface PlannedStack {
  readonly name: string;
  readonly mode: 'Audit' | 'Enforce';
  /** Empty: the stack creates its key. */
  readonly keyId: string;
  readonly regions: readonly string[];
  /** What the names of log groups begin with that its configuration exempts; null: it has none. */
  readonly exempt: string | null;
}

/** Everything that is drawn for a run. */
export interface Plan {
  readonly seed: number;
  readonly world: World;
  readonly stacks: readonly [PlannedStack, ...PlannedStack[]];
  readonly quotas: 'aws' | Record<string, never>;
  readonly faults: readonly Fault[];
  /** The schedule fires at the beginning, and again after these seconds. */
  readonly schedulesAtS: readonly number[];
  readonly actions: readonly TimedAction[];
  /** Messages that no function knows, and when they come. */
  readonly poison: readonly {
    readonly atS: number;
    readonly queue: 'ScanQueue' | 'RemediateQueue';
    readonly body: string;
  }[];
  /** How far the clocks of the functions' instances are off, at most. */
  readonly skewMs: number;
}

/** @returns the same plan for the same seed */
export function planOf(seed: number): Plan {
  const draw = random(seed);
  const isTwoRegions = draw.chance(0.25);
  const regions = isTwoRegions ? [HOME, ELSEWHERE] : [HOME];
  const world = drawWorld(draw, seed, regions);
  const stacks: [PlannedStack, ...PlannedStack[]] = [drawStack(draw, 'logseal', regions)];
  if (draw.chance(0.15)) stacks.push(drawStack(draw, 'second', regions));
  const plan = {
    seed,
    quotas: draw.chance(0.2) ? 'aws' : {},
    faults: drawFaults(draw, world),
    schedulesAtS: draw.chance(0.3) ? [draw.whole(1, 900)] : [],
    actions: drawActions(draw, world, regions),
    poison: drawPoison(draw),
    skewMs: draw.chance(0.3) ? draw.whole(100, 20_000) : 0,
  };
  // Last, so that all else of a seed stays as it was.
  const exemption = drawExemption(draw);
  const [first, ...more] = stacks.map((stack) => ({ ...stack, exempt: exemption?.prefix ?? null }));
  return {
    ...plan,
    world: { ...world, ...(exemption && { parameters: exemption.parameters }) },
    stacks: [first as PlannedStack, ...more],
    faults: [...plan.faults, ...(exemption?.faults ?? [])],
    actions: [...plan.actions, ...(exemption?.actions ?? [])],
  };
}

function drawStack(draw: Random, name: string, regions: readonly string[]): PlannedStack {
  const mode = draw.chance(0.8) ? 'Enforce' : 'Audit';
  const keyId = regions.length === 1 && draw.chance(0.1) ? '' : 'alias/logseal';
  return { name, mode, keyId, regions, exempt: null };
}

const POISON = [
  '{ no JSON',
  '{"hello":"world"}',
  'null',
  '[]',
  `{"detail-type":"Scan Requested","x":"${'x'.repeat(20_000)}"}`,
];

function drawPoison(draw: Random): Plan['poison'] {
  if (!draw.chance(0.25)) return [];
  return Array.from({ length: draw.whole(1, 4) }, () => ({
    atS: draw.whole(0, 120),
    queue: draw.pick(['ScanQueue', 'RemediateQueue'] as const),
    body: draw.pick(POISON),
  }));
}
