import * as v from 'valibot';
import { orgIdMistake } from '../lib/config/org-id.ts';
import { parseArn } from '../lib/domain/arn.ts';
import { SEVERITIES } from '../lib/domain/catalogue-entry.ts';
import type { KeyEntry } from '../lib/domain/journal.ts';
import type { Step } from '../lib/domain/plan-step.ts';
import { slsRoleMistake } from '../lib/domain/providers/alibaba.ts';
import { keyArnMistake } from '../lib/domain/providers/aws.ts';
import { DEFAULT_PROVIDER, PROVIDER_NAMES, PROVIDERS } from '../lib/domain/providers/index.ts';
import type { Mistake } from '../lib/domain/providers/provider.ts';
import {
  KEY_POLICY_CODES,
  type ProblemCode,
  problem,
  REFUSAL_CODES,
  STEP_WARNING_CODES,
} from '../lib/domain/reasons.ts';
import { kindOf, LOG_STORE_TYPES } from '../lib/domain/stores/index.ts';
import type { Provider } from '../lib/domain/target.ts';
import { CLOUD_ERROR_CODES, UsageError } from '../lib/errors.ts';
import { shownText, shownWords } from './shown-text.ts';

/** What is read back from files that logseal wrote, and that anybody may have edited since. */

/** @param expected default: in the words of the mistake itself */
const text = (mistake: (value: string) => Mistake, expected?: string) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => !mistake(value),
      ({ input }) => expected ?? mistake(input) ?? '',
    ),
  );
const keyArnSchema = text(keyArnMistake, 'expected a key ARN');

/** The fields of a target, each in the form of its provider. */
const placeOf = (provider: Provider) => ({
  provider: v.literal(provider),
  account: text(PROVIDERS[provider].accountMistake),
  region: text(PROVIDERS[provider].regionMistake, 'expected a Region of the provider'),
});

/** A log store whose ARN is made of its other fields, so that none of them can be edited alone. */
const storeOf = (provider: Provider) =>
  v.pipe(
    v.object({
      ...placeOf(provider),
      type: v.picklist(LOG_STORE_TYPES.filter((type) => kindOf({ type }).provider === provider)),
      name: v.string(),
      arn: v.string(),
    }),
    v.check(({ type, name }) => !kindOf({ type }).nameMistake(name), 'expected the name of a log store of its type'),
    v.check((store) => {
      const partition = parseArn(store.arn)?.partition ?? '';
      return store.arn === kindOf(store).arnOf(partition, store, store.name);
    }, 'expected an ARN that is made of the same account, Region and name'),
  );
export const storeSchema = v.variant('provider', PROVIDER_NAMES.map(storeOf));

/** The severity is the catalogue's, whatever the file says. */
const problemSchema = <Code extends ProblemCode>(codes: readonly Code[]) =>
  v.pipe(
    v.object({
      code: v.picklist(codes),
      message: shownWords,
      fix: shownWords,
      missingRight: v.optional(v.object({ action: shownWords, resource: shownWords })),
    }),
    v.transform(({ code, message, fix, missingRight }) => problem(code, message, fix, missingRight)),
  );

const stepSchema = v.pipe(
  v.object({
    store: storeSchema,
    action: v.picklist(['SEAL', 'NONE']),
    // Whatever the cloud returned as the attached key: it is compared, never used.
    fromKeyArn: v.nullable(shownText),
    toKeyArn: v.nullable(shownText),
    irreversible: v.optional(v.literal(true)),
    keyRule: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    severity: v.optional(v.nullable(v.picklist(SEVERITIES))),
    refusal: v.nullable(problemSchema(REFUSAL_CODES)),
    skippedBy: v.optional(v.literal('LIMIT')),
    warnings: v.optional(v.array(problemSchema([...KEY_POLICY_CODES, ...STEP_WARNING_CODES])), []),
  }),
  v.check(
    ({ action, toKeyArn, refusal, skippedBy }) =>
      action === 'NONE'
        ? (refusal === null) === (skippedBy !== undefined)
        : toKeyArn !== null && refusal === null && skippedBy === undefined,
    'expected SEAL with a key and without a refusal, or NONE with a refusal or skippedBy',
  ),
  v.forward(
    // Partial, so that it is reported along with the mistakes in other fields.
    v.partialCheck(
      [['store', 'provider'], ['toKeyArn']],
      ({ store, toKeyArn }) => toKeyArn === null || !PROVIDERS[store.provider].storedKeyMistake(toKeyArn),
      "expected a key of the log store's provider",
    ),
    ['toKeyArn'],
  ),
  v.check(
    ({ store, irreversible }) => irreversible !== true || kindOf(store).configuresForGood,
    'expected irreversible only for a log store whose configuration is final',
  ),
  // The checks above have shown it; a variant by `action` would report nothing else about a step with a wrong action.
  v.transform((step) => step as Step),
);

