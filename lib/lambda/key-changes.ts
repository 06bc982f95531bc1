import { type ChangedKey, evaluateKey } from '../app/key/evaluate-key.ts';
import { type KeyCache, keyCache } from '../app/key/key-cache.ts';
import type { EventBus } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import type { KeyFinding } from '../domain/key-finding.ts';
import { rulesAt } from '../domain/rules.ts';
import { type Target, targetKey } from '../domain/target.ts';
import type { Reach } from './target-guard.ts';
import type { KeyTrigger, ScanTrigger } from './triggers.ts';

export interface KeyWork extends Pick<Reach, 'config' | 'cloudOf'> {
  readonly bus: EventBus;
  readonly clock: () => Date;
  readonly onKeyFinding: (finding: KeyFinding) => void;
}

/** The keys that the log stores of a target may be sealed with, as they were configured. */
export interface ConfiguredKeys {
  readonly all: readonly string[];
  /** Those of them that belong to the target, and that log stores of other accounts may be sealed with. */
  readonly shared: readonly string[];
}

/** What must be scanned after a change of a key: the Region that it is in of its own account, or of every account. */
export type ToScan = 'NOTHING' | 'ACCOUNT' | 'EVERY_ACCOUNT';

/** Why an event about an alias needs no call; undefined: it needs one, or is about something else. */
export function otherAlias(trigger: ScanTrigger, configuredKeys: readonly string[]): string | undefined {
  if (trigger.kind !== 'KEY_CHANGED' || trigger.alias === null) return undefined;
  if (configuredKeys.some((key) => isAliasOf(trigger, key))) return undefined;
  return `${trigger.alias} is not the alias of a configured key`;
}

function isAliasOf({ alias, target }: KeyTrigger, configuredKey: string): boolean {
  const arn = parseArn(configuredKey);
  if (!arn) return configuredKey === alias;
  return arn.resource === alias && arn.account === target.account && arn.region === target.region;
}

/**
 * Evaluates the keys that the events of one batch are about, each once for each kind of event and caller, and sends a `Key Finding` for it.
 * @returns a function that handles one event, under the keys that are configured for its target; it throws a CloudError where another
 *   try may do better
 */
export function keyChanges(work: KeyWork): (trigger: KeyTrigger, configuredKeys: ConfiguredKeys) => Promise<ToScan> {
  const caches = new Map<string, KeyCache>();
  const handled = new Map<string, Promise<ToScan>>();
  const cacheOf = (target: Target): KeyCache => {
    const name = targetKey(target);
    const rules = rulesAt(work.clock(), { logsPrincipal: work.config.logsPrincipal });
    const cache = caches.get(name) ?? keyCache(target, work.cloudOf(target).keys, rules);
    caches.set(name, cache);
    return cache;
  };
  const handle = async (trigger: KeyTrigger, { all, shared }: ConfiguredKeys): Promise<ToScan> => {
    const changed = changedKey(trigger, all);
    // An event that names no key may be about any of them.
    if (!changed) return shared.length > 0 ? 'EVERY_ACCOUNT' : 'ACCOUNT';
    const { target, eventName, changedBy } = trigger;
    const evaluation = { keys: work.cloudOf(target).keys, cache: cacheOf(target), configuredKeys: all };
    const finding = await evaluateKey(target, changed, { ...evaluation, trigger: eventName, changedBy });
    await work.bus.send([{ detailType: 'Key Finding', detail: { schema: 'logseal/key-finding/1', ...finding } }]);
    work.onKeyFinding(finding);
    if (shared.some((key) => isNamedBy(key, trigger, finding))) return 'EVERY_ACCOUNT';
    // No finding about a log store depends on a key policy, but whether a configured key can be attached does.
    return eventName !== 'PutKeyPolicy' || finding.isConfigured !== false ? 'ACCOUNT' : 'NOTHING';
  };
  return (trigger, configuredKeys) => {
    const { target, eventName, keyArn, alias, changedBy } = trigger;
    const name = `${targetKey(target)} ${eventName} ${keyArn} ${alias} ${changedBy}`;
    const pending = handled.get(name) ?? handle(trigger, configuredKeys);
    handled.set(name, pending);
    return pending;
  };
}

/** Whether a configured ARN is that of a key that changed, or of its alias. Which aliases it has may not be known. */
function isNamedBy(configuredArn: string, trigger: KeyTrigger, { keyArn, aliases }: KeyFinding): boolean {
  if (trigger.alias !== null) return isAliasOf(trigger, configuredArn);
  if (configuredArn === keyArn) return true;
  return aliases?.includes(configuredArn) ?? configuredArn.includes(':alias/');
}

function changedKey(trigger: KeyTrigger, configuredKeys: readonly string[]): ChangedKey | null {
  const { keyArn, alias } = trigger;
  const configuredAlias = alias === null ? undefined : configuredKeys.find((key) => isAliasOf(trigger, key));
  if (configuredAlias !== undefined) return { configuredAlias };
  return keyArn === null ? null : { keyArn };
}
