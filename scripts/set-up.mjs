import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exclusively } from './lock.mjs';
import { Failure, installed, must, root, run, wasEnded } from './run.mjs';

const OLDEST_NODE = 20;

/**
 * Installs what is missing, so that every script works in a fresh clone. Runs that start at once wait for each other.
 *
 * @throws Failure
 */
export async function setUp() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new Failure(`Node ${OLDEST_NODE} or newer is needed; this is ${process.versions.node}.`);
  }
  if (packagesAreCurrent() && (await nodeRuns())) return;
  await exclusively(join(root, '.nx', 'set-up.lock'), install, { onWait: sayThatItWaits });
  if (!(await nodeRuns())) throw new Failure(`${installed('node')} does not run after npm ci.`);
}

/** Builds the functions and synthesises the templates of the environment `dev`, which the embedded cloud boots from. */
export async function synthesise() {
  console.error('Building functions and templates …');
  await exclusively(
    join(root, '.nx', 'build.lock'),
    () => must(installed('nx'), ['run', 'infra:synth', '--outputStyle=static'], { quiet: true }),
    { onWait: sayThatItWaits },
  );
}

async function install() {
  if (!packagesAreCurrent()) {
    console.error('Installing packages …');
    // Of all install scripts only Node's is wanted, and npm before version 11 cannot be told so by name.
    await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
  }
  if (!(await nodeRuns())) await npm('rebuild', 'node');
}

/** npm writes this file last, so that it is missing or old after an installation that was interrupted. */
function packagesAreCurrent() {
  const done = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  return done !== undefined && done.mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** Whether the package `node`, the one version that everything here runs under, has its program in place. */
async function nodeRuns() {
  try {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'node', 'package.json'), 'utf8'));
    const { stdout } = await promisify(execFile)(installed('node'), ['--version']);
    return stdout.trim() === `v${version}`;
  } catch {
    // Not there, cut short, or for another machine: each is mended in the same way.
    return false;
  }
}

async function npm(...args) {
  // The npm that runs this script, where one does.
  const own = process.env.npm_execpath;
  const code = own?.endsWith('npm-cli.js')
    ? await run(process.execPath, [own, ...args], { quiet: true })
    : await run('npm', args, { quiet: true });
  if (wasEnded(code)) process.exit(code);
  if (code !== 0) throw new Failure(`npm ${args.join(' ')} failed; what it said is above.`);
}

function sayThatItWaits() {
  console.error('Waiting for another run that sets things up …');
}
