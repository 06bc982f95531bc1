import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, expect, inject } from 'vitest';
import { type OpenReport, reportBrowser } from './open-report.ts';
import type { ScanWorld } from './world.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of a Chromium. */
    browser: string;
  }
}

/**
 * Opens reports in the tests of a file. Each test fails if a report complains: no error, no violation of its policy, and no
 * request, whatever is done with it.
 */
export async function withBrowser() {
  const browser = await reportBrowser(inject('browser'));
  const opened = new Map<Page, OpenReport>();
  afterEach(async () => {
    const complaints = [...opened.values()].flatMap((report) => report.complaints);
    for (const page of opened.keys()) await page.context().close();
    opened.clear();
    expect(complaints).toEqual([]);
  });
  afterAll(browser.close);
  return {
    async open(world: ScanWorld, options?: BrowserContextOptions, hash?: string): Promise<Page> {
      const report = await browser.open(world, options, hash);
      opened.set(report.page, report);
      return report.page;
    },
    /** What a page has complained about, where a test expects that. */
    complaintsOf: (page: Page): readonly string[] => opened.get(page)?.complaints.splice(0) ?? [],
  };
}
