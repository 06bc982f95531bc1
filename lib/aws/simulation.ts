import type { EvaluationResult, ResourceSpecificResult } from '@aws-sdk/client-iam';
import { comparedResource, type IdentityDecision, type Need } from '../domain/caller-rights.ts';
import { CloudError } from '../errors.ts';
import { DECISIONS_PER_SIMULATION } from '../pacing.ts';

export const SIMULATE = 'iam:SimulatePrincipalPolicy';

/** What one call asks: each action on each resource. */
export interface Question {
  readonly actions: readonly string[];
  /** As IAM compares them. */
  readonly resources: readonly string[];
}

/** As few calls as possible: resources with the same actions are asked about together. */
export function questionsOf(needs: readonly Need[]): Question[] {
  const byResource = [...Map.groupBy(needs, ({ resource }) => comparedResource(resource))].map(([resource, some]) => ({
    resource,
    actions: [...new Set(some.map(({ action }) => action))],
  }));
  const sameActions = Map.groupBy(byResource, ({ actions }) => actions.toSorted().join(' '));
  return [...sameActions.values()].flatMap((some) => {
    const actions = some[0]?.actions ?? [];
    const size = Math.max(1, Math.floor(DECISIONS_PER_SIMULATION / actions.length));
    const resources = some.map(({ resource }) => resource);
    const calls = Math.ceil(resources.length / size);
    return Array.from({ length: calls }, (_, call) => ({
      actions,
      resources: resources.slice(call * size, (call + 1) * size),
    }));
  });
}

/** Tells decisions apart. IAM returns the names of actions in its own letter case. */
export function subjectOf(action: string, resource: string): string {
  return `${action.toLowerCase()} ${resource}`;
}

/**
 * What IAM decided on each resource. For resources that are named it decides in `ResourceSpecificResults`, one entry each
 * (IAM API, `EvaluationResult`); emulators, and IAM in earlier years, return a whole result for each resource instead.
 * @throws CloudError for a value that is no decision
 */
export function decisionsIn(result: EvaluationResult, resources: readonly string[]): [string, IdentityDecision][] {
  const { EvalActionName = '', EvalResourceName = '', EvalDecision, ResourceSpecificResults = [] } = result;
  const [first = ''] = resources;
  if (ResourceSpecificResults.length === 0) {
    const resource = resources.length === 1 ? first : EvalResourceName;
    return [[resource, decisionOf(EvalActionName, EvalDecision, result, isLimited(result))]];
  }
  return ResourceSpecificResults.map((specific) => {
    const { EvalResourceName: name = '', EvalResourceDecision } = specific;
    const limited = isLimited(result) || isLimited(specific);
    return [resources.length === 1 ? first : name, decisionOf(EvalActionName, EvalResourceDecision, specific, limited)];
  });
}

/** The decision already takes the permissions boundary and service control policies into account. */
function decisionOf(
  action: string,
  decision: EvaluationResult['EvalDecision'],
  { MissingContextValues = [] }: Pick<EvaluationResult, 'MissingContextValues'>,
  limited: boolean,
): IdentityDecision {
  switch (decision) {
    case 'allowed':
      return 'ALLOWED';
    case 'explicitDeny':
      // A negated condition is true if its key is missing, so the Deny may not apply to the real request.
      return MissingContextValues.length > 0 ? 'UNKNOWN' : 'EXPLICIT_DENY';
    case 'implicitDeny':
      return MissingContextValues.length > 0 || limited ? 'UNKNOWN' : 'IMPLICIT_DENY';
    default:
      throw new CloudError('UNAVAILABLE', SIMULATE, `IAM returned "${decision}" for ${action}`);
  }
}

/** By a permissions boundary or service control policy, which also limits what a key policy allows a role. */
function isLimited(result: EvaluationResult | ResourceSpecificResult): boolean {
  return (
    result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false ||
    ('OrganizationsDecisionDetail' in result && result.OrganizationsDecisionDetail?.AllowedByOrganizations === false)
  );
}
