import { GetRolePolicyCommand, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { GetAccessKeyInfoCommand } from '@aws-sdk/client-sts';
import { newRole, type Role } from '../../sandbox/role.ts';
import type { Cloud } from '../../sandbox/state.ts';
import { emulator } from './deployment.ts';
import { ACCOUNT } from './place.ts';
import type { SignedBy } from './recorder.ts';

/** The role that the functions enter other accounts by, and the role of a person who uses the command line. */
export const [MEMBER_ROLE, OPERATOR_ROLE] = ['logseal-member', 'logseal-operator'];

/**
 * Tells the sandbox which role a session has that the emulator's STS began in another account, so that the sandbox enforces
 * the policies that the emulator has for that role.
 */
export function knownSessions({ sessions, now }: Cloud) {
  const introduced = new Map<string, Promise<Role | undefined>>();

  async function introduceOnce({ accessKeyId, functionId }: SignedBy): Promise<Role | undefined> {
    const { Account: account = '' } = await emulator().sts.send(
      new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }),
    );
    // In the hub's own account the endpoint tells which function calls.
    if (account === ACCOUNT) return undefined;
    // The emulator tells the account of a session, and not its role.
    const name = functionId ? MEMBER_ROLE : OPERATOR_ROLE;
    const facts = { partition: 'aws', account, name, createdAt: now() };
    const role = newRole(facts, await policiesOf(account, name), name);
    const expiresAt = new Date(now().getTime() + 3_600_000);
    sessions.set(accessKeyId, { role, arn: role.sessionArn, expiresAt });
    return role;
  }

  return {
    async introduce(caller: SignedBy): Promise<void> {
      if (!caller.accessKeyId.startsWith('ASIA')) return;
      const known = introduced.get(caller.accessKeyId) ?? introduceOnce(caller);
      introduced.set(caller.accessKeyId, known);
      await known;
    },
    /** The roles of all sessions in other accounts. */
    async roles(): Promise<Role[]> {
      return (await Promise.all(introduced.values())).filter((role) => role !== undefined);
    },
    /** Has policies read again, after a deployment. */
    forget(): void {
      introduced.clear();
    },
  };
}

async function policiesOf(account: string, RoleName: string): Promise<unknown[]> {
  const { iam } = emulator(account);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
  return (await Promise.all(policies)).map(({ PolicyDocument = '' }) => JSON.parse(decodeURIComponent(PolicyDocument)));
}
