import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeSource } from '../testing/sources.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { makeOutFolder } from './out-folder.ts';

describe('the folder for bundles', () => {
  it('is made, and stays as it was where it is there', async () => {
    using folder = temporaryFolder();
    const out = join(folder.path, 'a/b');
    await expect(makeOutFolder(out)).resolves.toBe(out);
    // Bundles hold the input, which other users of the machine may not be allowed to read.
    expect(statSync(out).mode & 0o777).toBe(0o700);
    expect(readdirSync(out)).toEqual([]);
    writeSource(out, 'earlier.tar.gz', 'x');
    await makeOutFolder(out);
    expect(readdirSync(out)).toEqual(['earlier.tar.gz']);
  });

  it('on a file system that makes no folders is refused, and not tried for ever', async () => {
    await expect(makeOutFolder('/proc/no/such')).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringMatching(/^Bundles cannot be written to .*\.$/),
    });
  });

  it('that cannot be made is refused in a sentence', async () => {
    using folder = temporaryFolder();
    writeSource(folder.path, 'file', '');
    await expect(makeOutFolder(join(folder.path, 'file/out'))).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringMatching(/^Bundles cannot be written to .*file\/out: ENOTDIR.*\.$/),
    });
  });
});
