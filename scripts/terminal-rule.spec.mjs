import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { nodeBinary } from './node.mjs';

/* ESLint's own modules are loaded in a process of its own: Jest's are CommonJS. */
jest.setTimeout(120_000);
const root = join(__dirname, '..');
const LINT = `
import { ESLint } from 'eslint';
const eslint = new ESLint();
const samples = JSON.parse(process.argv[1]);
const results = [];
for (const { code, filePath } of samples) results.push(...(await eslint.lintText(code, { filePath })));
process.stdout.write(JSON.stringify(results.map(({ messages }) => messages.map(({ ruleId }) => ruleId))));
`;

/** The rules that each sample breaks. One process lints them all, because loading ESLint takes seconds. */
function rulesBrokenBy(samples) {
  const files = samples.map(({ code, file }) => ({ code, filePath: join(root, file) }));
  const output = execFileSync(nodeBinary(), ['--input-type=module', '-e', LINT, JSON.stringify(files)], {
    cwd: root,
    encoding: 'utf8',
  });
  return JSON.parse(output);
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

it('ESLint refuses every way to the terminal but the one that escapes', () => {
  const [bypasses = [], ...allowed] = rulesBrokenBy([
    { code: BYPASSES, file: 'tools/ops/src/main.ts' },
    // The module that escapes, and specs, may use the streams.
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
