import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeBinary } from './node.mjs';

jest.setTimeout(120_000);
const root = join(__dirname, '..');

/*
 * ESLint runs in its own process, because Jest loads CommonJS only. It leaves out the rules that need types: the rules
 * under test do not, and reading the types takes seconds. The result is in a file, because plugins write warnings to
 * standard output.
 */
const LINT = `
import { writeFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { LAYERS } from './eslint.config.mjs';
const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked });
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
  cycle: { code: "export { CallError } from './call-error.ts';\n", file: ERRORS },
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

it('rejects an import cycle', () => {
  expect(rules.cycle).toEqual(['import-x/no-cycle']);
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
