import { fixForFailure } from '../../fixes.ts';
import { accountName } from '../../headline.ts';
import { apiCallsOf, counted } from '../../table.ts';
import type { Contents } from '../contents.ts';
import { html, type Markup, type Part } from '../markup.ts';
import type { Place } from '../places.ts';
import { accountText, moment } from '../text.ts';

/** As many targets as are listed, and as many of those that failed, which come first. The picture has every one. */
const MAX_TARGETS = 500;
const MAX_FAILED = 2_000;

const STATUS = {
  COMPLETE: 'Complete: every log store of every target was listed.',
  PARTIAL: 'Partial: at least one target was not scanned completely.',
  FAILED: 'Failed: no target was scanned completely.',
} as const;

const CONFIG = {
  READ: 'Read: its exemptions and key rules apply.',
  UNREADABLE: 'Could not be read completely: exemptions and key rules may be missing.',
} as const;

/** What was scanned, when and by whom, and what could not be. */
export function scopeSection({ totals, places, asTyped }: Contents): Markup {
  const { run, status, summary, config } = totals;
  const callers = [...new Set(places.flatMap(({ report }) => report.caller ?? []))];
  const calls = apiCallsOf(places.map(({ report }) => report));
  const failed = places.filter(isFailed).slice(0, MAX_FAILED);
  const complete = places.filter((place) => !isFailed(place)).slice(0, Math.max(0, MAX_TARGETS - failed.length));
  const left = places.length - failed.length - complete.length;
  return html`<section id="scope" aria-labelledby="scope-title">
<h2 id="scope-title">Scope of the scan</h2>
<dl class="facts">
${fact('Result', html`<strong class="${status === 'COMPLETE' ? 'good' : 'bad'}">${STATUS[status]}</strong>`)}
${fact('Begun', moment(run.startedAt))}
${fact('Finished', moment(run.finishedAt))}
${fact('Run', html`<code>${run.id}</code>`)}
${fact('Scanned by', callersText(callers))}
${fact('Log stores', html`${summary.stores} evaluated${summary.filtered > 0 && html`, ${summary.filtered} left out by --include or --exclude`}`)}
${fact('Configuration', config === null ? 'No configuration was given: only the built-in exemptions apply.' : CONFIG[config])}
${fact('API calls', html`${calls}, none of which changes anything`)}
</dl>
<div class="scroll" tabindex="0" role="region" aria-label="Targets"><table class="list">
<thead><tr><th scope="col">Account</th><th scope="col">Region</th><th scope="col">Result</th><th scope="col" class="number">Log stores</th><th scope="col">Scanned by</th></tr></thead>
<tbody>${[...failed, ...complete].map((place) => row(place, asTyped))}</tbody>
</table></div>
${left > 0 && html`<p class="note">${counted(left, 'more target')} ${left === 1 ? 'is' : 'are'} not in this table, which has those that failed first.</p>`}
</section>`;
}

/** As many callers as are named above the table, which names each. */
const MAX_CALLERS = 5;

function callersText(callers: readonly string[]): Part {
  if (callers.length === 0) return 'not known';
  if (callers.length > MAX_CALLERS) return `${counted(callers.length, 'caller')}: see the table`;
  return callers.map((caller) => html`<code class="line">${caller}</code>`);
}

function isFailed({ report }: Place): boolean {
  return report.status === 'FAILED';
}

function fact(term: string, value: Part): Markup {
  return html`<dt>${term}</dt><dd>${value}</dd>
`;
}

function row(place: Place, asTyped: Contents['asTyped']): Markup {
  const { region, regionsUnlisted, error, stores, caller, provider } = place.report;
  const fix = error && fixForFailure(error.code, provider);
  const result = isFailed(place)
    ? html`<strong class="bad">Not scanned completely${stores > 0 && `: stopped after ${counted(stores, 'log store')}`}</strong>${error && html`<span class="said">${error.code}: ${error.message}</span>`}${fix && html`<span class="said"><b>Fix:</b> ${asTyped(fix)}</span>`}`
    : html`Complete`;
  return html`<tr class="${isFailed(place) && 'failed'}"><th scope="row" class="place">${accountText(accountName(place.report))}</th><td data-label="Region" class="place">${regionsUnlisted ? 'not known' : region}</td><td data-label="Result">${result}</td><td data-label="Log stores" class="number">${stores}</td><td data-label="Scanned by"><code>${caller ?? 'not known'}</code></td></tr>
`;
}
