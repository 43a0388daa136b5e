import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './node.mjs';

jest.setTimeout(60_000);

/** A spec that leaves a folder, and whose child leaves one and does not end. */
const LEAVES_FOLDERS = `
const { spawn } = require('node:child_process');
const { mkdtempSync, readdirSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const leave = () => mkdtempSync(join(tmpdir(), 'left-'));

it('leaves folders', async () => {
  leave();
  const code = 'fs.mkdtempSync(path.join(os.tmpdir(), "left-")); process.stdout.write("left"); setInterval(() => 0, 1000);';
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(readdirSync(tmpdir())).toHaveLength(2);
  child.kill('SIGKILL');
});
`;

it('removes what specs and their programs leave in the folder of temporary files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'temporary-files-'));
  const [specs, temporary] = [join(folder, 'specs'), join(folder, 'tmp')];
  for (const path of [specs, temporary]) mkdirSync(path);
  for (const name of ['one', 'two']) writeFileSync(join(specs, `${name}.spec.cjs`), LEAVES_FOLDERS);
  const config = {
    rootDir: specs,
    cacheDirectory: join(folder, 'cache'),
    testEnvironment: join(__dirname, '../jest.packages.cjs'),
    testMatch: ['**/*.spec.cjs'],
    transform: {},
  };
  const [node, jest] = program('jest');
  const env = { ...process.env, TMPDIR: temporary, TMP: temporary, TEMP: temporary };
  execFileSync(node, [jest, '--config', JSON.stringify(config), '--runInBand'], {
    cwd: specs,
    env,
    stdio: 'pipe',
  });
  expect(readdirSync(temporary)).toEqual([]);
  rmSync(folder, { recursive: true });
});
