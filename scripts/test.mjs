import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addUp, closingLine, projectsWithSpecs } from './counts.mjs';
import { installed, main, root, run, wasEnded } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/*
 * npm test                    everything: format, lint, types, unit and integration tests, the end-to-end smoke
 * npm test -- --affected      only what differs from main; what follows goes to Nx, such as --base=HEAD~1
 *
 * Goes on after a failure, and ends with one line that counts.
 */
const RESULTS = join(root, 'test-results');
const SMOKE = { project: 'e2e', target: 'smoke', result: 'e2e-smoke' };

await main(async (args) => {
  const affected = args.includes('--affected');
  const others = args.filter((arg) => arg !== '--affected');
  await setUp();
  await synthesise();
  // What an earlier run left must not be counted. Nx brings back what it has in its cache.
  rmSync(RESULTS, { recursive: true, force: true });

  const nx = (...targets) => [
    installed('nx'),
    [affected ? 'affected' : 'run-many', '-t', ...targets, '--parallel=2', '--outputStyle=static', ...others],
  ];
  const expected = expectedResults(affected, others);
  const failedChecks = await failures({
    format: [installed('prettier'), ['--check', '--log-level=warn', '.']],
    'lint and types': nx('lint', 'typecheck'),
  });
  const failedRuns = await failures({ tests: nx('test', SMOKE.target) });

  const { without, ...counts } = addUp(RESULTS, expected);
  const failed = counts.failed + failedChecks.length + (counts.failed === 0 ? failedRuns.length : 0);
  for (const check of failedChecks) console.error(`Failed: ${check}`);
  for (const name of without) console.error(`Failed: ${name} has specs, and no result of them`);
  console.log(closingLine({ ...counts, failed }));
  return failed === 0 ? 0 : 1;
});

/** Runs one check after the other, and gives the names of those that failed. */
async function failures(checks) {
  const failed = [];
  for (const [name, [command, args]] of Object.entries(checks)) {
    const code = await run(command, args);
    if (wasEnded(code)) process.exit(code);
    if (code !== 0) failed.push(name);
  }
  return failed;
}

/** Whatever has specs and is to be run must leave a result: a run that died halfway is no run without failures. */
function expectedResults(affected, others) {
  const withSpecs = projectsWithSpecs(root);
  const running = affected ? affectedProjects(others) : [...withSpecs, SMOKE.project];
  const results = withSpecs.filter((name) => running.includes(name));
  return running.includes(SMOKE.project) ? [...results, SMOKE.result] : results;
}

function affectedProjects(others) {
  const args = ['show', 'projects', '--affected', '--json', ...others];
  const output = execFileSync(installed('nx'), args, {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
    encoding: 'utf8',
  });
  return JSON.parse(output);
}
