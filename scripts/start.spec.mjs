import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

// The tests run at once, so each takes as long as all of them.
jest.setTimeout(120_000);

let folder;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'in/file'), 'content');
  symlinkSync(join(folder, 'in'), join(folder, 'link'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.concurrent.each([
  ['an option that does not exist', ['--frob'], /^error: unknown option '--frob'\n$/],
  ['a folder that does not exist', ['none'], /^There is no folder .*none\.\n$/],
  ['a folder without files', ['out'], /^There is no file in .*out\.\n$/],
  ['--out in the input folder', ['in', '--out', 'in/out'], /^Files would be written to .*in\/out, inside /],
  [
    '--out in the input folder through a link',
    ['in', '--out', 'link/out'],
    /^Files would be written to .*in\/out, inside /,
  ],
])('npm start refuses %s before it builds anything', async (_, args, message) => {
  const child = spawn(process.execPath, [join(__dirname, 'start.mjs'), ...args], {
    cwd: folder,
    env: { ...process.env, npm_lifecycle_event: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [status, stdout, stderr] = await Promise.all([
    new Promise((resolve, reject) => child.on('close', resolve).on('error', reject)),
    text(child.stdout),
    text(child.stderr),
  ]);
  expect(stdout + stderr).toMatch(message);
  expect(status).toBe(2);
  expect(readdirSync(join(folder, 'in'))).toEqual(['file']);
});

/** A workspace with these scripts, in which a program takes the place of a real one. */
function workspaceWith(file, program) {
  const workspace = mkdtempSync(join(folder, 'workspace-'));
  cpSync(__dirname, join(workspace, 'scripts'), { recursive: true });
  for (const name of ['package.json', 'package-lock.json', 'node_modules']) {
    symlinkSync(join(__dirname, '..', name), join(workspace, name));
  }
  mkdirSync(dirname(join(workspace, file)), { recursive: true });
  writeFileSync(join(workspace, file), program);
  return workspace;
}

it.concurrent('npm start builds nothing after Ctrl-C during its check, even if the check succeeds', async () => {
  const check = `
    if (!process.argv.includes('--check')) process.exit(0);
    process.on('SIGINT', () => process.exit(0));
    setInterval(() => undefined, 1000);
    console.log('checking');`;
  const workspace = workspaceWith('tools/quick-start/src/main.ts', check);
  const child = spawn(process.execPath, [join(workspace, 'scripts/start.mjs')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.kill('SIGINT'));
  const closed = once(child, 'close');
  expect(await text(child.stderr)).toBe('');
  await expect(closed).resolves.toEqual([130, null]);
});

it.concurrent('npm run cloud shows its help before it builds anything', async () => {
  const workspace = workspaceWith('tools/local-cloud/src/cli.ts', "console.log('help');");
  const child = spawn(process.execPath, [join(workspace, 'scripts/cloud.mjs'), '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect([stdout, stderr]).toEqual(['help\n', '']);
});
