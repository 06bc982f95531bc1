import { formatArn, parseArn } from './arn.ts';
import { REQUIRED_ACTIONS } from './key-policy/actions.ts';
import type { CallerAccess } from './key-policy/caller.ts';
import { statementQuote } from './key-policy/statement-name.ts';

/** One right that a caller needs. */
export interface Need {
  /** As IAM names it: `kms:Encrypt`. */
  readonly action: string;
  /** ARN of the key or log store. */
  readonly resource: string;
}

/**
 * What the caller's identity-based policies decide for one need, as IAM's simulation returns it. `UNKNOWN`: it depends on a
 * condition that was not simulated.
 */
export type IdentityDecision = 'ALLOWED' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY' | 'UNKNOWN';

/** What was found out about the caller's identity-based policies. */
export interface IdentityPolicies {
  /** How policies name the caller: the ARN of the user, or of the role with its path. null: not known. */
  readonly principalArn: string | null;
  /** In the order of the needs; null: they could not be simulated. */
  readonly decisions: readonly IdentityDecision[] | null;
  /** Why they could not be simulated, and which right is missing for it. */
  readonly because: string | null;
}

/** The rights that the caller may need to attach a key to a log store (CloudWatch Logs User Guide, "Encrypt log data"). */
export function neededRights(keyArn: string, storeArn: string): readonly Need[] {
  return [
    ...['kms:DescribeKey', ...REQUIRED_ACTIONS].map((action) => ({ action, resource: keyArn })),
    rightOnStore(storeArn),
  ];
}

/** The only one of these rights that is not on the key. */
export function rightOnStore(storeArn: string): Need {
  return { action: 'logs:AssociateKmsKey', resource: storeArn };
}

/**
 * Whether AWS is known to check a right when a key is attached (aws-secure-environment-accelerator #1293). The guide asks
 * for the others too, but of everybody who writes or reads the log group.
 */
export function isConfirmed(action: string): boolean {
  return ['kms:DescribeKey', 'kms:Encrypt', 'logs:AssociateKmsKey'].includes(action);
}

/** Whether the caller has one right. */
export interface RightEvaluation {
  readonly result: 'PASS' | 'FAIL' | 'UNKNOWN';
  readonly message: string;
  /** null under PASS. */
  readonly fix: string | null;
}

/** The key policy of another account. It can be read in that account only, and must allow the caller's account. */
export interface ForeignPolicy {
  readonly access: 'FOREIGN';
  /** The caller's account. */
  readonly account: string;
}

/** What is known about the key policy. `UNREAD`: it could not be read. null: the right is not on a key. */
type KeyPolicyAccess = CallerAccess | ForeignPolicy | 'UNREAD' | null;

/**
 * Evaluates one right of the caller from its identity-based policies and the key policy together. A right that AWS is not
 * known to check is never a FAIL.
 * @param decision null: the caller's policies could not be simulated
 */
export function evaluateNeed(
  need: Need,
  decision: IdentityDecision | null,
  keyPolicy: KeyPolicyAccess,
): RightEvaluation {
  const evaluation = evaluateRight(need, decision, keyPolicy);
  if (evaluation.result !== 'FAIL' || isConfirmed(need.action)) return evaluation;
  const message = `${evaluation.message}; AWS does not document whether AssociateKmsKey checks this right`;
  return { ...evaluation, result: 'UNKNOWN', message };
}

/**
 * Evaluates one right of a principal, whether AWS is known to check it or not (IAM User Guide, "Policy evaluation logic").
 * @param who as messages name the principal
 */
export function evaluateRight(
  need: Need,
  decision: IdentityDecision | null,
  keyPolicy: KeyPolicyAccess,
  who = THE_CALLER,
): RightEvaluation {
  const { action, resource } = need;
  const known = keyPolicy === 'UNREAD' || keyPolicy?.access === 'FOREIGN' ? null : keyPolicy;
  const place = known?.statement ? `${statementQuote(known.statement)} of the key policy` : 'the key policy';
  if (known?.access === 'DENIED') {
    const fix = `exclude ${who} from ${place} of ${resource}: no Allow overrides a Deny`;
    return { result: 'FAIL', message: `${place} denies ${who} ${action}`, fix };
  }
  if (decision === 'EXPLICIT_DENY') {
    const fix = `remove ${action} on ${resource} from that Deny: no Allow overrides a Deny`;
    return { result: 'FAIL', message: `a Deny in ${who}'s policies forbids ${action}`, fix };
  }
  if (keyPolicy === null) return evaluateIdentity(need, decision, `${who}'s policies`, who);
  if (keyPolicy === 'UNREAD') {
    const message = `${action} depends on the key policy, which could not be read`;
    return { result: 'UNKNOWN', message, fix: toIdentity({ action: 'kms:GetKeyPolicy', resource }) };
  }
  switch (keyPolicy.access) {
    case 'FOREIGN': {
      const evaluation = evaluateIdentity(need, decision, `${who}'s policies`, who);
      if (evaluation.result !== 'PASS') return evaluation;
      const message = `${who}'s policies allow ${action}, but the key belongs to another account, and its key policy can be read there only`;
      return { result: 'UNKNOWN', message, fix: `its owner must ${toKeyPolicy(need, keyPolicy.account)}` };
    }
    case 'ALLOWED': {
      const message = `${place} allows ${who} ${action}`;
      if (decision === 'ALLOWED' || decision === 'IMPLICIT_DENY') return { result: 'PASS', message, fix: null };
      const fix = `make sure that no policy of ${who} denies ${action} on ${resource}`;
      return { result: 'UNKNOWN', message: `${message}, but whether ${who}'s policies deny it is not known`, fix };
    }
    case 'DELEGATED': {
      const evaluation = evaluateIdentity(need, decision, `${place} delegates to ${who}'s policies, which`, who);
      if (evaluation.result !== 'FAIL' || !keyPolicy.mayAllow) return evaluation;
      const message = `${evaluation.message}; whether ${statementQuote(keyPolicy.mayAllow)} of the key policy allows it is not known`;
      return { ...evaluation, result: 'UNKNOWN', message };
    }
    case 'NOT_MENTIONED': {
      const message = `the key policy neither allows ${who} ${action} nor delegates to ${who}'s policies`;
      const add = toKeyPolicy(need, keyPolicy.foreignAccount);
      const fix = decision === 'ALLOWED' ? add : `${add}; and ${toIdentity(need, who)}`;
      return { result: 'FAIL', message, fix };
    }
    default: {
      const message = `whether ${place} applies to ${who} for ${action} is not known`;
      return {
        result: 'UNKNOWN',
        message,
        fix: `make sure that ${place} of ${resource} lets ${who} use ${action}`,
      };
    }
  }
}

