import { parseArn } from '../arn.ts';
import { type KeyPolicyCode, type Problem, problem } from '../reasons.ts';
import { REQUIRED_ACTIONS } from './actions.ts';
import type { PolicyVerdict } from './evaluate.ts';
import type { ReadPolicy } from './read.ts';
import { type PolicySubject, PRINCIPAL_VARIABLE } from './service-call.ts';
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
  const { keyArn } = policy.service;
  const { actions, missingActions, repair } = verdict;
  const add = repair
    ? `add this statement to the key policy of ${keyArn}: ${JSON.stringify(repair)}, or run: ${repairCommand(keyArn, subject, logGroup)}`
    : null;
  const effects = REQUIRED_ACTIONS.map((action) => actions[action]).filter((effect) => effect !== undefined);
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
      return problem(
        'KEY_POLICY_MISSING_ACTIONS',
        `the key policy does not allow CloudWatch Logs to use ${missingActions.join(', ')}: ${missing?.because}`,
        add ?? `check the Deny statements in the key policy of ${keyArn}: one of them may apply as well`,
      );
    }
    case 'MALFORMED':
      return problem(
        'KEY_POLICY_UNREADABLE',
        verdict.warnings.map(({ message }) => message).join('; '),
        `replace the key policy of ${keyArn} with a valid one`,
      );
    default: {
      // Under UNCERTAIN an action that no statement allows is one of which it is not known whether it is needed.
      const open = effects.filter(({ effect }) => effect === 'UNCERTAIN' || effect === 'IMPLICIT_DENY');
      const uncertain = open.find(({ effect }) => effect === 'UNCERTAIN') ?? open[0];
      return problem(
        'KEY_POLICY_UNCERTAIN',
        `it is not certain that the key policy lets CloudWatch Logs use the key: ${uncertain?.because}`,
        add ?? fixForUncertain(policy, uncertain?.statement?.index ?? null),
      );
    }
  }
}

/** Where no statement that could be added makes it certain. */
function fixForUncertain(policy: ReadPolicy, index: number | null): string {
  const { keyArn, isNamed, regionalName } = policy.service;
  if (isNamed(regionalName) === 'UNKNOWN') {
    return `set ${PRINCIPAL_VARIABLE} to the service principal of CloudWatch Logs in ${parseArn(keyArn)?.region}, as AWS Support names it (for instance ${regionalName}), and make sure that the key policy names it`;
  }
  return `change ${quoteOf(policy, index)} of the key policy of ${keyArn} so that it clearly excludes CloudWatch Logs`;
}

function quoteOf(policy: ReadPolicy, index: number | null): string {
  const statement = policy.status === 'READ' ? policy.statements.find((each) => each.index === index) : undefined;
  return statement ? statementQuote(statement) : 'a Deny statement';
}

function repairCommand(keyArn: string, { type }: PolicySubject, logGroup: string | null): string {
  const only = logGroup === null ? '' : ` --log-group '${logGroup}'`;
  return `logseal key repair --key ${keyArn} --region ${parseArn(keyArn)?.region}${REPAIR_OPTION[type]}${only}`;
}

const REPAIR_OPTION: Readonly<Record<PolicySubject['type'], string>> = {
  'log-group': '',
  'query-results': ' --query-results',
};
