import { type ConfiguredExemption, type PreparedConfiguration, prepare } from '../../lib/domain/configuration.ts';
import type { Match } from '../../lib/domain/match.ts';

/** An exemption that covers every name. */
export const anExemption = (exemption: Partial<ConfiguredExemption> = {}): ConfiguredExemption => ({
  id: 'e-1',
  reason: 'no secrets',
  owner: 'team-a',
  expires: '2026-12-31',
  match: { names: ['*'] },
  ...exemption,
});

/** A configuration with nothing but an exemption for these names. */
export const exempting = (...names: readonly string[]): PreparedConfiguration =>
  prepare({ exemptions: [anExemption({ match: { names } })], keys: [] });

/** A configuration with nothing but key rules, as pairs of what they match and the key. */
export const keyRules = (...rules: readonly (readonly [Match, string])[]): PreparedConfiguration =>
  prepare({ exemptions: [], keys: rules.map(([match, key]) => ({ match, key })) });

/** What findings show of `anExemption()`. */
export const EXEMPTION = { id: 'e-1', reason: 'no secrets', owner: 'team-a', expires: '2026-12-31' };
