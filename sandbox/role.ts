import { createHash } from 'node:crypto';
import { formatArn, parseArn } from '../lib/domain/arn.ts';
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
  /** Who may assume it; null: nobody. */
  readonly trust: KeyPolicy | null;
  /** Every right that was checked, once each. */
  readonly used: Map<string, Right>;
}

interface RoleFacts extends Pick<Role, 'account' | 'name' | 'createdAt'> {
  readonly trust?: unknown;
  readonly partition: string;
  readonly path?: string;
  readonly session?: string;
}

/** @param at the place of its policies, for messages. @throws UsageError */
export function newRole(facts: RoleFacts, documents: readonly unknown[], at: string): Role {
  const { partition, path = '/', session = 'sandbox', trust: trusted, ...own } = facts;
  const arn = formatArn({
    partition,
    service: 'iam',
    region: '',
    account: own.account,
    resource: `role${path}${own.name}`,
  });
  const id = `AROA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`;
  const policy = documents.length ? readPolicy(documents, at, ANYBODY) : { hasVariables: true, statements: [] };
  const trust = trusted === undefined ? null : readPolicy([trusted], at, { Resource: '*' });
  const sessionArn = sessionArnOf({ arn, ...own }, session);
  return { ...own, path, arn, id, sessionArn, policy, trust, used: new Map() };
}

/** The ARN of a session of a role, which has no path. */
export function sessionArnOf({ arn, account, name }: Pick<Role, 'arn' | 'account' | 'name'>, session: string): string {
  const partition = parseArn(arn)?.partition ?? '';
  return formatArn({ partition, service: 'sts', region: '', account, resource: `assumed-role/${name}/${session}` });
}

/** Checks a right against a role, and records it. */
export function ask(role: Role, request: IamRequest): Decision {
  const { action, resource } = request;
  const decision = decide(role.policy, request);
  const allowed = decision === 'ALLOW';
  role.used.set(`${action} ${resource} ${allowed}`, { action, resource, allowed });
  return decision;
}
