module.exports = require('../../jest.preset.cjs')(__dirname, {
  coverageThreshold: { global: { statements: 96, branches: 94, functions: 98, lines: 96 } },
});
