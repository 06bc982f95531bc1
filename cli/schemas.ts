import * as v from 'valibot';
import {
  accountMistake,
  alibabaRegionMistake,
  keyArnMistake,
  parseCmk,
  regionMistake,
  slsRoleMistake,
} from '../lib/config.ts';
import { parseArn } from '../lib/domain/arn.ts';
import type { JournalEntry } from '../lib/domain/journal.ts';
import { isLogGroupName, logGroupArn, QUERY_RESULTS_NAME, queryResultsArn } from '../lib/domain/log-store.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { REFUSAL_CODES } from '../lib/domain/reasons.ts';
import { logstoreOf, parseLogstoreName } from '../lib/domain/stores/logstore.ts';
import { CLOUD_ERROR_CODES, UsageError } from '../lib/errors.ts';

/** What is read back from files that logseal wrote, and that anybody may have edited since. */

const accountSchema = v.pipe(
  v.string(),
  v.check((text) => !accountMistake(text), 'expected an account id of twelve digits'),
);
const regionSchema = v.pipe(
  v.string(),
  v.check((text) => !regionMistake(text), 'expected a Region such as eu-west-1'),
);
const keyArnSchema = v.pipe(
  v.string(),
  v.check((text) => !keyArnMistake(text), 'expected a key ARN'),
);

const awsStoreSchema = v.pipe(
  v.object({
    provider: v.literal('aws'),
    account: accountSchema,
    region: regionSchema,
    type: v.picklist(['log-group', 'query-results']),
    name: v.string(),
    arn: v.string(),
  }),
  v.check((store) => {
    const partition = parseArn(store.arn)?.partition ?? '';
    if (store.type === 'log-group') return store.arn === logGroupArn(partition, store, store.name);
    return store.arn === queryResultsArn(partition, store) && store.name === QUERY_RESULTS_NAME;
  }, 'expected an ARN that is made of the same account, Region and name'),
);

const logstoreSchema = v.pipe(
  v.object({
    provider: v.literal('alibaba'),
    account: v.pipe(v.string(), v.regex(/^\d{0,20}$/, 'expected the id of an account')),
    region: v.pipe(
      v.string(),
      v.check((text) => !alibabaRegionMistake(text), 'expected a Region such as cn-hangzhou'),
    ),
    type: v.literal('logstore'),
    name: v.string(),
    arn: v.string(),
  }),
  v.check((store) => {
    const names = parseLogstoreName(store.name);
    return names !== undefined && store.arn === logstoreOf(store, names.project, names.logstore).arn;
  }, 'expected PROJECT/LOGSTORE in letters, digits, _ and -, and an ARN that is made of the same'),
);

const storeSchema = v.variant('provider', [awsStoreSchema, logstoreSchema]);

/** A key ARN of KMS, the id of a CMK or the service key. */
const sealingKeySchema = v.union([
  keyArnSchema,
  v.pipe(
    v.string(),
    v.check((text) => {
      const cmk = parseCmk(text);
      return cmk !== undefined && cmk.region === undefined;
    }, 'expected a key'),
  ),
]);

const stepSchema = v.pipe(
  v.object({
    store: storeSchema,
    action: v.picklist(['SEAL', 'NONE']),
    // What is attached to a store is whatever CloudWatch Logs said: it is compared, never used.
    fromKeyArn: v.nullable(v.string()),
    toKeyArn: v.nullable(sealingKeySchema),
    irreversible: v.optional(v.literal(true)),
    refusal: v.nullable(v.object({ code: v.picklist(REFUSAL_CODES), message: v.string(), fix: v.string() })),
  }),
  v.check(
    ({ action, toKeyArn, refusal }) => (action === 'NONE' ? refusal !== null : toKeyArn !== null && refusal === null),
    'expected a key and no refusal beside SEAL, and a refusal beside NONE',
  ),
  v.check(
    ({ store, toKeyArn }) => toKeyArn === null || Boolean(keyArnMistake(toKeyArn)) === (store.provider === 'alibaba'),
    "expected a key of the log store's provider",
  ),
  v.check(
    ({ store, irreversible }) => irreversible !== true || store.type === 'logstore',
    'expected irreversible beside a Logstore only',
  ),
  // What cannot be a name would fail the read of all log groups that are read with it.
  v.check(
    ({ store: { type, name } }) => type !== 'log-group' || isLogGroupName(name),
    'expected the name of a log group',
  ),
  // The first check has shown it; a variant by `action` would name nothing else that is wrong beside a wrong action.
  v.transform((step) => step as Step),
);

const targetSchema = v.pipe(
  v.object({
    provider: v.picklist(['aws', 'alibaba']),
    account: v.string(),
    region: v.string(),
    status: v.picklist(['COMPLETE', 'FAILED']),
    error: v.nullable(v.object({ code: v.picklist(CLOUD_ERROR_CODES), message: v.string() })),
    stores: v.number(),
    apiCalls: v.record(v.string(), v.number()),
  }),
  v.check(
    ({ provider, region }) => !(provider === 'aws' ? regionMistake : alibabaRegionMistake)(region),
    'expected a Region of its provider',
  ),
);

/** A plan as `logseal plan --format json` writes it. */
export const planSchema = v.object({
  schema: v.literal('logseal/plan/1'),
  run: v.object({ id: v.pipe(v.string(), v.minLength(1)) }),
  key: v.object({
    configured: v.optional(v.string(), ''),
    required: v.optional(v.boolean(), false),
    roleArn: v.optional(
      v.pipe(
        v.string(),
        v.check((text) => !slsRoleMistake(text), 'expected the ARN of a RAM role'),
      ),
    ),
  }),
  targets: v.optional(v.array(targetSchema), []),
  steps: v.pipe(
    v.array(stepSchema),
    v.check(
      (steps) => new Set(steps.map(({ store }) => store.arn)).size === steps.length,
      'expected each log store once',
    ),
    v.check(
      (steps) => new Set(steps.map(({ store }) => store.provider)).size <= 1,
      'expected log stores of one provider',
    ),
  ),
});

const entryEntries = {
  schema: v.literal('logseal/journal/1'),
  runId: v.pipe(v.string(), v.minLength(1)),
  time: v.pipe(v.string(), v.isoTimestamp()),
  actor: v.string(),
  phase: v.picklist(['INTENT', 'DONE', 'FAILED']),
  error: v.nullable(v.string()),
};

/** A line of the journal. */
export const journalEntrySchema = v.variant('change', [
  v.object({
    ...entryEntries,
    change: v.literal('KEY'),
    store: storeSchema,
    from: v.nullable(v.string()),
    to: v.nullable(v.string()),
  }),
  v.object({
    ...entryEntries,
    change: v.literal('POLICY'),
    store: v.null(),
    keyArn: keyArnSchema,
    from: v.string(),
    to: v.string(),
  }),
]);

/** Parses text, or lists what is wrong with it and where. */
export function parseWith<T>(schema: v.GenericSchema<unknown, T>, text: string): { value: T } | { mistakes: string[] } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { mistakes: [`expected JSON (${error instanceof Error ? error.message : error})`] };
  }
  const result = v.safeParse(schema, document);
  if (result.success) return { value: result.output };
  return { mistakes: result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`) };
}

/** @param where names the place of the text. @throws UsageError when it is no entry of a journal */
export function readJournalEntry(text: string, where: string): JournalEntry {
  const parsed = parseWith(journalEntrySchema, text);
  if ('value' in parsed) return parsed.value;
  throw new UsageError([`${where} is not an entry of logseal's journal: ${parsed.mistakes.join('; ')}`]);
}
