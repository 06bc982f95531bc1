import { parseArn } from '../arn.ts';
import { type KeyPolicyCode, type Problem, problem } from '../reasons.ts';
import { NEED_UNCERTAIN, REQUIRED_ACTIONS } from './actions.ts';
import type { RepairStatement } from './build-statement.ts';
import type { PolicyVerdict } from './evaluate.ts';
import { isOwnStatement } from './own-statement.ts';
import type { ReadPolicy } from './read.ts';
import { repairCommand } from './repair-command.ts';
import { wholeScope } from './repair-scope.ts';
import { accountOf, type PolicySubject, PRINCIPAL_VARIABLE } from './service-call.ts';
import { statementQuote } from './statement-name.ts';

/**
 * What a verdict other than ALLOWED means for a log store, and how to fix it.
 * @param logGroup the only log group that the suggested repair is for; null: it is for all of them
 */
export function problemOf(
  policy: ReadPolicy,
  subject: PolicySubject,
  verdict: PolicyVerdict,
  logGroup: string | null = null,
): Problem<KeyPolicyCode> {
  const { keyArn, isNamed, regionalName } = policy.service;
  const { actions, missingActions, repair } = verdict;
  const add = repair ? addingFix(policy, subject, repair, logGroup) : null;
  const effects = REQUIRED_ACTIONS.flatMap((action) => {
    const effect = actions[action];
    return effect ? [{ ...effect, action }] : [];
  });
  const isPrincipalKnown = isNamed(regionalName) !== 'UNKNOWN';
  switch (verdict.verdict) {
    case 'DENIED': {
      const denial = effects.find(({ statement }) => statement?.index === verdict.denyingStatement);
      return problem(
        'KEY_POLICY_DENIES',
        `the key policy denies CloudWatch Logs the use of the key: ${denial?.because}`,
        `exclude CloudWatch Logs from ${quoteOf(policy, verdict.denyingStatement)} of the key policy of ${keyArn}: no Allow overrides a Deny`,
      );
    }
    case 'MISSING_ACTIONS': {
      const missing = effects.find(({ effect }) => effect === 'IMPLICIT_DENY');
      const denyFix = `check the Deny statements in the key policy of ${keyArn}: one of them may apply as well`;
      return problem(
        'KEY_POLICY_MISSING_ACTIONS',
        `the key policy does not allow CloudWatch Logs to use ${missingActions.join(', ')}: ${missing?.because}`,
        add ?? (isPrincipalKnown ? denyFix : namingFix(policy)),
      );
    }
    case 'MALFORMED':
      return problem(
        'KEY_POLICY_UNREADABLE',
        verdict.warnings.map(({ message }) => message).join('; '),
        `replace the key policy of ${keyArn} with a valid one`,
      );
    default: {
      const uncertain = effects.find(({ effect }) => effect === 'UNCERTAIN');
      const missing = effects.find(({ effect }) => effect === 'IMPLICIT_DENY');
      // Under UNCERTAIN an action that no statement allows is one of which it is not known whether it is needed.
      const why = uncertain?.because ?? `${missing?.action}: ${missing?.because}; ${NEED_UNCERTAIN}`;
      return problem(
        'KEY_POLICY_UNCERTAIN',
        `it is not certain that the key policy lets CloudWatch Logs use the key: ${why}`,
        add ?? (isPrincipalKnown ? excludingFix(policy, uncertain?.statement?.index ?? null) : namingFix(policy)),
      );
    }
  }
}

/** With logseal's own statement in the policy, a second one of its Sid would be in the way of the next repair. */
function addingFix(
  policy: ReadPolicy,
  subject: PolicySubject,
  repair: RepairStatement,
  logGroup: string | null,
): string {
  const { keyArn } = policy.service;
  const own = policy.status === 'READ' ? policy.statements.find(({ sid }) => sid === repair.Sid) : undefined;
  const statement = JSON.stringify(repair);
  const owner = parseArn(keyArn)?.account ?? '';
  const account = accountOf(subject) ?? owner;
  const command = repairCommand(keyArn, wholeScope(subject).type, [account], logGroup);
  const run = account === owner ? `run: ${command}` : `run in account ${owner}, which has the key: ${command}`;
  if (!own) return `add this statement to the key policy of ${keyArn}: ${statement}, or ${run}`;
  const quote = statementQuote(own);
  if (!isOwnStatement(own, policy.service, wholeScope(subject).type)) {
    return `give ${quote} of the key policy of ${keyArn} another Sid, then ${run}`;
  }
  return `put this statement in the place of ${quote} of the key policy of ${keyArn}: ${statement}, or ${run}`;
}

/** Where AWS does not document the service principal, no statement makes it certain before a person says which it is. */
function namingFix({ service: { keyArn, regionalName } }: ReadPolicy): string {
  return `set ${PRINCIPAL_VARIABLE} to the service principal of CloudWatch Logs in ${parseArn(keyArn)?.region}, as AWS Support names it (for instance ${regionalName}), and make sure that the key policy names it`;
}

/** Where a Deny may apply, whatever is added. */
function excludingFix(policy: ReadPolicy, index: number | null): string {
  const { keyArn } = policy.service;
  return `change ${quoteOf(policy, index)} of the key policy of ${keyArn} so that it clearly excludes CloudWatch Logs`;
}

function quoteOf(policy: ReadPolicy, index: number | null): string {
  const statement = policy.status === 'READ' ? policy.statements.find((each) => each.index === index) : undefined;
  return statement ? statementQuote(statement) : 'a Deny statement';
}
