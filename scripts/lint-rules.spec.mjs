import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeBinary, program } from './node.mjs';

jest.setTimeout(120_000);
const root = join(__dirname, '..');

/*
 * ESLint runs in its own process, because Jest loads CommonJS only. The result is in a file, because plugins write
 * warnings to standard output.
 */
const LINT = `
import { writeFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import { LAYERS } from './eslint.config.mjs';
const eslint = new ESLint();
const samples = JSON.parse(process.argv[1]);
const results = [];
for (const { code, filePath } of samples) results.push(...(await eslint.lintText(code, { filePath })));
const rules = results.map(({ messages }) => messages.map(({ ruleId }) => ruleId));
writeFileSync(process.argv[2], JSON.stringify({ rules, layers: LAYERS }));
`;

const BYPASSES = `
import { stdout as aliased } from 'node:process';
const { stderr: unpacked } = process;
console.log('a');
console.error('a');
process.stdout.write('a');
process['stderr'].write('a');
aliased.write('a');
unpacked.write('a');
`;
const MARKUP = `
export const Bad = ({ text }) => <p dangerouslySetInnerHTML={{ __html: text }} />;
export const spread = (text) => <p {...{ dangerouslySetInnerHTML: { __html: text } }} />;
element.innerHTML = text;
element['outerHTML'] = text;
Object.assign(element, { innerHTML: text });
document.write(text);
element.insertAdjacentHTML('beforeend', text);
export const Good = ({ text }) => <p title={text}>{text}</p>;
`;
const WRITE = "process.stdout.write('a');\n";
const ERRORS = 'libs/shared-processing/src/errors/error-codes.ts';

const SAMPLES = {
  bypasses: { code: BYPASSES, file: 'tools/ops/src/main.ts' },
  // The module that escapes, and specs, may use the streams.
  writeInTerminal: { code: WRITE, file: 'libs/terminal/src/terminal.ts' },
  writeInSpec: { code: WRITE, file: 'tools/ops/src/output.spec.ts' },
  markup: { code: MARKUP, file: 'apps/console/src/page/parts/foreign.tsx' },
  higherLayer: { code: "export type { Ledger } from '../ledger/index.ts';\n", file: ERRORS },
  sameLayer: { code: "export { memberName } from '../keys/index.ts';\n", file: ERRORS },
  lowerLayer: {
    code: "export { CallError } from '../errors/index.ts';\n",
    file: 'libs/shared-processing/src/ledger/claims.ts',
  },
};

let rules;
let layers;

// One process lints all samples, because loading ESLint takes seconds.
beforeAll(() => {
  const files = Object.values(SAMPLES).map(({ code, file }) => ({ code, filePath: join(root, file) }));
  const folder = mkdtempSync(join(tmpdir(), 'lint-rules-'));
  const output = join(folder, 'result.json');
  const args = ['--input-type=module', '-e', LINT, JSON.stringify(files), output];
  execFileSync(nodeBinary(), args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const result = JSON.parse(readFileSync(output, 'utf8'));
  rmSync(folder, { recursive: true });
  rules = Object.fromEntries(Object.keys(SAMPLES).map((name, index) => [name, result.rules[index]]));
  layers = result.layers;
});

it('rejects every way to the terminal except the one that escapes', () => {
  expect(rules.bypasses.filter((rule) => /^no-(console|restricted)/.test(rule))).toEqual([
    'no-restricted-imports',
    'no-restricted-properties',
    ...['no-console', 'no-console', 'no-restricted-properties', 'no-restricted-properties'],
  ]);
  expect(rules.writeInTerminal).toEqual([]);
  expect(rules.writeInSpec).toEqual([]);
});

it('rejects every way to turn text into markup on the page', () => {
  expect(rules.markup.filter((rule) => rule === 'no-restricted-syntax')).toHaveLength(7);
});

it('rejects imports from a higher or the same layer, of types too', () => {
  expect(rules.higherLayer).toContain('import-x/no-restricted-paths');
  expect(rules.sameLayer).toContain('import-x/no-restricted-paths');
  expect(rules.lowerLayer).toEqual([]);
});

it('has a layer for every folder of a layered project', () => {
  for (const [project, table] of Object.entries(layers)) {
    const listed = table.flat().flatMap((names) => names.split('+'));
    const folders = readdirSync(join(root, project), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'testing')
      .map(({ name }) => name);
    expect(listed).toEqual(expect.arrayContaining(folders));
    expect(listed.filter((name) => !existsSync(join(root, project, name)))).toEqual([]);
  }
});

const PROMISES = `
import { limit } from './limit.ts';
export async function load(kind: 'small' | 'large'): Promise<void> {
  load('small');
  if (load(kind)) await 1;
  switch (kind) {
    case 'small':
      return limit();
  }
}
`;

/** The rules that each file breaks. Oxlint reads the files from disk, and their types with the tsconfig.json next to them. */
function oxlint(files) {
  const folder = mkdtempSync(join(tmpdir(), 'oxlint-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [node, script] = program('oxlint');
  const args = [script, '--config', join(root, '.oxlintrc.json'), '--format', 'json', folder];
  const { stdout } = spawnSync(node, args, { cwd: root, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  const found = (name) => JSON.parse(stdout).diagnostics.filter(({ filename }) => filename.endsWith(name));
  return Object.fromEntries(
    Object.keys(files).map((name) => [
      name,
      found(`/${name}`)
        .map(({ code }) => code)
        .sort(),
    ]),
  );
}

it('rejects promises that nobody awaits, incomplete switches and import cycles', () => {
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  const byTypes = [
    'typescript(no-floating-promises)',
    'typescript(no-misused-promises)',
    'typescript(switch-exhaustiveness-check)',
  ];
  expect(
    oxlint({
      'tsconfig.json': JSON.stringify({ compilerOptions }),
      'load.ts': PROMISES,
      'limit.ts': "import { load } from './load.ts';\nexport const limit = () => load('small');\n",
      'load.spec.ts': PROMISES,
    }),
  ).toEqual({
    'tsconfig.json': [],
    'load.ts': ['import(no-cycle)', ...byTypes],
    'limit.ts': ['import(no-cycle)'],
    'load.spec.ts': byTypes,
  });
});
