const { TestEnvironment } = require('jest-environment-node');

/** Jest's Node environment, plus a `require` that bypasses Jest's module loader: see jest.native-modules.cjs. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.requireByNode = require;
  }
};
