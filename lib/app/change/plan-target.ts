import { stepOf } from '../../domain/evaluation.ts';
import { isOpen } from '../../domain/finding.ts';
import type { DocumentProblem } from '../../domain/key-policy/document-problem.ts';
import { whyUnattachable } from '../../domain/key-use.ts';
import { refusedStep, type Step } from '../../domain/plan-step.ts';
import type { Refusal, Warning } from '../../domain/reasons.ts';
import { keyFor, type Rules } from '../../domain/rules.ts';
import type { Selection } from '../../domain/selection.ts';
import { keyDocumentProblems, keyPolicyWarnings } from '../../domain/store-key-policy.ts';
import { type Target, targetOf } from '../../domain/target.ts';
import { STEPS_PER_QUESTION } from '../../pacing.ts';
import { type CallerCheck, callerCheck } from '../key/caller-check.ts';
import type { KeyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { difference, scanTarget, type TargetReport, type TargetScan } from '../scan/scan-target.ts';
import { evaluateInspected } from './evaluate-stores.ts';
import { stackWarnings } from './stack-warnings.ts';

export interface PlanOptions {
  readonly rules: Rules;
  /** What it leaves out has no step. Default: it leaves nothing out. */
  readonly selection?: Selection | undefined;
  /** Also plan the stored Logs Insights results. */
  readonly queryResults?: boolean;
  /** Ask IAM what the caller lacks, so that nothing is planned that would be refused. Steps then come in larger pages. */
  readonly checksCaller?: boolean;
  /** Receives the steps of each page that was listed; the plan waits for it. */
  readonly onSteps: (steps: readonly Step[]) => void | Promise<void>;
  /** Called for each page, with the number of its log stores. */
  readonly onListed?: (count: number) => void;
  readonly signal?: AbortSignal;
}

/** A key to seal with in one target, and why it can be attached to no log store there, as far as is known. */
export interface PlannedKey extends Target {
  /** As it was configured. */
  readonly configured: string;
  readonly keyArn: string | null;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** What the next PutKeyPolicy of the key would be refused for. */
  readonly problems: readonly DocumentProblem[];
  /** Why it is not known of every step whether the caller has the right to carry it out. Absent: it is, or was not asked. */
  readonly rightsUnknown?: string;
  /** Why it is not known which log stores CloudFormation stacks own. Absent: it is, or was not asked. */
  readonly stacksUnknown?: string;
}

export interface TargetPlan extends Pick<TargetScan, 'matches' | 'unreadTags'> {
  readonly report: TargetReport;
  /** How many log stores the selection left out. */
  readonly filtered: number;
  /** The configured key, and those that key rules name for log stores which are not compliant. */
  readonly keys: readonly PlannedKey[];
}

/**
 * Scans one target, and hands on a step for every log store that is not compliant. A key is inspected when the first log store
 * is met that it is for, the configured one at the end at the latest.
 */
export async function planTarget(target: Target, cloud: Cloud, options: PlanOptions): Promise<TargetPlan> {
  const { rules, signal } = options;
  // A listing that goes wrong may show one twice.
  const planned = new Set<string>();
  const used = new Set<string>(rules.key === null ? [] : [rules.key]);
  const caller = options.checksCaller ? callerCheck(cloud) : null;
  const stacks = stackWarnings(cloud, signal);
  const handOn = caller ? checked(caller, options.onSteps) : { add: options.onSteps, end: async () => {} };
  const callsBefore = cloud.apiCalls();
  const { report, summary, matches, unreadTags, keys } = await scanTarget(target, cloud, {
    rules,
    selection: options.selection,
    queryResults: options.queryResults ?? false,
    ...(signal && { signal }),
    onStores: async (stores, cache) => {
      options.onListed?.(stores.length);
      const open = stores.filter(({ finding }) => {
        const isNew = isOpen(finding) && !planned.has(finding.arn);
        if (isNew) planned.add(finding.arn);
        return isNew;
      });
      if (open.length === 0) return;
      for (const { matched } of open) {
        const key = keyFor(rules, matched);
        if (key !== null) used.add(key);
      }
      const evaluations = await evaluateInspected(open, cache, rules);
      const steps = evaluations.map(stepOf).filter((step) => step !== null);
      await handOn.add(await stacks.addTo(steps), cache);
    },
  });
  await handOn.end();
  const rightsUnknown = caller?.unknown();
  const stacksUnknown = stacks.unknown();
  const plannedKey = async (configured: string): Promise<PlannedKey> => {
    const inspection = keys && (await keys.configured(configured));
    const lacking = caller?.onKey(inspection?.keyArn ?? null);
    return {
      ...targetOf(report),
      configured,
      keyArn: inspection?.keyArn ?? null,
      refusals: [...(inspection ? whyUnattachable(inspection, report) : []), ...(lacking ? [lacking] : [])],
      warnings: inspection ? keyPolicyWarnings(inspection) : [],
      problems: inspection ? keyDocumentProblems(inspection) : [],
      ...(rightsUnknown && { rightsUnknown }),
      ...(stacksUnknown && { stacksUnknown }),
    };
  };
  const plannedKeys = await Promise.all([...used].map(plannedKey));
  // Inspecting the keys and asking IAM may have cost calls after the listing was reported.
  return {
    report: { ...report, apiCalls: difference(cloud.apiCalls(), callsBefore) },
    matches,
    unreadTags,
    filtered: summary.filtered,
    keys: plannedKeys,
  };
}

/** Collects steps, so that one question is for many of them, and refuses those that the caller has no right to carry out. */
function checked(caller: CallerCheck, onSteps: PlanOptions['onSteps']) {
  let waiting: Step[] = [];
  let keys: KeyCache | null = null;
  const end = async (): Promise<void> => {
    const steps = waiting;
    waiting = [];
    if (!keys || steps.length === 0) return;
    const seals = steps.filter((step) => step.action === 'SEAL');
    const refusals = new Map<string, Refusal>();
    for (const [keyArn, some] of Map.groupBy(seals, ({ toKeyArn }) => toKeyArn)) {
      const stores = some.map(({ store }) => store);
      const ofKey = await caller.refusals(stores, await keys.configured(keyArn));
      for (const [arn, refusal] of ofKey) refusals.set(arn, refusal);
    }
    const refusedOr = (step: Step): Step => {
      const refusal = refusals.get(step.store.arn);
      return refusal && step.action === 'SEAL' ? refusedStep(step, refusal) : step;
    };
    await onSteps(steps.map(refusedOr));
  };
  const add = async (steps: readonly Step[], cache: KeyCache): Promise<void> => {
    keys = cache;
    waiting.push(...steps);
    if (waiting.length >= STEPS_PER_QUESTION) await end();
  };
  return { add, end };
}
