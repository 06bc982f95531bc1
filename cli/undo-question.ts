import type { PlannedPolicyUndo } from '../lib/app/key/undo-key-policy.ts';
import { type JournalEntry, targetOfChange } from '../lib/domain/journal.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { counted } from '../lib/report/table.ts';
import { placeOf } from './confirm.ts';

/** Names what would be changed and each key by its ARN; null: nothing would be. */
export function undoQuestion(steps: readonly Step[], policies: readonly PlannedPolicyUndo[]): string | null {
  const changed = policies.flatMap((policy) => (policy.kind === 'CHANGE' ? [policy] : []));
  const changes = [
    ...steps.filter(({ action }) => action !== 'NONE').map(({ store }) => store),
    ...changed.map(({ entry }) => targetOfChange(entry)),
  ];
  if (changes.length === 0) return null;
  const attached = new Set(steps.flatMap(({ action, toKeyArn }) => (action === 'SEAL' ? [toKeyArn ?? ''] : [])));
  const detached = new Set(
    steps.flatMap(({ action, fromKeyArn }) => (action === 'UNSEAL' && fromKeyArn ? [fromKeyArn] : [])),
  );
  const parts = [
    `Take back ${counted(changes.length, 'change')} ${placeOf(changes)}`,
    detached.size > 0 && `detach ${listOf([...detached])}`,
    attached.size > 0 && `attach ${listOf([...attached])}`,
    changed.length > 0 && `change the key policy of ${listOf(changed.map(({ change }) => change.keyArn))}`,
  ].filter(Boolean);
  return `${parts.join(', and ')}?`;
}

/** Which run is taken back, since the beginning of its id may have been typed. */
export function undoneRun(runId: string, changes: readonly JournalEntry[]): string {
  const [first] = changes.filter((change) => change.runId === runId);
  return first ? `Run ${runId}, begun ${new Date(first.time).toISOString().slice(0, 16).replace('T', ' ')} UTC\n` : '';
}

/** As many as a question can name: all are shown above it. */
function listOf(keys: readonly string[]): string {
  const more = keys.length > MAX_KEYS ? [counted(keys.length - MAX_KEYS, 'other key')] : [];
  return new Intl.ListFormat('en').format([...keys.slice(0, MAX_KEYS), ...more]);
}

const MAX_KEYS = 3;
