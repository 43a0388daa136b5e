module.exports = require('../../jest.preset.cjs')(__dirname, {
  coverageThreshold: { global: { statements: 96, branches: 95, functions: 94, lines: 96 } },
});
