/**
 * The spec files that Jest runs, when Stryker runs it: those in `globalThis.mutationSpecs`, or all of them. Jest loads this
 * module as its `filter`, in the process of the runner in stryker-plugin.ts, which sets the variable before each mutant.
 */
module.exports = (paths) => {
  const selected = globalThis.mutationSpecs;
  return { filtered: selected ? paths.filter((path) => selected.has(path)) : paths };
};
