import { byAttention, type ExemptionUse } from '../../../domain/exemption-use.ts';
import { counted } from '../../table.ts';
import { NOTICES, WHAT_TO_DO } from '../../tables/exemptions.ts';
import type { Contents } from '../contents.ts';
import { html, type Markup, type Part } from '../markup.ts';
import { day } from '../text.ts';

/** As many exemptions as are listed, those first that need attention. */
const MAX_EXEMPTIONS = 1_000;

/** Each exemption: what it covers, why, who answers for it and until when. */
export function exemptionsSection({ totals, exemptions: covering }: Contents): Markup {
  const covered = new Map(covering.map(({ exemption, covered }) => [exemption.id, covered]));
  const builtIn = covering.flatMap(({ exemption }): ExemptionUse[] =>
    exemption.expires === null ? [{ ...exemption, stores: covered.get(exemption.id) ?? 0, notices: [] }] : [],
  );
  const configured = totals.exemptions.toSorted(byAttention);
  const all = [...configured, ...builtIn];
  const left = all.length - MAX_EXEMPTIONS;
  const said = new Set(configured.flatMap(({ notices }) => notices));
  return html`<section id="exemptions" aria-labelledby="exemptions-title">
<h2 id="exemptions-title">Exemptions <span class="tally">${all.length}</span></h2>
${totals.config === 'UNREADABLE' && html`<p class="notice alarm"><strong>The configuration could not be read completely.</strong> This list may lack exemptions, and what is listed may not have counted.</p>`}
${
  all.length === 0
    ? html`<p class="nothing">No exemption applies in this scan.</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Exemptions"><table class="list">
<thead><tr><th scope="col">Exemption</th><th scope="col">Owner</th><th scope="col">Until</th><th scope="col">Reason</th><th scope="col" class="number">Matches</th><th scope="col" class="number">Exempts</th></tr></thead>
<tbody>${all.slice(0, MAX_EXEMPTIONS).map((use) => row(use, covered.get(use.id) ?? 0))}</tbody>
</table></div>
<p class="note">“Matches” counts log stores that the exemption is for, “Exempts” those of them that would not be compliant without it.</p>`
}
${[...said].map((notice) => html`<p class="note"><b>${NOTICES[notice]}</b>: ${WHAT_TO_DO[notice]}.</p>`)}
${left > 0 && html`<p class="note">${counted(left, 'more exemption')} ${left === 1 ? 'is' : 'are'} not in this table.</p>`}
</section>`;
}

function row({ id, owner, expires, reason, stores, notices }: ExemptionUse, covered: number): Markup {
  const until: Part = expires === null ? 'no end, built in' : day(expires);
  return html`<tr><th scope="row">${id}${notices.map((notice) => html` <span class="badge notice-badge">${NOTICES[notice]}</span>`)}</th><td data-label="Owner">${owner}</td><td data-label="Until">${until}</td><td data-label="Reason">${reason}</td><td data-label="Matches" class="number">${stores ?? 'not known'}</td><td data-label="Exempts" class="number">${covered}</td></tr>
`;
}
