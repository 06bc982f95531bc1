import { evaluate, stepOf } from '../../domain/evaluation.ts';
import { isOpen } from '../../domain/finding.ts';
import type { KeyInspection } from '../../domain/key.ts';
import type { Step } from '../../domain/plan-step.ts';
import { problem, type Refusal } from '../../domain/reasons.ts';
import type { Rules } from '../../domain/rules.ts';
import { type Target, targetOf } from '../../domain/target.ts';
import type { KeyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { difference, scanTarget, type TargetReport } from '../scan/scan-target.ts';

export interface PlanOptions {
  /** The key to seal with. */
  readonly key: string;
  readonly rules: Rules;
  /** Also plan the stored Logs Insights results. */
  readonly queryResults?: boolean;
  /** Receives the steps of each page that was listed; the plan waits for it. */
  readonly onSteps: (steps: readonly Step[]) => void | Promise<void>;
  /** Called for each page, with the number of its log stores. */
  readonly onListed?: (count: number) => void;
  readonly signal?: AbortSignal;
}

/** The configured key in one target, and what keeps it from sealing anything there. */
export interface PlannedKey extends Target {
  readonly keyArn: string | null;
  readonly refusals: readonly Refusal[];
}

export interface TargetPlan {
  readonly report: TargetReport;
  readonly key: PlannedKey;
}

/**
 * Scans one target, and hands on a step for every log store that is not compliant. The configured key is inspected when the
 * first one is met, or at the end.
 */
export async function planTarget(target: Target, cloud: Cloud, options: PlanOptions): Promise<TargetPlan> {
  const { key, rules, signal } = options;
  // A listing that goes wrong may show one twice.
  const planned = new Set<string>();
  const callsBefore = cloud.apiCalls();
  const { report, keys } = await scanTarget(target, cloud, {
    rules,
    queryResults: options.queryResults ?? false,
    ...(signal && { signal }),
    onStores: async (stores, cache) => {
      options.onListed?.(stores.length);
      const open = stores.filter(({ finding }) => isOpen(finding) && !planned.has(finding.arn));
      if (open.length === 0) return;
      const configured = await cache.configured(key);
      const steps: Step[] = [];
      for (const store of open) {
        const step = planned.has(store.finding.arn) ? null : stepOf(evaluate(store, configured, rules.now));
        planned.add(store.finding.arn);
        if (step) steps.push(step);
      }
      await options.onSteps(steps);
    },
  });
  const configured = await plannedKey(report, keys, key);
  // Inspecting the key may have cost calls after the listing was reported.
  return { report: { ...report, apiCalls: difference(cloud.apiCalls(), callsBefore) }, key: configured };
}

async function plannedKey(target: Target, keys: KeyCache | null, key: string): Promise<PlannedKey> {
  const inspection = keys && (await keys.configured(key));
  return {
    ...targetOf(target),
    keyArn: inspection?.keyArn ?? null,
    refusals: inspection ? refusalsOf(inspection) : [],
  };
}

/** What its policy says depends on the log store, unless the policy cannot be read at all. */
function refusalsOf({ reasons, policy }: KeyInspection): Refusal[] {
  if (policy?.status !== 'UNREADABLE') return [...reasons];
  return [...reasons, problem('KEY_POLICY_UNREADABLE', policy.message, policy.fix, policy.missingRight)];
}
