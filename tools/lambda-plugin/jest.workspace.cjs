// Specs that need a real copy of the workspace and real Nx commands. They take minutes, not seconds.
module.exports = require('../../jest.preset.cjs')(__dirname, {
  testMatch: ['<rootDir>/**/*.workspace-spec.ts'],
  testTimeout: 15 * 60_000,
  reporters: ['default'],
});
