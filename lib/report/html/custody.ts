import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { PROVIDERS } from '../../domain/providers/index.ts';

/** Who controls the key that encrypts a log store, from the best to the least known. */
export const CUSTODIES = [
  'OWN_KEY',
  'OWN_KEY_BROKEN',
  'FOREIGN_KEY',
  'MANAGED_KEY',
  'PROVIDER_KEY',
  'NOT_ENCRYPTED',
  'UNKNOWN',
] as const;
export type Custody = (typeof CUSTODIES)[number];

/** Who controls the key that encrypts a log store, exempt or not. */
export function custodyOf({ provider, account, keyArn, reasons, warnings }: Finding): Custody {
  const has = (code: string) => reasons.some((reason) => reason.code === code);
  if (has('ENCRYPTION_OFF')) return 'NOT_ENCRYPTED';
  if (has('NO_KEY') || has('SERVICE_KEY') || (keyArn !== null && keyArn === PROVIDERS[provider].serviceKey?.id)) {
    return 'PROVIDER_KEY';
  }
  if (has('KEY_AWS_MANAGED')) return 'MANAGED_KEY';
  // Whether the key of another account works is up to that account.
  const owner = parseArn(keyArn ?? '')?.account ?? '';
  if (owner !== '' && account !== '' && owner !== account) return 'FOREIGN_KEY';
  const isRefused = warnings.some(({ code }) => code === 'KEY_POLICY_DENIES' || code === 'KEY_POLICY_MISSING_ACTIONS');
  if (isRefused && reasons.length === 0) return 'OWN_KEY_BROKEN';
  if (reasons.every(({ code }) => code === 'KEY_NOT_CONFIGURED')) return 'OWN_KEY';
  return reasons.every(({ code }) => code === 'KEY_UNREADABLE' || code === 'KEY_NOT_CONFIGURED')
    ? 'UNKNOWN'
    : 'OWN_KEY_BROKEN';
}

/** Counts log stores by who controls their key. */
export interface Custodies {
  add(finding: Finding): void;
  readonly counts: Readonly<Record<Custody, number>>;
}

export function countedCustodies(): Custodies {
  const counts: Record<Custody, number> = {
    OWN_KEY: 0,
    OWN_KEY_BROKEN: 0,
    FOREIGN_KEY: 0,
    MANAGED_KEY: 0,
    PROVIDER_KEY: 0,
    NOT_ENCRYPTED: 0,
    UNKNOWN: 0,
  };
  return {
    add(finding) {
      counts[custodyOf(finding)]++;
    },
    counts,
  };
}
