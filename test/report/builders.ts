import { sealingCost } from '../../lib/app/change/sealing-cost.ts';
import type { Finding } from '../../lib/domain/finding.ts';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import type { Outcome, Step } from '../../lib/domain/plan-step.ts';
import { problem } from '../../lib/domain/reasons.ts';
import { summaryOf } from '../../lib/domain/summary.ts';
import { colors } from '../../lib/report/colors.ts';
import {
  type DocumentKind,
  ITEMS,
  type ItemOf,
  type KeyRepairTotals,
  type LogGroupVerdict,
  type OutcomeTotals,
  type PlanTotals,
  type ScanTotals,
  scanStatusOf,
  type TotalsOf,
} from '../../lib/report/documents.ts';
import type { ReportOptions, ReportWriter, WriterOf } from '../../lib/report/format.ts';
import { formatNames, writerOf } from '../../lib/report/formats/index.ts';
import {
  A_RUN,
  aFinding,
  aKeyArn,
  aLogGroup,
  anOutcome,
  aReadPolicy,
  aReason,
  aReport,
  aStep,
  NOW,
  TARGET,
} from '../support/builders.ts';

export const PLAIN = colors(false);
export const COLORED = colors(true);
export const RED = '\x1b[31m';
export const GREEN = '\x1b[32m';
export const YELLOW = '\x1b[33m';
export const CYAN = '\x1b[36m';
export const BOLD = '\x1b[1m';
export const DIM = '\x1b[2m';

export function reportOptions(options: Partial<ReportOptions> = {}): ReportOptions {
  return {
    paint: PLAIN,
    showAll: false,
    isQuiet: false,
    isVerbose: false,
    width: null,
    isShown: () => false,
    undoCommand: (runId) => `logseal undo --run ${runId}`,
    asTyped: (text) => text,
    now: NOW,
    ...options,
  };
}

/** What writes each document in each format, loaded once. */
const WRITERS = new Map(
  await Promise.all(
    (Object.keys(ITEMS) as DocumentKind[]).flatMap((kind) =>
      formatNames(kind).map(async (name) => [`${kind} ${name}`, await writerOf(kind, name)] as const),
    ),
  ),
);

/** Begins to write a document in a format. */
export function aWriter<Kind extends DocumentKind>(
  kind: Kind,
  format: string,
  options: Partial<ReportOptions> = {},
): ReportWriter<Kind> {
  const begin = WRITERS.get(`${kind} ${format}`);
  if (!begin) throw new Error(`no ${kind} as ${format}`);
  return (begin as unknown as WriterOf<Kind>)(reportOptions(options));
}

/** A whole document, given in pages. */
export function written<Kind extends DocumentKind>(
  kind: Kind,
  format: string,
  pages: readonly (readonly ItemOf<Kind>[])[],
  totals: TotalsOf<Kind>,
  options: Partial<ReportOptions> = {},
): string {
  const writer = aWriter(kind, format, options);
  return [writer.begin(), ...pages.map((page) => writer.page(page)), writer.end(totals)].join('');
}

/** A whole table, whose items come in one page. */
export function drawn<Kind extends DocumentKind>(
  kind: Kind,
  items: readonly ItemOf<Kind>[],
  totals: TotalsOf<Kind>,
  options: Partial<ReportOptions> = {},
): string {
  return written(kind, 'table', [items], totals, options);
}

export function scanTotals(findings: readonly Finding[], totals: Partial<ScanTotals> = {}): ScanTotals {
  const apiCalls = { 'logs:DescribeLogGroups': 2, 'kms:DescribeKey': 3 };
  const targets = totals.targets ?? [aReport({ stores: findings.length, apiCalls })];
  const status = scanStatusOf(targets);
  return { status, run: A_RUN, summary: summaryOf(findings), targets, config: null, exemptions: [], ...totals };
}

export function planTotals(totals: Partial<PlanTotals> = {}): PlanTotals {
  const targets = totals.targets ?? [aReport()];
  const key = { configured: 'alias/logseal', required: false, targets: [] };
  return {
    status: scanStatusOf(targets),
    run: A_RUN,
    config: null,
    exemptions: [],
    key,
    targets,
    filtered: 0,
    cost: sealingCost().total(),
    ...totals,
  };
}

export function outcomeTotals(totals: Partial<OutcomeTotals> = {}): OutcomeTotals {
  const key = { configured: 'alias/logseal', required: false };
  return { run: A_RUN, planRunId: 'p', key, targets: [aReport()], ...totals };
}

export function repairTotals(repair: Partial<KeyRepairTotals['repair']> = {}): KeyRepairTotals {
  const changed = { keyArn: aKeyArn(), outcome: 'CHANGED', refusal: null, error: null, inEffect: true } as const;
  return {
    run: A_RUN,
    key: { configured: 'alias/logseal' },
    target: { ...TARGET, apiCalls: {} },
    repair: {
      ...changed,
      scope: 'log-groups',
      statement: null,
      diff: null,
      keyReasons: [],
      narrowerBefore: [],
      alsoCovers: [],
      stillDenied: [],
      ...repair,
    },
  };
}

export const FINDINGS: readonly Finding[] = [
  aFinding({ ...aLogGroup('/fine'), status: 'COMPLIANT', severity: null, reasons: [], keyArn: aKeyArn() }),
  aFinding({ ...aLogGroup('/none') }),
  aFinding({
    ...aLogGroup('/dead'),
    severity: 'HIGH',
    reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')],
    keyArn: aKeyArn('dead'),
  }),
  aFinding({
    ...aLogGroup('/secret'),
    status: 'UNKNOWN',
    reasons: [aReason('KEY_UNREADABLE')],
    keyArn: aKeyArn('secret'),
  }),
  aFinding({
    ...aLogGroup('/warned'),
    status: 'COMPLIANT',
    severity: null,
    reasons: [],
    warnings: [problem('KEY_POLICY_DENIES', 'it denies', 'stop it')],
    keyArn: aKeyArn(),
  }),
];

export const STEPS: readonly Step[] = [
  aStep({ name: '/none' }),
  aStep({ name: '/dead', fromKeyArn: aKeyArn('dead') }),
  aStep({ name: '/refused', action: 'NONE', refusal: aReason('KEY_UNREADABLE') }),
];

export const OUTCOMES: readonly Outcome[] = [
  anOutcome({ name: '/sealed' }),
  anOutcome({ name: '/same', action: 'NONE', outcome: 'UNCHANGED' }),
  anOutcome({ name: '/refused', action: 'NONE', outcome: 'REFUSED', refusal: aReason('KEY_DISABLED') }),
  anOutcome({ name: '/failed', outcome: 'FAILED', error: { code: 'THROTTLED', message: 'too fast' } }),
];

/** What a key policy is for a log group; without a text, one that allows every log group. */
export function aLogGroupVerdict(name: string, text?: string): LogGroupVerdict {
  const { arn } = aLogGroup(name);
  return { logGroupArn: arn, ...evaluateKeyPolicy(aReadPolicy(text), { type: 'log-group', arn }), problems: [] };
}

export const VERDICTS: readonly LogGroupVerdict[] = [aLogGroupVerdict('/a'), aLogGroupVerdict('/b', '{')];
