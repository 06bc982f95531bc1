import { createHash } from 'node:crypto';
import { formatArn } from '../lib/domain/arn.ts';
import type { KeyPolicy } from '../lib/domain/key-policy/parse.ts';
import { ANYBODY, type Decision, decide, type IamRequest, readPolicy } from './iam.ts';

/** A right that was checked against a role. */
export interface Right {
  readonly action: string;
  readonly resource: string;
  /** By the role's own policies. A key policy that names the role may still give the right. */
  readonly allowed: boolean;
}

/** A role of the world or of the template. Permissions boundaries are ignored. */
export interface Role {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  /** With the path. */
  readonly arn: string;
  readonly id: string;
  readonly createdAt: Date;
  /** As GetCallerIdentity names the session, without the path. */
  readonly sessionArn: string;
  readonly policy: KeyPolicy;
  /** Every right that was checked, once each. */
  readonly used: Map<string, Right>;
}

interface RoleFacts extends Pick<Role, 'account' | 'name' | 'createdAt'> {
  readonly partition: string;
  readonly path?: string;
  readonly session?: string;
}

/** @param at the place of its policies, for messages. @throws UsageError */
export function newRole(facts: RoleFacts, documents: readonly unknown[], at: string): Role {
  const { partition, path = '/', session = 'sandbox', ...own } = facts;
  const arnOf = (service: string, resource: string) =>
    formatArn({ partition, service, region: '', account: own.account, resource });
  const arn = arnOf('iam', `role${path}${own.name}`);
  const id = `AROA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`;
  const policy = documents.length ? readPolicy(documents, at, ANYBODY) : { hasVariables: true, statements: [] };
  const sessionArn = arnOf('sts', `assumed-role/${own.name}/${session}`);
  return { ...own, path, arn, id, sessionArn, policy, used: new Map() };
}

/** Checks a right against a role, and records it. */
export function ask(role: Role, request: IamRequest): Decision {
  const { action, resource } = request;
  const decision = decide(role.policy, request);
  const allowed = decision === 'ALLOW';
  role.used.set(`${action} ${resource} ${allowed}`, { action, resource, allowed });
  return decision;
}
