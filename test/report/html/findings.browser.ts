import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { withBrowser } from './with-browser.ts';
import { aScanWorld } from './world.ts';

const { open } = await withBrowser();
const WORLD = aScanWorld({ stores: 3_000, accounts: 3, regions: 2 });

const open3000 = (hash?: string) => open(WORLD, {}, hash);
const shown = (page: Page) => page.locator('#shown').innerText();
const names = (page: Page) => page.locator('#rows .row .c-name').allTextContents();
const hash = (page: Page) => page.evaluate('location.hash');
const statuses = (status: string) => WORLD.findings.filter((finding) => finding.status === status).length;

describe('the list of findings', () => {
  it('has all of them, and only those in sight in the page', async () => {
    const page = await open3000();

    expect(await shown(page)).toBe('3,000 findings');
    expect(await page.locator('#grid').getAttribute('aria-rowcount')).toBe('3001');
    expect(await page.locator('#rows .row').count()).toBeLessThan(60);
    await page.locator('#grid').evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight;
    });
    await page.locator('#row-2999').waitFor();
    expect(await page.locator('#row-2999').getAttribute('aria-rowindex')).toBe('3001');
    expect(await page.locator('#row-0').count()).toBe(0);
  });

  it('begins with the worst', async () => {
    const page = await open3000();

    expect(await page.locator('#row-0').innerText()).toContain('CRITICAL');
  });

  it('is filtered by status and severity, of which several can be chosen', async () => {
    const page = await open3000();

    await page.getByText('Exempt', { exact: true }).first().click();
    expect(await shown(page)).toBe(`${statuses('EXEMPT')} of 3,000 findings`);
    await page.locator('.chip.unknown').click();
    expect(await shown(page)).toBe(`${statuses('EXEMPT') + statuses('UNKNOWN')} of 3,000 findings`);
    expect(await hash(page)).toBe('#status=UNKNOWN%2CEXEMPT');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.locator('.chip.critical').click();
    const critical = WORLD.findings.filter(({ severity }) => severity === 'CRITICAL').length;
    expect(await shown(page)).toBe(`${critical} of 3,000 findings`);
  });

  it('is filtered by reason, account, Region and key', async () => {
    const page = await open3000();
    const { account, region, keyArn } = WORLD.findings.find(({ reasons }) => reasons[0]?.code === 'KEY_DISABLED') ?? {};
    const expected = (fits: (finding: (typeof WORLD.findings)[number]) => boolean) =>
      `${WORLD.findings.filter(fits).length.toLocaleString('en')} of 3,000 findings`;

    await page.locator('#account').selectOption(account ?? '');
    expect(await shown(page)).toBe(expected((finding) => finding.account === account));
    await page.locator('#region').selectOption(region ?? '');
    expect(await shown(page)).toBe(expected((finding) => finding.account === account && finding.region === region));
    await page.locator('#key').selectOption(keyArn ?? '');
    expect(await shown(page)).toBe(expected((finding) => finding.keyArn === keyArn));
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.locator('#reason').selectOption('KEY_DISABLED');
    expect(await shown(page)).toBe(expected(({ reasons }) => reasons.some(({ code }) => code === 'KEY_DISABLED')));
  });

  it('is searched by name, whatever the case, and by message', async () => {
    const page = await open3000();
    const [name = ''] = WORLD.findings.map((finding) => finding.name).filter((each) => each.includes('payments'));

    await page.locator('#q').fill(name.toUpperCase());
    expect(await names(page)).toEqual([name]);
    await page.locator('#q').fill('cannot be read any more');
    expect(await page.locator('#rows .row .c-reason').allInnerTexts()).toContain('KEY_NOT_FOUND');
    await page.locator('#q').fill('nothing is called like this');
    expect(await page.getByText('No finding matches these filters.').isVisible()).toBe(true);
    expect(await page.locator('#grid').isVisible()).toBe(false);
  });

  it('is sorted by a click on a column, backwards by another, and as before by a third', async () => {
    const page = await open3000();
    const worstFirst = await names(page);
    const column = page.getByRole('button', { name: 'Log store', exact: true });

    await column.click();
    const sorted = WORLD.findings.map(({ name }) => name).sort();
    expect((await names(page)).slice(0, 3)).toEqual(sorted.slice(0, 3));
    expect(await hash(page)).toBe('#sort=name');
    expect(await page.locator('.c-name[role=columnheader]').getAttribute('aria-sort')).toBe('ascending');
    await column.click();
    expect((await names(page))[0]).toBe(sorted.at(-1));
    await column.click();
    expect(await names(page)).toEqual(worstFirst);
    expect(await hash(page)).toBe('');
  });

  it('is restored from the address, whatever that says', async () => {
    const state = '#q=lambda&status=NON_COMPLIANT&reason=NO_KEY&region=eu-west-1&sort=name&order=descending';
    const page = await open3000(state);

    const wanted = WORLD.findings
      .filter(
        ({ name, region, reasons }) =>
          name.includes('lambda') && region === 'eu-west-1' && reasons[0]?.code === 'NO_KEY',
      )
      .filter(({ status }) => status === 'NON_COMPLIANT')
      .map(({ name }) => name)
      .sort()
      .reverse();
    expect((await names(page)).slice(0, 5)).toEqual(wanted.slice(0, 5));
    expect(await page.locator('#q').inputValue()).toBe('lambda');
    expect(await page.locator('#reason').inputValue()).toBe('NO_KEY');
    await page.evaluate(`location.hash = '#key=<img src=x>&sort=constructor&status=%00&account=%F0%9F'`);
    await page.locator('#none').waitFor();
    expect(await page.locator('#key').inputValue()).toBe('<img src=x>');
  });

  it('shows all of one finding on a click, and goes back on Escape', async () => {
    const page = await open3000('#reason=KEY_PENDING_DELETION');

    await page.locator('#row-0').click();
    const dialog = page.getByRole('dialog');
    const text = await dialog.innerText();
    expect(text).toContain('The key is scheduled for deletion');
    expect(text).toContain('will be lost on 2026-12-05');
    expect(text).toMatch(/aws kms cancel-key-deletion --key-id arn:aws:kms:\S+ --region \S+/);
    expect(text).toMatch(/arn:aws:logs:\S+:log-group:\S+/);
    await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(false);
  });
});

