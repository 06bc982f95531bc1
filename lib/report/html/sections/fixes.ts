import { CATALOGUE } from '../../../domain/catalogue.ts';
import { commandsIn, placeholdersIn } from '../../commands.ts';
import { counted } from '../../table.ts';
import type { Contents } from '../contents.ts';
import type { Fix, FixGroup } from '../fix-groups.ts';
import { html, type Markup } from '../markup.ts';
import { sealingCommands } from '../next-commands.ts';
import { sentence } from '../sentence.ts';
import { copyable, findingsLink, severityBadge } from '../text.ts';

/** As many fixes as one card shows, and as many more as it can unfold. */
const SHOWN_FIXES = 2;
const MAX_FIXES = 50;

/** What to do next: one card for each thing that is wrong, the worst first, with the commands that it takes. */
export function fixesSection({ fixes, warnings, totals, asTyped }: Contents): Markup {
  const card = (group: FixGroup) => cardOf(group, sealingCommands(group).map(asTyped));
  const nothing =
    totals.status === 'COMPLETE'
      ? `Nothing is left to do${warnings.length > 0 ? ', apart from the warnings below' : ''}.`
      : 'Nothing is known to be wrong. Scan the failed targets again.';
  return html`<section id="fixes" aria-labelledby="fixes-title">
<h2 id="fixes-title">What to do next</h2>
${fixes.length === 0 ? html`<p class="nothing">${nothing}</p>` : html`<ol class="fixes">${fixes.map(card)}</ol>`}
${
  warnings.length > 0 &&
  html`<div id="warnings"><h3>Warnings</h3>
<p class="intro">These log stores are encrypted, but the key policy may stop the service from using the key.</p>
<ol class="fixes">${warnings.map(card)}</ol></div>`
}
</section>`;
}

/** @param together commands that do what all log stores of the group need */
function cardOf({ code, severity, stores, fixes }: FixGroup, together: readonly string[]): Markup {
  const { title, impact } = CATALOGUE[code];
  const placeholders = [...new Set(together.flatMap(placeholdersIn))];
  const [first, rest] = [fixes.slice(0, SHOWN_FIXES), fixes.slice(SHOWN_FIXES, MAX_FIXES)];
  const shownStores = fixes.slice(0, MAX_FIXES).reduce((sum, fix) => sum + fix.stores, 0);
  const step = (fix: Fix) => fixStep(fix, code, together.length === 0, fixes.length > 1);
  return html`<li class="fix ${severity.toLowerCase()}">
<div class="fix-head">${severityBadge(severity)}<h4>${title}</h4><p class="stores">${findingsLink({ reason: code }, html`<b>${stores}</b> ${stores === 1 ? 'log store' : 'log stores'}`)}</p></div>
<p>${impact}</p>
${together.map(copyable)}
${placeholders.length > 0 && html`<p class="note">Replace ${new Intl.ListFormat('en').format(placeholders)} first. These are for every log store that is open there, not only for these; <code>--include</code> chooses some. <code>plan</code> changes nothing, and <code>apply</code> asks first.</p>`}
${first.map(step)}
${rest.length > 0 && html`<details><summary>${counted(rest.length, 'more fix', 'more fixes')}</summary>${rest.map(step)}</details>`}
${stores > shownStores && html`<p class="note">${counted(stores - shownStores, 'more log store has', 'more log stores have')} a fix of ${stores - shownStores === 1 ? 'its' : 'their'} own: see the findings.</p>`}
</li>
`;
}

/** @param isAlone whether there are no commands for all fixes together, which take the place of its own */
function fixStep(
  { message, text, stores, names, keyArn }: Fix,
  code: string,
  isAlone: boolean,
  hasOthers: boolean,
): Markup {
  const own = commandsIn(text);
  const commands = isAlone ? own : [];
  const count = counted(stores, 'log store');
  const [where] = /\bin account \d{12}(?=: )/.exec(text) ?? [];
  const more = stores - names.length;
  return html`<div class="step">
<p class="said">${sentence(message)}${hasOthers && html` <span class="of">${keyArn === null ? count : findingsLink({ reason: code, key: keyArn }, count)}</span>`}</p>
${commands.length > 0 && where !== undefined && html`<p class="note">Run this ${where}, with credentials of that account.</p>`}
${commands.map(copyable)}
${own.length === 0 && html`<p><strong>Fix:</strong> ${sentence(text)}</p>`}
${commands.some((command) => placeholdersIn(command).length > 0) && html`<p class="note">Replace what is in capital letters first.</p>`}
<p class="names">${names.map((name) => html`<bdi>${name}</bdi> `)}${more > 0 && html`and ${more} more`}</p>
</div>`;
}
