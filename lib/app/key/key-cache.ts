import { parseArn } from '../../domain/arn.ts';
import { toIdentity, toKeyPolicy } from '../../domain/caller-rights.ts';
import type { Failure } from '../../domain/failure.ts';
import { type KeyInspection, whyUnusable } from '../../domain/key.ts';
import { readKeyPolicy } from '../../domain/key-policy/read.ts';
import { logsService } from '../../domain/key-policy/service-call.ts';
import { wrongRegion } from '../../domain/key-region.ts';
import { PROVIDERS } from '../../domain/providers/index.ts';
import { problem, type Reason } from '../../domain/reasons.ts';
import type { Rules } from '../../domain/rules.ts';
import type { Target } from '../../domain/target.ts';
import { type KeyUse, keyNotFound } from '../../domain/unusable-key.ts';
import { CloudError } from '../../errors.ts';
import { READS_PER_KEY } from '../../pacing.ts';
import type { Keys } from '../ports.ts';

/**
 * Inspects each distinct key of a target once, however many log stores it encrypts. What cannot be read is part of the
 * inspection and is not thrown; what another try may read is read again when it is next asked for.
 */
export interface KeyCache {
  /** A key that is attached to a log store: its policy is read when the key is usable and credentials of its account are at hand. */
  attached(keyArn: string): Promise<KeyInspection>;
  /**
   * The configured key: its policy is read whatever its state, so that every mistake is known at once, unless AWS
   * manages the key.
   */
  configured(key: string): Promise<KeyInspection>;
  /** A key that was attached before, and may be attached again: as a configured key, except that logs are encrypted under it. */
  earlier(keyArn: string): Promise<KeyInspection>;
  /** The configured key's ARN, for comparison only: a call is made for an alias alone. */
  named(key: string): Promise<KeyInspection>;
}

/** @param rules what they say of time, organization and service principal decides in key policies, for as long as the cache is used */
export function keyCache(target: Target, keys: Keys, rules: Rules): KeyCache {
  const facts = memoized((key: string) => keys.describe(key));
  const policies = memoized((keyArn: string) => readPolicy(target, keys, keyArn, rules), isDefinite);
  const { isKeyItself, serviceKey } = PROVIDERS[target.provider];

  const inspection = async (
    key: string,
    use: KeyUse,
    readsPolicy: (reasons: readonly Reason[]) => boolean,
  ): Promise<KeyInspection> => {
    if (key === serviceKey?.id) {
      const reasons = rules.acceptsServiceKey ? [] : [serviceKey.reason];
      return { keyArn: key, reasons, policy: null, transientError: null };
    }
    const arn = parseArn(key);
    const keyArn = isKeyItself(key) ? key : null;
    const elsewhere = wrongRegion(key, arn?.region, target.region);
    if (elsewhere) return { keyArn, reasons: [elsewhere], policy: null, transientError: null };
    try {
      const found = await facts.get(key);
      facts.set(found.arn, found);
      const away = wrongRegion(found.arn, found.region, target.region);
      const reasons = away ? [away] : whyUnusable(found, target.provider, use);
      const { policy = null, transientError = null } = readsPolicy(reasons) ? await policies.get(found.arn) : {};
      return { keyArn: found.arn, reasons, state: found.state, policy, transientError };
    } catch (error) {
      const failure = cloudError(error);
      const reason = whyNotDescribed(failure, key, use, arn?.account ?? target.account, target);
      // The right to describe a key and the right to read its policy are independent.
      const isReadable = failure.code === 'ACCESS_DENIED' && keyArn !== null && readsPolicy([reason]);
      const { policy = null } = isReadable ? await policies.get(keyArn) : {};
      const transientError = transientErrorOf(failure);
      const { missingRight } = failure;
      return { keyArn, reasons: [reason], policy, transientError, ...(missingRight && { missingRight }) };
    }
  };

  // The role belongs to the configured key only: no call returns which role a Logstore was configured with.
  const attached = memoized(
    (keyArn: string) => inspection(keyArn, 'ATTACHED', (reasons) => reasons.length === 0 && !keys.roleProblem),
    isDefinite,
  );
  return {
    attached: attached.get,
    configured: (key) => inspection(key, 'CONFIGURED', isPolicyOfOwner),
    earlier: (keyArn) => inspection(keyArn, 'ATTACHED', isPolicyOfOwner),
    named: async (key) =>
      isKeyItself(key)
        ? { keyArn: key, reasons: [], policy: null, transientError: null }
        : inspection(key, 'CONFIGURED', () => false),
  };
}

const KEY_ARN = /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/;

/** AWS writes the policies of the keys that it manages, so nobody could follow a fix of theirs. */
function isPolicyOfOwner(reasons: readonly Reason[]): boolean {
  return !reasons.some(({ code }) => code === 'KEY_AWS_MANAGED');
}

