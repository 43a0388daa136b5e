module.exports = require('../../jest.preset.cjs')(__dirname, {
  // Ships ES modules only; Jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!(commander|@sparticuz/chromium)/)'],
});
