const { TestEnvironment } = require('jest-environment-node');

/** Jest's own environment for Node, in which modules can be loaded past Jest: see jest.native-modules.cjs. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.requireByNode = require;
  }
};
