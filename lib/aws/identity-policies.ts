import type { ContextEntry, EvaluationResult, IAMClient } from '@aws-sdk/client-iam';
import type { Caller, Cloud } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import type { IdentityDecision, IdentityPolicies, Need } from '../domain/caller-rights.ts';
import { logsPrincipals } from '../domain/partition.ts';
import { CloudError } from '../errors.ts';
import { IAM_ATTEMPTS } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';

const GET_ROLE = 'iam:GetRole';
const SIMULATE = 'iam:SimulatePrincipalPolicy';

type Iam = typeof import('@aws-sdk/client-iam') & { readonly client: IAMClient };

/**
 * Has IAM simulate the caller's identity-based policies, including permissions boundary and service control policies.
 * Loads the IAM client on first use.
 */
export function createIdentityPolicies(
  region: string,
  options: AwsOptions,
  caller: () => Promise<Caller>,
  calls: Calls,
): Cloud['identityPolicies'] {
  let loaded: Promise<Iam> | undefined;
  const load = () => {
    loaded ??= loadIam(region, options);
    return loaded;
  };

  /** The ARN of a session lacks the path of its role, so IAM is asked for the role. */
  const principalOf = async (arn: string): Promise<string | null> => {
    const { service, resource = '' } = parseArn(arn) ?? {};
    if (service === 'iam') return arn;
    const [, name] = (service === 'sts' && /^assumed-role\/([^/]+)\//.exec(resource)) || [];
    if (!name) return null;
    const { client, GetRoleCommand } = await load();
    const { Role } = await calls.make(GET_ROLE, () => client.send(new GetRoleCommand({ RoleName: name })));
    if (Role?.Arn) return Role.Arn;
    throw new CloudError('UNAVAILABLE', GET_ROLE, `IAM returned no role ${name}`);
  };

  /** @returns IAM's decision on each action on one resource, by the action in lower case */
  const simulate = async (
    principalArn: string,
    resource: string,
    actions: readonly string[],
    context: readonly ContextEntry[],
  ): Promise<ReadonlyMap<string, IdentityDecision>> => {
    const { client, SimulatePrincipalPolicyCommand } = await load();
    const input = {
      PolicySourceArn: principalArn,
      ActionNames: [...actions],
      ResourceArns: [resource],
      ContextEntries: [...context],
    };
    const pages = pagesOf(
      undefined,
      async (Marker) => {
        const command = new SimulatePrincipalPolicyCommand(Marker ? { ...input, Marker } : input);
        const answer = await calls.make(SIMULATE, () => client.send(command));
        return { items: answer.EvaluationResults ?? [], nextToken: answer.IsTruncated ? answer.Marker : undefined };
      },
      () => new CloudError('UNAVAILABLE', SIMULATE, 'the result never ends: a marker was returned twice'),
    );
    const decisions = new Map<string, IdentityDecision>();
    for await (const { items } of pages) {
      for (const result of items) decisions.set(result.EvalActionName?.toLowerCase() ?? '', decisionOf(result));
    }
    return decisions;
  };

  const decide = async (needs: readonly Need[], principalArn: string, { account, partition }: Caller) => {
    const context = contextOf(region, account, partition);
    const byResource = new Map<string, ReadonlyMap<string, IdentityDecision>>();
    for (const [resource, ofResource] of Map.groupBy(needs, (need) => need.resource)) {
      const actions = new Set(ofResource.map(({ action }) => action));
      byResource.set(resource, await simulate(principalArn, resource, [...actions], context));
    }
    return needs.map(({ action, resource }) => {
      const decision = byResource.get(resource)?.get(action.toLowerCase());
      if (decision) return decision;
      throw new CloudError('UNAVAILABLE', SIMULATE, `IAM returned no decision on ${action} on ${resource}`);
    });
  };

  return async (needs) => {
    if (needs.length === 0) return { principalArn: null, decisions: [], because: null };
    let principalArn: string | null = null;
    try {
      const who = await caller();
      principalArn = await principalOf(who.arn);
      // The root user needs no identity-based policies.
      if (principalArn?.endsWith(':root'))
        return { principalArn, decisions: needs.map(() => 'ALLOWED'), because: null };
      if (!principalArn || !/:(user|role)\//.test(principalArn)) {
        return notSimulated(
          principalArn,
          `IAM cannot simulate the policies of ${who.arn}: it is neither a user nor a role`,
        );
      }
      return { principalArn, decisions: await decide(needs, principalArn, who), because: null };
    } catch (error) {
      if (error instanceof CloudError) return notSimulated(principalArn, whyNot(error));
      throw error;
    }
  };
}

async function loadIam(region: string, options: AwsOptions): Promise<Iam> {
  const iam = await import('@aws-sdk/client-iam');
  const maxAttempts = Math.min(options.maxAttempts ?? IAM_ATTEMPTS, IAM_ATTEMPTS);
  return { ...iam, client: new iam.IAMClient(clientSettings(region, { ...options, maxAttempts })) };
}

/** The context of a request that CloudWatch Logs makes on the caller's behalf. */
function contextOf(region: string, account: string, partition: string): ContextEntry[] {
  const values = {
    'kms:ViaService': logsPrincipals(partition, region).regional[0] ?? '',
    'kms:CallerAccount': account,
    'aws:RequestedRegion': region,
    'aws:PrincipalAccount': account,
  };
  return Object.entries(values).map(([ContextKeyName, value]) => ({
    ContextKeyName,
    ContextKeyValues: [value],
    ContextKeyType: 'string',
  }));
}

/** `EvalDecision` already takes the permissions boundary and service control policies into account. */
function decisionOf(result: EvaluationResult): IdentityDecision {
  const { EvalActionName, EvalDecision, MissingContextValues = [] } = result;
  switch (EvalDecision) {
    case 'allowed':
      return 'ALLOWED';
    case 'explicitDeny':
      // A negated condition is true if its key is missing, so the Deny may not apply to the real request.
      return MissingContextValues.length > 0 ? 'UNKNOWN' : 'EXPLICIT_DENY';
    case 'implicitDeny':
      return MissingContextValues.length > 0 || isLimited(result) ? 'UNKNOWN' : 'IMPLICIT_DENY';
    default:
      throw new CloudError('UNAVAILABLE', SIMULATE, `IAM returned "${EvalDecision}" for ${EvalActionName}`);
  }
}

/** By a permissions boundary or service control policy, which also limits what a key policy allows a role. */
function isLimited({ PermissionsBoundaryDecisionDetail, OrganizationsDecisionDetail }: EvaluationResult): boolean {
  return (
    PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false ||
    OrganizationsDecisionDetail?.AllowedByOrganizations === false
  );
}

function notSimulated(principalArn: string | null, because: string): IdentityPolicies {
  return { principalArn, decisions: null, because };
}

function whyNot({ call, message }: CloudError): string {
  const right = call.startsWith('iam:') ? ` (the caller needs ${call})` : '';
  return `${call} failed: ${message}${right}`;
}
