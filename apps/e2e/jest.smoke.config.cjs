module.exports = require('./scenario.preset.cjs')('e2e-smoke', {
  testMatch: ['<rootDir>/src/scenarios/*.scenario.ts'],
  testTimeout: 180_000,
});
