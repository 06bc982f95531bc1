import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { reportBrowser } from './open-report.ts';
import { aScanWorld } from './world.ts';

const SIZES = {
  0: { stores: 0 },
  100: { stores: 100 },
  10000: { stores: 10_000, accounts: 12, regions: 6 },
  100000: { stores: 100_000, accounts: 500, regions: 17 },
} as const;

interface Mode extends BrowserContextOptions {
  readonly name: string;
  readonly media?: 'print';
}

const MODES: readonly Mode[] = [
  { name: 'light', viewport: { width: 1360, height: 1600 } },
  { name: 'dark', viewport: { width: 1360, height: 1600 }, colorScheme: 'dark' },
  { name: 'print', viewport: { width: 794, height: 1123 }, media: 'print' },
  { name: 'phone', viewport: { width: 360, height: 1400 } },
];

/** As many screens of each report as are written, from the top down. */
const MAX_SCREENS = 12;

/** Writes pictures of the report with 0 to 100,000 findings, light, dark, on paper and on a phone. */
export async function writeScreenshots(browserPath: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const browser = await reportBrowser(browserPath);
  try {
    for (const [size, scan] of Object.entries(SIZES)) {
      const world = aScanWorld(scan);
      for (const { name, media, ...options } of MODES) {
        const { page } = await browser.open(world, options);
        if (media) await page.emulateMedia({ media });
        const screens = await writeScreens(page, join(directory, `${size}-${name}`));
        process.stdout.write(`${size} findings, ${name}: ${screens} screens\n`);
        await page.context().close();
      }
    }
  } finally {
    await browser.close();
  }
}

async function writeScreens(page: Page, path: string): Promise<number> {
  const step = page.viewportSize()?.height ?? 0;
  const whole = await page.evaluate('document.documentElement.scrollHeight');
  const screens = Math.min(MAX_SCREENS, Math.ceil(Number(whole) / step));
  for (let screen = 0; screen < screens; screen++) {
    await page.evaluate(`scrollTo({ top: ${screen * step}, behavior: 'instant' })`);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await page.screenshot({ path: `${path}-${String(screen + 1).padStart(2, '0')}.png` });
  }
  return screens;
}
