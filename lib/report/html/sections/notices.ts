import { skippedLines } from '../../skipped.ts';
import { counted } from '../../table.ts';
import type { Contents } from '../contents.ts';
import type { KeyUse } from '../key-uses.ts';
import { html, type Markup } from '../markup.ts';
import { sentence } from '../sentence.ts';
import { day, findingsLink, keyId } from '../text.ts';

/** As many keys as are named one by one. */
const MAX_KEYS = 3;

/** What nobody may miss: data that will be lost, and what makes the rest of the report less than whole. */
export function notices(contents: Contents): Markup {
  const all = [...deletions(contents), ...gaps(contents)];
  return all.length === 0 ? html`` : html`<section class="notices" aria-label="Urgent">${all}</section>`;
}

function deletions({ keys, totals }: Contents): Markup[] {
  const dying = keys
    .filter(({ problems }) => problems.some(({ code }) => isDeletion(code)))
    .sort((one, other) => dateOf(one).localeCompare(dateOf(other)) || other.stores - one.stores);
  const rest = dying.slice(MAX_KEYS);
  const restStores = rest.reduce((sum, { stores }) => sum + stores, 0);
  const more = html`<p class="notice alarm">${counted(rest.length, 'more key is', 'more keys are')} scheduled for deletion, with ${counted(restStores, 'log store')} under ${rest.length === 1 ? 'it' : 'them'}: <a href="#keys">see Keys</a>.</p>`;
  return [
    ...dying.slice(0, MAX_KEYS).map((key) => deletion(key, totals.run.startedAt)),
    ...(rest.length ? [more] : []),
  ];
}

function isDeletion(code: string): boolean {
  return code === 'KEY_PENDING_DELETION' || code === 'KEY_PENDING_REPLICA_DELETION';
}

/** Keys without a date come last. */
function dateOf({ deletedOn }: KeyUse): string {
  return deletedOn ?? '9999';
}

function deletion({ keyArn, stores, deletedOn, problems }: KeyUse, scannedAt: string): Markup {
  const [problem] = problems.filter(({ code }) => isDeletion(code));
  const daysLeft = deletedOn === null ? null : Math.ceil((Date.parse(deletedOn) - Date.parse(scannedAt)) / 86_400_000);
  const left = daysLeft !== null && daysLeft > 0 && html` <small>${counted(daysLeft, 'day')} after the scan</small>`;
  return html`<div class="notice alarm deadline">
<p class="when">${deletedOn === null ? 'Scheduled for deletion' : day(deletedOn)}${left}</p>
<div><p><strong>${counted(stores, 'log store')} under the key <code title="${keyArn}">${keyId(keyArn)}</code>.</strong> ${sentence(problem?.message ?? '')}.</p>
<p>${findingsLink({ key: keyArn }, 'Show the log stores')} · <a href="#fixes">cancel the deletion</a></p></div>
</div>`;
}

function gaps({ totals, places }: Contents): Markup[] {
  const failed = places.filter(({ report }) => report.status === 'FAILED').length;
  const { filtered } = totals.summary;
  return [
    failed > 0 &&
      html`<p class="notice alarm"><strong>${failed} of ${counted(places.length, 'target')} could not be scanned completely.</strong> Nothing in this report proves anything about the log stores that are missing. <a href="#scope">What failed, and why</a></p>`,
    totals.config === 'UNREADABLE' &&
      html`<p class="notice warn"><strong>The configuration could not be read completely.</strong> Exemptions and key rules may be missing from this report.</p>`,
    filtered > 0 &&
      html`<p class="notice info"><strong>${counted(filtered, 'log store was', 'log stores were')} left out by --include or --exclude.</strong> Nothing is known of them, and no number in this report counts them.</p>`,
    ...skippedLines(totals.skipped).map(
      (line) => html`<p class="notice info">${line}. Nothing in this report is about them.</p>`,
    ),
  ].filter((notice) => notice !== false);
}
