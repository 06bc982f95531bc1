import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { aHostileWorld } from './hostile.ts';
import { withBrowser } from './with-browser.ts';
import { aScanWorld } from './world.ts';

const { open, complaintsOf } = await withBrowser();
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WORLD = aScanWorld({ stores: 600, accounts: 4, regions: 3 });
const PHONE = { viewport: { width: 360, height: 740 } };

/** What axe finds that is serious or critical. */
async function axe(page: Page): Promise<unknown> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, any }) => html.slice(0, 200) + ' ' + (any[0]?.message ?? ''))]))`);
}

const sideways = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

describe.each<[string, BrowserContextOptions]>([
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', PHONE],
  ['dark on a phone', { ...PHONE, colorScheme: 'dark' }],
])('%s', (_, options) => {
  it('axe finds nothing serious, with and without an open finding', async () => {
    const page = await open(WORLD, options);

    expect(await axe(page)).toEqual([]);
    await page.locator('#row-0').click();
    expect(await axe(page)).toEqual([]);
  });

  it('nothing is wider than the page', async () => {
    const page = await open(WORLD, options);

    expect(await page.evaluate(sideways)).toBe(0);
  });
});

describe('the report', () => {
  it.each([0, 1])('is good to use with %i findings', async (stores) => {
    const page = await open(aScanWorld({ stores }));

    expect(await axe(page)).toEqual([]);
    expect(await page.locator('#rows .row').count()).toBe(stores);
  });

  it('copies a command, and says so', async () => {
    const page = await open(WORLD, { permissions: ['clipboard-read', 'clipboard-write'] });
    const button = page.locator('.command button').first();
    const command = await page.locator('.command code').first().innerText();

    await button.click();
    await page.getByText(`Copied: ${command}`).waitFor({ state: 'attached' });
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command);
    expect(await button.innerText()).toContain('Copied');
  });

  it('leads from a severity, a fix and a square of the picture to their findings', async () => {
    const page = await open(WORLD);

    await page.locator('.tile.critical a').click();
    const critical = WORLD.totals.summary.bySeverity.CRITICAL;
    expect(await page.locator('#shown').innerText()).toBe(`${critical} of 600 findings`);
    await page.locator('.fix .stores a').first().click();
    expect(await page.evaluate('location.hash')).toMatch(/^#reason=KEY_/);
    await page.locator('.picture td.half').first().click();
    expect(await page.evaluate('location.hash')).toMatch(/^#account=\d+&region=/);
  });

  it('needs no script for all but the list', async () => {
    const page = await open(WORLD, { javaScriptEnabled: false });

    for (const id of ['overview', 'places', 'keys', 'fixes', 'scope', 'custody', 'exemptions']) {
      expect((await page.locator(`#${id}`).innerText()).length).toBeGreaterThan(50);
    }
    expect(await page.locator('#findings').innerText()).toContain('needs JavaScript');
    expect(await page.locator('.copy').first().isVisible()).toBe(false);
  });

  it('prints the findings that are shown, and says what it leaves out', async () => {
    const page = await open(aScanWorld({ stores: 1_500 }));

    await page.emulateMedia({ media: 'print' });
    await page.locator('#printed').waitFor({ state: 'attached' });
    expect(await page.locator('#printed .row').count()).toBe(1_000);
    expect(await page.locator('#print-note').innerText()).toContain('the first 1,000 of 1,500 findings');
    expect(await page.locator('#filters').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    await page.locator('#printed').waitFor({ state: 'detached' });
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(50_000);
  });

  it('would report a script or a style that is not its own', async () => {
    const page = await open(WORLD);

    const blocked = await page.evaluate(`new Promise((done) => {
      const found = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        found.push(effectiveDirective);
        if (found.length === 2) done(found.sort());
      });
      document.body.append(Object.assign(document.createElement('style'), { textContent: 'p { color: red }' }));
      document.body.append(Object.assign(document.createElement('img'), { src: 'https://example.com/x.png' }));
    })`);
    expect(blocked).toEqual(['img-src', 'style-src-elem']);
    expect(complaintsOf(page).filter((complaint) => complaint.includes('violates'))).toHaveLength(2);
  });
});

describe('hostile text', () => {
  it.each<[string, BrowserContextOptions]>([
    ['wide', {}],
    ['on a phone', PHONE],
  ])('stays text, %s', async (_, options) => {
    const page = await open(aHostileWorld(), options);

    expect(await page.locator('img, iframe, script[src], link, base, [onerror], [onload]').count()).toBe(0);
    expect(await page.evaluate(sideways)).toBe(0);
    expect(
      await page.evaluate(
        `/[\\u0000-\\u0008\\u202a-\\u202e\\u2066-\\u2069\\u200b-\\u200f]/.test(document.body.innerText)`,
      ),
    ).toBe(false);
    const rows = await page.locator('#rows .row').count();
    for (let row = 0; row < rows; row++) {
      await page.locator(`#row-${row}`).click();
      const [dialog, own] = await Promise.all([page.locator('#details').innerText(), page.evaluate(sideways)]);
      expect(dialog.length).toBeGreaterThan(50);
      expect(own).toBe(0);
      await page.keyboard.press('Escape');
    }
    expect(await axe(page)).toEqual([]);
  });

  it('becomes no part of a command to copy', async () => {
    const page = await open(aHostileWorld());

    const commands = await page.locator('.command code').allInnerTexts();
    expect(commands.filter((command) => /[;&|$`<>()\\"]/.test(command))).toEqual([]);
  });
});
