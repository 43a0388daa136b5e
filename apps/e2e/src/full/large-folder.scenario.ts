import { stdout as terminal } from '@data-aggregator/terminal';
import { join } from 'node:path';
import { lastLine, startQuickStart } from '../testing/quick-start-command.ts';
import { hashesBelow, noise, temporaryFolder, writeSource } from '@data-aggregator/pipeline-client/testing';
import { filesByKey } from '../testing/files-by-key.ts';

describe('a folder of many files', () => {
  it('is delivered unchanged: ten thousand small files, a hundred empty ones, one of 300 MB', async () => {
    using folder = temporaryFolder();
    const source = join(folder.path, 'source');
    for (let index = 0; index < 10_000; index++) {
      const path = `day ${index % 30}/sensor-${index % 97}/reading ${index}.json`;
      writeSource(
        source,
        path,
        JSON.stringify({ index, values: Array.from({ length: 40 }, (_, n) => n * index) }),
      );
    }
    for (let index = 0; index < 100; index++) writeSource(source, `empty/${index}`, '');
    writeSource(source, 'large.bin', noise(300 * 1024 ** 2));
    const sent = await hashesBelow(source);

    const out = join(folder.path, 'out');
    const { exitCode, stdout, stderr } = await startQuickStart([source, '--out', out, '--json']).ended;
    terminal.write(stderr);
    expect(lastLine(stdout)).toMatchObject({
      files: 10_101,
      duplicates: 0,
      quarantined: 0,
      missing: 0,
      mismatched: 0,
    });
    expect(exitCode).toBe(0);
    expect(await filesByKey(out)).toEqual(sent);
  });
});
