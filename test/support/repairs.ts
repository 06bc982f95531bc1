import * as v from 'valibot';
import { keyRepairSchema, parseDocument, policyJournalSchema } from './documents.ts';
import { keysOf } from './keys.ts';
import { aDesk, aWorld, journalOf, linesOf, type RunOptions } from './logseal.ts';

export const REPAIR = 'key repair --key alias/logseal --yes --quiet';
const JOURNAL = journalOf('111122223333');

/** A desk with one key, whose policy may be repaired, and what became of it. */
export async function aRepairDesk(policy: Record<string, unknown> | string, more: Parameters<typeof aWorld>[0] = {}) {
  const desk = await aDesk(
    aWorld({
      policies: { broken: policy },
      groups: { '/a': null, '/under': 'logseal' },
      ...more,
      keys: { logseal: { alias: 'alias/logseal', policy: 'broken' }, ...more.keys },
    }),
  );
  const keys = keysOf(desk.sandbox);
  const keyArn = (await keys.attached())['/under'] ?? '';
  const before = await keys.policy(keyArn).catch(() => '');
  return {
    ...desk,
    keys,
    keyArn,
    before,
    policy: () => keys.policy(keyArn),
    /** Repairs, and holds the result against its schema. */
    async repair(words: string = REPAIR, options: RunOptions = {}) {
      const { status, stdout, stderr } = await desk.run(`${words} --format json`, options);
      return { status, stderr, document: parseDocument(keyRepairSchema, stdout) };
    },
    /** The lines of the journal; none: there is no such file. */
    async journal() {
      if (!(await desk.files()).includes(JOURNAL)) return [];
      return v.parse(v.array(policyJournalSchema), linesOf(await desk.read(JOURNAL)));
    },
    changes: () => desk.sandbox.calls()['kms:PutKeyPolicy'] ?? 0,
  };
}

/** The statements of a policy's text. */
export function statementsOf(text: string): object[] {
  return JSON.parse(text).Statement;
}