/** Where only the principal's own policies count. @param whose the subject of the message */
function evaluateIdentity(need: Need, decision: IdentityDecision | null, whose: string, who: string): RightEvaluation {
  switch (decision) {
    case 'ALLOWED':
      return { result: 'PASS', message: `${whose} allow ${need.action}`, fix: null };
    case 'IMPLICIT_DENY':
      return { result: 'FAIL', message: `${whose} do not allow ${need.action}`, fix: toIdentity(need, who) };
    default: {
      const why = decision === null ? 'could not be simulated' : 'depend on a condition that could not be simulated';
      return { result: 'UNKNOWN', message: `${whose} ${why}: ${need.action}`, fix: toIdentity(need, who) };
    }
  }
}

/** The fix where the cloud's own refusal names a Deny. */
export const FIX_FOR_DENY =
  'change the Deny that AWS names so that it does not cover the caller: no Allow overrides a Deny';

/**
 * The ARN with which IAM compares the Resource of a policy. For all actions but those on tags, the ARN of a log group has
 * `:*` at the end there (CloudWatch Logs User Guide, "CloudWatch Logs resources and operations").
 */
export function comparedResource(resource: string): string {
  return isLogGroup(resource) ? `${resource}:*` : resource;
}

function isLogGroup(resource: string): boolean {
  return parseArn(resource)?.resource.startsWith('log-group:') ?? false;
}

const THE_CALLER = 'the caller';

export function toIdentity({ action, resource }: Need, who = THE_CALLER): string {
  return toIdentityFor([action], [resource], who);
}

interface DeniedRight {
  readonly action: string;
  readonly resource: string | null;
  readonly isExplicitDeny: boolean;
}

/** The fix for a call that the cloud denied: the right that it names, or else the one with the name of the call, on everything. */
export function fixForDenied(call: string, named: DeniedRight | null): string {
  if (named?.isExplicitDeny) return FIX_FOR_DENY;
  return toIdentity({ action: named?.action ?? call, resource: named?.resource ?? '*' });
}

/** The fix for several rights at once. A resource may be a pattern that ends in `*`. */
export function toIdentityFor(actions: readonly string[], resources: readonly string[], who = THE_CALLER): string {
  return `add this statement to a policy of ${who}: ${JSON.stringify(allowing(actions, resources))}`;
}

/** For a log group the statement has both forms of its ARN: which one IAM compares depends on the action. */
function allowing(actions: readonly string[], resources: readonly string[]) {
  const forms = resources.flatMap((arn) =>
    isLogGroup(arn) && !arn.endsWith('*') ? [arn, comparedResource(arn)] : [arn],
  );
  const oneOrAll = (texts: readonly string[]) => (texts.length === 1 ? texts[0] : texts);
  return { Effect: 'Allow', Action: oneOrAll(actions), Resource: oneOrAll(forms) };
}

/** What is said once of all rights that only the caller's policies can tell, where those could not be simulated. */
export function unsimulated(
  needs: readonly Need[],
  because: string | null,
  who = THE_CALLER,
): { message: string; fix: string } {
  const actions = [...new Set(needs.map(({ action }) => action))].join(', ');
  const why = because === null ? '' : `: ${because}`;
  const statements = [...Map.groupBy(needs, ({ resource }) => resource)].map(([resource, some]) =>
    allowing(
      some.map(({ action }) => action),
      [resource],
    ),
  );
  return {
    message: `${who}'s policies could not be simulated, so it is not known whether they allow ${actions}${why}`,
    fix: `make sure that the policies of ${who} have these statements: ${JSON.stringify(statements)}`,
  };
}

/**
 * Delegates one action to an account, as the "Default key policy" of the AWS KMS Developer Guide does for all of them.
 * @param caller the account; default: that of the key
 */
export function toKeyPolicy({ action, resource }: Need, caller?: string): string {
  const { partition = 'aws', account: owner = '' } = parseArn(resource) ?? {};
  const account = caller ?? owner;
  const root = formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });
  const statement = { Effect: 'Allow', Principal: { AWS: root }, Action: action, Resource: '*' };
  return `add this statement to the key policy of ${resource}: ${JSON.stringify(statement)}`;
}
