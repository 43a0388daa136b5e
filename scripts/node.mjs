import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The workspace's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** A failure with a one-sentence message for the user. */
export class Failure extends Error {
  name = 'Failure';
}

/** The oldest versions that can start the scripts, and that can replace the pinned one. */
const OLDEST = { toStart: [20, 0], toRun: [24, 12] };

/**
 * The package with Node's binary for a platform, as pinned in the lock file.
 *
 * @param {NodeJS.Platform} [platform]
 * @param {NodeJS.Architecture} [arch]
 * @returns {{ name: string, version: string } | undefined} undefined for a platform without a pinned package
 */
export function pinnedNode(platform = process.platform, arch = process.arch) {
  const { packages } = readJson(join(root, 'package-lock.json'));
  const name = `node-${platform}-${arch}`;
  const locked = packages[`node_modules/${name}`];
  return locked && { name, version: locked.version };
}

/**
 * The Node that runs everything except these scripts: the pinned one, or the current one if none is pinned. Not always
 * `process.execPath`, because `npm ci` may have replaced that file.
 *
 * @returns {string} the path of its binary
 */
export function nodeBinary() {
  const pinned = pinnedNode();
  return pinned ? join(root, 'node_modules', pinned.name, 'bin', 'node') : process.execPath;
}

/**
 * Checks that this Node can start the scripts and, on a platform without a pinned Node, run everything else.
 *
 * @param {{ version?: string, pinned?: { version: string } }} [node]
 * @throws Failure
 */
export function checkOwnNode({ version = process.versions.node, pinned = pinnedNode() } = {}) {
  if (isOlder(version, OLDEST.toStart)) {
    throw new Failure(`Node ${OLDEST.toStart[0]} or newer is required; this is ${version}.`);
  }
  if (pinned) return;
  const [major, minor] = OLDEST.toRun;
  if (isOlder(version, OLDEST.toRun) || Number(version.split('.')[0]) !== major) {
    throw new Failure(
      `No Node is pinned for ${process.platform} on ${process.arch}: install Node ${major}, ${major}.${minor} or newer. This is ${version}.`,
    );
  }
}

/** Whether the pinned Node is installed in the pinned version and runs. True if none is pinned. */
export async function pinnedNodeRuns() {
  const pinned = pinnedNode();
  if (!pinned) return true;
  try {
    const { stdout } = await promisify(execFile)(nodeBinary(), ['--version']);
    return stdout.trim() === `v${pinned.version}`;
  } catch {
    // Missing, truncated or built for another machine: reinstalling fixes each.
    return false;
  }
}

/**
 * The command line of an installed package's program, run by the pinned Node rather than through `#!` lines or `.cmd`
 * files.
 *
 * @param {string} name
 * @param {string} [packageName] the name of its package, if it differs
 * @returns {[command: string, script: string]}
 */
export function program(name, packageName = name) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = readJson(join(folder, 'package.json'));
  return [nodeBinary(), join(folder, typeof bin === 'string' ? bin : bin[name])];
}

function isOlder(version, [oldestMajor, oldestMinor]) {
  const [major, minor] = version.split('.').map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
