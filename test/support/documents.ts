import * as v from 'valibot';
import { CATALOGUE } from '../../lib/domain/catalogue.ts';
import { SEVERITIES } from '../../lib/domain/catalogue-entry.ts';
import {
  DOCUMENT_CODES,
  KEY_POLICY_CODES,
  REASON_CODES,
  REFUSAL_CODES,
  STEP_WARNING_CODES,
  TEMPLATE_REASON_CODES,
} from '../../lib/domain/reasons.ts';

/** The documents that other programs read, field by field: what is here may never be changed or removed. */

const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const account = v.pipe(v.string(), v.digits(), v.length(12));
const run = v.strictObject({ id: v.pipe(v.string(), v.uuid()), startedAt: time, finishedAt: time });
const text = v.pipe(v.string(), v.minLength(1));
const severity = v.picklist(SEVERITIES);
/** A reason, warning or refusal, with the severity that the catalogue gives its code. */
export const problem = <Code extends keyof typeof CATALOGUE>(codes: readonly Code[]) =>
  v.pipe(
    v.strictObject({
      code: v.picklist(codes),
      severity,
      message: text,
      fix: text,
      missingRight: v.optional(v.strictObject({ action: text, resource: text })),
    }),
    v.check(({ code, severity: given }) => CATALOGUE[code].severity === given, 'not the severity of the catalogue'),
  );
const VERDICT_CODES = [
  'KEY_WRONG_REGION',
  'MALFORMED_POLICY',
  'UNDOCUMENTED_RULE',
  'GLOBAL_SERVICE_PRINCIPAL',
  'SOURCE_CONDITION',
  'ADVISORY_ACTIONS_NOT_ALLOWED',
  'ORGANIZATION_CONDITION',
  'PRINCIPAL_OPT_IN_REGION',
  'KEY_POLICY_PUBLIC',
] as const;
const scanStatus = v.picklist(['COMPLETE', 'PARTIAL', 'FAILED']);
const failure = v.strictObject({ code: text, message: text });
const apiCalls = v.record(v.pipe(v.string(), v.regex(/^(logs|kms|sts|iam|lambda|tag|cloudwatch|account):\w+$/)), count);

const target = v.strictObject({
  provider: v.literal('aws'),
  account: v.union([account, v.literal('')]),
  region: text,
  status: v.picklist(['COMPLETE', 'FAILED']),
  error: v.nullable(failure),
  stores: count,
  regionsUnlisted: v.optional(v.literal(true)),
  accountAlias: v.optional(text),
  caller: v.optional(text),
  apiCalls,
});

const store = {
  provider: v.literal('aws'),
  account,
  region: text,
  type: v.picklist(['log-group', 'query-results']),
  name: text,
  arn: v.pipe(v.string(), v.regex(/^arn:aws(-[a-z-]+)?:logs:/)),
};

const finding = v.strictObject({
  ...store,
  status: v.picklist(['COMPLIANT', 'NON_COMPLIANT', 'EXEMPT', 'UNKNOWN']),
  severity: v.nullable(severity),
  reasons: v.array(problem(REASON_CODES)),
  warnings: v.array(problem(KEY_POLICY_CODES)),
  keyArn: v.nullable(text),
  exemption: v.nullable(v.strictObject({ id: text, reason: text, owner: text, expires: v.nullable(text) })),
});

const config = v.nullable(v.picklist(['READ', 'UNREADABLE']));
const exemptionUse = v.strictObject({
  ...{ id: text, reason: text, owner: text, expires: text, stores: count },
  notices: v.array(v.picklist(['EXPIRED', 'ENDS_SOON', 'UNMATCHED'])),
});
const skipped = v.strictObject({
  accounts: v.array(account),
  regions: v.array(v.strictObject({ account, regions: v.array(text) })),
});

const totals = {
  skipped: v.optional(skipped),
  status: scanStatus,
  run,
  config,
  summary: v.strictObject({
    stores: count,
    compliant: count,
    nonCompliant: count,
    exempt: count,
    unknown: count,
    filtered: count,
    byReason: v.record(v.picklist(REASON_CODES), count),
    bySeverity: v.record(severity, count),
  }),
  targets: v.array(target),
  exemptions: v.array(exemptionUse),
};

export const scanSchema = v.strictObject({
  schema: v.literal('logseal/scan/1'),
  ...totals,
  findings: v.array(finding),
});
export const scanSummarySchema = v.strictObject({ schema: v.literal('logseal/scan-summary/1'), ...totals });
export const findingSchema = finding;

