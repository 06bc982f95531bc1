import { isOpen } from '../domain/finding.ts';
import type { LogStore } from '../domain/log-store.ts';
import { planStep, type Step } from '../domain/plan.ts';
import type { Refusal } from '../domain/reason.ts';
import type { KeyRing } from './key-ring.ts';
import type { Cloud } from './ports.ts';
import { judgePage } from './scan.ts';

export interface Decision {
  /** The key to seal with. */
  readonly key: string;
  /** A healthy key other than this one is replaced too. */
  readonly requiresKey: boolean;
  readonly now: Date;
}

/**
 * Reads log stores again, 50 a call, and decides for each by nothing but what was read: what to do, why not, or that
 * there is nothing to do (`NONE` without a refusal). In the order in which they were given.
 */
export async function decide(
  stores: readonly LogStore[],
  cloud: Cloud,
  ring: KeyRing,
  { key, requiresKey, now }: Decision,
): Promise<Step[]> {
  const found = await cloud.logStores.read(stores);
  const configured = await ring.configured(key);
  const findings = await judgePage([...found.values()], ring, requiresKey ? configured : null, now);
  const byArn = new Map(findings.map((finding) => [finding.arn, finding]));
  return stores.map((store) => {
    const finding = byArn.get(store.arn);
    if (finding && isOpen(finding)) return planStep(finding, configured, now);
    const refusal = finding ? null : storeGone(store);
    return { store, action: 'NONE', fromKeyArn: finding?.keyArn ?? null, toKeyArn: configured.keyArn, refusal };
  });
}

export function storeGone(store: LogStore): Refusal {
  return { code: 'STORE_GONE', message: `${store.name} no longer exists`, cure: 'nothing to do: plan again' };
}
