import type { InspectedStore } from './evaluation.ts';
import type { Failure } from './failure.ts';

/** Why a log store is UNKNOWN now and may not be at the next try; null: it was evaluated, or another try would not help. */
export function whyUnread({ reading, attached, finding }: InspectedStore): Failure | null {
  if (finding.status !== 'UNKNOWN') return null;
  const failure = reading.status === 'UNREADABLE' ? reading.failure : attached?.transientError;
  return failure?.isTransient ? failure : null;
}
