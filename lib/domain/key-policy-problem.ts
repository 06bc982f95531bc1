import { parseArn } from './arn.ts';
import type { KeyInspection } from './key.ts';
import { statementFor } from './key-policy/build-statement.ts';
import { evaluateKeyPolicy, type PolicyVerdict } from './key-policy/evaluate.ts';
import { logsService, type PolicyQuestion, type PolicySubject } from './key-policy/service-call.ts';
import { verdictOf } from './key-policy/verdict.ts';
import { ANY_LOG_GROUP_NAME, type LogStore } from './log-store.ts';
import type { KeyPolicyCode, Problem } from './reasons.ts';

/** What is wrong with a key's policy for one log store; null when it certainly lets CloudWatch Logs use the key. */
export function keyPolicyProblem(
  { keyArn, policy }: KeyInspection,
  store: LogStore,
  now: Date,
): Problem<KeyPolicyCode> | null {
  if (keyArn === null || policy === null) return null;
  if (policy.status === 'ROLE') return policy.problem;
  const subject = policySubjectOf(store);
  if (policy.status === 'UNREADABLE') {
    const statement = JSON.stringify(statementFor(logsService(keyArn, now), subject));
    return { code: 'KEY_POLICY_UNREADABLE', message: policy.message, fix: `${policy.fix}: ${statement}` };
  }
  // The whole judgement, with its explanations, is made only where somebody will read it.
  const { bound } = policy;
  if (bound && verdictOf(bound, subject) === 'ALLOWED') return null;
  const question = { keyArn, subject, now };
  // Where log groups in general are let in, the repair must be told which one is not.
  const isSpecial = subject.type === 'log-group' && bound && verdictOf(bound, anyLogGroup(store)) === 'ALLOWED';
  return problemOf(question, evaluateKeyPolicy(policy.text, question), isSpecial ? store.name : null);
}

/** A log group that no policy names. */
function anyLogGroup({ arn }: LogStore): PolicySubject {
  return { type: 'log-group', arn: arn.replace(/:log-group:.*$/, `:log-group:${ANY_LOG_GROUP_NAME}`) };
}

/** What a key policy is asked for a log store. */
export function policySubjectOf(store: LogStore): PolicySubject {
  return store.type === 'query-results'
    ? { type: 'query-results', account: store.account }
    : { type: 'log-group', arn: store.arn };
}

/**
 * What a verdict other than ALLOWED comes to.
 * @param logGroup the only one that the repair is about; null: any
 */
export function problemOf(
  { keyArn, subject }: PolicyQuestion,
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
      return {
        code: 'KEY_POLICY_DENIES',
        message: `the key policy denies CloudWatch Logs the use of the key: ${denial?.because}`,
        fix: `take CloudWatch Logs out of statement ${denyingStatement} of the key policy of ${keyArn}: no other statement can outweigh a Deny`,
      };
    }
    case 'MISSING_ACTIONS': {
      const missing = effects.find(({ effect }) => effect === 'IMPLICIT_DENY');
      return {
        code: 'KEY_POLICY_MISSING_ACTIONS',
        message: `the key policy does not allow CloudWatch Logs ${missingActions.join(', ')}: ${missing?.because}`,
        fix: add ?? `a Deny in the key policy of ${keyArn} may also apply: see its statements`,
      };
    }
    case 'MALFORMED':
      return {
        code: 'KEY_POLICY_UNREADABLE',
        message: warnings.map(({ message }) => message).join('; '),
        fix: `replace the key policy of ${keyArn}`,
      };
    default: {
      const uncertain = effects.find(({ effect }) => effect === 'UNCERTAIN');
      return {
        code: 'KEY_POLICY_UNCERTAIN',
        message: `whether the key policy lets CloudWatch Logs use the key is not documented: ${uncertain?.because}`,
        fix: add ?? `make the Deny in the key policy of ${keyArn} spare CloudWatch Logs for certain`,
      };
    }
  }
}

function repairCommand(keyArn: string, { type }: PolicySubject, logGroup: string | null): string {
  const queryResults = type === 'query-results' ? ' --query-results' : '';
  const only = logGroup === null ? '' : ` --log-group '${logGroup}'`;
  return `logseal key repair --key ${keyArn} --region ${parseArn(keyArn)?.region}${queryResults}${only}`;
}
