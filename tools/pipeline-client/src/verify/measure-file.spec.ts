import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { measure } from '@data-aggregator/shared-processing/checksum';
import { noise, temporaryFolder, writeSource } from '../testing/files.ts';
import { measureFile } from './measure-file.ts';

it.each([0, 1, 5_000, 1024 ** 2, 1024 ** 2 + 1])(
  'measures a file of %d bytes as a stream would',
  async (size) => {
    using folder = temporaryFolder();
    writeSource(folder.path, 'file', noise(size));
    const path = join(folder.path, 'file');
    await expect(measureFile(path)).resolves.toEqual(await measure(createReadStream(path)));
  },
);

it('rejects for a missing file', async () => {
  using folder = temporaryFolder();
  await expect(measureFile(join(folder.path, 'missing'))).rejects.toThrow('ENOENT');
});
