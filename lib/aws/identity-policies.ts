import type { ContextEntry, IAMClient } from '@aws-sdk/client-iam';
import type { Caller, Cloud } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import { comparedResource, type IdentityDecision, type IdentityPolicies, type Need } from '../domain/caller-rights.ts';
import { LOGS_CONTEXT } from '../domain/key-policy/service-call.ts';
import { logsEndpoint } from '../domain/partition.ts';
import { CloudError } from '../errors.ts';
import { IAM_ATTEMPTS } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';
import { pagesOf } from './paging.ts';
import { decisionsIn, type Question, questionsOf, SIMULATE, subjectOf } from './simulation.ts';

const GET_ROLE = 'iam:GetRole';

type Iam = typeof import('@aws-sdk/client-iam') & { readonly client: IAMClient };

/**
 * Has IAM simulate the identity-based policies of the caller, or of another user or role of its account, including permissions
 * boundary and service control policies.
 * Needs that have their actions in common are one call, for many resources at once. Loads the IAM client on first use, and
 * asks once who the caller is.
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

  let known: Promise<string | null> | undefined;
  /** A failure is not remembered. */
  const principal = (arn: string): Promise<string | null> => {
    known ??= principalOf(arn).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };

  /** Adds IAM's decision on each action on each resource. */
  const simulate = async (
    principalArn: string,
    { actions, resources }: Question,
    context: readonly ContextEntry[],
    decisions: Map<string, IdentityDecision>,
  ): Promise<void> => {
    const { client, SimulatePrincipalPolicyCommand } = await load();
    const input = {
      PolicySourceArn: principalArn,
      ActionNames: [...actions],
      ResourceArns: [...resources],
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
    for await (const { items } of pages) {
      for (const result of items) {
        for (const [resource, decision] of decisionsIn(result, resources)) {
          decisions.set(subjectOf(result.EvalActionName ?? '', resource), decision);
        }
      }
    }
  };

  const decide = async (needs: readonly Need[], principalArn: string, logGroupArn: string | null) => {
    const context = contextOf(region, principalArn, logGroupArn);
    const decisions = new Map<string, IdentityDecision>();
    for (const question of questionsOf(needs)) await simulate(principalArn, question, context, decisions);
    return needs.map(({ action, resource }) => {
      const decision = decisions.get(subjectOf(action, comparedResource(resource)));
      if (decision) return decision;
      throw new CloudError('UNAVAILABLE', SIMULATE, `IAM returned no decision on ${action} on ${resource}`);
    });
  };

  return async (needs, other) => {
    if (needs.length === 0) return { principalArn: null, decisions: [], because: null };
    let principalArn: string | null = null;
    try {
      const { arn } = other ?? (await caller());
      principalArn = other ? arn : await principal(arn);
      // The root user needs no identity-based policies.
      if (principalArn?.endsWith(':root'))
        return { principalArn, decisions: needs.map(() => 'ALLOWED'), because: null };
      if (!principalArn || !/:(user|role)\//.test(principalArn)) {
        return notSimulated(
          principalArn,
          `IAM cannot simulate the policies of ${arn}: it is neither a user nor a role`,
        );
      }
      return { principalArn, decisions: await decide(needs, principalArn, other?.logGroupArn ?? null), because: null };
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

/** The context of a request that CloudWatch Logs makes on a principal's behalf. */
function contextOf(region: string, principalArn: string, logGroupArn: string | null): ContextEntry[] {
  const { partition = '', account = '' } = parseArn(principalArn) ?? {};
  const values = {
    'kms:ViaService': logsEndpoint(partition, region),
    'kms:CallerAccount': account,
    'aws:RequestedRegion': region,
    'aws:PrincipalAccount': account,
    ...(logGroupArn !== null && { [LOGS_CONTEXT]: logGroupArn }),
  };
  const entries = Object.entries(values).map(([ContextKeyName, value]): ContextEntry => {
    return { ContextKeyName, ContextKeyValues: [value], ContextKeyType: 'string' };
  });
  if (logGroupArn === null) return entries;
  const keys = ['aws:logs:arn'];
  return [
    ...entries,
    { ContextKeyName: 'kms:EncryptionContextKeys', ContextKeyValues: keys, ContextKeyType: 'stringList' },
  ];
}

function notSimulated(principalArn: string | null, because: string): IdentityPolicies {
  return { principalArn, decisions: null, because };
}

function whyNot({ call, message }: CloudError): string {
  const right = call.startsWith('iam:') ? ` (the caller needs ${call})` : '';
  return `${call} failed: ${message}${right}`;
}
