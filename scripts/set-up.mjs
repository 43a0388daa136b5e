import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from './lock.mjs';
import { checkOwnNode, Failure, pinnedNode, pinnedNodeRuns, program, root } from './node.mjs';
import { must, run, wasEnded } from './run.mjs';

/**
 * Installs what is missing, so that every script works in a fresh clone and after an update. Concurrent runs wait for
 * each other.
 *
 * @throws Failure
 */
export async function setUp() {
  checkOwnNode();
  if (await isInstalled()) return;
  await exclusively(join(root, '.nx', 'set-up.lock'), install, { onWait: sayThatItWaits });
  if (await pinnedNodeRuns()) return;
  const { name, version } = pinnedNode();
  // npm drops an optional package that fails to install, and says nothing.
  throw new Failure(
    `${name} ${version} is not installed or does not run: npm could not download it, its content is not the locked one, or this machine cannot run it.`,
  );
}

/** Builds the functions and synthesises the templates of the environment `dev`, which the embedded cloud boots from. */
export async function synthesise() {
  console.error('Building functions and templates …');
  const [node, nx] = program('nx');
  await exclusively(
    join(root, '.nx', 'build.lock'),
    () => must(node, [nx, 'run', 'infra:synth', '--outputStyle=static'], { quiet: true }),
    { onWait: sayThatItWaits },
  );
}

async function install() {
  if (await isInstalled()) return;
  console.error('Installing packages …');
  // .npmrc forbids install scripts; the option says so for whoever reads the process list.
  await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
}

async function isInstalled() {
  return packagesAreCurrent() && (await pinnedNodeRuns());
}

/** npm writes this file last, so that it is missing or old after an installation that was interrupted. */
function packagesAreCurrent() {
  const done = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  return done !== undefined && done.mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/**
 * Runs npm: the one that runs this script, if any, under the Node that it runs under. That Node is the user's;
 * `process.execPath` may be in the node_modules that npm is about to replace.
 */
async function npm(...args) {
  const { npm_execpath: own, npm_node_execpath: node } = process.env;
  const code =
    own?.endsWith('npm-cli.js') && node && existsSync(node)
      ? await run(node, [own, ...args], { quiet: true })
      : await run('npm', args, { quiet: true });
  if (wasEnded(code)) process.exit(code);
  if (code !== 0) throw new Failure(`npm ${args.join(' ')} failed; its output is above.`);
}

function sayThatItWaits() {
  console.error('Waiting for another run to finish its set-up …');
}