const step = {
  store: v.strictObject(store),
  action: v.picklist(['SEAL', 'NONE']),
  fromKeyArn: v.nullable(text),
  toKeyArn: v.nullable(text),
  keyRule: v.optional(count),
  severity: v.optional(v.nullable(severity)),
  refusal: v.nullable(problem(REFUSAL_CODES)),
  skippedBy: v.optional(v.literal('LIMIT')),
  warnings: v.array(problem([...KEY_POLICY_CODES, ...STEP_WARNING_CODES])),
};
/** Why KMS would refuse a key policy. */
const policyProblem = v.strictObject({
  code: v.picklist(DOCUMENT_CODES),
  statement: v.nullable(v.strictObject({ index: count, sid: v.nullable(v.string()) })),
  message: text,
  fix: text,
});
const configuredKey = {
  configured: v.nullable(text),
  rules: v.optional(v.array(text)),
  required: v.boolean(),
  orgId: v.optional(text),
};
const keyInTarget = v.strictObject({
  provider: v.literal('aws'),
  account: v.string(),
  region: text,
  configured: text,
  keyArn: v.nullable(text),
  refusals: v.array(problem(REFUSAL_CODES)),
  warnings: v.array(problem(KEY_POLICY_CODES)),
  problems: v.array(policyProblem),
  rightsUnknown: v.optional(text),
  stacksUnknown: v.optional(text),
});
/** What carrying out a plan will take. */
export const costSchema = v.strictObject({
  apiCalls: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(1))),
  totalApiCalls: v.pipe(v.number(), v.integer(), v.minValue(0)),
  minutes: v.nullable(v.pipe(v.number(), v.minValue(0))),
  keys: v.strictObject({
    count: v.pipe(v.number(), v.integer(), v.minValue(0)),
    usdPerMonth: v.nullable(v.pipe(v.number(), v.minValue(0))),
    priceAsOf: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/)),
    priceSource: v.pipe(v.string(), v.url()),
  }),
  notCounted: v.array(v.string()),
});
const planTotals = {
  skipped: v.optional(skipped),
  status: scanStatus,
  run,
  config,
  exemptions: v.array(exemptionUse),
  key: v.strictObject({ ...configuredKey, targets: v.array(keyInTarget) }),
  targets: v.array(target),
  filtered: count,
  cost: costSchema,
};

export const stepSchema = v.strictObject(step);
export const planSchema = v.strictObject({
  schema: v.literal('logseal/plan/1'),
  ...planTotals,
  steps: v.array(stepSchema),
});
export const planSummarySchema = v.strictObject({ schema: v.literal('logseal/plan-summary/1'), ...planTotals });

const afterRun = v.optional(
  v.variant('status', [
    v.strictObject({ status: v.literal('CHANGED'), keyArn: v.nullable(text) }),
    v.strictObject({ status: v.literal('NOT_READ'), message: text }),
  ]),
);
export const outcomeStepSchema = v.strictObject({
  ...step,
  afterRun,
  outcome: v.picklist(['SEALED', 'UNCHANGED', 'REFUSED', 'FAILED', 'SKIPPED', 'ROLLED_BACK']),
  error: v.nullable(failure),
});
const policyOutcome = {
  keyArn: v.nullable(text),
  outcome: v.picklist(['CHANGED', 'UNCHANGED', 'REFUSED', 'FAILED', 'SKIPPED']),
  refusal: v.nullable(problem([...REFUSAL_CODES, ...DOCUMENT_CODES])),
  error: v.nullable(failure),
  inEffect: v.boolean(),
};
const watchedStore = v.strictObject({
  store: v.strictObject(store),
  toKeyArn: text,
  eventsPerMinuteBefore: v.number(),
  changedAt: v.pipe(v.string(), v.isoTimestamp()),
  state: v.picklist(['RECEIVING', 'SILENT', 'UNKNOWN']),
  silentSince: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
  isConfirmedByStreams: v.boolean(),
});
const canary = v.strictObject({
  asked: count,
  chosen: count,
  minutes: count,
  result: v.picklist(['RECEIVING', 'SILENT', 'UNKNOWN', 'INTERRUPTED']),
  because: v.nullable(text),
  stores: v.array(watchedStore),
});
const outcomeTotals = {
  run,
  planRunId: text,
  key: v.strictObject({ ...configuredKey, targets: v.optional(v.array(keyInTarget)) }),
  targets: v.array(target),
  canary: v.optional(canary),
};
export const outcomeSchema = v.strictObject({
  schema: v.literal('logseal/outcome/1'),
  ...outcomeTotals,
  filtered: count,
  steps: v.array(outcomeStepSchema),
});
export const outcomeSummarySchema = v.strictObject({
  schema: v.literal('logseal/outcome-summary/1'),
  ...outcomeTotals,
  filtered: count,
});

