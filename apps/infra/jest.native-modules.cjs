/**
 * Puts in place of a module's source one line that has Node itself load it, once for all spec files. Jest would load the
 * CDK's hundreds of modules anew for each of them, a second every time.
 */
module.exports = {
  process: (_source, file) => ({ code: `module.exports = requireByNode(${JSON.stringify(file)});` }),
};
