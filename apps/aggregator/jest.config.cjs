// Only wiring, which the end-to-end scenarios run.
module.exports = require('../../jest.preset.cjs')(__dirname, {
  coverageThreshold: { global: { statements: 28, branches: 0, functions: 0, lines: 28 } },
});
