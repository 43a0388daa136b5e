module.exports = require('./scenario.preset.cjs')('e2e-full', {
  testMatch: ['<rootDir>/src/full/*.scenario.ts'],
  testTimeout: 900_000,
});
