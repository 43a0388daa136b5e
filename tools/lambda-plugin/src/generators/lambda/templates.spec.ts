import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Templates are compiled only once a function is generated. This finds imports of renamed exports without a build.
 */
const root = join(import.meta.dirname, '../../../../..');
const folder = join(import.meta.dirname, 'templates');
const IMPORT = /import (?:type )?\{([^}]*)\} from '@data-aggregator\/([a-z-]+)(?:\/([a-z/-]+))?'/g;

const imports = globSync('**/*.template', { cwd: folder }).flatMap((template) =>
  [...readFileSync(join(folder, template), 'utf8').matchAll(IMPORT)].flatMap(
    ([, names = '', library = '', entry = '']) =>
      names
        .split(',')
        .map((name) => name.trim().replace(/^type /, ''))
        .filter((name) => name !== '')
        .map((name) => ({ template, name, library, entry })),
  ),
);

it('templates import from the libraries', () => {
  expect(imports.length).toBeGreaterThan(20);
});

it.each(imports)('$template imports $name, which $library/$entry exports', ({ name, library, entry }) => {
  const index = readFileSync(join(root, 'libs', library, 'src', entry, 'index.ts'), 'utf8');
  // Re-exported by name, declared in the file itself, or behind `export *`.
  expect(index).toMatch(new RegExp(`\\b${name}\\b|export \\* from`));
});
