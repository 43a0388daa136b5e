const { dirname, join } = require('node:path');

// fauxqs, which the embedded cloud uses, says where it lies to `import` alone, and Jest requires.
const fauxqs = join(dirname(require.resolve('../../package.json')), 'node_modules/fauxqs/dist/app.js');

module.exports = require('../../jest.preset.cjs')(__dirname, {
  moduleNameMapper: { '^fauxqs$': fauxqs },
  transformIgnorePatterns: ['/node_modules/(?!(commander|cookie|fauxqs)/)'],
});
