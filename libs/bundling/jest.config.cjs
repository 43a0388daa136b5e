module.exports = require('../../jest.preset.cjs')(__dirname, {
  coverageThreshold: { global: { statements: 96, branches: 94, functions: 97, lines: 96 } },
});
