import type { Keys } from '../app/ports.ts';
import type { KeyPolicyCode, Problem } from '../domain/reasons.ts';
import { CloudError } from '../errors.ts';
import type { Calls } from './calls.ts';
import type { Rpc } from './clients.ts';

const SERVICE = 'log.aliyuncs.com';
/** What the role must hold (SLS API, UpdateLogStoreEncryption), each with the broader system policies that do as well. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  AliyunKMSReadOnlyAccess: ['AliyunKMSFullAccess', 'AdministratorAccess', 'ReadOnlyAccess'],
  AliyunKMSCryptoUserAccess: ['AliyunKMSFullAccess', 'AdministratorAccess'],
};
/** What RAM would tell only sharpens an answer: it is not waited for as long as for the rest. */
const MAX_ATTEMPTS = 3;

interface TrustPolicy {
  readonly Statement: readonly { readonly Effect?: unknown; readonly Action?: unknown; readonly Principal?: unknown }[];
}

/**
 * Asks RAM whether the role lets SLS use keys: that it is there, trusts the service, and holds the two policies that SLS
 * names. Custom policies are not read, and so not judged. Whether the caller may pass the role (`ram:PassRole`) is not
 * asked: RAM simulates nothing, and lists policies only by the name of a user, group or role, which an AccessKey does not
 * tell.
 * @returns what keeps SLS from the key; null: nothing that can be read
 */
export function createRoleProblem(
  ram: Rpc,
  calls: Calls,
  maxAttempts: number,
  roleArn: string,
): NonNullable<Keys['roleProblem']> {
  const [, RoleName = ''] = /^acs:ram::\d+:role\/([\w.-]+)$/.exec(roleArn) ?? [];
  const ask = (action: string) =>
    calls.make(`ram:${action}`, () => ram(action, { RoleName }), Math.min(maxAttempts, MAX_ATTEMPTS));
  const problem = (message: string, fix: readonly string[]): Problem<KeyPolicyCode> => {
    return { code: 'KEY_POLICY_MISSING_ACTIONS', message: `${roleArn} ${message}`, fix: fix.join(' && ') };
  };
  const attaching = (policy: string) =>
    `aliyun ram AttachPolicyToRole --PolicyType System --PolicyName ${policy} --RoleName ${RoleName}`;

  const judge = async () => {
    const { Role } = await ask('GetRole');
    const trust: TrustPolicy = JSON.parse((Role as { AssumeRolePolicyDocument: string }).AssumeRolePolicyDocument);
    if (!trust.Statement.some(trustsService)) {
      const update = `aliyun ram UpdateRole --RoleName ${RoleName} --NewAssumeRolePolicyDocument ${trusting(trust)}`;
      return problem(`does not trust ${SERVICE}, so SLS cannot use it`, [update]);
    }
    const { Policies } = await ask('ListPoliciesForRole');
    const { Policy } = Policies as { Policy: readonly { PolicyName: string; PolicyType: string }[] };
    if (Policy.some(({ PolicyType }) => PolicyType !== 'System')) return null;
    const held = new Set(Policy.map(({ PolicyName }) => PolicyName));
    const missing = Object.keys(NEEDED).filter(
      (name) => ![name, ...(NEEDED[name] ?? [])].some((each) => held.has(each)),
    );
    if (missing.length === 0) return null;
    return problem(`lacks ${missing.join(' and ')}, so SLS cannot use a key by it`, missing.map(attaching));
  };

  return async () => {
    if (RoleName === '') return null;
    try {
      return await judge();
    } catch (error) {
      // Not readable, or in a form that is not known: that says nothing of the role.
      if (!(error instanceof CloudError && error.code === 'NOT_FOUND')) return null;
      const create = `aliyun ram CreateRole --RoleName ${RoleName} --AssumeRolePolicyDocument ${trusting()}`;
      return problem('does not exist', [create, ...Object.keys(NEEDED).map(attaching)]);
    }
  };
}

/** A statement with conditions counts: they are not judged. */
function trustsService({ Effect, Action, Principal }: TrustPolicy['Statement'][number]): boolean {
  const { Service } = (Principal ?? {}) as { readonly Service?: unknown };
  const mayAssume = [Action].flat().some((action) => /^(sts:assumerole|sts:\*|\*)$/i.test(String(action)));
  return (
    Effect === 'Allow' && mayAssume && [Principal, Service].flat().some((name) => name === SERVICE || name === '*')
  );
}

/** A trust policy for the shell: with its statements, and one more for the service. */
function trusting(trust?: TrustPolicy): string {
  const statement = { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: [SERVICE] } };
  const policy = { Version: '1', ...trust, Statement: [...(trust?.Statement ?? []), statement] };
  return `'${JSON.stringify(policy).replaceAll("'", "'\\''")}'`;
}
