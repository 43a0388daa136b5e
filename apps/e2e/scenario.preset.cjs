const { dirname, join } = require('node:path');

const root = dirname(require.resolve('../../package.json'));

/** The Jest configuration of scenarios, which are counted under a name of their own. */
module.exports = (name, overrides) => {
  const config = require('../../jest.preset.cjs')(__dirname, {
    maxWorkers: 2,
    ...overrides,
  });
  const reporter = [join(root, 'scripts/jest-count-reporter.cjs'), { projectRoot: __dirname, name }];
  return { ...config, displayName: name, reporters: ['default', reporter] };
};
