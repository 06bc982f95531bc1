import { parseArn } from '../domain/arn.ts';
import { type KeyFacts, type KeyLook, type PolicyLook, whyUnusable, wrongRegion } from '../domain/key.ts';
import { parseKeyPolicy } from '../domain/key-policy/parse.ts';
import { logsService } from '../domain/key-policy/service-call.ts';
import { bind } from '../domain/key-policy/statement.ts';
import type { Target } from '../domain/log-store.ts';
import type { Reason } from '../domain/reason.ts';
import { CloudError, mayPass } from '../errors.ts';
import type { Keys } from './ports.ts';

/** Looks at each distinct key of a target once, however many log stores are under it. Never rejects. */
export interface KeyRing {
  /** A key that is attached to a log store: its policy is read when the key is usable and the target's own. */
  attached(keyArn: string): Promise<KeyLook>;
  /** The configured key: its policy is read whatever its state, so that every mistake is known at once. */
  configured(key: string): Promise<KeyLook>;
  /** The configured key's ARN, for comparison only: a call is made for an alias alone. */
  named(key: string): Promise<KeyLook>;
  /** The first failure of a read that another try may cure: what was called unreadable may not be. */
  passingFailure(): CloudError | null;
}

/** @param now decides what conditions on time in a key policy say, for the ring's whole life */
export function keyRing(target: Target, keys: Keys, now: Date): KeyRing {
  let passing: CloudError | null = null;
  const note = (error: unknown): never => {
    if (error instanceof CloudError && mayPass(error.code)) passing ??= error;
    throw error;
  };
  const facts = memoized((key: string) => keys.describe(key).catch(note));
  const policies = memoized((keyArn: string) =>
    readPolicy(target, () => keys.policyText(keyArn).catch(note), keyArn, now),
  );

  const look = async (
    key: string,
    readsPolicy: (facts: KeyFacts, reasons: readonly Reason[]) => boolean,
  ): Promise<KeyLook> => {
    const arn = parseArn(key);
    const keyArn = arn?.resource.startsWith('key/') ? key : null;
    if (arn && arn.region !== target.region)
      return { keyArn, reasons: [wrongRegion(key, arn, target.region)], policy: null };
    try {
      const found = await facts.get(key);
      facts.set(found.arn, found);
      const reasons = whyUnusable(found);
      return { keyArn: found.arn, reasons, policy: readsPolicy(found, reasons) ? await policies.get(found.arn) : null };
    } catch (error) {
      return { keyArn, reasons: [whyNotDescribed(error, key, arn?.account ?? target.account, target)], policy: null };
    }
  };

  const attached = memoized((keyArn: string) => look(keyArn, (_, reasons) => reasons.length === 0));
  return {
    attached: attached.get,
    configured: (key) => look(key, () => true),
    named: async (key) =>
      parseArn(key)?.resource.startsWith('key/') ? { keyArn: key, reasons: [], policy: null } : look(key, () => false),
    passingFailure: () => passing,
  };
}

async function readPolicy(target: Target, read: () => Promise<string>, keyArn: string, now: Date): Promise<PolicyLook> {
  const owner = parseArn(keyArn)?.account;
  if (owner !== target.account) {
    // GetKeyPolicy does not work across accounts.
    return {
      status: 'UNREADABLE',
      message: `${keyArn} belongs to account ${owner}: its key policy can be read there only`,
      cure: `its owner must see to it that the key policy holds this statement`,
    };
  }
  try {
    const text = await read();
    const parsed = parseKeyPolicy(text);
    return { status: 'READ', text, bound: parsed.ok ? bind(parsed.policy, logsService(keyArn, now)) : null };
  } catch (error) {
    const { message } = cloudError(error);
    return {
      status: 'UNREADABLE',
      message: `the key policy of ${keyArn} could not be read: ${message}`,
      cure: `allow the caller kms:GetKeyPolicy on it, and see to it that the key policy holds this statement`,
    };
  }
}

/** A missing key of another account looks like one that the caller may not see. */
function whyNotDescribed(error: unknown, key: string, owner: string, target: Target): Reason {
  const { code, message } = cloudError(error);
  if (code === 'NOT_FOUND' && owner === target.account) {
    return {
      code: 'KEY_NOT_FOUND',
      message: `${key} does not exist in ${target.region}`,
      cure: key.includes('alias/')
        ? `create the alias in ${target.region}, or name another key`
        : 'attach a key that exists',
    };
  }
  return {
    code: 'KEY_UNREADABLE',
    message: `${key} could not be read: ${message}`,
    cure:
      code === 'ACCESS_DENIED' || code === 'NOT_FOUND'
        ? `allow the caller kms:DescribeKey on ${key}${owner === target.account ? '' : ` (its owner, account ${owner}, must allow it in the key policy)`}`
        : 'scan again once the call works',
  };
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
      const entry = entries.get(key) ?? read(key);
      entries.set(key, entry);
      return entry;
    },
    set: (key: string, value: T): void => {
      entries.set(key, Promise.resolve(value));
    },
  };
}
