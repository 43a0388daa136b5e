import type { Page } from 'playwright-core';
import { bundleKey, HOSTILE_KEYS } from './fixtures.ts';
import type { FixtureServer } from './fixture-server.ts';
import { describeInBrowser, NARROW, overflow } from './harness.ts';

const PLACES = [
  '#/file',
  `#/bundles?${new URLSearchParams({ key: bundleKey(12), member: '0' }).toString()}`,
  '#/quarantine',
  '#/functions?function=aggregator',
];

/** Elements that only a key could have brought, and whether a script in a key has run. */
async function intrusions(page: Page): Promise<unknown[]> {
  const [images, scripts, isOwned] = await page.evaluate<[number, number, boolean]>(
    `[document.images.length, document.querySelectorAll('#page script').length, document.title === 'owned']`,
  );
  return [images, scripts, isOwned];
}

describeInBrowser('hostile keys', ({ open, openView, serve }) => {
  let server: FixtureServer;
  beforeEach(async () => {
    server = await serve();
  });

  it('are text in every list, and never wider than the page', async () => {
    const page = await open(server.address, { viewport: NARROW });
    for (const place of PLACES) {
      await page.goto(server.at(place));
      await page.getByText('<img src=x onerror=').first().waitFor();
      expect(await intrusions(page)).toEqual([0, 0, false]);
      expect([place, await overflow(page)]).toEqual([place, 0]);
    }
  });

  it('lead from the list to the file and back to themselves', async () => {
    const page = await openView(server, '#/file', { viewport: NARROW });
    for (const [index, key] of Object.values(HOSTILE_KEYS).entries()) {
      await page.goto(server.at('#/file'));
      await page.locator('.virtual-list a').nth(index).click();
      await page.getByText('Latest version').waitFor();
      expect(await page.evaluate(`new URLSearchParams(location.hash.split(/\\?(.*)/s)[1]).get('key')`)).toBe(
        key,
      );
      expect(await intrusions(page)).toEqual([0, 0, false]);
      expect([key, await overflow(page)]).toEqual([key, 0]);
    }
  });

  it('show characters that hide or reorder text as escapes', async () => {
    const page = await openView(server, '#/file');
    await page.getByText('invoices/\\u202egpj.exe\\u2066.xml').waitFor();
    await page
      .getByText('tab\\u0009here\\u0000nul\\u001b[31mred\\u009b1mbold\\u000anewline\\u200bzero.xml')
      .waitFor();
    expect(await page.evaluate(`/[\\u202e\\u2066\\u200b\\u0000]/.test(document.body.innerText)`)).toBe(false);
  });

  it('in an address stay text', async () => {
    const page = await open(server.address);
    const key = '"><img src=x onerror="document.title=\'owned\'">';
    for (const name of ['part', 'key', 'function', 'id', 'alarm', 'find', 'reason', 'pattern', 'runbook']) {
      for (const view of ['file', 'bundles', 'quarantine', 'alarms', 'functions']) {
        await page.goto(server.at(`#/${view}?${new URLSearchParams({ [name]: key }).toString()}`));
      }
      expect(await intrusions(page)).toEqual([0, 0, false]);
    }
  });
});
