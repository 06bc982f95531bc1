import { resolve } from 'node:path';
import { readTemplate } from '../../sandbox/template/template.ts';
import type { World } from '../../sandbox/world.ts';
import { ACCOUNT, REGION } from './builders.ts';

export const MEMBER_ROLE = resolve(import.meta.dirname, '../../deploy/member-role.yaml');
export const MEMBER_EVENTS = resolve(import.meta.dirname, '../../deploy/member-events.yaml');
export const EXTERNAL_ID = 'a-secret-of-ours';

/** The parameters of the role's template that a hub in the sandbox has for it. */
export const OF_THE_HUB = {
  HubAccountId: ACCOUNT,
  HubRoleArns: ['ScanRole', 'RemediateRole'].map((id) => `arn:aws:iam::${ACCOUNT}:role/logseal-${id}`).join(','),
  ExternalId: EXTERNAL_ID,
};

/** The resources of a template as CloudFormation would create them in a member account, by logical id. */
export function memberResources(template: string, account: string, parameters: Readonly<Record<string, string>>) {
  const place = { account, region: REGION, stackName: 'member', url: 'http://127.0.0.1:1' };
  return new Map(readTemplate(template, parameters, place).map((resource) => [resource.id, resource]));
}

type Role = NonNullable<World['roles']>[string];

/** The role of deploy/member-role.yaml in an account, for a world. */
export function memberRole(account: string, parameters: Readonly<Record<string, string>> = {}): Role {
  const { name, properties } =
    memberResources(MEMBER_ROLE, account, { ...OF_THE_HUB, ...parameters }).get('Role') ?? {};
  const policies = (properties?.['Policies'] ?? []) as { PolicyDocument: Record<string, unknown> }[];
  return {
    ...{ account, name: name ?? '' },
    policies: policies.map(({ PolicyDocument }) => PolicyDocument),
    trust: properties?.['AssumeRolePolicyDocument'] as Record<string, unknown>,
  };
}
