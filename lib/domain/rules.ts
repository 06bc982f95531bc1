import { parseArn } from './arn.ts';
import { type Matched, NO_CONFIGURATION, type PreparedConfiguration } from './configuration.ts';
import { type Exemption, isExpired, shown } from './exemption.ts';
import type { Failure } from './failure.ts';
import type { Target } from './target.ts';

/** What a run demands of every log store. */
export interface Rules {
  /** The key to seal with where no key rule names another, as it was configured; null: none. */
  readonly key: string | null;
  /** Whether no other key will do than the one to seal with. Otherwise any healthy key of the owner will do. */
  readonly requiresKey: boolean;
  /** Whether a key of the service itself will do, which the owner of the logs does not control. */
  readonly acceptsServiceKey: boolean;
  /** Exemptions, beside those that are built into the kinds of log stores, and key rules. */
  readonly configuration: PreparedConfiguration;
  /** Why the configuration could not be read, so that nothing may be changed; null: it was, or there is none. */
  readonly unreadConfiguration: Failure | null;
  /** The AWS Organization of the keys and the logs, for conditions in key policies; null: not known. */
  readonly orgId: string | null;
  /** The service principal of CloudWatch Logs, where AWS does not document it and a person says which one it is; null: nobody did. */
  readonly logsPrincipal: string | null;
  /** Decides when exemptions expire, and the conditions on time in key policies. */
  readonly now: Date;
}

/** Demands a healthy key of the owner's and nothing else; `more` overrides. */
export function rulesAt(now: Date, more: Partial<Omit<Rules, 'now'>> = {}): Rules {
  return {
    key: null,
    requiresKey: false,
    acceptsServiceKey: false,
    configuration: NO_CONFIGURATION,
    unreadConfiguration: null,
    orgId: null,
    logsPrincipal: null,
    now,
    ...more,
  };
}

/** The exemption of the configuration that covers a log store: the first that matches and has not expired. */
export function exemptionOf({ configuration, now }: Rules, { exemptions }: Matched): Exemption | null {
  for (const index of exemptions) {
    const exemption = configuration.exemptions[index];
    if (exemption && !isExpired(exemption, now)) return shown(exemption);
  }
  return null;
}

/** The key to seal a log store with, as it was configured; null: none. */
export function keyFor({ configuration, key }: Rules, { keyRule }: Pick<Matched, 'keyRule'>): string | null {
  return keyRule === null ? key : (configuration.keys[keyRule]?.key ?? null);
}

/** The keys that may seal a log store of a target, as they were configured, each once; what names no account and no Region is for all. */
export function keysNamedIn({ configuration, key }: Pick<Rules, 'configuration' | 'key'>, target: Target): string[] {
  const named = configuration.keys.flatMap(({ match: { accounts, regions }, key: ruleKey }) =>
    (accounts?.includes(target.account) ?? true) && (regions?.includes(target.region) ?? true) ? [ruleKey] : [],
  );
  return [...new Set(key === null ? named : [key, ...named])];
}

/** The keys of a target that may seal log stores of other accounts, too: those that are configured by their ARN, or that of an alias. */
export function keysSharedIn({ configuration, key }: Pick<Rules, 'configuration' | 'key'>, target: Target): string[] {
  const named = configuration.keys.flatMap(({ match: { accounts }, key: ruleKey }) =>
    (accounts?.some((account) => account !== target.account) ?? true) ? [ruleKey] : [],
  );
  const isHere = (text: string): boolean => {
    const arn = parseArn(text);
    return arn?.account === target.account && arn.region === target.region;
  };
  return [...new Set(key === null ? named : [key, ...named])].filter(isHere);
}
