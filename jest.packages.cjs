const { mkdtempSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { types } = require('node:util');
const { TestEnvironment } = require('jest-environment-node');

/**
 * Lets Node load large packages, once for all spec files of a worker. Jest would load their hundreds of modules again for
 * each spec file, which takes up to a second each time. This is both a transformer, which replaces a module's source with
 * one call of `requireByNode`, and the test environment that provides that function.
 *
 * The packages' values are then Node's, while specs have their own globals. So that both fit together, specs share Node's
 * `Date`, which packages check with `instanceof`, and its environment variables, which are restored afterwards.
 */
module.exports = class extends TestEnvironment {
  static process(_source, file) {
    return { code: `module.exports = requireByNode(${JSON.stringify(file)});` };
  }

  async setup() {
    await super.setup();
    useOwnTemporaryFolder();
    this.environment = process.env;
    this.variables = { ...process.env };
    Object.defineProperty(this.global.process, 'env', {
      get: () => process.env,
      set(replacement) {
        process.env = replacement;
      },
    });
    this.global.requireByNode = require;
    this.global.Date = Date;
    acceptForeignErrors(this.global.Error);
  }

  async teardown() {
    process.env = this.environment;
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    for (const name of readdirSync(temporaryFolder)) remove(join(temporaryFolder, name));
    await super.teardown();
  }
};

/** This process's folder of temporary files. Packages may remember its path, so it lasts as long as the process. */
let temporaryFolder;

/**
 * Makes spec files, and the programs that they start, write temporary files below a folder of this process. It is emptied
 * after each spec file, whatever the tests have left or whoever they have killed.
 */
function useOwnTemporaryFolder() {
  if (temporaryFolder) return;
  temporaryFolder = mkdtempSync(join(tmpdir(), 'jest-'));
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = temporaryFolder;
  process.on('exit', () => remove(temporaryFolder));
}

/** Tries again if a program that is about to end still writes. */
function remove(path) {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

/** Makes errors of Node's own modules and of the packages, which have Node's `Error`, instances of the specs' `Error`. */
function acceptForeignErrors(SpecError) {
  const ordinary = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(SpecError, Symbol.hasInstance, {
    value(value) {
      return ordinary.call(this, value) || (this === SpecError && types.isNativeError(value));
    },
  });
}
