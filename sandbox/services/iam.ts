import type * as Iam from '@aws-sdk/client-iam';
import { formatArn, parseArn } from '../../lib/domain/arn.ts';
import type { KeyPolicy } from '../../lib/domain/key-policy/parse.ts';
import { AWS_SUFFIX } from '../../lib/domain/partition.ts';
import { ANYBODY, decide, type IamRequest, reaches, readPolicy } from '../iam.ts';
import { ServiceError } from '../service-error.ts';
import { findRole } from '../state.ts';
import { query } from '../wire.ts';
import type { Call, Service } from './service.ts';

const EVERYTHING = readPolicy([{ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }], '', ANYBODY);
/** The fields that the sandbox reads. Any other is refused, since it would change the answer or its pages. */
const SIMULATION = ['PolicySourceArn', 'ActionNames', 'ResourceArns', 'ContextEntries', 'Version'];

function getRole(call: Call, { RoleName }: Iam.GetRoleRequest): Iam.GetRoleResponse {
  const role = findRole(call.cloud, RoleName, call.account);
  if (!role) throw noSuchEntity(`The role with name ${RoleName} cannot be found.`);
  const { name, path: Path, id: RoleId, arn: Arn, createdAt: CreateDate } = role;
  return { Role: { RoleName: name, Path, RoleId, Arn, CreateDate } };
}

/**
 * Returns a result for each action, with the decision on each resource that is named inside it, as the API reference of
 * `EvaluationResult` describes. A right that an injected fault denies for good is one that no policy gives. Assumptions:
 * ContextEntries gives the only condition keys that are known, and one page holds every result.
 */
function simulatePrincipalPolicy(call: Call, input: Iam.SimulatePrincipalPolicyRequest): Iam.SimulatePolicyResponse {
  const { PolicySourceArn = '' } = input;
  const [actions, resources, entries] = [list(input.ActionNames), list(input.ResourceArns), list(input.ContextEntries)];
  if (resources.length === 0) resources.push('*');
  const unknown = Object.keys(input).find((name) => !SIMULATION.includes(name));
  if (unknown) throw invalidInput(`${unknown} is not known to the sandbox.`);
  const policy = policyOf(call, PolicySourceArn);
  const broken = resources.find((arn) => arn !== '*' && !parseArn(arn));
  // aws-containers/amazon-ecs-exec-checker #35
  if (broken !== undefined) throw invalidInput(`ResourceNames are not in a valid ARN format: ${broken}.`);
  const keys = Object.fromEntries(
    entries.map(({ ContextKeyName = '', ContextKeyValues = [] }) => [ContextKeyName.toLowerCase(), ContextKeyValues]),
  );
  const EvaluationResults = actions.map((action) => {
    const specific = resources.map((resource) => evaluate(call, policy, { action, resource, keys }));
    return { EvalActionName: action, ...summaryOf(specific), MatchedStatements: [] };
  });
  return { EvaluationResults, IsTruncated: false };
}

function listAccountAliases({ cloud, account }: Call): Iam.ListAccountAliasesResponse {
  const alias = cloud.accountAliases.get(account);
  return { AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false };
}

/** An empty list comes as an empty string. */
function list<T>(items: readonly T[] | undefined): T[] {
  return [...(items || [])];
}

/** Users may do everything. */
function policyOf({ cloud, account }: Call, arn: string): KeyPolicy {
  const { service, resource = '', account: owner } = parseArn(arn) ?? {};
  // aws-containers/amazon-ecs-exec-checker #10
  if (service !== 'iam' || !/^(role|user)\//.test(resource)) {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  const policy = resource.startsWith('user/') ? EVERYTHING : cloud.roles.get(arn)?.policy;
  if (policy && owner === account) return policy;
  throw noSuchEntity(`The entity ${arn} cannot be found.`); // Assumption: the text.
}

function evaluate(call: Call, policy: KeyPolicy, request: IamRequest): Iam.ResourceSpecificResult {
  const { action, resource } = request;
  const decision = decide(policy, request);
  const isDenied = decision === 'ALLOW' && call.isDenied(action, namesOf(resource));
  const conditions = policy.statements.filter((one) => reaches(one, request)).flatMap((one) => one.conditions);
  const missing = conditions.filter(({ key }) => !request.keys?.[key]);
  return {
    EvalResourceName: resource,
    EvalResourceDecision: isDenied ? 'implicitDeny' : DECISIONS[decision],
    MatchedStatements: [],
    MissingContextValues: [...new Set(missing.map(({ written }) => written.replace(/^\S+ /, '')))],
  };
}

const DECISIONS = { ALLOW: 'allowed', EXPLICIT_DENY: 'explicitDeny', IMPLICIT_DENY: 'implicitDeny' } as const;
/** The most restrictive first. */
const RESTRICTIVE = ['explicitDeny', 'implicitDeny', 'allowed'] as const;

/** How requests name what an ARN names: by the ARN, or by the name of the log group. */
function namesOf(resource: string): string[] {
  const arn = resource.replace(/:\*$/, '');
  return [resource, arn, arn.replace(/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:/, '')];
}

/**
 * What a result says of all its resources; its own EvalResourceName is never one of them. Without a resource that is named,
 * there is nothing more to say of each. Assumption: `*`, where IAM may return the form of such ARNs.
 */
function summaryOf(specific: readonly Iam.ResourceSpecificResult[]) {
  const [only] = specific;
  const isNamed = only?.EvalResourceName !== '*' || specific.length > 1;
  return {
    EvalResourceName: '*',
    EvalDecision: RESTRICTIVE.find((one) => specific.some((each) => each.EvalResourceDecision === one)),
    MissingContextValues: [...new Set(specific.flatMap(({ MissingContextValues = [] }) => MissingContextValues))],
    ...(isNamed && { ResourceSpecificResults: [...specific] }),
  };
}

function noSuchEntity(message: string): ServiceError {
  return new ServiceError('NoSuchEntity', message, 404);
}

function invalidInput(message: string): ServiceError {
  return new ServiceError('InvalidInput', message);
}

/** AWS Identity and Access Management, which has no Regions. */
export const iam: Service = {
  name: 'iam',
  endpoint: 'iam',
  wire: query(`https://iam.${AWS_SUFFIX}/doc/2010-05-08/`),
  operations: {
    GetRole: getRole,
    ListAccountAliases: listAccountAliases,
    SimulatePrincipalPolicy: simulatePrincipalPolicy,
  },
  unavailable: 'ServiceFailure',
  resourceArns({ cloud, partition, account }, { RoleName, PolicySourceArn }) {
    if (PolicySourceArn !== undefined) return [String(PolicySourceArn)];
    // The aliases of an account are no resource.
    if (RoleName === undefined) return ['*'];
    const unknown = formatArn({ partition, service: 'iam', region: '', account, resource: `role/${RoleName}` });
    return [findRole(cloud, String(RoleName), account)?.arn ?? unknown];
  },
};
