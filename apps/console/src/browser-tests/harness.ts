import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { stderr } from '@data-aggregator/terminal';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findBrowser, launchBrowser } from './browser.ts';
import { type FixtureServer, startFixtureServer, TOKEN } from './fixture-server.ts';

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 360, height: 740 };

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Opens pages, and remembers what went wrong in them. */
export interface BrowserTest {
  open: (address: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Opens a view of a server that has let this browser in before. */
  openView: (server: FixtureServer, view: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Starts a server, which ends after the test, when its pages are closed. */
  serve: typeof startFixtureServer;
  /** Uncaught errors, refused requests, and violations of the content security policy, of all pages. */
  faults: string[];
}

/**
 * Describes tests that need a browser. Where none can start, they are reported as skipped, with the reason. A test fails if a page
 * had an error that the test does not remove from `faults`.
 */
export function describeInBrowser(name: string, define: (test: BrowserTest) => void): void {
  const found = findBrowser();
  if (found.kind === 'none') {
    stderr.write(`The browser tests of ${name} are skipped: ${found.reason}.\n`);
    describe.skip(`${name} (skipped: ${found.reason})`, () =>
      define({ open: never, openView: never, serve: never, faults: [] }));
    return;
  }
  describe(name, () => {
    let browser: Browser;
    const faults: string[] = [];
    const servers: FixtureServer[] = [];

    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await Promise.all(servers.splice(0).map((server) => server[Symbol.asyncDispose]()));
      expect(faults.splice(0)).toEqual([]);
    });
    afterAll(() => browser.close());

    const open = async (address: string, options: BrowserContextOptions = {}) => {
      const context = await browser.newContext({
        viewport: WIDE,
        locale: 'en-GB',
        reducedMotion: 'reduce',
        ...options,
      });
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(String(error.stack ?? error)));
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text());
      });
      await page.goto(address);
      return page;
    };
    const serve: typeof startFixtureServer = async (overrides) => {
      const server = await startFixtureServer(overrides);
      servers.push(server);
      return server;
    };
    const openView: BrowserTest['openView'] = ({ origin, at }, view, options) =>
      open(at(view), {
        ...options,
        storageState: {
          cookies: [],
          origins: [{ origin, localStorage: [{ name: 'console.token', value: TOKEN }] }],
        },
      });
    define({ open, openView, serve, faults });
  });
}

async function never(): Promise<never> {
  throw new Error('There is no browser.');
}

interface AxeResult {
  violations: {
    id: string;
    impact: string;
    help: string;
    nodes: { target: string[]; failureSummary: string }[];
  }[];
}

/** Findings of axe with impact serious or critical. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResult>('axe.run({ resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}

/** By how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** How long a page may take to show something on a busy machine, in ms. */
const PATIENCE_MS = 10_000;

/** Repeats an assertion until it holds: a page shows the consequence of a click a moment later. @throws its last error */
export async function eventually(assertion: () => Promise<void>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(50);
    }
  }
}
