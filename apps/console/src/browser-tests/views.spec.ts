import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleKey, bundles } from './fixtures.ts';
import { type FixtureServer, MEMBER_CONTENT } from './fixture-server.ts';
import { describeInBrowser, eventually, overflow, seriousFindings } from './harness.ts';
import { expectView, VIEWS } from './all-views.ts';

describeInBrowser('the views', ({ open, openView, serve }) => {
  let server: FixtureServer;
  beforeEach(async () => {
    server = await serve();
  });

  it('show what they should, fit and have no serious finding of axe', async () => {
    const page = await open(server.address);
    for (const view of VIEWS) {
      await page.goto(server.at(view.address));
      await expectView(page, view);
      expect([view.name, await overflow(page)]).toEqual([view.name, 0]);
      expect(await seriousFindings(page)).toEqual([]);
    }
  });

  it('work in a browser whose language is no language tag', async () => {
    const page = await open(server.address);
    const language = `Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' })`;
    await page.addInitScript(language);
    await page.reload();
    await page
      .getByRole('listitem')
      .filter({ hasText: /^Bottleneck/ })
      .waitFor();
  });

  it('mark the bottleneck and name it in words', async () => {
    const page = await open(server.address);
    const stage = page.getByRole('listitem').filter({ hasText: /^Bottleneck/ });
    await stage.waitFor();
    await eventually(async () => expect(await stage.getByRole('heading').textContent()).toBe('Aggregator'));
    await page.getByRole('link', { name: 'Look at its errors' }).click();
    await eventually(async () =>
      expect(await page.getByLabel('Text in the line').inputValue()).toBe('ERROR'),
    );
    await page.getByText('batch.failed').first().waitFor();
    expect(await page.getByText('bundle.published').count()).toBe(0);
  });

  it('show charts as tables too', async () => {
    const page = await open(server.address);
    const figure = page.getByRole('figure').filter({ hasText: 'Oldest in the queue' });
    await figure.getByText('Values').click();
    await figure.getByRole('row').nth(60).waitFor();
    await eventually(async () => expect(await figure.getByRole('row').count()).toBe(61));
    await eventually(async () =>
      expect(await figure.getByRole('paragraph').first().textContent()).toMatch(/average .* highest/),
    );
  });

  it('scroll through 10,000 bundles without holding more than a screen of them', async () => {
    const page = await openView(server, '#/bundles');
    await page.getByText('10,000 bundles').waitFor();
    const list = page.locator('.virtual-list');
    // Scrolls by 40 screens in 120 frames, and measures each.
    const frames = await page.evaluate<number[]>(`new Promise((resolve) => {
      const list = document.querySelector('.virtual-list');
      const frames = [];
      let before = performance.now();
      requestAnimationFrame(function step(now) {
        frames.push(now - before);
        before = now;
        list.scrollTop += list.clientHeight / 3;
        if (frames.length < 120) requestAnimationFrame(step);
        else resolve(frames);
      });
    })`);
    const median = frames.toSorted((a, b) => a - b)[60];
    expect(median).toBeLessThan(50);
    await eventually(async () => expect(await list.getByRole('listitem').count()).toBeLessThan(60));

    await list.getByRole('link').first().focus();
    await page.keyboard.press('End');
    const last = bundleKey(9_999).split('/').at(-1) ?? '';
    await eventually(async () => expect(await page.locator(':focus').textContent()).toContain(last));
    await page.getByLabel('Part of a bundle’s key').fill('000270f');
    await page.getByText('1 of 10,000 bundles').waitFor();
  });

  it('search the members of a bundle, verify it, and download a member', async () => {
    const page = await openView(
      server,
      `#/bundles?${new URLSearchParams({ key: bundleKey(12) }).toString()}`,
    );
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Intact: 5,200 files').waitFor();
    await page.getByLabel('Part of a member’s key or name').fill('00042');
    await page.getByText('1 of 5,200').waitFor();
    await page.getByRole('link', { name: 'invoices/2026/11/00042.xml' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(await text(await download.createReadStream())).toBe(MEMBER_CONTENT);
    expect(download.suggestedFilename()).not.toMatch(/[<>/]/);
  });

  it('say what a redrive will do before it is made, and what happened after', async () => {
    const page = await openView(server, '#/quarantine?id=c000000000000');
    await page.getByRole('button', { name: 'Redrive …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Redrive 1 case' });
    await dialog.getByText('Its dead letter and its quarantine mark are removed.').waitFor();
    expect(server.changes).toEqual([]);
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Redrive 1 case' }).click();
    await page.getByText('One case was changed.').waitFor();
    expect(server.changes.splice(0)).toEqual(['{"kind":"redrive","ids":["c000000000000"]}']);
  });

  it('drop with a note only', async () => {
    const page = await openView(server, '#/quarantine?reason=access-denied');
    await page.getByRole('button', { name: 'Drop these …' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel('Why are they dropped?').fill('Sent again.');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This cannot be undone.').waitFor();
    await page.keyboard.press('Escape');
    await eventually(async () => expect(await page.getByRole('dialog').count()).toBe(0));
    expect(server.changes).toEqual([]);
  });

  it('start the scenario that was chosen', async () => {
    const page = await openView(server, '#/load');
    const panel = page.getByRole('listitem').filter({ hasText: 'Run a scenario' });
    await panel.getByLabel('Scenario').selectOption('14_burst');
    await panel.getByText('A hundred files a second').waitFor();
    await panel.getByRole('button', { name: 'Start …' }).click();
    const confirm = page
      .getByRole('dialog')
      .getByRole('button')
      .filter({ hasText: /Redrive|Start/ });
    await confirm.click();
    await eventually(async () =>
      expect(server.changes).toEqual(['{"kind":"load","action":"scenario","choice":"14_burst"}']),
    );
  });
});

describeInBrowser('a read-only console', ({ open, serve }) => {
  it('offers no change, and names the command that allows them', async () => {
    const server = await serve({
      session: {
        target: 'aws',
        mayChange: false,
        hasLoad: false,
        allowChangesCommand: 'npx nx run console:serve -- --target aws --env prod --allow-changes',
        refresh: { seconds: 60, usdPerHour: 0.02, sentence: 'CloudWatch charges about 0.02 USD an hour.' },
      },
    });
    const page = await open(server.address);
    await page.getByText('CloudWatch charges about 0.02 USD an hour.').waitFor();
    expect(await page.getByRole('link', { name: 'Load' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Quarantine' }).first().click();
    await page.getByText('--allow-changes').waitFor();
    await eventually(async () =>
      expect(await page.getByRole('button', { name: 'Redrive all …' }).isDisabled()).toBe(true),
    );
    await eventually(async () =>
      expect(await page.getByRole('button', { name: 'Drop all …' }).isDisabled()).toBe(true),
    );
  });
});

describeInBrowser('a list that is changed while more of it loads', ({ openView, serve }) => {
  it('does not show what was asked for before', async () => {
    const { promise: late, resolve: answerLate } = Promise.withResolvers<undefined>();
    const taken = bundles(2_000, Date.now());
    const server = await serve({
      backend: {
        bundles: async ({ state, after }) => {
          if (state === 'waiting') return { state, bundles: [] };
          if (after === undefined) return { state, bundles: taken.slice(0, 1_000), next: '1000' };
          await late;
          return { state, bundles: taken.slice(1_000) };
        },
      },
    });
    const page = await openView(server, '#/bundles?state=taken');
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByText('Loading more bundles').waitFor();
    await page.getByRole('link', { name: 'Waiting' }).click();
    await page.getByText('No bundles').waitFor();
    answerLate(undefined);
    await sleep(300);
    expect(await page.getByText('No bundles').count()).toBe(1);
    expect(await page.getByText('2,000 bundles').count()).toBe(0);
  });
});
