import { SEVERITIES, type Severity } from '../lib/domain/catalogue-entry.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';

const NONE = 'none';
const DEFAULT: Severity = 'LOW';
const VALUES = [...SEVERITIES.map((severity) => severity.toLowerCase()), NONE];

export const FAIL_ON_OPTION = { 'fail-on': { kind: 'value', check: severityMistake } } as const satisfies OptionSpecs;

function severityMistake(text: string): string | undefined {
  if (VALUES.includes(text.toLowerCase())) return undefined;
  return `expected one of ${VALUES.join(', ')}, got ${JSON.stringify(text)}`;
}

/** The least severity of a finding for which a scan ends with 3; null: none does. */
export function failOn(args: Arguments): Severity | null {
  const value = args.value('fail-on')?.toLowerCase();
  if (value === NONE) return null;
  return SEVERITIES.find((severity) => severity.toLowerCase() === value) ?? DEFAULT;
}
