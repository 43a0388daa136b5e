const preset = require('../../jest.preset.cjs')(__dirname);

module.exports = {
  ...preset,
  transform: {
    // Node loads the simulator as when it runs alone. In Jest's context, the same schedules take a third longer.
    [`${__dirname}/src/(explore|load|mutants|schedule)/(?!.*\\.spec\\.ts$)`]: `${__dirname}/../../jest.packages.cjs`,
    ...preset.transform,
  },
};