describe('without a mouse', () => {
  it('every filter, column, row and detail can be reached', async () => {
    const page = await open3000();
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent');

    await page.locator('#q').focus();
    await page.keyboard.type('audit');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('reason');
    await page.keyboard.press('KeyN');
    expect(await hash(page)).toBe('#q=audit&reason=NO_KEY');
    for (let tab = 0; tab < 4; tab++) await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await hash(page)).toBe('#q=audit&status=NON_COMPLIANT&reason=NO_KEY');
    await page.locator('#grid').focus();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Status');
    await page.keyboard.press('Enter');
    expect(await hash(page)).toContain('sort=severity');
  });

  it('the arrow keys go through the rows, and Enter opens one', async () => {
    const page = await open3000();
    const active = () => page.locator('#grid').getAttribute('aria-activedescendant');

    await page.locator('#grid').focus();
    expect(await active()).toBe('row-0');
    await page.keyboard.press('ArrowDown');
    expect(await active()).toBe('row-1');
    await page.keyboard.press('End');
    expect(await active()).toBe('row-2999');
    expect(await page.locator('#row-2999').isVisible()).toBe(true);
    await page.keyboard.press('Home');
    await page.keyboard.press('PageDown');
    const row = Number((await active())?.replace('row-', ''));
    expect(row).toBeGreaterThan(5);
    const name = await page.locator(`#row-${row} .c-name`).textContent();
    await page.keyboard.press('Enter');
    expect(await page.locator('#details-title').innerText()).toBe(name);
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.id')).toBe('grid');
  });

  it('the picture is one stop, through which the arrow keys go, and Enter shows the findings', async () => {
    const page = await open3000();

    await page.locator('.picture td[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    const place = await page.evaluate(`(() => {
      const { parentElement, cellIndex } = document.activeElement;
      return [parentElement.dataset.account, parentElement.closest('table').rows[0].cells[cellIndex].dataset.region];
    })()`);
    await page.keyboard.press('Enter');
    const [account, region] = place as string[];
    expect(await hash(page)).toBe(`#account=${account}&region=${region}`);
    expect(await page.locator('.picture td[tabindex="0"]').count()).toBe(1);
  });
});
