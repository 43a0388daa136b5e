import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, writeSource } from '@data-aggregator/pipeline-client/testing';
import { collect, installedPackages } from './collect.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

describe('a folder', () => {
  it('returns its files by relative path, including hidden and empty ones', async () => {
    for (const path of ['b/c d+%.txt', 'a', '.hidden/x', 'back\\slash']) writeSource(folder.path, path, path);
    writeSource(folder.path, 'empty', '');
    mkdirSync(join(folder.path, 'nothing in it'));
    const { files, leftOut } = await collect(folder.path);
    expect(files.map(({ key, size }) => [key, size])).toEqual([
      ['.hidden/x', 9],
      ['a', 1],
      ['b/c d+%.txt', 11],
      ['back\\slash', 10],
      ['empty', 0],
    ]);
    expect(files[2]?.path).toBe(join(folder.path, 'b/c d+%.txt'));
    expect(leftOut).toEqual([]);
  });

  it('is not read on after Ctrl-C', async () => {
    writeSource(folder.path, 'a', '');
    const signal = AbortSignal.abort(new Error('ended'));
    await expect(collect(folder.path, { signal })).rejects.toThrow('ended');
  });

  it('leaves out links, special files, and paths that are not valid keys', async () => {
    writeSource(folder.path, 'a', 'a');
    symlinkSync(join(folder.path, 'a'), join(folder.path, 'link'));
    symlinkSync(folder.path, join(folder.path, 'loop'));
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/z`), Buffer.from([0xff])]), '');
    writeSource(
      folder.path,
      `${'d'.repeat(250)}/`.repeat(4) + 'e'.repeat(20),
      'a key of exactly 1,024 bytes',
    );
    writeSource(folder.path, `${'d'.repeat(250)}/`.repeat(4) + 'e'.repeat(21), 'one of 1,025');
    const { files, leftOut } = await collect(folder.path);
    expect(files.map(({ key }) => key.length)).toEqual([1, 1024]);
    expect(leftOut.map(({ reason }) => reason)).toEqual([
      'path longer than 1,024 bytes',
      'symbolic link',
      'symbolic link',
      'special file',
      'name not UTF-8',
    ]);
  });

  it.each([
    ['is not there', () => join(folder.path, 'none'), /^There is no folder .*\/none\.$/],
    [
      'is a file',
      () => {
        writeSource(folder.path, 'file', '');
        return join(folder.path, 'file');
      },
      /\/file is not a folder\.$/,
    ],
    [
      'holds nothing but folders and links',
      () => {
        symlinkSync('nowhere', join(folder.path, 'link'));
        mkdirSync(join(folder.path, 'empty'));
        return folder.path;
      },
      /^There is no file in .*\.$/,
    ],
  ])('that %s is refused in one sentence', async (_, path, message) => {
    await expect(collect(path())).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringMatching(message),
    });
  });
});

describe('the installed packages', () => {
  it('provide many small files with deep paths and scopes', async () => {
    const { files, leftOut } = await installedPackages();
    expect(files.length).toBeGreaterThan(1_000);
    expect(files.map(({ key }) => key)).toEqual(expect.arrayContaining(['nx/package.json', 'jest/LICENSE']));
    expect(files.some(({ key }) => key.startsWith('@aws-sdk/'))).toBe(true);
    expect(leftOut).toEqual([]);
  });
});
