const { dirname, join } = require('node:path');

// The embedded cloud's fauxqs exports its module to `import` only, and Jest uses require.
const fauxqs = join(dirname(require.resolve('../../package.json')), 'node_modules/fauxqs/dist/app.js');

module.exports = require('../../jest.preset.cjs')(__dirname, {
  // The specs mostly wait, for queues and processes, so that two can share a processor.
  maxWorkers: 2,
  moduleNameMapper: { '^fauxqs$': fauxqs },
  transformIgnorePatterns: ['/node_modules/(?!(commander|cookie|fauxqs)/)'],
});
