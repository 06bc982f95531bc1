import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { rendered } from './render.ts';
import type { ScanWorld } from './world.ts';

/** A report in a browser, and everything that went wrong in it. */
export interface OpenReport {
  readonly page: Page;
  /** Errors, messages on the console, violations of the Content-Security-Policy and requests other than for the file. */
  readonly complaints: string[];
}

/** A browser that opens reports from files. */
export interface ReportBrowser {
  /** @param hash what the address has after the file, with its `#` */
  open(world: ScanWorld, options?: BrowserContextOptions, hash?: string): Promise<OpenReport>;
  close(): Promise<void>;
}

/** @param path of a Chromium */
export async function reportBrowser(path: string): Promise<ReportBrowser> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-report-'));
  // As root, Chromium has no sandbox of its own.
  const browser: Browser = await chromium.launch({
    executablePath: path,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  let files = 0;
  return {
    async open(world, options = {}, hash = '') {
      const file = join(directory, `${++files}.html`);
      await writeFile(file, rendered(world));
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      const complaints: string[] = [];
      const url = pathToFileURL(file).href;
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) complaints.push(`request: ${request.url()}`);
      });
      await page.goto(`${url}${hash}`);
      return { page, complaints };
    },
    async close() {
      await browser.close();
      await rm(directory, { recursive: true });
    },
  };
}
