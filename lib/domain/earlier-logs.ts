import type { KeyInspection } from './key.ts';
import { isMultiRegionKey } from './key-region.ts';
import type { LogStore } from './log-store.ts';
import { isRevivable, problem, type Reason, type StepWarning } from './reasons.ts';

/**
 * The warning that a step to give a log store another key has, where its earlier logs cannot be read: a new key does nothing for
 * them.
 * @param earlier what was found out about the key that is left behind; null: there is none
 */
export function earlierLogsWarnings(store: LogStore, earlier: KeyInspection | null): readonly StepWarning[] {
  const reason = earlier?.reasons.find(({ code }) => code === 'KEY_NOT_FOUND' || isRevivable(code));
  if (!reason) return [];
  const code = reason.severity === 'CRITICAL' ? 'EARLIER_LOGS_AT_RISK' : 'EARLIER_LOGS_UNREADABLE';
  const message = `the earlier logs of ${store.name} stay under the key that they were written with: ${reason.message}`;
  return [problem(code, message, fixOf(reason, earlier?.keyArn ?? null, store))];
}

function fixOf({ code, fix }: Reason, keyArn: string | null, { region }: LogStore): string {
  if (code !== 'KEY_NOT_FOUND') return fix;
  if (keyArn === null || !isMultiRegionKey(keyArn)) return 'nothing to do: no other key makes them readable';
  return `replicate the key to ${region} again if another Region still has it; no other key makes them readable`;
}
