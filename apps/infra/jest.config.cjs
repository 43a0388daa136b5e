const NATIVE = '/node_modules/(aws-cdk-lib|cdk-nag|constructs)/';

const preset = require('../../jest.preset.cjs')(__dirname);
module.exports = {
  ...preset,
  testEnvironment: '<rootDir>/jest.native-modules.cjs',
  transform: { [NATIVE]: '<rootDir>/jest.native-modules.cjs', ...preset.transform },
  transformIgnorePatterns: preset.transformIgnorePatterns.map((ignored) => `(?!${NATIVE})${ignored}`),
};
