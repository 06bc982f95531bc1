import { parseArn } from '../../domain/arn.ts';
import { toIdentity } from '../../domain/caller-rights.ts';
import { type KeyFacts, type KeyInspection, whyUnusable } from '../../domain/key.ts';
import { readKeyPolicy } from '../../domain/key-policy/read.ts';
import { logsService } from '../../domain/key-policy/service-call.ts';
import { wrongRegion } from '../../domain/key-region.ts';
import type { Reason } from '../../domain/reasons.ts';
import { SERVICE_KEY, UNDER_SERVICE_KEY } from '../../domain/stores/logstore.ts';
import type { Target } from '../../domain/target.ts';
import { CloudError, mayPass } from '../../errors.ts';
import type { Keys } from '../ports.ts';

/** Looks at each distinct key of a target once, however many log stores are under it. What cannot be read is said, not thrown. */
export interface KeyCache {
  /** A key that is attached to a log store: its policy is read when the key is usable and the target's own. */
  attached(keyArn: string): Promise<KeyInspection>;
  /** The configured key: its policy is read whatever its state, so that every mistake is known at once. */
  configured(key: string): Promise<KeyInspection>;
  /** The configured key's ARN, for comparison only: a call is made for an alias alone. */
  named(key: string): Promise<KeyInspection>;
}

/** @param now decides what conditions on time in a key policy say, for the ring's whole life */
export function keyCache(target: Target, keys: Keys, now: Date): KeyCache {
  const facts = memoized((key: string) => keys.describe(key));
  const policies = memoized((keyArn: string) => readPolicy(target, keys, keyArn, now));
  const ofServiceKey = keys.acceptsServiceKey ? [] : [UNDER_SERVICE_KEY];
  const isKeyItself = (key: string) => target.provider === 'alibaba' || parseArn(key)?.resource.startsWith('key/');

  const inspection = async (
    key: string,
    readsPolicy: (facts: KeyFacts, reasons: readonly Reason[]) => boolean,
  ): Promise<KeyInspection> => {
    if (key === SERVICE_KEY) return { keyArn: key, reasons: ofServiceKey, policy: null, transientError: null };
    const arn = parseArn(key);
    const keyArn = isKeyItself(key) ? key : null;
    const elsewhere = wrongRegion(key, arn?.region, target.region);
    if (elsewhere) return { keyArn, reasons: [elsewhere], policy: null, transientError: null };
    try {
      const found = await facts.get(key);
      facts.set(found.arn, found);
      const away = wrongRegion(found.arn, found.region, target.region);
      const reasons = away ? [away] : whyUnusable(found, target.provider);
      const { policy = null, transientError = null } = readsPolicy(found, reasons) ? await policies.get(found.arn) : {};
      return { keyArn: found.arn, reasons, policy, transientError };
    } catch (error) {
      const failure = cloudError(error);
      const reason = whyNotDescribed(failure, key, arn?.account ?? target.account, target);
      // Whoever may not describe a key may read its policy all the same.
      const isReadable = failure.code === 'ACCESS_DENIED' && keyArn !== null && readsPolicy === ALWAYS;
      const { policy = null } = isReadable ? await policies.get(keyArn) : {};
      const transientError = transientErrorOf(failure);
      const { missingRight } = failure;
      return { keyArn, reasons: [reason], policy, transientError, ...(missingRight && { missingRight }) };
    }
  };

  // A role is a matter of whoever configures, and no call tells it of what is configured.
  const attached = memoized((keyArn: string) =>
    inspection(keyArn, (_, reasons) => reasons.length === 0 && !keys.roleProblem),
  );
  return {
    attached: attached.get,
    configured: (key) => inspection(key, ALWAYS),
    named: async (key) =>
      isKeyItself(key)
        ? { keyArn: key, reasons: [], policy: null, transientError: null }
        : inspection(key, () => false),
  };
}

const ALWAYS = () => true;
const KEY_ARN = /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/;

