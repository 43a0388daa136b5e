const { join } = require('node:path');

const root = join(__dirname, '../../../..');

/** The specs that may kill a mutant, as one Jest project. */
module.exports = {
  ...require(`${root}/jest.preset.cjs`)(root),
  roots: ['libs/bundling/src', 'libs/shared-processing/src/ledger', 'apps/consumer/src'].map((folder) =>
    join(root, folder),
  ),
  filter: join(__dirname, 'spec-filter.cjs'),
  reporters: [],
  testTimeout: 20_000,
};
