import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in/file'), 'content');
  symlinkSync(join(folder, 'in'), join(folder, 'link'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['an option that does not exist', ['--frob'], /^error: unknown option '--frob'\n$/],
  ['a folder that does not exist', ['none'], /^There is no folder .*none\.\n$/],
  ['no file to send', ['out'], /^There is no file in .*out\.\n$/],
  ['--out in the input folder', ['in', '--out', 'in/out'], /^Bundles would be written to .*in\/out, inside /],
  [
    '--out in it through a link',
    ['in', '--out', 'link/out'],
    /^Bundles would be written to .*in\/out, inside /,
  ],
])('npm start refuses %s before it builds anything', (_, args, message) => {
  mkdirSync(join(folder, 'out'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(__dirname, 'start.mjs'), ...args], {
    cwd: folder,
    env: { ...process.env, npm_lifecycle_event: '' },
    encoding: 'utf8',
  });
  expect(stdout + stderr).toMatch(message);
  expect(status).toBe(2);
  expect(readdirSync(join(folder, 'in'))).toEqual(['file']);
});
