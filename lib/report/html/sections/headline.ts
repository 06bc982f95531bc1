import type { TargetReport } from '../../../app/scan/scan-target.ts';
import { accountName } from '../../headline.ts';
import { counted } from '../../table.ts';
import type { Contents } from '../contents.ts';
import { html, type Markup } from '../markup.ts';
import { accountText, moment } from '../text.ts';

/** How many things a sentence names before it only counts them. */
const MAX_NAMED = 3;

/** What the scan came to, in one line that never sounds better than it is. */
export function headline({ totals: { status, summary }, warnings }: Contents): string {
  const open = summary.nonCompliant + summary.unknown;
  if (status === 'FAILED' && summary.stores === 0) return 'Nothing was scanned';
  if (open > 0) return `${counted(open, 'log store needs', 'log stores need')} attention`;
  if (status !== 'COMPLETE') return 'The scan is not complete';
  if (summary.stores === 0) return 'No log store was found';
  const warned = warnings.filter(({ severity }) => severity === 'HIGH').reduce((sum, { stores }) => sum + stores, 0);
  if (warned > 0)
    return `${counted(warned, 'log store has', 'log stores have')} a key whose policy may stop the service`;
  if (summary.filtered > 0) return 'No problem in the selected log stores';
  return summary.exempt > 0 ? 'Every log store is compliant or exempt' : 'Every log store is compliant';
}

export function masthead(contents: Contents): Markup {
  const { totals, places } = contents;
  const seen = places.map(({ report }) => report).filter(({ status, stores }) => status === 'COMPLETE' || stores > 0);
  const accounts = new Set(seen.map((report) => accountText(accountName(report))));
  const regions = new Set(seen.map(({ region }) => region));
  const where = seen.length === 0 ? '' : ` in ${named(accounts, 'account')} and ${named(regions, 'Region')}`;
  const idsOf = (reports: readonly TargetReport[]) => new Set(reports.map(({ account }) => account).filter(Boolean));
  const missing = idsOf(places.map(({ report }) => report)).size - idsOf(seen).size;
  const others = `${counted(missing, seen.length === 0 ? 'account' : 'other account')} ${missing === 1 ? 'was' : 'were'} not scanned`;
  const { nonCompliant, unknown, stores } = totals.summary;
  const isWarned = contents.warnings.some(({ severity }) => severity === 'HIGH');
  const isBad = totals.status !== 'COMPLETE' || isWarned || nonCompliant + unknown > 0;
  return html`<header class="masthead">
<p class="brand"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M12 1.8 21 5v6.6c0 5-3.7 8.6-9 10.6-5.3-2-9-5.6-9-10.6V5z" class="shield"/><path d="m7.8 12.2 2.9 2.9 5.6-6" class="tick"/></svg> logseal <span>Log encryption report</span></p>
<h1 class="${isBad ? 'bad' : stores > 0 ? 'good' : 'plain'}">${headline(contents)}</h1>
<p class="lead">${counted(stores, 'log store')}${where}, scanned on ${moment(totals.run.startedAt)}${missing > 0 && `; ${others}`}</p>
<nav aria-label="Sections"><a href="#overview">Overview</a><a href="#places">Accounts and Regions</a><a href="#keys">Keys</a><a href="#fixes">What to do</a><a href="#findings">Findings</a><a href="#scope">Scope</a><a href="#custody">Who holds the key</a><a href="#exemptions">Exemptions</a></nav>
</header>`;
}

function named(names: ReadonlySet<string>, what: string): string {
  if (names.size > MAX_NAMED) return counted(names.size, what);
  return `${names.size === 1 ? what : `${what}s`} ${new Intl.ListFormat('en').format(names)}`;
}
