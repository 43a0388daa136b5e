const { basename } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Scenarios that take longest, longest first. Without a cache, Jest would order by file size and start some of these last. */
const SLOWEST = [
  'documentation',
  'heal',
  'chaos',
  'consumer',
  'backfill',
  'pages',
  'quick-start',
  'outages',
  'account',
];

module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = SLOWEST.indexOf(basename(path, '.scenario.ts'));
      return index === -1 ? SLOWEST.length : index;
    };
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
