import { type ScratchWorkspace, scratchWorkspace } from './scratch-workspace.ts';

/** Two similar functions that share a library. Each uses a part of it that the other does not. */
export const NAMES = ['alpha', 'beta'] as const;

const PROBE = 'libs/shared-processing/src/probe';

/** Projects that are not copied. Some depend on the real functions. */
const EXCLUDED = /^(apps|docs|tools\/(?!lambda-plugin|local-cloud)[^/]+)(\/|$)/;

/** A workspace with the real libraries and the plugin, and only the functions `alpha` and `beta`. */
export function twoFunctions(): ScratchWorkspace {
  const workspace = scratchWorkspace((path) => !EXCLUDED.test(path));
  writeSources(workspace);
  return workspace;
}

/** Writes the sources of both functions, and undoes changes of them. */
export function writeSources(workspace: ScratchWorkspace): void {
  workspace.write(
    `${PROBE}/index.ts`,
    "export { alpha } from './alpha.ts';\nexport { beta } from './beta.ts';\n",
  );
  for (const name of NAMES) {
    workspace.write(
      `${PROBE}/${name}.ts`,
      `export const ${name} = (key: string) => \`${name} of \${key}\`;\n`,
    );
    writeFunction(workspace, name, name);
  }
}

/** Adds a function that uses one part of the probe, the library and an npm package. */
export function writeFunction(workspace: ScratchWorkspace, name: string, part: (typeof NAMES)[number]): void {
  const manifest = {
    name,
    description: 'A function of a test.',
    trigger: { type: 'request' },
    sizeBudgetKb: 600,
  };
  workspace.write(`apps/${name}/function.json`, JSON.stringify(manifest, null, 2));
  workspace.write(`apps/${name}/tsconfig.json`, workspace.read('libs/shared-processing/tsconfig.json'));
  workspace.write(
    `apps/${name}/src/handler.ts`,
    [
      "import { memberName } from '@data-aggregator/shared-processing/keys';",
      `import { ${part} } from '@data-aggregator/shared-processing/probe';`,
      "import * as v from 'valibot';",
      '',
      'const event = v.object({ key: v.string() });',
      '',
      'export const handler = async (input: unknown) => ({',
      `  told: ${part}(v.parse(event, input).key),`,
      '  memberName,',
      '});',
      '',
    ].join('\n'),
  );
}

/** Changes the behaviour of one part of the shared library. */
export function changePart(workspace: ScratchWorkspace, part: (typeof NAMES)[number]): void {
  const file = `${PROBE}/${part}.ts`;
  workspace.write(file, workspace.read(file).replace(' of ', ' made of '));
}

/** Adds comments of every kind to the library and a function. */
export function addComments(workspace: ScratchWorkspace): void {
  for (const file of [`${PROBE}/alpha.ts`, 'apps/alpha/src/handler.ts']) {
    const comments = '/** Why. */\n/*! @license kept by some minifiers */\n// zzzzzzzzzzzzzzzzzzzz\n';
    workspace.write(file, `${comments}${workspace.read(file)}`);
  }
}
