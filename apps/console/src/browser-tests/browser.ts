import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const workspace = join(import.meta.dirname, '../../../..');

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

/** Where Linux distributions and macOS keep an installed Chrome. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A browser that can start here, or why there is none. */
export type FoundBrowser =
  | { kind: 'path'; path: string }
  | { kind: 'package' }
  | { kind: 'none'; reason: string };

/** What decides which browser can start. */
export interface Machine {
  platform: string;
  arch: string;
  env: Record<string, string | undefined>;
  exists: (file: string) => boolean;
}

/**
 * Looks for a browser: the one that `CHROME_PATH` names, the one inside the package `@sparticuz/chromium`, which is for Linux on
 * x64, or an installed one.
 *
 * @throws Error if there is no file at `CHROME_PATH`
 */
export function findBrowser({ platform, arch, env, exists }: Machine = THIS_MACHINE): FoundBrowser {
  const named = env['CHROME_PATH'];
  if (named) {
    if (exists(named)) return { kind: 'path', path: named };
    throw new Error(`CHROME_PATH names ${named}, which does not exist.`);
  }
  if (platform === 'linux' && arch === 'x64') return { kind: 'package' };
  const path = INSTALLED.find(exists);
  if (path !== undefined) return { kind: 'path', path };
  return {
    kind: 'none',
    reason: `no Chrome is installed on this ${platform} ${arch}, and CHROME_PATH is not set`,
  };
}

const THIS_MACHINE: Machine = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  exists: existsSync,
};

export async function launchBrowser(): Promise<Browser> {
  const found = findBrowser();
  if (found.kind === 'none') throw new Error(found.reason);
  const executablePath = found.kind === 'path' ? found.path : unpackBrowser();
  return chromium.launch({ executablePath, args: [...QUIET, ...NO_SANDBOX] });
}

/**
 * Unpacks the package's browser once, into a folder of this workspace: its default is a name in the shared `/tmp`, which any user of
 * the machine can create first. It gets its final name when it is complete.
 *
 * @returns its path
 */
export function unpackBrowser(): string {
  const manifest = join(workspace, 'node_modules/@sparticuz/chromium/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const cache = join(workspace, 'node_modules/.cache');
  const kept = join(cache, `chromium-${version}`);
  const path = join(kept, 'chromium');
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const own = mkdtempSync(`${kept}-`);
  // In a process of its own, because the package asks the system for the folder of temporary files.
  const program = "import('@sparticuz/chromium').then((module) => module.default.executablePath())";
  execFileSync(process.execPath, ['-e', program], { cwd: workspace, env: { ...process.env, TMPDIR: own } });
  try {
    renameSync(own, kept);
  } catch (error) {
    if (!existsSync(path)) throw error;
    rmSync(own, { recursive: true });
  }
  return path;
}
