import type { InspectedStore } from './evaluation.ts';
import type { Failure } from './failure.ts';
import { isOpen } from './finding.ts';
import type { Rules } from './rules.ts';

/**
 * Why a log store is UNKNOWN now and may not be at the next try, or may be exempt by tags that could not be read; null: it was
 * evaluated, or another try would not help. A configuration that could not be read leaves no log store out.
 */
export function whyUnread(store: InspectedStore, { unreadConfiguration }: Rules): Failure | null {
  const { reading, attached, finding } = store;
  const ofTags = store.unreadConfiguration === unreadConfiguration ? null : store.unreadConfiguration;
  if (ofTags?.isTransient && isOpen(finding)) return ofTags;
  if (finding.status !== 'UNKNOWN') return null;
  const failure = reading.status === 'UNREADABLE' ? reading.failure : attached?.transientError;
  return failure?.isTransient ? failure : null;
}
