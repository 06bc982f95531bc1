/**
 * Opens the HTML report in a headless Chromium and uses it as a person does (test/report/html/*.browser.ts). Without a browser it
 * is skipped. `--screenshots DIR` only writes pictures of it to look at. Other words select test files by name.
 */
import { parseArgs } from 'node:util';
import { runTests } from '../test/deploy/run-tests.ts';
import { writeScreenshots } from '../test/report/html/screenshots.ts';
import { browserPath, NO_BROWSER } from '../test/support/browser.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { screenshots: { type: 'string' } },
});
const browser = browserPath(process.env);
if (!browser) process.stdout.write(NO_BROWSER);
else if (values.screenshots) await writeScreenshots(browser, values.screenshots);
else await runTests('test/report/html/*.browser.ts', positionals, { provide: { browser } });
