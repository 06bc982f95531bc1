import { formatArn, parseArn } from './arn.ts';
import { REQUIRED_ACTIONS } from './key-policy/actions.ts';
import type { CallerStanding, PolicyPlace } from './key-policy/caller.ts';

/** One right that a caller needs. */
export interface Need {
  /** As IAM names it: `kms:Encrypt`. */
  readonly action: string;
  /** ARN of the key or log store. */
  readonly resource: string;
}

/** What the caller's identity-based policies say of one need. `UNKNOWN`: it hangs on a condition that was not simulated. */
export type IdentityDecision = 'ALLOWED' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY' | 'UNKNOWN';

/** What could be found out of the caller's identity-based policies. */
export interface IdentityPolicies {
  /** What policies name the caller by: the ARN of the role with its path, or of the user. null: not known. */
  readonly principalArn: string | null;
  /** In the order of the needs; null: they could not be simulated. */
  readonly decisions: readonly IdentityDecision[] | null;
  /** Why they could not be simulated, and which right that takes. */
  readonly because: string | null;
}

/** What attaching a key to a log store may ask of the caller: AWS's guide names them all. */
export function neededRights(keyArn: string, storeArn: string): readonly Need[] {
  return [
    ...['kms:DescribeKey', ...REQUIRED_ACTIONS].map((action) => ({ action, resource: keyArn })),
    { action: 'logs:AssociateKmsKey', resource: storeArn },
  ];
}

/**
 * Whether AWS was seen to check a right when a key is attached (aws-secure-environment-accelerator #1293). The others its
 * guide asks of whoever writes or reads the log group.
 */
export function isConfirmed(action: string): boolean {
  return ['kms:DescribeKey', 'kms:Encrypt', 'logs:AssociateKmsKey'].includes(action);
}

/** What is known of one right of the caller. */
export interface RightEvaluation {
  readonly result: 'PASS' | 'FAIL' | 'UNKNOWN';
  readonly message: string;
  /** null under PASS. */
  readonly fix: string | null;
}

/** The key policy of another account: it can be read there only, and must let the caller's account in. */
export interface ForeignStanding {
  readonly says: 'FOREIGN';
  /** The caller's. */
  readonly account: string;
}

/**
 * What can be said of one right of the caller, from its identity-based policies and the key's policy together. No FAIL of a
 * right that AWS may not check.
 * @param decision null: it could not be simulated
 * @param standing null: no key policy has a say, as in a right on a log store; `UNREAD`: the key's could not be read
 */
export function evaluateNeed(
  need: Need,
  decision: IdentityDecision | null,
  standing: CallerStanding | ForeignStanding | 'UNREAD' | null,
): RightEvaluation {
  const judgement = evaluateTogether(need, decision, standing);
  if (judgement.result !== 'FAIL' || isConfirmed(need.action)) return judgement;
  const message = `${judgement.message}; whether AssociateKmsKey checks it is not documented`;
  return { ...judgement, result: 'UNKNOWN', message };
}

