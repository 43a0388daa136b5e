module.exports = require('./scenario.preset.cjs')('e2e-privileges', {
  testMatch: ['<rootDir>/src/privileges/*.scenario.ts'],
  testTimeout: 60_000,
});
