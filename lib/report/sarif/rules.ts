import { CATALOGUE } from '../../domain/catalogue.ts';
import type { Severity } from '../../domain/catalogue-entry.ts';
import type { ProblemCode } from '../../domain/reasons.ts';

/** A rule as SARIF describes it, by a code of the catalogue. @param impact what happens if nothing is done; absent: what the catalogue says */
export function ruleOf(code: ProblemCode, impact: string = CATALOGUE[code].impact): object {
  const { title, severity } = CATALOGUE[code];
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: impact },
    help: { text: `${title}. ${impact}` },
    defaultConfiguration: { level: LEVELS[severity] },
    // GitHub shows severities of its own for these numbers: above 9 is critical, from 7 high, from 4 medium.
    properties: { 'security-severity': NUMBERS[severity], tags: ['security'] },
  };
}

/** What a result of a severity counts as. */
export const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
};

const NUMBERS: Readonly<Record<Severity, string>> = { CRITICAL: '9.5', HIGH: '8.0', MEDIUM: '5.5', LOW: '2.0' };
