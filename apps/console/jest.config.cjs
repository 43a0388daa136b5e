module.exports = require('../../jest.preset.cjs')(__dirname, {
  // Unpacks the browser before any spec runs, because that takes seconds and each spec would wait for it.
  globalSetup: '<rootDir>/src/browser-tests/global-setup.ts',
});