/** IAM User Guide, "Policy evaluation logic", for a principal and a key of one account. */
function evaluateTogether(
  need: Need,
  decision: IdentityDecision | null,
  standing: CallerStanding | ForeignStanding | 'UNREAD' | null,
): RightEvaluation {
  const { action, resource } = need;
  const known = standing === 'UNREAD' || standing?.says === 'FOREIGN' ? null : standing;
  const place = known?.statement ? nameOf(known.statement) : 'the key policy';
  if (known?.says === 'DENIES') {
    const fix = `take the caller out of ${place} of ${resource}: no Allow outweighs a Deny`;
    return { result: 'FAIL', message: `${place} denies the caller ${action}`, fix };
  }
  if (decision === 'EXPLICIT_DENY') {
    const fix = `take ${action} on ${resource} out of that Deny: no Allow outweighs it`;
    return { result: 'FAIL', message: `a Deny in the caller's policies forbids ${action}`, fix };
  }
  if (standing === null) return evaluateIdentity(need, decision, "the caller's policies");
  if (standing === 'UNREAD') {
    const message = `the key policy, which has a say in ${action}, could not be read`;
    return { result: 'UNKNOWN', message, fix: toIdentity({ action: 'kms:GetKeyPolicy', resource }) };
  }
  switch (standing.says) {
    case 'FOREIGN': {
      const judgement = evaluateIdentity(need, decision, "the caller's policies");
      if (judgement.result !== 'PASS') return judgement;
      const message = `the caller's policies allow ${action}; what the key policy of another account says can be read there only`;
      return { result: 'UNKNOWN', message, fix: `its owner must ${toKeyPolicy(need, standing.account)}` };
    }
    case 'ALLOWS': {
      const message = `${place} allows the caller ${action}`;
      if (decision === 'ALLOWED' || decision === 'IMPLICIT_DENY') return { result: 'PASS', message, fix: null };
      const fix = `see that no policy of the caller denies ${action} on ${resource}`;
      return { result: 'UNKNOWN', message: `${message}; whether the caller's policies deny it is not known`, fix };
    }
    case 'DELEGATES': {
      const judgement = evaluateIdentity(need, decision, `${place} leaves it to the caller's policies, which`);
      if (judgement.result !== 'FAIL' || !standing.mayAllow) return judgement;
      const message = `${judgement.message}; whether ${nameOf(standing.mayAllow)} does is not known`;
      return { ...judgement, result: 'UNKNOWN', message };
    }
    case 'SILENT': {
      const message = `the key policy neither allows the caller ${action} nor leaves it to the caller's policies`;
      const fix = decision === 'ALLOWED' ? toKeyPolicy(need) : `${toKeyPolicy(need)}; and ${toIdentity(need)}`;
      return { result: 'FAIL', message, fix };
    }
    default: {
      const message = `whether ${place} reaches the caller for ${action} is not known`;
      return { result: 'UNKNOWN', message, fix: `see that ${place} of ${resource} lets the caller use ${action}` };
    }
  }
}

/** Where the caller's own policies alone decide. @param whose what they are called in the message */
function evaluateIdentity(need: Need, decision: IdentityDecision | null, whose: string): RightEvaluation {
  switch (decision) {
    case 'ALLOWED':
      return { result: 'PASS', message: `${whose} allow ${need.action}`, fix: null };
    case 'IMPLICIT_DENY':
      return { result: 'FAIL', message: `${whose} do not allow ${need.action}`, fix: toIdentity(need) };
    default: {
      const why = decision === null ? 'could not be simulated' : 'decide by a condition that is not known here';
      return { result: 'UNKNOWN', message: `${whose} ${why}: ${need.action}`, fix: toIdentity(need) };
    }
  }
}

function nameOf({ index, sid }: PolicyPlace): string {
  return `statement ${index}${sid === null ? '' : ` (${JSON.stringify(sid)})`} of the key policy`;
}

/** The fix where the cloud's own refusal names a Deny. */
export const EXEMPT_FROM_DENY = 'exempt the caller from the Deny that AWS names: no Allow outweighs it';

/** For a log group in both forms of its ARN: which one IAM compares depends on the action. */
export function toIdentity({ action, resource }: Need): string {
  const isLogGroup = parseArn(resource)?.resource.startsWith('log-group:');
  const statement = { Effect: 'Allow', Action: action, Resource: isLogGroup ? [resource, `${resource}:*`] : resource };
  return `add this statement to a policy of the caller: ${JSON.stringify(statement)}`;
}

/** AWS KMS Developer Guide, "Default key policy": whoever the account's own policies allow, for this action. */
function toKeyPolicy({ action, resource }: Need, caller?: string): string {
  const { partition = 'aws', account: owner = '' } = parseArn(resource) ?? {};
  const account = caller ?? owner;
  const root = formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });
  const statement = { Effect: 'Allow', Principal: { AWS: root }, Action: action, Resource: '*' };
  return `add this statement to the key policy of ${resource}: ${JSON.stringify(statement)}`;
}
