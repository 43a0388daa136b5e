import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inboxAt } from './inbox/inbox.ts';
import { serializeLocalReceipt } from './inbox/local-receipt.ts';
import { inFolder } from './testing/folder.ts';

it('ends once a pipe has taken all of its output', () =>
  inFolder(async (folder) => {
    const inbox = inboxAt(folder);
    await inbox.open();
    // A pipe holds 64 KiB.
    const key = 'k'.repeat(1_000_000);
    const path = inbox.paths.receipt('x');
    mkdirSync(dirname(path));
    writeFileSync(
      path,
      serializeLocalReceipt({
        bundle: { key, size: 1 },
        ...{ consumer: 'host/id', layout: 'tree', folder: '' },
        ...{ firstLandedAt: 0, lastLandedAt: 0, startedAt: 0, finishedAt: 0 },
        files: [{ name: 'a', path: 'a', size: 1, sha256: 'x', key: 'a' }],
      }),
    );
    const words = [join(import.meta.dirname, 'main.ts'), 'verify', folder, '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ bundle: key }, { missing: 1 }]);
  }));
