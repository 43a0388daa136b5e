const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/**
 * Writes the counts of a run to test-results/, for `npm test` to add up. The file is an output of the Nx target, so Nx
 * restores it together with a cached run. It is named after the project, or after `name`.
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
