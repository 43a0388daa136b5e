const { join } = require('node:path');

/** The browser tests that take longer than `npm test` allows. */
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/src/browser-tests/*.browser.ts'],
  testTimeout: 180_000,
  reporters: [
    'default',
    [
      join(__dirname, '../../scripts/jest-count-reporter.cjs'),
      { projectRoot: __dirname, name: 'console-browser' },
    ],
  ],
};
