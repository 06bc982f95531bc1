import { CATALOGUE } from '../../../domain/catalogue.ts';
import { SEVERITIES } from '../../../domain/catalogue-entry.ts';
import type { FindingStatus } from '../../../domain/finding.ts';
import { counted } from '../../table.ts';
import type { Contents } from '../contents.ts';
import { count, html, type Markup, type Part } from '../markup.ts';
import type { ReportData } from '../report-data.ts';
import { accountText, keyId, STATUS_TEXT } from '../text.ts';

/** As many keys as can be chosen from a list; the search finds the others. */
const MAX_CHOICES = 500;

const STATUSES = Object.keys(STATUS_TEXT) as FindingStatus[];

const COLUMNS = [
  ['severity', 'Status'],
  ['name', 'Log store'],
  ['account', 'Account'],
  ['region', 'Region'],
  ['reason', 'Reasons'],
  ['key', 'Key'],
] as const;

/** The frame in which the script lists the findings. */
export function findingsSection({ omittedRows, totals }: Contents, data: ReportData): Markup {
  const accounts = [...new Set(data.targets.map(({ account }) => account))].sort();
  const regions = [...new Set(data.targets.map(({ region }) => region))].sort();
  const codes = Object.keys(CATALOGUE).filter((code) => data.catalogue[code]);
  const total = data.rows.names.length;
  return html`<section id="findings" aria-labelledby="findings-title" tabindex="-1">
<h2 id="findings-title">Findings <span class="tally">${totals.summary.stores}</span></h2>
${omittedRows > 0 && html`<p class="notice info"><strong>This list has the worst ${total}.</strong> ${counted(omittedRows, 'finding')} that ${omittedRows === 1 ? 'is' : 'are'} no worse ${omittedRows === 1 ? 'is' : 'are'} left out here, and counted everywhere else. A scan with <code>--format json</code> has every one.</p>`}
<noscript><p class="notice info">The list of findings needs JavaScript, which is switched off here. Everything else in this report is complete without it.</p></noscript>
<form id="filters" class="filters" role="search" aria-label="Filter the findings" hidden>
<div class="field wide"><label for="q">Search</label><input id="q" name="q" type="search" placeholder="Name, account, Region, key or message" autocomplete="off" spellcheck="false" maxlength="600"></div>
${choice(
  'reason',
  'Reason',
  codes.map((code) => [code, `${code}: ${data.catalogue[code]?.title}`]),
)}
${choice(
  'account',
  'Account',
  accounts.map((account) => [account, accountText(account)]),
)}
${choice(
  'region',
  'Region',
  regions.map((region) => [region, region]),
)}
${choice(
  'key',
  'Key',
  data.keys.slice(0, MAX_CHOICES).map((key) => [key, keyId(key)]),
)}
${boxes(
  'status',
  'Status',
  STATUSES.map((status) => [status, STATUS_TEXT[status]]),
)}
${boxes(
  'severity',
  'Severity',
  SEVERITIES.map((severity) => [severity, `${severity[0]}${severity.slice(1).toLowerCase()}`]),
)}
<div class="result"><p id="shown" role="status" aria-live="polite">${count(total)}</p><button type="reset">Clear filters</button></div>
</form>
<div id="grid" class="grid" role="grid" aria-labelledby="findings-title" aria-colcount="${String(COLUMNS.length)}" aria-describedby="grid-keys" tabindex="0" hidden>
<div class="grid-head" role="row" aria-rowindex="1">${COLUMNS.map(([name, title]) => html`<div role="columnheader" class="c-${name}"><button type="button" data-sort="${name}">${title}</button></div>`)}</div>
<div id="rows" class="rows" role="rowgroup"></div>
</div>
<p id="none" class="nothing" hidden>${total === 0 ? 'There are no findings.' : 'No finding matches these filters.'}</p>
<p id="grid-keys" class="note screen" hidden>Arrow keys, Page Up and Page Down move; Enter opens a finding.</p>
<p id="print-note" class="note" hidden></p>
<dialog id="details" aria-labelledby="details-title"></dialog>
</section>`;
}

function choice(name: string, title: string, options: readonly (readonly [value: string, text: string])[]): Part {
  return html`<div class="field"><label for="${name}">${title}</label><select id="${name}" name="${name}"><option value="">All</option>${options.map(
    ([value, text]) => html`<option value="${value}">${text}</option>`,
  )}</select></div>`;
}

function boxes(name: string, title: string, options: readonly (readonly [value: string, text: string])[]): Part {
  return html`<fieldset><legend>${title}</legend>${options.map(
    ([value, text]) =>
      html`<label class="chip ${value.toLowerCase()}"><input type="checkbox" name="${name}" value="${value}"><span>${text}</span></label>`,
  )}</fieldset>`;
}
