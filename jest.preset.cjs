const { relative } = require('node:path');

/** How swc compiles specs and sources: TypeScript to CommonJS, Node 24. */
const SWC = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript', dynamicImport: true }, target: 'es2024', keepClassNames: true },
  module: { type: 'commonjs', strictMode: true },
  sourceMaps: 'inline',
};

/** Packages that Node loads, instead of Jest: see jest.packages.cjs. */
const NATIVE = '/node_modules/(@aws-sdk|@smithy|aws-cdk-lib|cdk-nag|constructs|dynalite|fast-check)/';

/**
 * The Jest configuration of one project: specs next to the code, compiled by swc, and a report in test-results/
 * that `npm test` adds up.
 *
 * @param {string} projectRoot the project's absolute folder (`__dirname` of its jest.config.cjs)
 * @param {import('jest').Config} [overrides]
 * @returns {import('jest').Config}
 */
module.exports = (projectRoot, overrides = {}) => ({
  displayName: relative(__dirname, projectRoot),
  rootDir: projectRoot,
  testEnvironment: `${__dirname}/jest.packages.cjs`,
  testMatch: ['<rootDir>/**/*.spec.ts'],
  // Ends what hangs; a slow or busy machine is no failure.
  testTimeout: 30_000,
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/cdk.out/'],
  modulePathIgnorePatterns: ['/dist/', '/cdk.out/'],
  moduleFileExtensions: ['ts', 'mjs', 'cjs', 'js', 'json', 'node'],
  transform: { [NATIVE]: `${__dirname}/jest.packages.cjs`, '\\.(ts|mjs|js)$': ['@swc/jest', SWC] },
  // Transformed are packages that ship ES modules only, because Jest runs CommonJS, and those that Node loads.
  transformIgnorePatterns: [`(?!${NATIVE})/node_modules/(?!commander/)`],
  // Measured by `nx coverage` only. V8 counts in the running code, so the compiled output stays the same.
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts', '!src/**/testing/**', '!src/**/*.d.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  coverageDirectory: '<rootDir>/coverage',
  reporters: ['default', [`${__dirname}/scripts/jest-count-reporter.cjs`, { projectRoot }]],
  ...overrides,
});
