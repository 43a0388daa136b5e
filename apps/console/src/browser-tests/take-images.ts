import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { startConsole } from './running-console.ts';
import { goTo, start } from './steps.ts';

/* node apps/console/src/browser-tests/take-images.ts: what `nx run console:images` runs. */
const FOLDER = join(import.meta.dirname, '../../../../docs/images');
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 780 };
const OUTAGE_SECONDS = 60;

new Command('images')
  .description(
    'Takes the pictures of the documentation, in an embedded cloud with some load, a poison file and an outage. Takes three minutes.',
  )
  .allowExcessArguments(false)
  .parse();

await using console = await startConsole('dev');
const browser = await launchBrowser();
try {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', reducedMotion: 'reduce' });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  await page.goto(console.address);
  mkdirSync(FOLDER, { recursive: true });
  await takeAll(browser, page);
} finally {
  await browser.close();
}

async function takeAll(browser: Browser, page: Page): Promise<void> {
  const take = (name: string) => takeImage(browser, page, name);

  await start(page, 'Send a poison file');
  for (const files of [400, 700]) {
    await start(page, 'Send a burst', files);
    await page.getByText(`${files} files uploaded under`).waitFor();
  }
  await goTo(page, 'Flow');
  await page.getByText('Nothing holds files up; ').waitFor();

  await start(page, 'Start an outage', OUTAGE_SECONDS);
  await goTo(page, 'Flow');
  await page.getByText('The aggregator fails').waitFor();
  await page.waitForTimeout(20_000);
  await take('console-flow');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('console-flow-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(PHONE);
  await take('console-flow-phone');
  await page.setViewportSize(WIDE);
  await goTo(page, 'Load');
  await take('console-load');

  await goTo(page, 'Alarms');
  await page.getByRole('link', { name: 'aggregator-errors' }).click();
  await take('console-alarms');
  await page.getByRole('list', { name: 'Find the cause' }).getByRole('link').first().click();
  await page.getByRole('list', { name: /^Log lines/ }).waitFor();
  await take('console-functions');

  await goTo(page, 'Quarantine');
  await page.getByRole('link', { name: 'passwd' }).click();
  await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
  await take('console-quarantine');
  await goTo(page, 'Bundles');
  await page
    .getByRole('list', { name: /^Bundles/ })
    .getByRole('link')
    .nth(1)
    .click();
  await page.getByRole('list', { name: 'Members' }).getByRole('link').first().click();
  await take('console-bundles');
  await page.getByRole('link', { name: 'Timeline of this file' }).click();
  await page.getByRole('list', { name: 'Timeline' }).waitFor();
  await take('console-file');
  await goTo(page, 'Cost');
  await page.getByText('a month, if').waitFor();
  await take('console-cost');
}

/** Takes a picture without a focus ring, as WebP, which is half as large as PNG. Playwright itself writes PNG only. */
async function takeImage(browser: Browser, page: Page, name: string): Promise<void> {
  await page.evaluate('document.activeElement?.blur(); scrollTo(0, 0)');
  // Charts, and what a list loads.
  await page.waitForTimeout(2_000);
  const png = (await page.screenshot()).toString('base64');
  const converter = await browser.newPage();
  const webp = await converter.evaluate<string>(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png}';
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.9).split(',')[1];
  })()`);
  await converter.close();
  writeFileSync(join(FOLDER, `${name}.webp`), Buffer.from(webp, 'base64'));
}