/** After `undo`: no key is configured, and key policies may have been put back. */
export const undoStepSchema = v.strictObject({
  ...step,
  afterRun,
  action: v.picklist(['SEAL', 'UNSEAL', 'NONE']),
  laterRuns: v.optional(v.pipe(v.array(text), v.minLength(1))),
  outcome: v.picklist(['SEALED', 'UNSEALED', 'UNCHANGED', 'REFUSED', 'FAILED', 'SKIPPED']),
  error: v.nullable(failure),
});
const undoTotals = { ...outcomeTotals, key: v.null(), policies: v.array(v.strictObject(policyOutcome)) };
export const undoSchema = v.strictObject({
  schema: v.literal('logseal/outcome/1'),
  ...undoTotals,
  steps: v.array(undoStepSchema),
});

const journalled = v.strictObject({
  id: text,
  startedAt: time,
  actor: text,
  accounts: v.array(account),
  regions: v.array(text),
  counts: v.strictObject({
    ...{ sealed: count, unsealed: count, putBack: count, policies: count, unfinished: count, failed: count },
  }),
});
const runsTotals = {
  journals: v.array(v.strictObject({ type: v.picklist(['FILE', 'TABLE']), name: text, runs: count, entries: count })),
};
export const runsSchema = v.strictObject({
  schema: v.literal('logseal/runs/1'),
  runs: v.array(journalled),
  ...runsTotals,
});
export const runsSummarySchema = v.strictObject({ schema: v.literal('logseal/runs-summary/1'), ...runsTotals });

const keyCheck = v.strictObject({
  check: v.picklist(['FOUND', 'REGION', 'ENABLED', 'KEY_SPEC', 'KEY_USAGE', 'KEY_POLICY', 'GRANTS', 'CALLER_RIGHTS']),
  action: v.nullable(v.pipe(v.string(), v.regex(/^(kms|logs):\w+$/))),
  result: v.picklist(['PASS', 'FAIL', 'UNKNOWN']),
  code: v.nullable(v.picklist(REFUSAL_CODES)),
  message: text,
  fix: v.nullable(text),
});
/** What passes has neither code nor fix, and what does not has both. */
const wholeKeyCheck = v.pipe(
  keyCheck,
  v.check(({ result, code, fix }) => [code, fix].every((part) => (part === null) === (result === 'PASS'))),
);
export const keyCheckTargetSchema = v.strictObject({
  store: v.strictObject(store),
  keyArn: v.nullable(text),
  checks: v.array(wholeKeyCheck),
  warnings: v.array(problem(KEY_POLICY_CODES)),
  problems: v.array(policyProblem),
  note: v.optional(text),
  readersAndWriters: v.nullable(
    v.pipe(
      v.strictObject({
        access: v.picklist(['ALL', 'IAM', 'NONE', 'DENIED', 'UNCERTAIN', 'NOT_KNOWN']),
        message: text,
        fix: v.nullable(text),
        writer: v.optional(
          v.variant('status', [
            v.strictObject({
              status: v.literal('FOUND'),
              functionArn: text,
              roleArn: text,
              rights: v.array(
                v.strictObject({
                  action: v.nullable(text),
                  result: v.picklist(['PASS', 'FAIL', 'UNKNOWN']),
                  message: text,
                }),
              ),
              fix: v.nullable(text),
            }),
            v.strictObject({ status: v.literal('NOT_KNOWN'), message: text, fix: v.nullable(text) }),
          ]),
        ),
      }),
      v.check(({ access, fix }) => (access === 'ALL') === (fix === null)),
    ),
  ),
  apiCalls,
});
const keyCheckTotals = { run, key: v.strictObject({ configured: text }) };
export const keyCheckSchema = v.strictObject({
  schema: v.literal('logseal/key-check/1'),
  ...keyCheckTotals,
  targets: v.array(keyCheckTargetSchema),
});

export const keyRepairSchema = v.strictObject({
  schema: v.literal('logseal/key-repair/1'),
  ...keyCheckTotals,
  target: v.strictObject({ provider: v.literal('aws'), account, region: text, apiCalls }),
  repair: v.strictObject({
    ...policyOutcome,
    scope: v.picklist(['log-groups', 'query-results', 'readers-and-writers', 'organization']),
    statement: v.nullable(
      v.strictObject({
        Sid: v.picklist(['LogsealLogGroups', 'LogsealQueryResults', 'LogsealReadersAndWriters', 'LogsealOrganization']),
        Effect: v.literal('Allow'),
        Principal: v.union([v.strictObject({ Service: text }), v.strictObject({ AWS: v.literal('*') })]),
        Action: v.array(text),
        Resource: v.literal('*'),
        Condition: v.record(v.string(), v.record(v.string(), v.union([text, v.array(text)]))),
      }),
    ),
    diff: v.nullable(text),
    keyReasons: v.array(problem([...REASON_CODES, ...KEY_POLICY_CODES])),
    narrowerBefore: v.array(text),
    alsoCovers: v.array(text),
    stillDenied: v.array(text),
  }),
});

