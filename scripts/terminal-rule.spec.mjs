import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeBinary } from './node.mjs';

/*
 * ESLint runs in its own process, because Jest loads CommonJS only. It leaves out the rules that need types: the rules
 * under test do not, and reading the types takes seconds.
 */
jest.setTimeout(120_000);
const root = join(__dirname, '..');
const LINT = `
import { writeFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked });
const [samples, file] = process.argv.slice(1);
const results = [];
for (const { code, filePath } of JSON.parse(samples)) {
  results.push(...(await eslint.lintText(code, { filePath })));
}
writeFileSync(file, JSON.stringify(results.map(({ messages }) => messages.map(({ ruleId }) => ruleId))));
`;

let folder;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'terminal-rule-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The rules that each sample breaks. The result is in a file, because plugins write warnings to standard output. */
function rulesBrokenBy(samples) {
  const files = samples.map(({ code, file }) => ({ code, filePath: join(root, file) }));
  const result = join(folder, 'result.json');
  const args = ['--input-type=module', '-e', LINT, JSON.stringify(files), result];
  execFileSync(nodeBinary(), args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return JSON.parse(readFileSync(result, 'utf8'));
}

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

const WRITE = "process.stdout.write('a');\n";

it('ESLint refuses every way to write to the terminal except the one that escapes', () => {
  const [bypasses = [], ...allowed] = rulesBrokenBy([
    { code: BYPASSES, file: 'tools/ops/src/main.ts' },
    // The module that escapes may use the streams, and so may specs.
    { code: WRITE, file: 'libs/terminal/src/terminal.ts' },
    { code: WRITE, file: 'tools/ops/src/output.spec.ts' },
  ]);
  expect(bypasses.filter((rule) => /^no-(console|restricted)/.test(rule))).toEqual([
    'no-restricted-imports',
    'no-restricted-properties',
    ...['no-console', 'no-console', 'no-restricted-properties', 'no-restricted-properties'],
  ]);
  expect(allowed).toEqual([[], []]);
});
