import { severityRank } from '../../../domain/order.ts';
import { counted } from '../../table.ts';
import type { Contents } from '../contents.ts';
import { count, html, type Markup } from '../markup.ts';
import { type Place, sharePercent } from '../places.ts';
import { accountText, findingsLink } from '../text.ts';

/** As many accounts as the picture has; the worst ones. */
const MAX_ACCOUNTS = 1_000;

/** How compliant each account is in each Region: one square for each that was scanned. */
export function pictureSection({ places }: Contents): Markup {
  const regions = [...new Set(places.map(({ report }) => report.region))].sort();
  const accounts = [...Map.groupBy(places, ({ report }) => report.account)].sort(([, one], [, other]) =>
    worseFirst(one, other),
  );
  const shown = accounts.slice(0, MAX_ACCOUNTS);
  const left = accounts.length - shown.length;
  return html`<section id="places" aria-labelledby="places-title">
<h2 id="places-title">Accounts and Regions</h2>
<p class="intro">The percentage of log stores that are compliant; exempt ones are left out. The worst account is first. Choose a square to see its findings${places.length > 1 && html`; with the keyboard, go from square to square with the arrow keys`}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Compliance by account and Region">
<table class="picture" role="grid" aria-labelledby="places-title">
<thead><tr><th scope="col">Account</th>${regions.map((region) => html`<th scope="col" data-region="${region}">${region}</th>`)}</tr></thead>
<tbody>${shown.map(([account, own]) => row(account, own, regions))}</tbody>
</table>
</div>
<ul class="legend" aria-label="Legend">${LEVELS.map(([level, text]) => html`<li><i class="dot ${level}"></i>${text}</li>`)}</ul>
${left > 0 && html`<p class="note">${counted(left, 'account')} more ${left === 1 ? 'is' : 'are'} better than these, and not in the picture.</p>`}
</section>`;
}

const LEVELS = [
  ['full', 'all compliant'],
  ['high', '90 % and more'],
  ['half', '50 % and more'],
  ['low', 'less'],
  ['failed', 'not scanned completely'],
  ['empty', 'nothing to encrypt'],
  ['spot', 'a dot: something is critical'],
] as const;

function row(account: string, places: readonly Place[], regions: readonly string[]): Markup {
  const byRegion = new Map(places.map((place) => [place.report.region, place]));
  const name = account === '' ? accountText(account) : findingsLink({ account }, account);
  return html`<tr data-account="${account}"><th scope="row">${name}</th>${regions.map((region) => cell(byRegion.get(region)))}</tr>
`;
}

function cell(place: Place | undefined): Markup {
  if (!place) return html`<td class="unscanned"></td>`;
  const { counts, report } = place;
  const share = sharePercent(counts);
  const [level, text] = levelOf(report.status === 'FAILED', share);
  const all = counts.COMPLIANT + counts.NON_COMPLIANT + counts.UNKNOWN;
  const what = `${level === 'failed' ? 'not scanned completely; ' : ''}${count(counts.COMPLIANT)} of ${count(all)} compliant${place.worst ? `, worst ${place.worst.toLowerCase()}` : ''}${counts.EXEMPT ? `, ${count(counts.EXEMPT)} exempt` : ''}`;
  return html`<td class="${level}${place.worst === 'CRITICAL' && ' spot'}" tabindex="-1" title="${what}">${text}</td>`;
}

function levelOf(isFailed: boolean, share: number | null): readonly [level: string, text: string] {
  if (isFailed) return ['failed', 'failed'];
  if (share === null) return ['empty', '–'];
  if (share === 100) return ['full', '100%'];
  return [share >= 90 ? 'high' : share >= 50 ? 'half' : 'low', `${share}%`];
}

function worseFirst(one: readonly Place[], other: readonly Place[]): number {
  return failures(other) - failures(one) || worstRank(one) - worstRank(other) || openStores(other) - openStores(one);
}

function failures(places: readonly Place[]): number {
  return places.filter(({ report }) => report.status === 'FAILED').length;
}

function worstRank(places: readonly Place[]): number {
  return Math.min(...places.map(({ worst }) => severityRank(worst)));
}

function openStores(places: readonly Place[]): number {
  return places.reduce((sum, { counts }) => sum + counts.NON_COMPLIANT + counts.UNKNOWN, 0);
}
