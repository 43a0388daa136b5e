/**
 * Decides which target deploys in an Nx run with several `deploy` targets. `infra` deploys every stack in order, and the CDK CLI
 * skips those that did not change. `functions` deploy one stack each, and infra deploys nothing.
 */
export type Deployer = 'infra' | 'functions';

/**
 * Folders and files that templates or several artifacts are made from. A change to any of them can reach every stack.
 * A `function.json` belongs here too: queues, alarms and notifications of other stacks follow from it.
 */
const REACHES_EVERY_STACK = [
  /^apps\/infra\//,
  /^libs\//,
  /^tools\/lambda-plugin\//,
  /^apps\/[^/]+\/function\.json$/,
  /^(nx|package|package-lock|tsconfig\.base)\.json$/,
  /^\.npmrc$/,
];

/**
 * Decides from the changed files. `functions` only if a function's own sources changed and nothing that other stacks
 * are made from; `infra` otherwise, because it is right for every change.
 *
 * @param files changed files, from the workspace root, with `/`
 * @param functionRoots folders of the functions, such as `apps/aggregator`
 */
export function deployerFor(files: readonly string[], functionRoots: readonly string[]): Deployer {
  if (files.some((file) => REACHES_EVERY_STACK.some((pattern) => pattern.test(file)))) return 'infra';
  return files.some((file) => functionRoots.some((root) => file.startsWith(`${root}/`)))
    ? 'functions'
    : 'infra';
}
