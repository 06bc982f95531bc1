import type { Severity } from '../catalogue-entry.ts';
import type { Exemption } from '../exemption.ts';
import type { FindingStatus } from '../finding.ts';
import type { Verdict } from '../key-policy/verdict.ts';
import type { Problem, TemplateReasonCode, TemplateWarningCode } from '../reasons.ts';

/** What `template check` says of one log group. */
export interface TemplateFinding {
  readonly file: string;
  /** null: the file has no lines that mean something, as a plan. */
  readonly line: number | null;
  /** The logical id or the address of the log group, or of what makes CloudWatch Logs create it. */
  readonly id: string;
  readonly type: 'log-group';
  /** null: only AWS knows it. */
  readonly name: string | null;
  /** null: it has none, or that is not known. */
  readonly key: { readonly id: string | null; readonly arn: string | null } | null;
  readonly status: FindingStatus;
  readonly severity: Severity | null;
  readonly reasons: readonly Problem<TemplateReasonCode>[];
  readonly warnings: readonly Problem<TemplateWarningCode>[];
  /** null: no key policy in these files decides. */
  readonly verdict: Verdict | null;
  readonly exemption: Exemption | null;
}
