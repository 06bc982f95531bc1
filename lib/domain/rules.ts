import type { ExemptionRule } from './exemption.ts';

/** What a run demands of every log store. */
export interface Rules {
  /** The only key that will do, as it was configured; null: any healthy key of the owner will do. */
  readonly requiredKey: string | null;
  /** Whether a key of the service itself will do, which the owner of the logs does not control. */
  readonly acceptsServiceKey: boolean;
  /** Beside those that are built into the kinds of log stores. */
  readonly exemptions: readonly ExemptionRule[];
  /** The AWS Organization of the keys and the logs, for conditions in key policies; null: not known. */
  readonly orgId: string | null;
  /** The service principal of CloudWatch Logs, where AWS does not document it and a person says which one it is; null: nobody did. */
  readonly logsPrincipal: string | null;
  /** Decides when exemptions expire, and the conditions on time in key policies. */
  readonly now: Date;
}

/** Demands a healthy key of the owner's and nothing else; `more` overrides. */
export function rulesAt(now: Date, more: Partial<Omit<Rules, 'now'>> = {}): Rules {
  return {
    requiredKey: null,
    acceptsServiceKey: false,
    exemptions: [],
    orgId: null,
    logsPrincipal: null,
    now,
    ...more,
  };
}
