import { type ChangedKey, evaluateKey } from '../app/key/evaluate-key.ts';
import { type KeyCache, keyCache } from '../app/key/key-cache.ts';
import type { EventBus } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import type { KeyFinding } from '../domain/key-finding.ts';
import { rulesAt } from '../domain/rules.ts';
import { type Target, targetKey } from '../domain/target.ts';
import type { Reach } from './target-guard.ts';
import type { KeyTrigger, ScanTrigger } from './triggers.ts';

export interface KeyWork extends Reach {
  readonly bus: EventBus;
  readonly clock: () => Date;
  readonly onKeyFinding: (finding: KeyFinding) => void;
}

/** Why an event about an alias needs no call; undefined: it needs one, or is about something else. */
export function otherAlias(trigger: ScanTrigger, configuredKey: string): string | undefined {
  if (trigger.kind !== 'KEY_CHANGED' || trigger.alias === null || isOfConfiguredKey(trigger, configuredKey))
    return undefined;
  return `${trigger.alias} is not the alias of the configured key`;
}

function isOfConfiguredKey({ alias, target }: KeyTrigger, configuredKey: string): boolean {
  const arn = parseArn(configuredKey);
  if (!arn) return configuredKey === alias;
  return arn.resource === alias && arn.account === target.account && arn.region === target.region;
}

/**
 * Evaluates the keys that the events of one batch are about, each once for each kind of event and caller, and sends a `Key Finding` for it.
 * @returns a function that handles one event and returns whether the log stores of its target must be scanned; it throws a
 *   CloudError where another try may do better
 */
export function keyChanges(work: KeyWork): (trigger: KeyTrigger) => Promise<boolean> {
  const caches = new Map<string, KeyCache>();
  const handled = new Map<string, Promise<boolean>>();
  const cacheOf = (target: Target): KeyCache => {
    const name = targetKey(target);
    const rules = rulesAt(work.clock(), { logsPrincipal: work.config.logsPrincipal });
    const cache = caches.get(name) ?? keyCache(target, work.cloudOf(target).keys, rules);
    caches.set(name, cache);
    return cache;
  };
  const handle = async (trigger: KeyTrigger): Promise<boolean> => {
    const changed = changedKey(trigger, work.config.key);
    // An event that names no key may be about any of them.
    if (!changed) return true;
    const { target, eventName, changedBy } = trigger;
    const evaluation = { keys: work.cloudOf(target).keys, cache: cacheOf(target), configuredKey: work.config.key };
    const finding = await evaluateKey(target, changed, { ...evaluation, trigger: eventName, changedBy });
    await work.bus.send([{ detailType: 'Key Finding', detail: { schema: 'logseal/key-finding/1', ...finding } }]);
    work.onKeyFinding(finding);
    // No finding about a log store depends on a key policy, but whether the configured key can be attached does.
    return eventName !== 'PutKeyPolicy' || finding.isConfigured !== false;
  };
  return (trigger) => {
    const { target, eventName, keyArn, alias, changedBy } = trigger;
    const name = `${targetKey(target)} ${eventName} ${keyArn} ${alias} ${changedBy}`;
    const pending = handled.get(name) ?? handle(trigger);
    handled.set(name, pending);
    return pending;
  };
}

function changedKey({ keyArn, alias }: KeyTrigger, configuredKey: string): ChangedKey | null {
  if (alias !== null) return { configuredAlias: configuredKey };
  return keyArn === null ? null : { keyArn };
}