const targetSchema = v.pipe(
  v.object({
    provider: v.picklist(PROVIDER_NAMES),
    account: shownText,
    region: v.string(),
    status: v.picklist(['COMPLETE', 'FAILED']),
    error: v.nullable(v.object({ code: v.picklist(CLOUD_ERROR_CODES), message: shownWords })),
    stores: v.number(),
    regionsUnlisted: v.optional(v.literal(true)),
    accountAlias: v.optional(shownText),
    caller: v.optional(shownText),
    apiCalls: v.record(v.string(), v.number()),
  }),
  v.check(({ provider, region }) => !PROVIDERS[provider].regionMistake(region), 'expected a Region of its provider'),
);

/** Warnings and problems of the policy are not read back. */
const keyTargetSchema = v.pipe(
  v.object({
    provider: v.picklist(PROVIDER_NAMES),
    account: shownText,
    region: shownText,
    configured: shownText,
    keyArn: v.nullable(shownText),
    refusals: v.array(problemSchema(REFUSAL_CODES)),
  }),
  v.transform((target) => ({ ...target, warnings: [], problems: [] })),
);

const planEntries = {
  schema: v.literal('logseal/plan/1'),
  run: v.object({
    id: v.pipe(shownText, v.minLength(1)),
    startedAt: v.optional(v.string(), ''),
    finishedAt: v.optional(v.string(), ''),
  }),
  key: v.object({
    configured: v.nullable(v.pipe(shownText, v.minLength(1, 'expected the key to seal with'))),
    rules: v.optional(v.array(shownText)),
    required: v.optional(v.boolean(), false),
    roleArn: v.optional(text(slsRoleMistake, 'expected the ARN of a RAM role')),
    orgId: v.optional(text(orgIdMistake, 'expected the id of an organization')),
    targets: v.optional(v.array(keyTargetSchema), []),
  }),
  config: v.optional(v.nullable(v.picklist(['READ', 'UNREADABLE'])), null),
  targets: v.optional(v.array(targetSchema), []),
  filtered: v.optional(v.number(), 0),
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
};

/** A plan of any version. */
const anyPlan = v.looseObject({ schema: v.pipe(v.string(), v.startsWith('logseal/plan/')) });

/** A plan as `logseal plan --format json` writes it. Of any other document that is the one mistake. */
export const planSchema = v.pipe(
  v.unknown(),
  v.check(
    (document) => v.is(anyPlan, document),
    'this is not a plan: write one with logseal plan --format json --output FILE',
  ),
  v.object(planEntries),
  v.forward(
    v.partialCheck(
      [['key', 'configured'], ['targets'], ['steps']],
      ({ key: { configured }, targets, steps }) => {
        const provider = steps[0]?.store.provider ?? targets[0]?.provider ?? DEFAULT_PROVIDER;
        const { serviceKey, keyMistake } = PROVIDERS[provider];
        return configured === null || configured === serviceKey?.id || !keyMistake(configured, []);
      },
      'expected the key to seal with, as --key takes it',
    ),
    ['key', 'configured'],
  ),
);

const entryEntries = {
  schema: v.literal('logseal/journal/1'),
  runId: v.pipe(shownText, v.minLength(1)),
  time: v.pipe(v.string(), v.isoTimestamp()),
  actor: v.string(),
  phase: v.picklist(['INTENT', 'DONE', 'FAILED']),
  error: v.nullable(v.string()),
};

const keyEntryEntries = {
  ...entryEntries,
  change: v.literal('KEY'),
  from: v.nullable(shownText),
  to: v.nullable(shownText),
};

/** A line of the journal. */
export const journalEntrySchema = v.variant('change', [
  v.object({ ...keyEntryEntries, store: storeSchema }),
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
  return { mistakes: result.issues.map((issue) => `${at(v.getDotPath(issue))}${issue.message}`) };
}

function at(path: string | null): string {
  return path === null ? '' : `${path}: `;
}

/** What a journal table takes: the functions write nothing else, and others may be able to write it. */
const tableEntrySchema = v.object({ ...keyEntryEntries, store: storeOf('aws') });

/** @param where names the place of the text. @throws UsageError when it is no entry of a journal table */
export function readTableEntry(text: string, where: string): KeyEntry {
  const parsed = parseWith(tableEntrySchema, text);
  if ('value' in parsed) return parsed.value;
  const isOther = 'value' in parseWith(journalEntrySchema, text);
  const why = isOther
    ? 'a journal table takes only changes of the key of log groups and query results'
    : parsed.mistakes.join('; ');
  throw new UsageError([`${where} is not an entry of a journal table: ${why}`]);
}
