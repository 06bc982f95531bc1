/** From the worst to the least. */
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** All that is known of a code. */
export interface CatalogueEntry {
  /**
   * `REASON`: why a log store is flagged, and why a key cannot be attached. `KEY_STATE`: a reason that holds as long as the
   * key stays in its state. `WARNING`: what may be wrong with the policy of a healthy key; why the configured key cannot be
   * attached. `KEY_CHANGE`: what somebody did to the configured key; only in a finding about a key. `REFUSAL`: only why a log store or a key policy was not changed.
   * `STEP_WARNING`: what to know before a log store is sealed; it refuses nothing.
   * `VERDICT`: what the verdict of a key policy depends on, or does not cover.
   * `DOCUMENT`: why KMS would not accept a key policy, whatever it means.
   * `TEMPLATE`: why a log group in a template is flagged; only in what `template check` says.
   */
  readonly use:
    | 'REASON'
    | 'KEY_STATE'
    | 'KEY_CHANGE'
    | 'WARNING'
    | 'REFUSAL'
    | 'STEP_WARNING'
    | 'VERDICT'
    | 'DOCUMENT'
    | 'TEMPLATE';
  readonly title: string;
  readonly severity: Severity;
  /** What it means for the logs. */
  readonly impact: string;
  /** Who can change it: it passes with time, a person can act, or nobody can. */
  readonly changedBy: 'TIME' | 'PERSON' | 'NOBODY';
}
