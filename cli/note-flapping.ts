import type { StoreJournal } from '../lib/app/ports.ts';
import { isFlapping, keyLosses } from '../lib/domain/flapping.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { counted } from '../lib/report/table.ts';
import type { Arguments } from './arguments.ts';
import type { Host } from './host.ts';

/** As many names as a person reads. */
const MAX_NAMED = 10;

/**
 * Says before the question which log stores the functions would refuse as FLAPPING, by this journal. A person decides for
 * themselves, so nothing is refused.
 */
export async function noteFlapping(
  seals: readonly Step[],
  journal: StoreJournal,
  args: Arguments,
  { err }: Host,
): Promise<void> {
  if (args.flag('quiet')) return;
  const now = new Date();
  const names: string[] = [];
  for (const { store, fromKeyArn } of seals) {
    if (isFlapping(keyLosses(await journal.ofStore(store), fromKeyArn, now))) names.push(store.name);
  }
  if (names.length === 0) return;
  const more = names.length > MAX_NAMED ? ` and ${(names.length - MAX_NAMED).toLocaleString('en')} more` : '';
  err.write(
    `note: FLAPPING: ${counted(names.length, 'log store')} lost the key at least twice within a day after logseal had set ` +
      `it: ${names.slice(0, MAX_NAMED).join(', ')}${more}. Infrastructure code probably owns what keeps losing its key: set ` +
      'the key there, as docs/infrastructure-as-code.md shows\n',
  );
}
