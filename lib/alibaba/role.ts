import type { KeyPolicyCode, Remark } from '../domain/reason.ts';
import { CloudError } from '../errors.ts';
import type { Calls } from './calls.ts';
import type { Rpc } from './clients.ts';

const SERVICE = 'log.aliyuncs.com';
/** What the role must hold (SLS API, UpdateLogStoreEncryption), each with the broader system policies that hold it too. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  AliyunKMSReadOnlyAccess: ['AliyunKMSFullAccess', 'AdministratorAccess', 'ReadOnlyAccess'],
  AliyunKMSCryptoUserAccess: ['AliyunKMSFullAccess', 'AdministratorAccess'],
};
/** What RAM would tell only sharpens an answer: it is not waited for as long as for the rest. */
const MAX_ATTEMPTS = 3;

interface TrustPolicy {
  readonly Version?: string;
  readonly Statement: readonly TrustStatement[];
}
interface TrustStatement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Principal?: unknown;
}

/**
 * Asks RAM whether the role lets SLS use keys: that it is there, trusts the service, and holds the two policies that SLS
 * names. Policies of the owner's own are not read, and so not judged. Whether the caller may pass the role (`ram:PassRole`)
 * is not asked: RAM simulates nothing, and its policies are listed only by the user's, group's or role's name, which an
 * AccessKey does not tell.
 * @returns what certainly keeps SLS from the key; null: nothing that can be read
 */
export function createRoleRemark(
  ram: Rpc,
  calls: Calls,
  maxAttempts: number,
  roleArn: string,
): () => Promise<Remark<KeyPolicyCode> | null> {
  const [, RoleName] = /^acs:ram::\d+:role\/([\w.-]+)$/.exec(roleArn) ?? [];
  const ask = (action: string) =>
    calls.make(`ram:${action}`, () => ram(action, { RoleName: RoleName ?? '' }), Math.min(maxAttempts, MAX_ATTEMPTS));
  const remark = (message: string, cure: string): Remark<KeyPolicyCode> => ({
    code: 'KEY_POLICY_MISSING_ACTIONS',
    message: `${roleArn} ${message}`,
    cure,
  });

  /** @returns undefined for a role that is missing */
  const trustPolicy = async (): Promise<TrustPolicy | undefined> => {
    try {
      const { Role } = await ask('GetRole');
      return JSON.parse((Role as { AssumeRolePolicyDocument: string }).AssumeRolePolicyDocument);
    } catch (error) {
      if (error instanceof CloudError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  };

  /** None, when there are policies that may stand for any. */
  const missingPolicies = async (): Promise<string[]> => {
    const { Policies } = await ask('ListPoliciesForRole');
    const { Policy } = Policies as { Policy: readonly { PolicyName: string; PolicyType: string }[] };
    if (Policy.some(({ PolicyType }) => PolicyType !== 'System')) return [];
    const held = Policy.map(({ PolicyName }) => PolicyName);
    return Object.entries(NEEDED).flatMap(([name, broader]) =>
      held.includes(name) || broader.some((each) => held.includes(each)) ? [] : [name],
    );
  };

  return async () => {
    if (RoleName === undefined) return null;
    const attach = (policies: readonly string[]) =>
      policies.map(
        (name) => `aliyun ram AttachPolicyToRole --PolicyType System --PolicyName ${name} --RoleName ${RoleName}`,
      );
    try {
      const trust = await trustPolicy();
      if (!trust) {
        const create = `aliyun ram CreateRole --RoleName ${RoleName} --AssumeRolePolicyDocument ${trusting()}`;
        return remark('does not exist', [create, ...attach(Object.keys(NEEDED))].join(' && '));
      }
      if (!trust.Statement.some(trustsService)) {
        const update = `aliyun ram UpdateRole --RoleName ${RoleName} --NewAssumeRolePolicyDocument ${trusting(trust)}`;
        return remark(`does not trust ${SERVICE}, so SLS cannot use it`, update);
      }
      const missing = await missingPolicies();
      if (missing.length === 0) return null;
      return remark(`lacks ${missing.join(' and ')}, so SLS cannot use a key by it`, attach(missing).join(' && '));
    } catch {
      // Not readable, or in a form that is not known: that says nothing of the role.
      return null;
    }
  };
}

/** A statement with conditions counts: they are not judged. */
function trustsService({ Effect, Action, Principal }: TrustStatement): boolean {
  const { Service } = (Principal ?? {}) as { readonly Service?: unknown };
  const actions = [Action].flat().map((action) => String(action).toLowerCase());
  return (
    Effect === 'Allow' &&
    ['sts:assumerole', 'sts:*', '*'].some((action) => actions.includes(action)) &&
    [Principal, Service].flat().some((name) => name === SERVICE || name === '*')
  );
}

/** A trust policy for the shell: with its statements, and one more for the service. */
function trusting(trust?: TrustPolicy): string {
  const statement = { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: [SERVICE] } };
  const policy = { Version: '1', ...trust, Statement: [...(trust?.Statement ?? []), statement] };
  return `'${JSON.stringify(policy).replaceAll("'", "'\\''")}'`;
}
