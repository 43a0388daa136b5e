import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addUp, closingLine, projectsWithSpecs } from './counts.mjs';
import { program, root } from './node.mjs';
import { main, run, wasEnded } from './run.mjs';
import { setUp, synthesise } from './set-up.mjs';

/*
 * npm test                    everything: format, lint, types, unit and integration tests, the end-to-end smoke
 * npm test -- --affected      only what differs from main; what follows goes to Nx, such as --base=HEAD~1
 * npm test -- -p reconciler   only these projects
 *
 * Goes on after a failure, and ends with one line that counts.
 */
const RESULTS = join(root, 'test-results');
/** One more than the machine may have processors: the smoke test spends most of its time waiting. */
const AT_ONCE = 3;
const SMOKE = { project: 'e2e', target: 'smoke', result: 'e2e-smoke' };

await main(async (args) => {
  const affected = args.includes('--affected');
  const others = args.filter((arg) => arg !== '--affected');
  await setUp();
  await synthesise();
  // What an earlier run left must not be counted. Nx brings back what it has in its cache.
  rmSync(RESULTS, { recursive: true, force: true });

  const isAll = !affected && others.length === 0;
  const expected = resultsOf(
    isAll ? [...projectsWithSpecs(root), SMOKE.project] : selected(affected, others),
  );
  const targets = [SMOKE.target, 'test', 'typecheck', isAll ? 'lint-all' : 'lint'];
  const [formatFails, targetsFail] = await Promise.all([
    fails('prettier', ['--check', '--log-level=warn', '.']),
    fails('nx', [
      ...[affected ? 'affected' : 'run-many', '-t', ...targets],
      ...[`--parallel=${AT_ONCE}`, '--outputStyle=static', ...others],
    ]),
  ]);

  const { without, ...counts } = addUp(RESULTS, expected);
  for (const name of without) console.error(`Failed: ${name} has specs, and no result of them`);
  if (formatFails) console.error('Failed: format, which npm run format mends');
  if (targetsFail && counts.failed === 0) console.error('Failed: what Nx names above');
  const failed = counts.failed + Number(formatFails) + Number(targetsFail && counts.failed === 0);
  console.log(closingLine({ ...counts, failed }));
  return failed === 0 ? 0 : 1;
});

async function fails(name, args) {
  const [node, script] = program(name);
  const code = await run(node, [script, ...args]);
  if (wasEnded(code)) process.exit(code);
  return code !== 0;
}

/** Whatever has specs and is to be run must leave a result: a run that died halfway is no run without failures. */
function resultsOf(projects) {
  const results = projectsWithSpecs(root).filter((name) => projects.includes(name));
  return projects.includes(SMOKE.project) ? [...results, SMOKE.result] : results;
}

function selected(affected, others) {
  const args = ['show', 'projects', ...(affected ? ['--affected'] : []), '--json', ...others];
  const [node, nx] = program('nx');
  const output = execFileSync(node, [nx, ...args], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
    encoding: 'utf8',
  });
  return JSON.parse(output);
}
