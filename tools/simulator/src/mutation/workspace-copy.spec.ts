import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workspace-'));
  mkdirSync(join(root, 'node_modules', 'some-package'), { recursive: true });
  writeFileSync(join(root, '.gitignore'), 'node_modules/\n');
  writeFileSync(join(root, 'new.ts'), 'new');
  execFileSync('git', ['init', '--quiet', root]);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Copies the workspace in a process of its own, which then waits for the end of its input. */
async function copyInProcess() {
  const module = JSON.stringify(join(__dirname, 'workspace-copy.ts'));
  const script = `import { copyWorkspace } from ${module};
    using copy = await copyWorkspace(${JSON.stringify(root)});
    process.stdout.write(copy.folder);
    for await (const _ of process.stdin);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const exited = once(child, 'exit');
  const [folder] = await once(child.stdout, 'data');
  return { child, folder: String(folder), exited };
}

it.each<[string, (child: ChildProcess) => unknown, number]>([
  ['the run ends', (child) => child.stdin?.end(), 0],
  ['a signal ends the run', (child) => child.kill('SIGTERM'), 143],
])('copies files and links packages until %s', async (_, end, exitCode) => {
  const { child, folder, exited } = await copyInProcess();
  expect(readFileSync(join(folder, 'new.ts'), 'utf8')).toBe('new');
  expect(existsSync(join(folder, 'node_modules', 'some-package'))).toBe(true);
  end(child);
  expect(await exited).toEqual([exitCode, null]);
  expect(existsSync(folder)).toBe(false);
});
