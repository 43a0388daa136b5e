const { TestEnvironment } = require('jest-environment-node');

/**
 * Lets Node load the CDK's modules, once for all spec files. Jest would load its hundreds of modules again for each spec
 * file, which takes a second each time. This is both a transformer, which replaces a module's source with one call of
 * `requireByNode`, and the test environment that provides that function.
 */
module.exports = class extends TestEnvironment {
  static process(_source, file) {
    return { code: `module.exports = requireByNode(${JSON.stringify(file)});` };
  }

  async setup() {
    await super.setup();
    this.global.requireByNode = require;
  }
};
