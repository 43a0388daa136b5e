import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from './lock.mjs';
import { checkOwnNode, Failure, pinnedNode, pinnedNodeRuns, program, root } from './node.mjs';
import { must, run, wasEnded } from './run.mjs';

/**
 * Installs missing packages, so that every script works in a fresh clone and after an update. Concurrent runs wait for each
 * other.
 *
 * @throws Failure
 */
export async function setUp() {
  checkOwnNode();
  if (await isInstalled()) return;
  await exclusively(join(root, '.nx', 'set-up.lock'), install, { onWait: sayThatItWaits });
  if (await pinnedNodeRuns()) return;
  const { name, version } = pinnedNode();
  // npm ignores a failed installation of an optional package.
  throw new Failure(
    `${name} ${version} is not installed or does not run: the download failed, its content differs from the lock file, or this machine cannot run it.`,
  );
}

/**
 * Builds the functions, the templates of the environment `dev`, from which the embedded cloud boots, and the consumer.
 *
 * @param {readonly string[]} [more] projects to build as well
 */
export async function synthesise(more = []) {
  console.error('Building functions and templates …');
  const [node, nx] = program('nx');
  await exclusively(
    join(root, '.nx', 'build.lock'),
    () =>
      must(
        node,
        [nx, 'run-many', '-t', 'synth', 'build', '-p', 'infra', 'consumer', ...more, '--outputStyle=static'],
        { quiet: true },
      ),
    { onWait: sayThatItWaits },
  );
}

async function install() {
  if (await isInstalled()) return;
  console.error('Installing packages …');
  // .npmrc disables install scripts as well; the option makes it visible in process lists.
  await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
}

async function isInstalled() {
  return packagesAreCurrent() && (await pinnedNodeRuns());
}

/** npm writes this file last, so it is missing or old after an interrupted installation. */
function packagesAreCurrent() {
  const done = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  return done !== undefined && done.mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/**
 * Runs the npm that runs this script, if any, with that npm's Node: `process.execPath` may be in the node_modules that npm
 * is about to replace.
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
