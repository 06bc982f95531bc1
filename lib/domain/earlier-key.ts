import { parseArn } from './arn.ts';
import type { LogStore } from './log-store.ts';
import { PROVIDERS } from './providers/index.ts';
import { problem, type Refusal } from './reasons.ts';

/**
 * Why the word of a journal is not enough to attach a key again: whoever can write into the journal could name a key of an
 * account of their own, and read the logs. null: the key is one of the log store's account or of another one that is trusted, and
 * must only be usable.
 * @param key what the journal has as the earlier key
 * @param trusted other accounts whose keys may be attached again
 */
export function untrustedKey(key: string, { provider, account }: LogStore, trusted: readonly string[]): Refusal | null {
  const { serviceKey, storedKeyMistake } = PROVIDERS[provider];
  if (key === serviceKey?.id) return null;
  const mistake = storedKeyMistake(key);
  if (mistake) return notTrusted(`what the journal has as the earlier key is none: ${mistake}`);
  const owner = parseArn(key)?.account;
  if (owner === undefined || owner === account || trusted.includes(owner)) return null;
  return notTrusted(
    `the earlier key in the journal, ${key}, belongs to account ${owner}, and the log store to account ${account}`,
  );
}

function notTrusted(message: string): Refusal {
  const fix =
    'if you know that the log store had this key, attach it by hand; otherwise find out who wrote this into the journal';
  return problem('JOURNAL_NOT_TRUSTED', message, fix);
}
