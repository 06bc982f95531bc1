import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { rendered } from '../test/report/html/render.ts';
import { aScanWorld } from '../test/report/html/world.ts';
import { browserPath, NO_BROWSER } from '../test/support/browser.ts';

const TIMES = 5;

/** The HTML report with 100,000 findings: what it takes to write, and how soon a person can search in it. */
export async function reportBench(): Promise<void> {
  for (const [what, world] of [
    ['3 accounts, 2 Regions', aScanWorld({ stores: 100_000, accounts: 3, regions: 2 })],
    ['500 accounts, 17 Regions', aScanWorld({ stores: 100_000, accounts: 500, regions: 17 })],
  ] as const) {
    const beganMs = performance.now();
    const text = rendered(world);
    const tookMs = performance.now() - beganMs;
    const size = (Buffer.byteLength(text) / 1e6).toFixed(1);
    process.stdout.write(
      `HTML report, 100,000 findings, ${what}: written in ${(tookMs / 1000).toFixed(1)} s, ${size} MB\n`,
    );
    await measureBrowser(text);
  }
}

async function measureBrowser(text: string): Promise<void> {
  const executablePath = browserPath(process.env);
  if (!executablePath) {
    process.stdout.write(NO_BROWSER);
    return;
  }
  const directory = await mkdtemp(join(tmpdir(), 'logseal-report-'));
  const file = join(directory, 'report.html');
  await writeFile(file, text);
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const tookMs: number[] = [];
    for (let time = 0; time < TIMES; time++) {
      const page = await browser.newPage();
      tookMs.push(await firstSearch(page, pathToFileURL(file).href));
      await page.close();
    }
    const sorted = tookMs.sort((one, other) => one - other).map((ms) => `${(ms / 1000).toFixed(2)} s`);
    process.stdout.write(`  from opening the file to the result of a search, ${TIMES} times: ${sorted.join(', ')}\n`);
  } finally {
    await browser.close();
    await rm(directory, { recursive: true });
  }
}

/** @returns how long after the file was opened the result of a search is there, in milliseconds */
async function firstSearch(page: Page, url: string): Promise<number> {
  const beganMs = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.locator('#q').fill('payments');
  await page.locator('#shown', { hasText: ' of 100,000 findings' }).waitFor();
  return performance.now() - beganMs;
}
