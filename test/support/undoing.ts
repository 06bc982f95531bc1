import * as v from 'valibot';
import type { World } from '../../sandbox/world.ts';
import { journalSchema, outcomeSchema, parseDocument, policyJournalSchema, undoSchema } from './documents.ts';
import { keysOf } from './keys.ts';
import { aDesk, aWorld, journalOf, linesOf, type RunOptions } from './logseal.ts';

export const JOURNAL = journalOf('111122223333');
const entrySchema = v.union([journalSchema, policyJournalSchema]);
export type Entry = v.InferOutput<typeof entrySchema>;

/** A desk on which things are applied and undone; all results are held against their schemas. */
export async function anUndoDesk(world: World) {
  const desk = await aDesk(aWorld(world));
  const region = world.region ?? 'eu-west-1';
  const keys = keysOf(desk.sandbox, { region });
  return {
    ...desk,
    keys,
    /** The key of each log group. */
    attached: keys.attached,
    async apply(words = '', options: RunOptions = {}) {
      const command = `apply --key alias/logseal --yes --quiet --format json ${words}`;
      const { status, stdout, stderr } = await desk.run(command, options);
      return { status, stderr, document: parseDocument(outcomeSchema, stdout) };
    },
    /** Undoes without a question. @param words `--run …` or `--store …` */
    async undo(words: string, options: RunOptions = {}) {
      const { status, stdout, stderr } = await desk.run(`undo ${words} --yes --quiet --format json`, options);
      return { status, stderr, document: parseDocument(undoSchema, stdout) };
    },
    /** Whatever the journal holds, whole lines alone. */
    async journal(): Promise<Entry[]> {
      if (!(await desk.files()).includes(JOURNAL)) return [];
      const text = await desk.read(JOURNAL);
      return v.parse(v.array(entrySchema), linesOf(text.slice(0, text.lastIndexOf('\n') + 1)));
    },
    /** How often anything was changed. */
    changes: () => {
      const calls = desk.sandbox.calls();
      return ['logs:AssociateKmsKey', 'logs:DisassociateKmsKey', 'kms:PutKeyPolicy'].reduce(
        (sum, call) => sum + (calls[call] ?? 0),
        0,
      );
    },
  };
}

export type UndoDesk = Awaited<ReturnType<typeof anUndoDesk>>;

/** Phase and subject of each line. */
export function linesIn(entries: readonly Entry[]): string[] {
  return entries.map((entry) => `${entry.phase} ${entry.change === 'KEY' ? entry.store.name : 'policy'}`);
}
