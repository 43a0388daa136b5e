import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Without these, Chromium looks up hosts of its vendor at every start. */
const QUIET = [
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** As root, and in most containers, Chromium's own sandbox does not start. The tests show it only our own page. */
const NO_SANDBOX = ['--no-sandbox', '--disable-gpu'];

/** Where Linux distributions, macOS and WSL keep an installed Chrome. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A browser that can start here, or why there is none. */
export type FoundBrowser = { path: string } | { reason: string };

/**
 * Looks for a browser: the one that `CHROME_PATH` names, the one inside the package `@sparticuz/chromium` (Linux x64), or an
 * installed one. The package is unpacked once, into a folder of this workspace, because its own default is a name in the shared
 * `/tmp` that every user of the machine could have created.
 */
export async function findBrowser(workspace: string): Promise<FoundBrowser> {
  const named = process.env['CHROME_PATH'];
  if (named !== undefined && named !== '') {
    return existsSync(named)
      ? { path: named }
      : { reason: `CHROME_PATH names ${named}, which does not exist` };
  }
  if (process.platform === 'linux' && process.arch === 'x64') return { path: await unpacked(workspace) };
  const path = INSTALLED.find((one) => existsSync(one));
  return path === undefined
    ? {
        reason: `no Chrome is installed on this ${process.platform} ${process.arch}, and CHROME_PATH is not set`,
      }
    : { path };
}

async function unpacked(workspace: string): Promise<string> {
  const folder = join(workspace, 'node_modules/.cache/chromium');
  mkdirSync(folder, { recursive: true });
  process.env['TMPDIR'] = folder;
  const { default: packaged } = await import('@sparticuz/chromium');
  return packaged.executablePath();
}

export function launch(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: [...QUIET, ...NO_SANDBOX] });
}
