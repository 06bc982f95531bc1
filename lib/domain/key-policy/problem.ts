import { parseArn } from '../arn.ts';
import { type KeyPolicyCode, type Problem, problem } from '../reasons.ts';
import type { PolicyVerdict } from './evaluate.ts';
import type { PolicySubject } from './service-call.ts';

/**
 * What a verdict other than ALLOWED means for a log store, and how to fix it.
 * @param logGroup the only log group that the suggested repair is for; null: it is for all of them
 */
export function problemOf(
  keyArn: string,
  subject: PolicySubject,
  { verdict, actions, denyingStatement, missingActions, warnings, repair }: PolicyVerdict,
  logGroup: string | null = null,
): Problem<KeyPolicyCode> {
  const add = repair
    ? `add this statement to the key policy of ${keyArn}: ${JSON.stringify(repair)}, or run: ${repairCommand(keyArn, subject, logGroup)}`
    : null;
  const effects = Object.values(actions);
  switch (verdict) {
    case 'DENIED': {
      const denial = effects.find(({ statement }) => statement?.index === denyingStatement);
      return problem(
        'KEY_POLICY_DENIES',
        `the key policy denies CloudWatch Logs the use of the key: ${denial?.because}`,
        `exclude CloudWatch Logs from statement ${denyingStatement} of the key policy of ${keyArn}: no Allow overrides a Deny`,
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
        warnings.map(({ message }) => message).join('; '),
        `replace the key policy of ${keyArn} with a valid one`,
      );
    default: {
      const uncertain = effects.find(({ effect }) => effect === 'UNCERTAIN');
      return problem(
        'KEY_POLICY_UNCERTAIN',
        `it is not certain that the key policy lets CloudWatch Logs use the key: ${uncertain?.because}`,
        add ?? `change the Deny in the key policy of ${keyArn} so that it clearly excludes CloudWatch Logs`,
      );
    }
  }
}

function repairCommand(keyArn: string, { type }: PolicySubject, logGroup: string | null): string {
  const only = logGroup === null ? '' : ` --log-group '${logGroup}'`;
  return `logseal key repair --key ${keyArn} --region ${parseArn(keyArn)?.region}${REPAIR_OPTION[type]}${only}`;
}

const REPAIR_OPTION: Readonly<Record<PolicySubject['type'], string>> = {
  'log-group': '',
  'query-results': ' --query-results',
};
