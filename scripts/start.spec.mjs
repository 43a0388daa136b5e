import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