async function readPolicy(
  target: Target,
  keys: Keys,
  keyArn: string,
  now: Date,
): Promise<Pick<KeyInspection, 'policy' | 'transientError'>> {
  if (keys.roleProblem) return readRole(keys.roleProblem);
  const owner = parseArn(keyArn)?.account;
  if (owner !== target.account) {
    // GetKeyPolicy does not work across accounts.
    const message = `${keyArn} belongs to account ${owner}: its key policy can be read there only`;
    const fix = 'its owner must see to it that the key policy holds this statement';
    return { policy: { status: 'UNREADABLE', message, fix }, transientError: null };
  }
  try {
    const policy = readKeyPolicy(await keys.policyText(keyArn), logsService(keyArn, now));
    return { policy, transientError: null };
  } catch (error) {
    const failure = cloudError(error);
    const message = `the key policy of ${keyArn} could not be read: ${failure.message}`;
    const right = toIdentity({ action: 'kms:GetKeyPolicy', resource: keyArn });
    const fix = `allow the caller kms:GetKeyPolicy on it: ${right}; and see to it that the key policy holds this statement`;
    return { policy: { status: 'UNREADABLE', message, fix }, transientError: transientErrorOf(failure) };
  }
}

/** A role that could not be read this time must not pass for one without a problem: what it lets through is final. */
async function readRole(
  roleProblem: NonNullable<Keys['roleProblem']>,
): Promise<Pick<KeyInspection, 'policy' | 'transientError'>> {
  try {
    return { policy: { status: 'ROLE', problem: await roleProblem() }, transientError: null };
  } catch (error) {
    const failure = cloudError(error);
    const message = `the role that lets the service use the key could not be read: ${failure.call}: ${failure.message}`;
    const fix = `run the command again once ${failure.call} works`;
    const problem = { code: 'KEY_POLICY_UNREADABLE', message, fix } as const;
    return { policy: { status: 'ROLE', problem }, transientError: transientErrorOf(failure) };
  }
}

function transientErrorOf({ code, call, message }: CloudError): KeyInspection['transientError'] {
  return mayPass(code) ? { code, call, message } : null;
}

/** A missing key of another account looks like one that the caller may not see. */
function whyNotDescribed(error: CloudError, key: string, owner: string, target: Target): Reason {
  const { code, message } = error;
  if (code === 'NOT_FOUND' && owner === target.account) {
    return {
      code: 'KEY_NOT_FOUND',
      message: `${key} does not exist in ${target.region}`,
      fix: key.includes('alias/')
        ? `create the alias in ${target.region}, or name another key`
        : 'attach a key that exists',
    };
  }
  const isRefused = code === 'ACCESS_DENIED' || code === 'NOT_FOUND';
  return {
    code: 'KEY_UNREADABLE',
    message: `${key} could not be read: ${message}`,
    fix: isRefused ? toDescribe(key, error, owner, target) : 'scan again once the call works',
  };
}

/** A policy must name the key's own ARN. For an alias, it is known only where the refusal contains it. */
function toDescribe(key: string, { missingRight }: CloudError, owner: string, { account }: Target): string {
  const resource = [key, missingRight?.resource].find((arn) => KEY_ARN.test(arn ?? ''));
  const statement = resource ? `: ${toIdentity({ action: 'kms:DescribeKey', resource })}` : '';
  const elsewhere = owner === account ? '' : ` (its owner, account ${owner}, must allow it in the key policy)`;
  return `allow the caller kms:DescribeKey on ${resource ?? `the key ${key}`}${statement}${elsewhere}`;
}

/** Anything but a CloudError is a defect, not an answer of the cloud. */
function cloudError(error: unknown): CloudError {
  if (error instanceof CloudError) return error;
  throw error;
}

function memoized<T>(read: (key: string) => Promise<T>) {
  const entries = new Map<string, Promise<T>>();
  return {
    get: (key: string): Promise<T> => {
      const known = entries.get(key);
      if (known) return known;
      const entry = read(key);
      entries.set(key, entry);
      // A failure is not kept: whoever asks next may have better luck.
      entry.catch(() => entries.delete(key));
      return entry;
    },
    set: (key: string, value: T): void => {
      entries.set(key, Promise.resolve(value));
    },
  };
}
