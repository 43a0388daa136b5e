const { mkdirSync, writeFileSync } = require('node:fs');
const { join, relative } = require('node:path');

const root = join(__dirname, '..');

/** Leaves one small file a project in test-results/, which `npm test` adds up (also when Nx replays its cache). */
module.exports = class CountReporter {
  constructor(_globalConfig, { projectRoot }) {
    this.file = join(root, 'test-results', `${relative(root, projectRoot).replaceAll(/[\\/]/g, '-')}.json`);
  }

  onRunComplete(
    _contexts,
    {
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: skipped,
      numRuntimeErrorTestSuites: broken,
    },
  ) {
    mkdirSync(join(root, 'test-results'), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify({ passed, failed: failed + broken, skipped })}\n`);
  }
};
