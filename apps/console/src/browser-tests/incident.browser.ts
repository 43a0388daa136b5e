import { goTo, start } from './steps.ts';
import { type RunningConsole, startConsole } from './running-console.ts';
import { describeInBrowser } from './harness.ts';

const MINUTE = 60_000;

describeInBrowser('with the embedded cloud', ({ open }) => {
  let console: RunningConsole;
  beforeAll(async () => {
    console = await startConsole('sandbox');
  });
  afterAll(() => console[Symbol.asyncDispose]());

  it('shows the first view within a second', async () => {
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      const page = await open(console.address);
      await page.getByText('Nothing holds files up').waitFor();
      times.push(await page.evaluate<number>('performance.now()'));
    }
    expect(Math.min(...times)).toBeLessThan(1_000);
  });

  it(
    'leads from an outage to its alarm, to its cause within three clicks, and shows the recovery',
    async () => {
      const page = await open(console.address);
      await start(page, 'Start an outage', 20);

      // The operator looks at the flow, and sees that it stands still and where.
      await goTo(page, 'Flow');
      await page.getByText('The aggregator fails').waitFor({ timeout: MINUTE });
      expect(await page.locator('.is-bottleneck').getByRole('heading').textContent()).toBe('Aggregator');

      // One click: the alarms. Two: the one about errors, with what to do. Three: the log, which names the cause.
      await goTo(page, 'Alarms');
      const alarm = page.getByRole('link', { name: 'aggregator-errors' });
      await alarm.getByText('In alarm').waitFor({ timeout: MINUTE });
      await alarm.click();
      await page.getByRole('heading', { name: 'Runbook: Function errors' }).waitFor();
      await page.getByRole('list', { name: 'Find the cause' }).getByRole('link').first().click();
      await page
        .getByRole('list', { name: /^Log lines/ })
        .getByText(/DynamoDB|dynamodb|ECONN|socket hang up/)
        .first()
        .waitFor();

      await goTo(page, 'Load');
      await page.getByText('The outage is over. 100 files arrived during it').waitFor({ timeout: MINUTE });

      // Everything that landed during the outage is delivered.
      await goTo(page, 'Flow');
      await page.getByText(/^Nothing holds files up[;:] (?!.*on the way)/).waitFor({ timeout: 2 * MINUTE });
      await goTo(page, 'File');
      await page.getByLabel('Key, or part of a key').fill('console/outage-');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByRole('heading', { name: 'Found: 100' }).waitFor();
      await page.locator('.virtual-list a').first().click();
      await page.getByText('Delivered').waitFor();
      await goTo(page, 'Alarms');
      await page
        .getByRole('link', { name: 'aggregator-errors' })
        .getByText('OK')
        .waitFor({ timeout: 6 * MINUTE });
    },
    10 * MINUTE,
  );

  it('follows a file from a burst to its bundle, and verifies and downloads it', async () => {
    const page = await open(console.address);
    await start(page, 'Send a burst', 60);
    await page.getByText('60 files uploaded under console/burst-').waitFor();

    await goTo(page, 'File');
    await page.getByLabel('Key, or part of a key').fill('/00042.txt');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: /^console.*00042\.txt/ }).click();
    await page.getByText('Delivered').waitFor({ timeout: MINUTE });
    expect(await page.getByRole('list', { name: 'Timeline' }).getByRole('listitem').count()).toBe(9);

    await page.getByRole('link', { name: 'bundles/' }).click();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/^Intact: \d+ files? in/).waitFor({ timeout: MINUTE });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('00042.txt');
    expect(await download.failure()).toBeNull();
  });

  it('shows a poison file in the quarantine, and drops it with a note', async () => {
    const page = await open(console.address);
    await start(page, 'Send a poison file');
    await page
      .getByRole('navigation')
      .getByText('2 dead letters')
      .waitFor({ state: 'attached', timeout: MINUTE });
    await goTo(page, 'Quarantine');
    await page.getByRole('link', { name: 'unsafe-key' }).first().click();
    await page.getByRole('button', { name: 'Drop these …' }).click();
    await page.getByLabel('Why are they dropped?').fill('A test.');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Drop/ }).click();
    await page.getByText('Done').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('1 case').first().waitFor();
    await page.getByText('malformed-notification').first().waitFor();
  });
});
