import { parseArn } from '../../../domain/arn.ts';
import { counted } from '../../table.ts';
import type { Contents } from '../contents.ts';
import { type KeyUse, keyState } from '../key-uses.ts';
import { count, html, type Markup } from '../markup.ts';
import { day, findingsLink, keyId, severityBadge } from '../text.ts';

/** As many healthy keys as the table has; it has more that have problems. */
const MAX_HEALTHY = 50;
const MAX_KEYS = 200;

/** Each key with its state, and how many log stores use it. */
export function keysSection({ keys, storesUnderOmittedKeys }: Contents): Markup {
  const troubled = keys.filter(({ problems }) => problems.length > 0);
  const healthy = keys.filter(({ problems }) => problems.length === 0);
  const shown = [...troubled.slice(0, MAX_KEYS), ...healthy.slice(0, MAX_HEALTHY)];
  const left = keys.filter((key) => !shown.includes(key));
  const leftStores = left.reduce((sum, { stores }) => sum + stores, storesUnderOmittedKeys);
  const most = Math.max(1, ...shown.map(({ stores }) => stores));
  return html`<section id="keys" aria-labelledby="keys-title">
<h2 id="keys-title">Keys <span class="tally">${keys.length}</span></h2>
${
  shown.length === 0
    ? html`<p class="nothing">No log store that was scanned has a key.</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Keys"><table class="list keys">
<thead><tr><th scope="col">Key</th><th scope="col">State</th><th scope="col">Place</th><th scope="col" class="number">Log stores</th></tr></thead>
<tbody>${shown.map((key) => row(key, most))}</tbody>
</table></div>`
}
${leftStores > 0 && html`<p class="note">${counted(leftStores, 'log store')} more ${leftStores === 1 ? 'is' : 'are'} under keys that are not in this table${left.some(({ problems }) => problems.length > 0) ? ', some of them with problems: see the findings' : ', which have no problem'}.</p>`}
</section>`;
}

function row(key: KeyUse, most: number): Markup {
  const { keyArn, stores, exempt, problems, severity, deletedOn } = key;
  const [, ...others] = problems;
  const arn = parseArn(keyArn);
  return html`<tr class="${severity?.toLowerCase()}">
<th scope="row"><code title="${keyArn}">${keyId(keyArn)}</code></th>
<td data-label="State">${severity && html`${severityBadge(severity)} `}${keyState(key)}${deletedOn && html`<strong class="date">Deleted on ${day(deletedOn)}</strong>`}${others.length > 0 && html`<small>and ${counted(others.length, 'more problem')}</small>`}</td>
<td data-label="Place" class="place">${arn && html`${arn.account}<small>${arn.region}</small>`}</td>
<td data-label="Log stores" class="number">${findingsLink({ key: keyArn }, count(stores))}<svg class="weight" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="${((stores / most) * 100).toFixed(1)}" height="4"/></svg>${exempt > 0 && html`<small>${exempt} exempt</small>`}</td>
</tr>
`;
}
