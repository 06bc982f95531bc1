import { CATALOGUE } from '../../../domain/catalogue.ts';
import type { ProblemCode } from '../../../domain/reasons.ts';
import { kindOf, LOG_STORE_TYPES } from '../../../domain/stores/index.ts';
import { counted } from '../../table.ts';
import { commandsIn, placeholdersIn } from '../commands.ts';
import type { Contents } from '../contents.ts';
import type { FixGroup } from '../fix-groups.ts';
import { count, html, type Markup } from '../markup.ts';
import { copyable, findingsLink, severityBadge } from '../text.ts';

/** What to do next: one fix for each thing that is wrong, the worst first, with the commands that it takes. */
export function fixesSection({ fixes, omittedFixes, warnings, totals }: Contents): Markup {
  const nothing =
    totals.status === 'COMPLETE' ? 'Nothing is left to do.' : 'Nothing is known to be wrong; scan again what failed.';
  return html`<section id="fixes" aria-labelledby="fixes-title">
<h2 id="fixes-title">What to do <span class="tally">${fixes.length}</span></h2>
${fixes.length === 0 ? html`<p class="nothing">${nothing}</p>` : html`<ol class="fixes">${fixes.map((group) => card(group, 'reason'))}</ol>`}
${omittedFixes > 0 && html`<p class="note">${counted(omittedFixes, 'more problem')} with other fixes: each finding has its own.</p>`}
${
  warnings.length > 0 &&
  html`<div id="warnings"><h3>Warnings</h3>
<p class="intro">These log stores are encrypted, but the key policy may stop the service from using the key.</p>
<ol class="fixes">${warnings.map((group) => card(group, 'reason'))}</ol></div>`
}
</section>`;
}

function card(group: FixGroup, filter: string): Markup {
  const { first, fix, stores, names, keyArn } = group;
  const { title, impact } = CATALOGUE[first.code];
  const commands = nextCommands(group);
  const placeholders = [...new Set(commands.flatMap(placeholdersIn))];
  const more = stores - names.length;
  return html`<li class="fix ${first.severity.toLowerCase()}">
<div class="fix-head">${severityBadge(first.severity)}<h4>${title}</h4><p class="stores">${findingsLink({ [filter]: first.code, ...(keyArn && { key: keyArn }) }, html`<b>${stores}</b> ${stores === 1 ? 'log store' : 'log stores'}`)}</p></div>
<p>${impact}</p>
<p class="said">${first.message}</p>
<p><strong>Fix:</strong> ${fix}</p>
${commands.map(copyable)}
${placeholders.length > 0 && html`<p class="note">Replace ${new Intl.ListFormat('en').format(placeholders)} first.</p>`}
<p class="names">${names.map((name) => html`<bdi>${name}</bdi> `)}${more > 0 && `and ${count(more)} more`}</p>
</li>
`;
}

/** What another key mends. */
const NEEDS_KEY: ReadonlySet<ProblemCode> = new Set([
  'NO_KEY',
  'KEY_NOT_FOUND',
  'KEY_NOT_SYMMETRIC',
  'KEY_WRONG_USAGE',
  'KEY_WRONG_REGION',
  'KEY_AWS_MANAGED',
  'KEY_NOT_CONFIGURED',
]);

/** Where a log store can be given another key, the commands that show and do that; else those of the fix. */
function nextCommands({ first, fix, provider, regions }: FixGroup): string[] {
  const canChange = LOG_STORE_TYPES.map((type) => kindOf({ type })).some(
    (kind) => kind.provider === provider && !kind.configuresForGood,
  );
  const own = commandsIn(fix);
  if (!canChange || !NEEDS_KEY.has(first.code)) return own;
  const extra = own.some((command) => command.includes(' --query-results')) ? ' --query-results' : '';
  const where = regions
    .filter((region) => /^[a-z0-9-]+$/.test(region))
    .map((region) => ` --region ${region}`)
    .join('');
  return ['plan', 'apply'].map((verb) => `logseal ${verb} --key KEY${where}${extra}`);
}
