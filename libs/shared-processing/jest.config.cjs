module.exports = require('../../jest.preset.cjs')(__dirname, {
  coverageThreshold: { global: { statements: 95, branches: 95, functions: 93, lines: 95 } },
});
