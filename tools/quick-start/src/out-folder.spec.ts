import { mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, writeSource } from '@data-aggregator/pipeline-client/testing';
import { checkOutside, makeOutFolder } from './out-folder.ts';

describe('the folder for bundles', () => {
  it('is created, or left unchanged if it exists', async () => {
    using folder = temporaryFolder();
    const out = join(folder.path, 'a/b');
    await expect(makeOutFolder(out)).resolves.toBe(out);
    // The files are the input, which other users of the machine may not be allowed to read.
    expect(statSync(out).mode & 0o777).toBe(0o700);
    expect(readdirSync(out)).toEqual([]);
    writeSource(out, 'earlier.tar.gz', 'x');
    await makeOutFolder(out);
    expect(readdirSync(out)).toEqual(['earlier.tar.gz']);
  });

  it('on a file system that cannot create folders is refused without endless retries', async () => {
    await expect(makeOutFolder('/proc/no/such')).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringMatching(/^Files cannot be written to .*\.$/),
    });
  });

  it('that cannot be created is refused in one sentence', async () => {
    using folder = temporaryFolder();
    writeSource(folder.path, 'file', '');
    await expect(makeOutFolder(join(folder.path, 'file/out'))).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringMatching(/^Files cannot be written to .*file\/out: ENOTDIR.*\.$/),
    });
  });
});

describe('the folder for bundles and the input folder', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const at = (path: string) => join(folder.path, path);
  beforeEach(() => {
    folder = temporaryFolder();
    for (const path of ['in/deep', 'in-other', 'elsewhere']) mkdirSync(at(path), { recursive: true });
    symlinkSync(at('in'), at('link-to-in'));
    symlinkSync(at('in/deep'), at('elsewhere/link-into-in'));
    symlinkSync(at('elsewhere'), at('in/link-out'));
  });
  afterEach(() => folder[Symbol.dispose]());

  it.each([
    ['the same', 'in', 'in'],
    ['inside', 'in/deep', 'in'],
    ['inside and not there yet', 'in/new/er', 'in'],
    ['inside by way of ..', 'in-other/../in/out', 'in'],
    ['inside through a link', 'elsewhere/link-into-in', 'in'],
    ['inside through a link, and not there yet', 'elsewhere/link-into-in/new', 'in'],
    ['inside what the input links to', 'in/new', 'link-to-in'],
    ['named ..something', 'in/..out', 'in'],
  ])('are refused if it is %s', async (_, out, input) => {
    await expect(checkOutside(at(out), at(input))).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringMatching(/^Files would be written to .* choose another --out\.$/),
    });
  });

  it.each([
    ['next to it', 'out', 'in'],
    ['next to it, with a name that begins alike', 'in-other', 'in'],
    ['around it', '.', 'in'],
    ['inside by name only: a link leads out', 'in/link-out/new', 'in'],
  ])('are accepted if it is %s', async (_, out, input) => {
    await expect(checkOutside(at(out), at(input))).resolves.toBeUndefined();
  });
});
