import type { Assets } from './assets.ts';
import type { Contents } from './contents.ts';
import { reportData } from './data.ts';
import { html, inertJson, raw } from './markup.ts';
import { custodySection } from './sections/custody.ts';
import { exemptionsSection } from './sections/exemptions.ts';
import { findingsSection } from './sections/findings.ts';
import { fixesSection } from './sections/fixes.ts';
import { headline, masthead } from './sections/headline.ts';
import { keysSection } from './sections/keys.ts';
import { notices } from './sections/notices.ts';
import { overviewSection } from './sections/overview.ts';
import { pictureSection } from './sections/picture.ts';
import { scopeSection } from './sections/scope.ts';
import { day } from './text.ts';

/** The whole file. Everything but the list of findings can be read without its script. */
export function page({ script, scriptHash, style, styleHash }: Assets, contents: Contents): string {
  const policy = [
    `default-src 'none'`,
    `script-src '${scriptHash}'`,
    `style-src '${styleHash}'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types 'none'`,
  ].join('; ');
  const data = reportData(contents.rows);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="logseal">
<title>${headline(contents)} – log encryption, ${day(contents.totals.run.startedAt)}</title>
<style>${raw(style)}</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
${masthead(contents)}
<main>
${notices(contents)}
${overviewSection(contents)}
${pictureSection(contents)}
${keysSection(contents)}
${fixesSection(contents)}
${findingsSection(contents, data)}
${scopeSection(contents)}
${custodySection(contents)}
${exemptionsSection(contents)}
</main>
<footer class="foot">Run ${contents.totals.run.id}. Written by logseal. This file loads nothing and sends nothing.</footer>
<div id="said" class="unseen" role="status"></div>
<script type="application/json" id="report-data">${inertJson(data)}</script>
<script>${raw(script)}</script>
</body>
</html>
`.markup;
}
