import { isOpen, unreadable } from '../../domain/finding.ts';
import type { KeyInspection } from '../../domain/key.ts';
import type { FoundLogStore, LogStore } from '../../domain/log-store.ts';
import { type Outcome, planStep, type Step } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import { CloudError, mayPass } from '../../errors.ts';
import type { KeyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { evaluatePage, failureOf } from '../scan/scan-target.ts';

export interface Decision {
  /** The key to seal with. */
  readonly key: string;
  /** A healthy key other than this one is replaced too. */
  readonly requiresKey: boolean;
  readonly now: Date;
}

export interface Decided {
  readonly step: Step;
  /** What could not be read this time, where that alone keeps the step from being decided. */
  readonly transientError: KeyInspection['transientError'];
  /** Which key the store has is not known. */
  readonly unread?: true;
}

/**
 * Reads log stores again, 50 a call, and decides for each by nothing but what was read: what to do, why not, or that
 * there is nothing to do (`NONE` without a refusal). In the order in which they were given.
 */
export async function decide(
  stores: readonly LogStore[],
  cloud: Cloud,
  cache: KeyCache,
  { key, requiresKey, now }: Decision,
): Promise<Decided[]> {
  const found = await cloud.logStores.read(stores);
  const configured = await cache.configured(key);
  const read = [...found.values()].filter((each): each is FoundLogStore => !(each instanceof CloudError));
  const findings = await evaluatePage(read, cache, requiresKey ? configured : null, now);
  const byArn = new Map(findings.map((finding) => [finding.arn, finding]));
  return Promise.all(
    stores.map(async (store): Promise<Decided> => {
      const finding = byArn.get(store.arn);
      const unread = found.get(store.arn);
      if (unread instanceof CloudError) return undecidable(store, configured, unread);
      if (!finding || !isOpen(finding)) {
        const refusal = finding ? null : storeGone(store);
        const fromKeyArn = finding?.keyArn ?? null;
        return {
          step: { store, action: 'NONE', fromKeyArn, toKeyArn: configured.keyArn, refusal },
          transientError: null,
        };
      }
      const step = planStep(finding, configured, now);
      const isUnknown = finding.status === 'UNKNOWN' && finding.keyArn !== null;
      const cause = isUnknown ? await cache.attached(finding.keyArn) : configured;
      return { step, transientError: step.refusal && cause.transientError };
    }),
  );
}

/** Nobody knows which key it has, so nothing is done about it. */
function undecidable(store: LogStore, configured: KeyInspection, failure: CloudError): Decided {
  const refusal = unreadable(store, failureOf(failure));
  const step: Step = { store, action: 'NONE', fromKeyArn: null, toKeyArn: configured.keyArn, refusal };
  return { step, transientError: mayPass(failure.code) ? failure : null, unread: true };
}

/** A decision that could not be made this time: FAILED, for another try, and no refusal. */
export function undecided(step: Step, { code, message }: { code: string; message: string }): Outcome {
  return { ...step, refusal: null, outcome: 'FAILED', error: { code, message } };
}

/** A step that nothing is done about: refused, or nothing to do. */
export function leftAsItIs(step: Step): Outcome {
  return { ...step, outcome: step.refusal ? 'REFUSED' : 'UNCHANGED', error: null };
}

export function storeGone(store: LogStore): Refusal {
  return { code: 'STORE_GONE', message: `${store.name} no longer exists`, fix: 'nothing to do: plan again' };
}

/** @param when when it had the key `before` */
export function storeChanged(
  { name }: LogStore,
  before: string | null,
  now: string | null,
  when: string,
  fix: string,
): Refusal {
  const message = `${name} had ${before ?? 'no key'} ${when}, and now has ${now ?? 'no key'}`;
  return { code: 'STORE_CHANGED', message, fix };
}
