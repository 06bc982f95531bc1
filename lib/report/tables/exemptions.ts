import type { ConfigStatus } from '../../domain/configuration.ts';
import { ENDS_SOON_DAYS, type Exemption } from '../../domain/exemption.ts';
import { byAttention, type ExemptionNotice, type ExemptionUse } from '../../domain/exemption-use.ts';
import type { Finding } from '../../domain/finding.ts';
import { byPlace } from '../../domain/order.ts';
import type { Target } from '../../domain/target.ts';
import { columns } from '../columns.ts';
import { type ReportOptions, SHOWN_ROWS } from '../format.ts';
import { NAME_COLUMN, placeColumns } from '../store-columns.ts';
import { omittedRows } from '../table.ts';
import { worstOf } from '../worst.ts';

/** Collects the log stores of a scan that are exempt, and shows by which exemption each is, and why, and until when. */
export interface ExemptRows {
  add(finding: Finding): void;
  /** Empty where nothing is exempt. @param targets those of the scan */
  text(targets: readonly Target[], options: ReportOptions): string;
}

export function exemptRows(showAll: boolean): ExemptRows {
  const rows = worstOf<Finding>(showAll ? Number.POSITIVE_INFINITY : SHOWN_ROWS, byPlace);
  /** Those that are built in, which no document lists. */
  const builtIn = new Map<string, Exemption>();
  return {
    add(finding) {
      if (!finding.exemption) return;
      rows.add(finding);
      if (finding.exemption.expires === null) builtIn.set(finding.exemption.id, finding.exemption);
    },
    text(targets, options) {
      const { paint } = options;
      const shown = rows.kept();
      if (shown.length === 0) return '';
      const place = placeColumns([...targets, ...shown]);
      const cells = shown.map((finding) => [
        ...place.cells(finding),
        finding.name,
        finding.reasons.map(({ code }) => code).join(', '),
        finding.exemption?.id ?? '',
        finding.exemption?.expires ?? 'no end',
      ]);
      const head = [...place.head, NAME_COLUMN, { title: 'REASONS', least: 24 }, { title: 'EXEMPTION', least: 12 }];
      const notes = [...builtIn.values()].map(({ id, reason }) => `  ${id}: ${reason}\n`);
      return [
        `\n${paint.bold('Exempt')}\n`,
        columns([...head, 'UNTIL'], cells, options),
        omittedRows(rows.omitted(), paint),
        ...notes,
      ].join('');
    },
  };
}

/** As many exemptions as a person reads; the JSON document has them all. */
const MAX_EXEMPTIONS = 50;

/** No exemption is known, or not all of the log stores that each is about. */
export const UNREADABLE_CONFIGURATION =
  'The configuration could not be read completely: exemptions and key rules may be missing, and log stores that they may be about are not changed';

/** How many log stores each exemption of the configuration matches, those first that need attention. */
export function exemptionsText(
  exemptions: readonly ExemptionUse[],
  config: ConfigStatus,
  options: ReportOptions,
): string {
  const { paint } = options;
  if (config === 'UNREADABLE') {
    return `\n${paint.red(UNREADABLE_CONFIGURATION)}\n`;
  }
  if (exemptions.length === 0) return '';
  const ordered = exemptions.toSorted(byAttention);
  const shown = ordered.slice(0, MAX_EXEMPTIONS);
  const rows = shown.map(({ id, expires, stores, notices, owner, reason }) => [
    id,
    expires ?? 'no end',
    stores?.toLocaleString('en') ?? 'not known',
    notices.length === 0 ? '-' : paint.yellow(notices.map((notice) => NOTICES[notice]).join(', ')),
    owner,
    reason,
  ]);
  const said = new Set(shown.flatMap(({ notices }) => notices));
  return [
    `\n${paint.bold('Exemptions')}\n`,
    columns(EXEMPTION_COLUMNS, rows, options),
    omittedRows(ordered.length - shown.length, paint),
    ...[...said].map((notice) => `  ${NOTICES[notice]}: ${WHAT_TO_DO[notice]}\n`),
  ].join('');
}

const EXEMPTION_COLUMNS = [
  { title: 'EXEMPTION', least: 12 },
  'UNTIL',
  'LOG STORES',
  'NOTICE',
  { title: 'OWNER', least: 10 },
  { title: 'REASON', least: 16, isProse: true },
];

export const NOTICES: Readonly<Record<ExemptionNotice, string>> = {
  EXPIRED: 'expired',
  ENDS_SOON: 'ends soon',
  UNMATCHED: 'unmatched',
};

export const WHAT_TO_DO: Readonly<Record<ExemptionNotice, string>> = {
  EXPIRED: 'it no longer counts: remove it, or agree with its owner on a new day',
  ENDS_SOON: `it ends within ${ENDS_SOON_DAYS} days: ask its owner whether it is still needed`,
  UNMATCHED:
    'no log store that was scanned matches it: correct what it matches, or remove it if it is for no other account or Region',
};
