// Three lines of wiring, which the end-to-end scenarios run: the gate on coverage is that of libs/bundling.
module.exports = require('../../jest.preset.cjs')(__dirname);
