module.exports = require('../../jest.preset.cjs')(__dirname, {
  // The specs mostly wait, for queues and processes, so that two can share a processor.
  maxWorkers: 2,
});
