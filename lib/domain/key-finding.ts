import { parseArn } from './arn.ts';
import type { Severity } from './catalogue-entry.ts';
import type { KeyInspection } from './key.ts';
import { type KeyChangeCode, type Problem, problem, type ReasonCode, type Warning, worstSeverity } from './reasons.ts';
import { keyPolicyProblem, keyPolicyWarnings } from './store-key-policy.ts';
import { logStoreOf } from './stores/index.ts';
import { ANY_LOG_GROUP_NAME } from './stores/log-group.ts';
import { type Target, targetOf } from './target.ts';

/** What is said of a key after somebody changed it, or after the alias of the configured key was moved to it. */
export interface KeyFinding extends Target {
  /** null: the alias of the configured key names no key that could be read. */
  readonly keyArn: string | null;
  /** The ARNs of its aliases; null: they could not be read. */
  readonly aliases: readonly string[] | null;
  /** As KMS has it; null: not known, or there is no such key. */
  readonly state: string | null;
  /** Of the worst reason, for the configured key of the worst warning too; null where there is none. */
  readonly severity: Severity | null;
  /** In the order of the catalogue; none: log groups can be encrypted with the key, as far as its own properties go. */
  readonly reasons: readonly Problem<KeyChangeCode | ReasonCode>[];
  /** What may stop CloudWatch Logs from using the key for the log groups of the account. */
  readonly warnings: readonly Warning[];
  /** Whether log groups are sealed with it; null: could not be found out. */
  readonly isConfigured: boolean | null;
  /** What was done, in the words of the event. */
  readonly trigger: string;
  /** ARN of who did it, as CloudTrail names the caller; null: not known, or no call did. */
  readonly changedBy: string | null;
}

export interface KeyChangeFacts extends Pick<KeyFinding, 'aliases' | 'isConfigured' | 'trigger' | 'changedBy'> {
  /** What was found out about the key after the change. */
  readonly inspection: KeyInspection;
  /** The alias of the configured key, where that is what was changed. */
  readonly movedAlias: string | null;
}

/** Evaluates a key for all log groups of a target. */
export function keyFindingOf(wanted: Target, facts: KeyChangeFacts): KeyFinding {
  const { inspection, aliases, isConfigured, movedAlias, trigger, changedBy } = facts;
  const { keyArn, state = null } = inspection;
  const target = targetOf(wanted);
  const logGroups = logStoreOf('log-group', parseArn(keyArn ?? '')?.partition ?? '', target, ANY_LOG_GROUP_NAME);
  const policyProblem = keyPolicyProblem(inspection, logGroups);
  const warnings = [...(policyProblem ? [policyProblem] : []), ...keyPolicyWarnings(inspection)];
  const moved = movedAlias === null ? [] : [aliasMoved(movedAlias, target, facts)];
  const reasons = [...moved, ...inspection.reasons];
  const severity = worstSeverity(isConfigured === true ? [...reasons, ...warnings] : reasons);
  return { ...target, keyArn, aliases, state, severity, reasons, warnings, isConfigured, trigger, changedBy };
}

function aliasMoved(alias: string, { region }: Target, facts: KeyChangeFacts): Problem<KeyChangeCode> {
  const { trigger, changedBy } = facts;
  const { keyArn, reasons } = facts.inspection;
  const isGone = reasons.some(({ code }) => code === 'KEY_NOT_FOUND');
  const other = isGone ? 'no key' : 'a key that could not be read';
  const verb = isGone ? 'create-alias' : 'update-alias';
  const name = alias.slice(alias.indexOf('alias/'));
  return problem(
    'KEY_ALIAS_MOVED',
    `${changedBy ?? 'somebody'} changed ${alias} in ${region} (${trigger}): it names ${keyArn ?? other} now, and logseal seals with the key that it names`,
    `find out who did it, and why: aws cloudtrail lookup-events --region ${region} --lookup-attributes AttributeKey=EventName,AttributeValue=${trigger}; if it was a mistake: aws kms ${verb} --alias-name ${name} --target-key-id KEY --region ${region}`,
  );
}
