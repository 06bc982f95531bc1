import * as v from 'valibot';
import type { KeyEntry } from '../domain/journal.ts';
import type { AwsLogStoreType } from '../domain/log-store.ts';
import { UsageError } from '../errors.ts';

/** The functions change keys of log stores in AWS only, so their table has no other entries. */
const keyEntry = v.object({
  schema: v.literal('logseal/journal/1'),
  runId: v.string(),
  time: v.pipe(v.string(), v.isoTimestamp()),
  actor: v.string(),
  phase: v.picklist(['INTENT', 'DONE', 'FAILED']),
  error: v.nullable(v.string()),
  change: v.literal('KEY'),
  store: v.object({
    provider: v.literal('aws'),
    account: v.string(),
    region: v.string(),
    type: v.picklist(['log-group', 'query-results'] satisfies AwsLogStoreType[]),
    name: v.string(),
    arn: v.string(),
  }),
  from: v.nullable(v.string()),
  to: v.nullable(v.string()),
});

/**
 * Reads an entry of the functions' journal, to count how often a key was removed; nothing in it is ever carried out.
 * @param where names the place of the text. @throws UsageError when it is no entry
 */
export function readKeyEntry(text: string, where: string): KeyEntry {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), keyEntry), text);
  if (result.success) return result.output;
  const mistakes = result.issues.map((issue) => [v.getDotPath(issue), issue.message].filter(Boolean).join(': '));
  throw new UsageError([`${where} is not an entry of logseal's journal: ${mistakes.join('; ')}`]);
}
