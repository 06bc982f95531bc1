import type { ConfigStatus } from '../../domain/configuration.ts';
import { byAttention, type ExemptionUse } from '../../domain/exemption-use.ts';
import { UNREADABLE_CONFIGURATION } from '../tables/exemptions.ts';
import { code, type Section, tableHead, tableRow } from './text.ts';

/** How many log stores each exemption of the configuration matches, those first that need attention. */
export function exemptionSection(exemptions: readonly ExemptionUse[]): Section {
  const ordered = exemptions.toSorted(byAttention);
  return {
    head: `### Exemptions\n\n${tableHead(['Exemption', 'Until', 'Log stores', 'Notice', 'Owner', 'Reason'])}`,
    items: ordered.map(({ id, expires, stores, notices, owner, reason }) =>
      tableRow([
        code(id),
        expires ? code(expires) : 'no end',
        stores?.toLocaleString('en') ?? 'not known',
        notices.join(' '),
        code(owner),
        code(reason),
      ]),
    ),
  };
}

export function unreadableConfiguration(config: ConfigStatus): string {
  if (config !== 'UNREADABLE') return '';
  return `\n**${UNREADABLE_CONFIGURATION}.**\n`;
}
