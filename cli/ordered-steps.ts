import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { inPlanOrder, severityRank } from '../lib/domain/order.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { targetKey } from '../lib/domain/target.ts';

/** Steps that are held until all of them are known, since the last one may come first. */
export interface OrderedSteps {
  add(steps: readonly Step[]): void;
  /** In the order of a plan, over all targets, in pages. What JSON leaves out of a step is lost. */
  pages(): Iterable<readonly Step[]>;
}

/** Of one target and severity. The cloud lists log stores by name, so that they come in their order. */
interface Group {
  readonly first: Step;
  /** In the order in which they came. */
  readonly packed: Buffer[];
  open: Step[];
  last: Step;
  isInOrder: boolean;
}

const STEPS_PER_PACK = 1_000;

/**
 * Keeps steps as compressed text, some 20 bytes each: a plan may have a million. Only where a cloud lists the log stores of a
 * target in another order than by name are its steps of one severity taken out together, to be sorted.
 */
export function orderedSteps(): OrderedSteps {
  const groups = new Map<string, Group>();
  return {
    add(steps) {
      for (const step of steps) {
        const key = `${severityRank(step.severity)} ${targetKey(step.store)}`;
        const group = groups.get(key) ?? { first: step, packed: [], open: [], last: step, isInOrder: true };
        groups.set(key, group);
        group.isInOrder &&= inPlanOrder(group.last, step) <= 0;
        group.last = step;
        group.open.push(step);
        if (group.open.length < STEPS_PER_PACK) continue;
        group.packed.push(packed(group.open));
        group.open = [];
      }
    },
    *pages() {
      for (const { packed, open, isInOrder } of [...groups.values()].sort(byFirst)) {
        if (isInOrder) {
          for (const pack of packed) yield unpacked(pack);
          yield open;
        } else {
          yield [...packed.flatMap(unpacked), ...open].sort(inPlanOrder);
        }
      }
    },
  };
}

/** Groups differ in severity, account or Region, so that their names decide nothing. */
function byFirst(one: Group, other: Group): number {
  return inPlanOrder(one.first, other.first);
}

function packed(steps: readonly Step[]): Buffer {
  return deflateRawSync(JSON.stringify(steps), { level: 1 });
}

function unpacked(pack: Buffer): Step[] {
  return JSON.parse(inflateRawSync(pack).toString('utf8'));
}
