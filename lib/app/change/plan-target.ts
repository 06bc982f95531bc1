import { type Finding, isOpen } from '../../domain/finding.ts';
import type { KeyInspection } from '../../domain/key.ts';
import { planStep, type Step } from '../../domain/plan-step.ts';
import type { Refusal } from '../../domain/reasons.ts';
import type { Target } from '../../domain/target.ts';
import type { KeyCache } from '../key/key-cache.ts';
import type { Cloud } from '../ports.ts';
import { difference, scanTarget, type TargetReport } from '../scan/scan-target.ts';

export interface PlanOptions {
  readonly key: string;
  /** Also replace a healthy key that is not the configured one. */
  readonly requiresKey: boolean;
  /** Also plan the stored Logs Insights results. */
  readonly queryResults?: boolean;
  readonly now: Date;
  readonly onFindings?: (findings: readonly Finding[]) => void;
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
  /** One for every log store that is not compliant. */
  readonly steps: readonly Step[];
}

/** What sealing one Region with the configured key would do. Changes nothing. */
export async function planTarget(target: Target, cloud: Cloud, options: PlanOptions): Promise<TargetPlan> {
  const { key, requiresKey, now, signal } = options;
  const steps: Step[] = [];
  // A listing that goes wrong may show one twice.
  const planned = new Set<string>();
  const callsBefore = cloud.apiCalls();
  const { report, cache } = await scanTarget(target, cloud, {
    requiredKey: requiresKey ? key : null,
    now,
    queryResults: options.queryResults ?? false,
    ...(signal && { signal }),
    onFindings: async (findings, keys) => {
      options.onFindings?.(findings);
      const open = findings.filter(isOpen);
      if (open.length === 0) return;
      const configured = await keys.configured(key);
      for (const finding of open) {
        if (!planned.has(finding.arn)) steps.push(planStep(finding, configured, now));
        planned.add(finding.arn);
      }
    },
  });
  const configured = await plannedKey(report, cache, key);
  // The look at the key may have cost calls after the listing was reported.
  return { report: { ...report, apiCalls: difference(cloud.apiCalls(), callsBefore) }, key: configured, steps };
}

async function plannedKey(
  { provider, account, region }: Target,
  cache: KeyCache | null,
  key: string,
): Promise<PlannedKey> {
  const inspection = cache && (await cache.configured(key));
  return {
    provider,
    account,
    region,
    keyArn: inspection?.keyArn ?? null,
    refusals: inspection ? refusalsOf(inspection) : [],
  };
}

/** What its policy says depends on the log store, save where the policy cannot be read at all. */
function refusalsOf({ reasons, policy }: KeyInspection): Refusal[] {
  if (policy?.status !== 'UNREADABLE') return [...reasons];
  return [...reasons, { code: 'KEY_POLICY_UNREADABLE', message: policy.message, fix: policy.fix }];
}
