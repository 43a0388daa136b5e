import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addUp, closingLine, projectsWithSpecs } from './counts.mjs';
import { program, root } from './node.mjs';
import { main, run, wasEnded } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/*
 * npm test                    everything: formatting, lint, types, unit and integration tests, end-to-end scenarios
 * npm test -- --affected      only what differs from main; further arguments go to Nx, such as --base=HEAD~1
 * npm test -- -p reconciler   only these projects
 *
 * Runs everything even if something fails, and ends with one line of counts.
 */
const RESULTS = join(root, 'test-results');
const SMOKE = { project: 'e2e', target: 'smoke', result: 'e2e-smoke' };
/** Projects whose tests mostly wait, one after another, next to the scenarios and to two projects whose tests compute. */
const WAITING = [SMOKE.project, 'console', 'ops'];
/** Nx tasks at once if only some projects are tested. */
const CONCURRENT_TASKS = 3;

const FORMAT = {
  check: () => fails('oxfmt', ['--check', '.']),
  message: 'Formatting check failed. Run `npm run format`.',
};
/** The rules that need no types. */
const LINT = {
  check: () => fails('eslint', ['.']),
  message: 'Lint failed. See the output of ESLint above.',
};
/** The rules that need types or all files at once. Of a selection of projects too, because all take few seconds. */
const LINT_TYPES = {
  check: () => fails('oxlint', ['.']),
  message: 'Lint failed. See the output of Oxlint above.',
};
/**
 * By the native compiler, which takes half the time. ESLint and Nx need the API of the one in JavaScript. In one thread,
 * because several check the libraries once each, and the other processors are busy.
 */
const TYPES = {
  check: () => fails('tsc', ['--build', '--singleThreaded'], 'typescript-native'),
  message: 'Type check failed. See the output of tsc above.',
};

await main(async (args) => {
  const affected = args.includes('--affected');
  const others = args.filter((arg) => arg !== '--affected');
  await setUp();
  // Results of an earlier run must not count. Nx restores those that it has in its cache.
  rmSync(RESULTS, { recursive: true, force: true });

  const isAll = !affected && others.length === 0;
  const expected = resultsOf(
    isAll ? [...projectsWithSpecs(root), SMOKE.project] : selected(affected, others),
  );
  const which = affected ? ['affected'] : ['run-many'];
  const targets = [SMOKE.target, 'test', 'typecheck', 'lint'];
  const built = synthesise();
  const [messages, targetsFail] = await Promise.all([
    // Of all projects, one process each checks lint and types in less than half the time of a process per project.
    failing(isAll ? [TYPES, LINT_TYPES, { ...LINT, after: built }, FORMAT] : [LINT_TYPES, FORMAT]),
    built.then(() => (isAll ? everyTargetFails() : nxFails([...which, '-t', ...targets, ...others]))),
  ]);

  const { without, ...counts } = addUp(RESULTS, expected);
  if (targetsFail && counts.failed === 0) messages.push('Nx reports a failed task above.');
  for (const name of without) console.error(`${name} has specs but left no result.`);
  for (const message of messages) console.error(message);
  const failed = counts.failed + messages.length;
  console.log(closingLine({ ...counts, failed }));
  return failed === 0 ? 0 : 1;
});

/** Runs the tests of all projects. Nx alone would start last what no project depends on, which takes longest. */
async function everyTargetFails() {
  const failures = await Promise.all([
    nxFails(['run', `${SMOKE.project}:${SMOKE.target}`]),
    nxFails(['run-many', '-t', 'test', '-p', ...WAITING], 1),
    nxFails(['run-many', '-t', 'test', '--exclude', WAITING.join(',')], 2),
  ]);
  return failures.includes(true);
}

/** Runs targets with Nx. Returns whether one fails. */
function nxFails(args, concurrentTasks = CONCURRENT_TASKS) {
  return fails('nx', [...args, `--parallel=${concurrentTasks}`, '--outputStyle=static']);
}

/** Runs checks one after another. Returns the messages of those that fail. */
async function failing(checks) {
  const messages = [];
  for (const { check, message, after } of checks) {
    await after;
    if (await check()) messages.push(message);
  }
  return messages;
}

/** Runs a program of an installed package. A signal ends this process. */
async function fails(name, args, packageName) {
  const [node, script] = program(name, packageName);
  const code = await run(node, [script, ...args]);
  if (wasEnded(code)) process.exit(code);
  return code !== 0;
}

/** The results that the selected projects must leave, because a run that crashed halfway reports no failure. */
function resultsOf(projects) {
  const results = projectsWithSpecs(root).filter((name) => projects.includes(name));
  return projects.includes(SMOKE.project) ? [...results, SMOKE.result] : results;
}

function selected(affected, others) {
  const args = ['show', 'projects', ...(affected ? ['--affected'] : []), '--json', ...others];
  const [node, nx] = program('nx');
  const output = execFileSync(node, [nx, ...args], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
    encoding: 'utf8',
  });
  return JSON.parse(output);
}
