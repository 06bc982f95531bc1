import type { Matched } from '../domain/configuration.ts';
import type { InspectedStore } from '../domain/evaluation.ts';
import type { Failure } from '../domain/failure.ts';
import { findingOf, unreadableFinding } from '../domain/finding.ts';
import type { KeyInspection } from '../domain/key.ts';
import { type LogStore, type PresentReading, storeOf } from '../domain/log-store.ts';
import type { Tags } from '../domain/match.ts';
import { problem } from '../domain/reasons.ts';
import { exemptionOf, keyFor, type Rules } from '../domain/rules.ts';
import type { KeyCache } from './key/key-cache.ts';
import type { StoreTags } from './store-tags.ts';

/** What is read about the log stores of a target beside themselves. */
export interface TargetFacts {
  readonly keys: KeyCache;
  readonly tags: StoreTags;
}

const NO_TAGS: Tags = new Map();

/** Evaluates a page of log stores. The keys that the page brings in are inspected side by side. */
export async function inspectStores(
  page: readonly PresentReading[],
  { keys, tags }: TargetFacts,
  rules: Rules,
): Promise<InspectedStore[]> {
  const { configuration } = rules;
  const mayAsk = configuration.tagKeys.length > 0 ? page.map(storeOf) : [];
  const asked = mayAsk.filter((store) => configuration.matched(store, null).unknown === 'TAGS');
  const { byArn, failure } = await tags.of(asked);
  const matches = page.map((reading): Matched => {
    const store = storeOf(reading);
    return configuration.matched(store, byArn && (byArn.get(store.arn) ?? NO_TAGS));
  });
  const unread = ({ unknown }: Matched): Failure | null =>
    rules.unreadConfiguration ?? (unknown === null ? null : unknown === 'TAGS' ? failure : ACCOUNT_UNKNOWN);
  const required = (matched: Matched) => (rules.requiresKey && !unread(matched) ? keyFor(rules, matched) : null);
  // First, so that a required key is described once even where it is attached, too.
  const requiredKeys = await inspectAll(matches.map(required), keys.named);
  const attachedKeys = await inspectAll(page.map(attachedKey), keys.attached);
  return page.map((reading, index): InspectedStore => {
    const matched = matches[index] as Matched;
    const exemption = exemptionOf(rules, matched);
    const unreadConfiguration = unread(matched);
    const about = { reading, matched, unreadConfiguration };
    if (reading.status === 'UNREADABLE') {
      return { ...about, attached: null, finding: unreadableFinding(reading.store, reading.failure, exemption) };
    }
    const attached = attachedKeys.get(reading.found.keyArn) ?? null;
    const requiredKey =
      rules.requiresKey && unreadConfiguration
        ? unknownKey(storeOf(reading), unreadConfiguration)
        : (requiredKeys.get(required(matched)) ?? null);
    return { ...about, attached, finding: findingOf(reading.found, attached, requiredKey, exemption) };
  });
}

const ACCOUNT_UNKNOWN: Failure = {
  code: 'INVALID_REQUEST',
  call: 'the account of the log store',
  message: 'it is not known, and the configuration asks for it',
  isTransient: false,
  fix: 'name --sls-role-arn, which says the account, or leave accounts out of match',
};

/** The key that a log store must have, where it is not known which key rule matches it. */
function unknownKey({ name }: LogStore, { call, message, isTransient, ...failure }: Failure): KeyInspection {
  const what = `which key ${name} is required to have is not known: ${call}: ${message}`;
  const reason = problem('KEY_UNREADABLE', what, failure.fix ?? `allow the caller ${call}`);
  const transientError = isTransient ? { ...failure, call, message, isTransient } : null;
  return { keyArn: null, reasons: [reason], policy: null, transientError };
}

/** Inspects each key once. */
export async function inspectAll(
  keys: readonly (string | null)[],
  inspect: (key: string) => Promise<KeyInspection>,
): Promise<ReadonlyMap<string | null, KeyInspection>> {
  const distinct = [...new Set(keys)].filter((key) => key !== null);
  return new Map(await Promise.all(distinct.map(async (key) => [key, await inspect(key)] as const)));
}

function attachedKey(reading: PresentReading): string | null {
  return reading.status === 'FOUND' ? reading.found.keyArn : null;
}
