const { join } = require('node:path');

const root = join(__dirname, '../../../..');

/** The specs that may kill a mutant, as one Jest project. mutate.ts sets their folders. */
module.exports = {
  ...require(`${root}/jest.preset.cjs`)(root),
  filter: join(__dirname, 'spec-filter.cjs'),
  reporters: [],
  testTimeout: 20_000,
};
