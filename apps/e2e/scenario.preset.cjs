const { dirname, join } = require('node:path');

const root = dirname(require.resolve('../../package.json'));

/** The Jest configuration of scenarios, which have their own line in the counts of `npm test`. */
module.exports = (name, overrides) => {
  const config = require('../../jest.preset.cjs')(__dirname, {
    // More than there are processors: scenarios mostly wait, for batch windows and for messages to return.
    maxWorkers: 4,
    testSequencer: join(__dirname, 'slowest-first.cjs'),
    ...overrides,
  });
  const reporter = [join(root, 'scripts/jest-count-reporter.cjs'), { projectRoot: __dirname, name }];
  return { ...config, displayName: name, reporters: ['default', reporter] };
};
