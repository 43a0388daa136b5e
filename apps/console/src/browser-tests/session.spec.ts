import { bundleKey } from './fixtures.ts';
import { describeInBrowser, eventually, NARROW } from './harness.ts';

describeInBrowser('access', ({ open, serve, faults }) => {
  it('moves the token from the address bar into the browser', async () => {
    const server = await serve();
    const page = await open(server.address);
    await page.getByText('Live, every second').waitFor();
    expect(page.url()).not.toContain('token');
    await page.reload();
    await page.getByText('Live, every second').waitFor();
  });

  it('asks for the printed address if there is no token, or a wrong one', async () => {
    const server = await serve();
    const page = await open(server.at('#/flow'));
    await page.getByText('This page is not allowed in.').waitFor();
    await page.goto(server.at('#token=wrong'));
    await page.getByText('This page is not allowed in.').waitFor();
    await page.goto(server.address);
    await page.getByText('Live, every second').waitFor();
    expect(faults.splice(0).filter((fault) => !fault.includes('401'))).toEqual([]);
  });
});

describeInBrowser('a lost connection', ({ open, serve, faults }) => {
  it('is stated, marks figures as old, and ends by itself', async () => {
    const server = await serve();
    const page = await open(server.address);
    await page.getByText('Live, every second').waitFor();

    await server.down();
    await page.getByRole('status').getByText('The connection to the console is lost').waitFor();
    await page.locator('.diagram.is-stale').waitFor();
    await page.getByText('Not connected').waitFor();

    await server.up();
    await page.getByText('Live, every second').waitFor();
    await eventually(async () =>
      expect(await page.getByText('The connection to the console is lost').count()).toBe(0),
    );
    await eventually(async () => expect(await page.locator('.diagram.is-stale').count()).toBe(0));
    expect(
      faults.splice(0).filter((fault) => !/ERR_(CONNECTION|INCOMPLETE|EMPTY)|network error/.test(fault)),
    ).toEqual([]);
  });

  it('is not the same as figures that cannot be read', async () => {
    let isBroken = true;
    const { flow } = await import('./fixtures.ts');
    const server = await serve({
      backend: {
        flow: async () => {
          if (isBroken)
            throw Object.assign(new Error('not authorized to perform: sqs:GetQueueAttributes'), {
              $metadata: {},
            });
          return flow(Date.now());
        },
      },
    });
    const page = await open(server.address);
    await page.getByText('The figures cannot be read.').waitFor();
    await eventually(async () =>
      expect(await page.getByRole('status').getByText('sqs:GetQueueAttributes').count()).toBeGreaterThan(0),
    );
    isBroken = false;
    await page.getByText('The aggregator is the bottleneck').waitFor();
    await eventually(async () => expect(await page.getByText('The figures cannot be read.').count()).toBe(0));
  });
});

describeInBrowser('the keyboard', ({ open, openView, serve }) => {
  it('reaches the content by the skip link, and each view by its link', async () => {
    const server = await serve();
    const page = await open(server.address);
    await page.getByText('Live, every second').waitFor();
    await page.keyboard.press('Tab');
    await eventually(async () => expect(await page.locator(':focus').textContent()).toBe('Skip to content'));
    await page.keyboard.press('Enter');
    await eventually(async () => expect(await page.locator(':focus').textContent()).toBe('Flow'));

    await page.getByRole('navigation').getByRole('link', { name: 'Bundles' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('10,000 bundles').waitFor();
    expect(await page.evaluate('document.activeElement.tagName + document.activeElement.textContent')).toBe(
      'H1Bundles',
    );
  });

  it('moves through a list with the arrow keys, and opens an item', async () => {
    const server = await serve();
    const page = await openView(server, '#/bundles');
    await page.locator('.virtual-list a').first().focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'PageDown', 'Home', 'ArrowDown'])
      await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: bundleKey(1) }).waitFor();
    await eventually(async () => expect(await page.locator(':focus').textContent()).toContain(bundleKey(1)));
    await page.goBack();
    await page.getByText('Choose a bundle').waitFor();
  });

  it('shows where the focus is', async () => {
    const server = await serve();
    const page = await open(server.address);
    await page.getByText('Live, every second').waitFor();
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
    }
  });
});

describeInBrowser('an address', ({ open, openView, serve }) => {
  it('shows a colleague the same view, with its searches and the chosen item', async () => {
    const server = await serve();
    const mine = await openView(server, '#/bundles');
    await mine.getByRole('link', { name: 'Taken' }).click();
    await mine.getByLabel('Part of a bundle’s key').fill('bundle-20261110');
    await mine.locator('.virtual-list a').nth(2).click();
    await mine.getByLabel('Part of a member’s key or name').fill('0004');
    await mine.getByRole('link', { name: 'invoices/2026/11/00044.xml' }).click();
    const chosen = await mine.getByRole('heading', { level: 4 }).textContent();

    const theirs = await openView(server, new URL(mine.url()).hash);
    await eventually(async () =>
      expect(await theirs.getByRole('heading', { level: 4 }).textContent()).toBe(chosen),
    );
    await eventually(async () =>
      expect(await theirs.getByLabel('Part of a bundle’s key').inputValue()).toBe('bundle-20261110'),
    );
    await eventually(async () =>
      expect(await theirs.getByRole('link', { name: 'Taken' }).getAttribute('aria-current')).toBe('true'),
    );
  });

  it('keeps a choice when a search follows before the page has drawn it', async () => {
    const page = await openView(await serve(), '#/bundles');
    await page.evaluate(`{
      location.hash = [...document.links].find(({ text }) => text === 'Taken').hash;
      const search = document.querySelector('input[type="search"]');
      search.value = 'bundle';
      search.dispatchEvent(new Event('input', { bubbles: true }));
    }`);
    expect(new URL(page.url()).hash).toBe('#/bundles?state=taken&find=bundle');
  });

  it('does not decide the theme, which the browser keeps', async () => {
    const server = await serve();
    const page = await open(server.address, { colorScheme: 'light', viewport: NARROW });
    const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    await page.getByText('Live, every second').waitFor();
    expect(await ground()).toBe('rgb(244, 246, 248)');
    await page.getByLabel('Theme').selectOption('dark');
    expect(await ground()).toBe('rgb(14, 19, 24)');
    await page.reload();
    await page.getByText('Live, every second').waitFor();
    expect(await ground()).toBe('rgb(14, 19, 24)');
    expect(page.url()).not.toContain('dark');
  });
});
