import type { CatalogueEntry } from './catalogue-entry.ts';

/** What somebody did to the configured key. These are about a key alone, never about a log store. */
export const KEY_CHANGE_CATALOGUE = {
  KEY_ALIAS_MOVED: {
    use: 'KEY_CHANGE',
    title: 'The alias of the configured key was moved',
    severity: 'CRITICAL',
    impact:
      'Log groups are sealed with the key that the alias names now. Whoever controls that key decides what becomes of them.',
    changedBy: 'PERSON',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
