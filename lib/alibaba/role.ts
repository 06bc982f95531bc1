import type { Keys } from '../app/ports.ts';
import { toIdentity } from '../domain/caller-rights.ts';
import { type KeyPolicyCode, type Problem, problem } from '../domain/reasons.ts';
import { CloudError } from '../errors.ts';
import { RAM_ATTEMPTS } from '../pacing.ts';
import type { Calls } from './calls.ts';
import type { Rpc } from './clients.ts';
import {
  type AttachedPolicy,
  policiesIn,
  type TrustPolicy,
  trustIn,
  trusting,
  trustsService,
} from './role-policies.ts';

/** The policies that the role needs (SLS API, UpdateLogStoreEncryption), each with the system policies that include it. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  AliyunKMSReadOnlyAccess: ['AliyunKMSFullAccess', 'AdministratorAccess', 'ReadOnlyAccess'],
  AliyunKMSCryptoUserAccess: ['AliyunKMSFullAccess', 'AdministratorAccess'],
};

type RoleProblem = Problem<KeyPolicyCode>;

/**
 * Asks RAM whether SLS can use keys through the role: it must exist, trust SLS, and hold the two policies that SLS
 * documents. A role with custom policies passes, since their content is not read. `ram:PassRole` of the caller is not
 * checked: RAM simulates no policies, and an AccessKey does not tell whose policies to list.
 * @returns a function that resolves to what keeps SLS from using the role, KEY_POLICY_UNREADABLE where that could not be
 * found out, or null; it rejects with a CloudError if another attempt may succeed
 */
export function createRoleProblem(
  ram: Rpc,
  calls: Calls,
  maxAttempts: number,
  roleArn: string,
): NonNullable<Keys['roleProblem']> {
  const [, name] = /^acs:ram::\d+:role\/([\w.-]+)$/.exec(roleArn) ?? [];
  const ask = (action: string, RoleName: string) =>
    calls.make(`ram:${action}`, () => ram(action, { RoleName }), Math.min(maxAttempts, RAM_ATTEMPTS));

  return async () => {
    if (!name) return unreadable(roleArn, 'it is not the ARN of a role', 'give --sls-role-arn the ARN of a RAM role');
    try {
      const trust = trustIn(await ask('GetRole', name));
      if (!trust) return unknownForm(roleArn, 'GetRole', name);
      if (!trust.Statement.some(trustsService)) return distrustful(roleArn, name, trust);
      const policies = policiesIn(await ask('ListPoliciesForRole', name));
      if (!policies) return unknownForm(roleArn, 'ListPoliciesForRole', name);
      return missingPolicies(roleArn, name, policies);
    } catch (error) {
      if (!(error instanceof CloudError) || error.isTransient) throw error;
      return error.code === 'NOT_FOUND' ? missingRole(roleArn, name) : unreadableBy(error, roleArn, name);
    }
  };
}

function missingRole(roleArn: string, name: string): RoleProblem {
  const create = `aliyun ram CreateRole --RoleName ${name} --AssumeRolePolicyDocument ${trusting()}`;
  return unusable(`${roleArn} does not exist`, [create, ...Object.keys(NEEDED).map((policy) => attach(policy, name))]);
}

function distrustful(roleArn: string, name: string, trust: TrustPolicy): RoleProblem {
  const update = `aliyun ram UpdateRole --RoleName ${name} --NewAssumeRolePolicyDocument ${trusting(trust)}`;
  return unusable(`${roleArn} does not trust log.aliyuncs.com, so SLS cannot use it`, [update]);
}

function missingPolicies(roleArn: string, name: string, policies: readonly AttachedPolicy[]): RoleProblem | null {
  if (policies.some(({ PolicyType }) => PolicyType !== 'System')) return null;
  const held = new Set(policies.map(({ PolicyName }) => PolicyName));
  const missing = Object.entries(NEEDED).flatMap(([policy, broader]) =>
    [policy, ...broader].some((each) => held.has(each)) ? [] : [policy],
  );
  if (missing.length === 0) return null;
  const message = `${roleArn} lacks ${missing.join(' and ')}, so SLS cannot use a key with it`;
  return unusable(
    message,
    missing.map((policy) => attach(policy, name)),
  );
}

function attach(policy: string, name: string): string {
  return `aliyun ram AttachPolicyToRole --PolicyType System --PolicyName ${policy} --RoleName ${name}`;
}

function unusable(message: string, commands: readonly string[]): RoleProblem {
  return problem('KEY_POLICY_MISSING_ACTIONS', message, commands.join(' && '));
}

function unreadable(roleArn: string, why: string, fix: string): RoleProblem {
  const message = `whether SLS can use a key with the role ${roleArn} is not known: ${why}`;
  return problem('KEY_POLICY_UNREADABLE', message, fix);
}

function unreadableBy({ code, call, message }: CloudError, roleArn: string, name: string): RoleProblem {
  const right = `the caller needs ${call} on the role: ${toIdentity({ action: call, resource: roleArn })}`;
  const [, action] = call.split(':');
  const fix =
    code === 'ACCESS_DENIED' ? right : `see what fails with: aliyun ram ${action} --RoleName ${name}; ${right}`;
  return unreadable(roleArn, `${call} failed: ${message}`, fix);
}

function unknownForm(roleArn: string, action: string, name: string): RoleProblem {
  const fix = `see what this returns: aliyun ram ${action} --RoleName ${name}; where LOGSEAL_ALIBABA_RAM_ENDPOINT is set, check that it is the endpoint of RAM`;
  return unreadable(roleArn, `logseal does not understand RAM's response to ${action}`, fix);
}