async function readPolicy(
  target: Target,
  keys: Keys,
  keyArn: string,
  rules: Rules,
): Promise<Pick<KeyInspection, 'policy' | 'transientError'>> {
  if (keys.roleProblem) return readRole(keys.roleProblem);
  const service = logsService(keyArn, rules);
  const owner = parseArn(keyArn)?.account;
  const isForeign = owner !== target.account;
  try {
    const text = isForeign ? ((await keys.foreignPolicyText?.(keyArn)) ?? null) : await keys.policyText(keyArn);
    if (text !== null) return { policy: readKeyPolicy(text, service), transientError: null };
    const message = `${keyArn} belongs to account ${owner}, and only that account can read its key policy`;
    const fix = 'ask its owner to make sure that the key policy contains this statement';
    return { policy: { status: 'UNREADABLE', service, message, fix }, transientError: null };
  } catch (error) {
    const failure = cloudError(error);
    const message = `the key policy of ${keyArn} could not be read: ${failure.message}`;
    const missingRight = { action: 'kms:GetKeyPolicy', resource: keyArn };
    const who = isForeign ? `the caller in account ${owner}` : 'the caller';
    const fix = `allow ${who} kms:GetKeyPolicy on ${keyArn}: ${toIdentity(missingRight, who)}; and make sure that the key policy contains this statement`;
    const policy = { status: 'UNREADABLE', service, message, fix, missingRight } as const;
    return { policy, transientError: transientErrorOf(failure) };
  }
}

/** A role that could not be read must not count as one without a problem: what is sealed by it is sealed for good. */
async function readRole(
  roleProblem: NonNullable<Keys['roleProblem']>,
): Promise<Pick<KeyInspection, 'policy' | 'transientError'>> {
  try {
    return { policy: { status: 'ROLE', problem: await roleProblem() }, transientError: null };
  } catch (error) {
    const failure = cloudError(error);
    const message = `the role that lets the service use the key could not be read: ${failure.call}: ${failure.message}`;
    const fix = `run the command again once ${failure.call} works`;
    const unreadable = problem('KEY_POLICY_UNREADABLE', message, fix);
    return { policy: { status: 'ROLE', problem: unreadable }, transientError: transientErrorOf(failure) };
  }
}

function transientErrorOf(error: CloudError): Failure | null {
  return error.isTransient ? error : null;
}

/** KMS returns the same error for a key of another account that does not exist and one that the caller may not see. */
function whyNotDescribed(error: CloudError, key: string, use: KeyUse, owner: string, target: Target): Reason {
  const { code, message } = error;
  if (code === 'NOT_FOUND' && owner === target.account) return keyNotFound(key, target.region, use);
  const what = `${key} could not be read: ${message}`;
  const isRefused = code === 'ACCESS_DENIED' || code === 'NOT_FOUND';
  if (!isRefused) return problem('KEY_UNREADABLE', what, 'try again');
  // A policy must name the key's own ARN. For an alias, it is known only where the refusal contains it.
  const resource = [key, error.missingRight?.resource ?? ''].find((arn) => KEY_ARN.test(arn));
  const missingRight = resource === undefined ? undefined : { action: 'kms:DescribeKey', resource };
  const statement = missingRight ? `: ${toIdentity(missingRight)}` : '';
  const elsewhere =
    owner === target.account
      ? ''
      : `; and its owner, account ${owner}, must allow it in the key policy${missingRight ? `: ${toKeyPolicy(missingRight, target.account)}` : ''}`;
  const fix = `allow the caller kms:DescribeKey on ${resource ?? `the key ${key}`}${statement}${elsewhere}`;
  return problem('KEY_UNREADABLE', what, fix, missingRight);
}

/** @throws anything that is not a CloudError: it is a defect, and no answer of the cloud */
function cloudError(error: unknown): CloudError {
  if (error instanceof CloudError) return error;
  throw error;
}

/** Whether nothing failed that another try may read. */
function isDefinite({ transientError }: Pick<KeyInspection, 'transientError'>): boolean {
  return transientError === null;
}

/**
 * @param isKept whether a value stays; one that does not is read again by the next reader, and so is one that was thrown, up
 * to `READS_PER_KEY` times
 */
function memoized<T>(read: (key: string) => Promise<T>, isKept: (value: T) => boolean = () => true) {
  const entries = new Map<string, Promise<T>>();
  const reads = new Map<string, number>();
  return {
    get: (key: string): Promise<T> => {
      const known = entries.get(key);
      if (known) return known;
      const entry = read(key);
      entries.set(key, entry);
      const count = (reads.get(key) ?? 0) + 1;
      reads.set(key, count);
      const drop = () => count < READS_PER_KEY && entries.delete(key);
      entry.then((value) => isKept(value) || drop(), drop);
      return entry;
    },
    set: (key: string, value: T): void => {
      entries.set(key, Promise.resolve(value));
    },
  };
}
