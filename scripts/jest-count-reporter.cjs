const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/**
 * Leaves one small file a run in test-results/, which `npm test` adds up. It is an output of the Nx target, so Nx
 * brings it back where it replays a run from its cache; hence it bears the project's name, unless `name` says another.
 */
module.exports = class CountReporter {
  constructor(_globalConfig, { projectRoot, name }) {
    const project = JSON.parse(readFileSync(join(projectRoot, 'project.json'), 'utf8'));
    this.file = join(root, 'test-results', `${name ?? project.name}.json`);
  }

  onRunComplete(
    _contexts,
    {
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: pending,
      numTodoTests: todo,
      numRuntimeErrorTestSuites: broken,
    },
  ) {
    mkdirSync(join(root, 'test-results'), { recursive: true });
    const counts = { passed, failed: failed + broken, skipped: pending + todo };
    writeFileSync(this.file, `${JSON.stringify(counts)}\n`);
  }
};
