/** The RAM service that must be able to assume the role. */
const SERVICE = 'log.aliyuncs.com';

/** Whom a role trusts: the trust policy in the response to GetRole. */
export interface TrustPolicy {
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** @returns undefined if the response to GetRole has another form */
export function trustIn({ Role }: Readonly<Record<string, unknown>>): TrustPolicy | undefined {
  const text = isRecord(Role) ? Role['AssumeRolePolicyDocument'] : undefined;
  try {
    const trust: unknown = JSON.parse(String(text));
    return isRecord(trust) && isRecords(trust['Statement']) ? { ...trust, Statement: trust['Statement'] } : undefined;
  } catch {
    return undefined;
  }
}

/** One policy in the response to ListPoliciesForRole. */
export interface AttachedPolicy {
  readonly PolicyName: string;
  readonly PolicyType: string;
}

/** @returns undefined if the response to ListPoliciesForRole has another form */
export function policiesIn({ Policies }: Readonly<Record<string, unknown>>): readonly AttachedPolicy[] | undefined {
  const policies = isRecord(Policies) ? Policies['Policy'] : undefined;
  return isRecords(policies) && policies.every(isAttachedPolicy) ? policies : undefined;
}

function isAttachedPolicy(
  policy: Readonly<Record<string, unknown>>,
): policy is Readonly<Record<string, string>> & AttachedPolicy {
  return typeof policy['PolicyName'] === 'string' && typeof policy['PolicyType'] === 'string';
}

function isRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isRecord);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a statement lets SLS assume the role. Conditions are not evaluated, so a statement with conditions counts. */
export function trustsService({ Effect, Action, Principal }: TrustPolicy['Statement'][number]): boolean {
  const service = isRecord(Principal) ? Principal['Service'] : undefined;
  const mayAssume = [Action].flat().some((action) => /^(sts:assumerole|sts:\*|\*)$/i.test(String(action)));
  return (
    Effect === 'Allow' && mayAssume && [Principal, service].flat().some((name) => name === SERVICE || name === '*')
  );
}

/** A trust policy quoted for the shell: the given statements and one for SLS. */
export function trusting(trust?: TrustPolicy): string {
  const statement = { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: [SERVICE] } };
  const policy = { Version: '1', ...trust, Statement: [...(trust?.Statement ?? []), statement] };
  return `'${JSON.stringify(policy).replaceAll("'", "'\\''")}'`;
}
