import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { program } from './node.mjs';

/* ESLint's own modules are loaded in a process of its own: Jest's are CommonJS. */
jest.setTimeout(120_000);
const root = join(__dirname, '..');
const [node, eslint] = program('eslint');

function rulesBrokenBy(code, file) {
  const args = [eslint, '--stdin', '--stdin-filename', join(root, file), '--format=json'];
  let output;
  try {
    output = execFileSync(node, args, { cwd: root, input: code, encoding: 'utf8' });
  } catch (error) {
    output = error.stdout;
  }
  return JSON.parse(output)[0].messages.map(({ ruleId }) => ruleId);
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

it('ESLint refuses every way to the terminal but the one that escapes', () => {
  const broken = rulesBrokenBy(BYPASSES, 'tools/ops/src/main.ts');
  expect(broken.filter((rule) => /^no-(console|restricted)/.test(rule))).toEqual([
    'no-restricted-imports',
    'no-restricted-properties',
    ...['no-console', 'no-console', 'no-restricted-properties', 'no-restricted-properties'],
  ]);
});

it('ESLint leaves the module that escapes, and specs, their streams', () => {
  const files = ['libs/terminal/src/terminal.ts', 'tools/ops/src/output.spec.ts'];
  for (const file of files) expect(rulesBrokenBy("process.stdout.write('a');\n", file)).toEqual([]);
});
