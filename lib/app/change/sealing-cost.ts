import type { Step } from '../../domain/plan-step.ts';
import { keyUsdPerMonth, PRICES } from '../../domain/prices.ts';
import { PROVIDERS } from '../../domain/providers/index.ts';
import { kindOf } from '../../domain/stores/index.ts';
import { type Provider, targetKey } from '../../domain/target.ts';
import { CONCURRENT_CHANGES, CONCURRENT_TARGETS, STORES_PER_READ, STORES_READ_TO_CHANGE } from '../../pacing.ts';

/** What carrying out a plan will take, as far as that is known before. */
export interface SealingCost {
  /**
   * About how many calls, by their IAM names: reading log stores and keys, sealing, and reading again at the end; without retries, and
   * without the tags that a configuration asks for.
   */
  readonly apiCalls: Readonly<Record<string, number>>;
  readonly totalApiCalls: number;
  /** At least, by the quota of the call that seals, with targets side by side; null: the service documents no quota. */
  readonly minutes: number | null;
  readonly keys: {
    /** Different keys that are attached. */
    readonly count: number;
    /** All of them together, at list price, whether or not they are paid for already; null: not known for one of them at least. */
    readonly usdPerMonth: number | null;
    /** The month of the newest dated text that names the price. */
    readonly priceAsOf: string;
    readonly priceSource: string;
  };
  /** What costs money and is not in the price. */
  readonly notCounted: readonly string[];
}

/** For people and programs alike. */
const NOT_COUNTED = ['requests to KMS', 'earlier key material that rotation keeps', 'CloudWatch'];

interface TargetCount {
  readonly provider: Provider;
  /** Log stores to seal, by the quota of the call that seals them. */
  readonly changes: Map<number, number>;
  /** Log stores by the call that reads them together. */
  readonly together: Map<string, number>;
  readonly keys: Set<string>;
  readonly toKeys: Set<string>;
}

/** Counts what the steps that seal will take, in memory that grows with targets and keys alone. */
export function sealingCost(): { add(step: Step): void; total(): SealingCost } {
  const targets = new Map<string, TargetCount>();
  const attached = new Set<string>();
  const calls = new Map<string, number>();
  let isQuotaKnown = true;
  const count = (call: string, times: number) => calls.set(call, (calls.get(call) ?? 0) + times);
  return {
    add({ action, store, fromKeyArn, toKeyArn }) {
      if (action !== 'SEAL') return;
      const { each, together, perSecond } = kindOf(store).sealing;
      for (const [call, times] of Object.entries(each)) count(call, times);
      if (perSecond === null) isQuotaKnown = false;
      attached.add(toKeyArn);
      const key = targetKey(store);
      const target = targets.get(key) ?? {
        provider: store.provider,
        changes: new Map(),
        together: new Map(),
        keys: new Set(),
        toKeys: new Set(),
      };
      targets.set(key, target);
      if (perSecond !== null) target.changes.set(perSecond, (target.changes.get(perSecond) ?? 0) + 1);
      if (together !== null) target.together.set(together, (target.together.get(together) ?? 0) + 1);
      target.toKeys.add(toKeyArn);
      for (const keyArn of [fromKeyArn, toKeyArn]) if (keyArn !== null) target.keys.add(keyArn);
    },
    total() {
      const all = new Map(calls);
      const more = (call: string, times: number) => times > 0 && all.set(call, (all.get(call) ?? 0) + times);
      for (const { provider, together, keys, toKeys } of targets.values()) {
        const { serviceKey, roleOption } = PROVIDERS[provider];
        for (const [call, stores] of together) more(call, readsToChange(stores) + Math.ceil(stores / STORES_PER_READ));
        more('kms:DescribeKey', [...keys].filter((keyArn) => keyArn !== serviceKey?.id).length);
        // Of the keys that are replaced, nearly all are not usable, and their policies are not read.
        more('kms:GetKeyPolicy', roleOption === null ? toKeys.size : 0);
      }
      const prices = [...attached].map(keyUsdPerMonth);
      const apiCalls = Object.fromEntries([...all].sort(([, one], [, other]) => other - one));
      return {
        apiCalls,
        totalApiCalls: Object.values(apiCalls).reduce((sum, times) => sum + times, 0),
        minutes: isQuotaKnown ? minutesOf([...targets.values()].map(secondsOf)) : null,
        keys: {
          count: attached.size,
          usdPerMonth: prices.includes(null) ? null : prices.reduce<number>((sum, price) => sum + (price ?? 0), 0),
          priceAsOf: PRICES.asOf,
          priceSource: PRICES.source,
        },
        notCounted: NOT_COUNTED,
      };
    },
  };
}

/** A reading lasts for as many changes as the quota allows meanwhile; the others that it covers are under way by then. */
function readsToChange(stores: number): number {
  return Math.ceil(stores / (STORES_READ_TO_CHANGE - CONCURRENT_CHANGES));
}

function secondsOf({ changes }: TargetCount): number {
  return [...changes].reduce((sum, [perSecond, count]) => sum + count / perSecond, 0);
}

function minutesOf(seconds: readonly number[]): number {
  const together = seconds.reduce((sum, each) => sum + each, 0);
  const longest = Math.max(0, together / CONCURRENT_TARGETS, ...seconds);
  return Math.ceil((longest / 60) * 10) / 10;
}