const entry = {
  schema: v.literal('logseal/journal/1'),
  runId: v.pipe(v.string(), v.uuid()),
  time,
  actor: v.pipe(v.string(), v.regex(/^arn:aws(-[a-z-]+)?:(iam|sts)::/)),
  phase: v.picklist(['INTENT', 'DONE', 'FAILED']),
  error: v.nullable(text),
};
export const journalSchema = v.strictObject({
  ...entry,
  store: v.strictObject(store),
  change: v.literal('KEY'),
  from: v.nullable(text),
  to: v.nullable(text),
});
export const policyJournalSchema = v.strictObject({
  ...entry,
  store: v.null(),
  change: v.literal('POLICY'),
  keyArn: v.pipe(v.string(), v.regex(/^arn:aws(-[a-z-]+)?:kms:/)),
  from: text,
  to: text,
});

const effect = v.strictObject({
  effect: v.picklist(['ALLOW', 'EXPLICIT_DENY', 'IMPLICIT_DENY', 'UNCERTAIN']),
  statement: v.nullable(v.strictObject({ index: count, sid: v.nullable(v.string()) })),
  because: text,
});
export const verdictSchema = v.strictObject({
  schema: v.literal('logseal/policy-verdict/1'),
  verdict: v.picklist(['ALLOWED', 'DENIED', 'MISSING_ACTIONS', 'UNCERTAIN', 'MALFORMED']),
  missingActions: v.array(text),
  denyingStatement: v.nullable(count),
  actions: v.objectWithRest(
    {
      'kms:Encrypt': effect,
      'kms:Decrypt': effect,
      'kms:ReEncryptFrom': effect,
      'kms:ReEncryptTo': effect,
      'kms:GenerateDataKey': effect,
    },
    effect,
  ),
  problems: v.array(policyProblem),
  warnings: v.array(
    v.pipe(
      v.strictObject({ code: v.picklist(VERDICT_CODES), severity, message: text }),
      v.check(({ code, severity: given }) => CATALOGUE[code].severity === given, 'not the severity of the catalogue'),
    ),
  ),
  repair: v.nullable(v.record(v.string(), v.unknown())),
});

const { schema: _, ...verdictEntries } = verdictSchema.entries;

export const verdictsSchema = v.strictObject({
  schema: v.literal('logseal/policy-verdicts/1'),
  verdicts: v.array(v.strictObject({ logGroupArn: text, ...verdictEntries })),
});

const templateNote = v.strictObject({ file: v.string(), line: v.nullable(count), message: text });

export const templateSchema = v.strictObject({
  schema: v.literal('logseal/template/1'),
  findings: v.array(
    v.strictObject({
      file: text,
      line: v.nullable(count),
      id: text,
      type: v.literal('log-group'),
      name: v.nullable(text),
      key: v.nullable(v.strictObject({ id: v.nullable(text), arn: v.nullable(text) })),
      status: v.picklist(['COMPLIANT', 'NON_COMPLIANT', 'EXEMPT', 'UNKNOWN']),
      severity: v.nullable(severity),
      reasons: v.array(problem(TEMPLATE_REASON_CODES)),
      warnings: v.array(problem([...KEY_POLICY_CODES, ...DOCUMENT_CODES, 'GLOBAL_SERVICE_PRINCIPAL'])),
      verdict: v.nullable(v.picklist(['ALLOWED', 'DENIED', 'MISSING_ACTIONS', 'UNCERTAIN', 'MALFORMED'])),
      exemption: v.nullable(v.strictObject({ id: text, reason: text, owner: text, expires: v.nullable(text) })),
    }),
  ),
  summary: v.strictObject({
    ...totals.summary.entries,
    byReason: v.record(v.picklist(TEMPLATE_REASON_CODES), count),
  }),
  files: count,
  mistakes: v.array(templateNote),
  warnings: v.array(templateNote),
});

/** The one document in a text, checked in full. @throws ValiError that names the field */
export function parseDocument<Schema extends v.GenericSchema>(schema: Schema, json: string): v.InferOutput<Schema> {
  return v.parse(schema, JSON.parse(json));
}
