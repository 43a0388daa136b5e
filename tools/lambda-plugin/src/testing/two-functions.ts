import { type ScratchWorkspace, scratchWorkspace } from './scratch-workspace.ts';

/** Two functions of the same shape that share a library; each uses a part of it that the other does not. */
export const NAMES = ['alpha', 'beta'] as const;

const PROBE = 'libs/shared-processing/src/probe';

/** What is not copied: other projects, some of which name the real functions as their dependencies. */
const OTHER = /^(apps|docs|tools\/(?!lambda-plugin|local-cloud)[^/]+)(\/|$)/;

/** A workspace with the real libraries and the plugin, and `alpha` and `beta` for its only functions. */
export function twoFunctions(): ScratchWorkspace {
  const workspace = scratchWorkspace((path) => !OTHER.test(path));
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
  return workspace;
}

/** Adds a function that uses one part of the probe, and what real functions use of the library and of npm. */
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

/** Changes what one part of the shared library does. */
export function changePart(workspace: ScratchWorkspace, part: (typeof NAMES)[number]): void {
  const file = `${PROBE}/${part}.ts`;
  workspace.write(file, workspace.read(file).replace(' of ', ' made of '));
}

/** Puts comments of every kind into the library and a function. */
export function addComments(workspace: ScratchWorkspace): void {
  for (const file of [`${PROBE}/alpha.ts`, 'apps/alpha/src/handler.ts']) {
    const comments = '/** Why. */\n/*! @license kept by some minifiers */\n// zzzzzzzzzzzzzzzzzzzz\n';
    workspace.write(file, `${comments}${workspace.read(file)}`);
  }
}
