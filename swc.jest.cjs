/** How swc compiles specs and sources for Jest: TypeScript to CommonJS, Node 24. */
module.exports = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript', dynamicImport: true }, target: 'es2024', keepClassNames: true },
  module: { type: 'commonjs', strictMode: true },
  sourceMaps: 'inline',
};
