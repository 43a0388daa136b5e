module.exports = require('../../jest.preset.cjs')(__dirname, {
  coverageThreshold: { global: { statements: 94, branches: 100, functions: 85, lines: 94 } },
});
