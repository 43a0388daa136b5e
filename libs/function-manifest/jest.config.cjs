module.exports = require('../../jest.preset.cjs')(__dirname, {
  coverageThreshold: { global: { statements: 95, branches: 87, functions: 92, lines: 95 } },
});
