import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

describe('a command whose reader is gone', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'main-'));
    writeFileSync(join(folder, 'bundle-20261122T090807Z-0123456789abcdef.tar.gz'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Verifies the bundle, which has no manifest, or a place that does not exist. */
  function verify(place: string) {
    const program = join(import.meta.dirname, 'main.ts');
    const child = spawn(process.execPath, [program, 'verify', place, '--manifests', folder]);
    return { child, closed: once(child, 'close') };
  }

  it('ends as it would have', async () => {
    const { child, closed } = verify(join(folder, 'none'));
    child.stderr.destroy();
    await expect(closed).resolves.toEqual([2, null]);
  });

  it('fails if its result could not be written', async () => {
    const { child, closed } = verify(folder);
    child.stdout.destroy();
    const said = await text(child.stderr);
    expect(said).toMatch(/^.*EPIPE\n$/);
    await expect(closed).resolves.toEqual([1, null]);
  });
});
