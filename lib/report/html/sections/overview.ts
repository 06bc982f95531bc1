import { SEVERITIES } from '../../../domain/catalogue-entry.ts';
import type { FindingStatus } from '../../../domain/finding.ts';
import type { Contents } from '../contents.ts';
import { count, html, type Markup } from '../markup.ts';
import { sharePercent } from '../places.ts';
import { findingsLink, STATUS_TEXT } from '../text.ts';

/** The statuses in the order of the bar. */
const STATUSES: readonly FindingStatus[] = ['COMPLIANT', 'EXEMPT', 'UNKNOWN', 'NON_COMPLIANT'];

/** How much is compliant, and how bad the rest is. */
export function overviewSection({ totals: { summary, status }, warnings }: Contents): Markup {
  const counts = {
    COMPLIANT: summary.compliant,
    EXEMPT: summary.exempt,
    UNKNOWN: summary.unknown,
    NON_COMPLIANT: summary.nonCompliant,
  };
  const share = sharePercent(counts);
  const scope = status === 'COMPLETE' ? '' : ' of what could be read';
  const warned = warnings.reduce((sum, { stores }) => sum + stores, 0);
  return html`<section id="overview" class="panel overview" aria-labelledby="overview-title">
<h2 id="overview-title" class="unseen">Overview</h2>
<div class="share">
<p class="figure ${status !== 'COMPLETE' && 'partial'}">${share === null ? '–' : html`${share}<small>%</small>`}</p>
<p>${share === null ? 'nothing to evaluate' : `compliant${scope}`}</p>
</div>
<div class="split">
${bar(counts)}
<ul class="legend">${STATUSES.map(
    (each) =>
      html`<li><i class="dot ${each.toLowerCase()}"></i>${findingsLink({ status: each }, html`<b>${counts[each]}</b> ${STATUS_TEXT[each].toLowerCase()}`)}</li>`,
  )}</ul>
${summary.exempt > 0 && html`<p class="note">Exempt log stores are left out of the percentage; unknown ones count against it.</p>`}
</div>
<div class="severities">
<h3>Open findings by severity</h3>
<ul class="tiles">${SEVERITIES.map((severity) => {
    const number = summary.bySeverity[severity] ?? 0;
    return html`<li class="tile ${severity.toLowerCase()} ${number === 0 && 'none'}">${findingsLink({ status: 'NON_COMPLIANT,UNKNOWN', severity }, html`<b>${number}</b> ${severity.toLowerCase()}`)}</li>`;
  })}</ul>
${warned > 0 && html`<p class="note">There ${warned === 1 ? 'is' : 'are'} also ${warned} ${warned === 1 ? 'warning' : 'warnings'}: encrypted, but the key policy may stop the service. <a href="#warnings">See warnings</a></p>`}
</div>
</section>`;
}

/** The statuses as parts of a bar. What is not nothing is wide enough to be seen. */
function bar(counts: Readonly<Record<FindingStatus, number>>): Markup {
  const all = STATUSES.reduce((sum, status) => sum + counts[status], 0);
  if (all === 0) return html``;
  const least = 0.6;
  const wide = STATUSES.map((status) => (counts[status] === 0 ? 0 : Math.max(least, (counts[status] / all) * 100)));
  const sum = wide.reduce((one, other) => one + other, 0);
  let x = 0;
  const parts = STATUSES.map((status, index) => {
    const width = ((wide[index] ?? 0) / sum) * 100;
    const part =
      width > 0 &&
      html`<rect x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10" class="${status.toLowerCase()}"/>`;
    x += width;
    return part;
  });
  const label = STATUSES.map((status) => `${count(counts[status])} ${STATUS_TEXT[status].toLowerCase()}`).join(', ');
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}">${parts}</svg>`;
}
