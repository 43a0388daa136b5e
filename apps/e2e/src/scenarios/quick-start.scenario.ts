import { sandboxAssembly } from '../workspace.ts';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { groupLives, lastLine, startQuickStart } from '../testing/quick-start-command.ts';
import { hashesBelow, noise, temporaryFolder, writeSource } from '@data-aggregator/pipeline-client/testing';
import { filesByKey } from '../testing/files-by-key.ts';

const HOSTILE = [
  ...['a b.txt', 'a+b.txt', 'a%2Fb.txt', '100%', '"quoted"', "it's", 'back\\slash', 'line\nend'],
  ...[
    'emoji/👩‍👩‍👧‍👦.txt',
    '日本語/ファイル.csv',
    'README',
    'readme',
    '-rf',
    'con.txt',
    '.hidden',
    'deep/'.repeat(40),
  ],
  ...[`${'s'.repeat(255)}/${'t'.repeat(255)}`, '€'.repeat(85)],
].map((path) => (path.endsWith('/') ? `${path}file` : path));

let folder: ReturnType<typeof temporaryFolder>;
let source: string;
beforeAll(() => {
  folder = temporaryFolder();
  source = join(folder.path, 'source');
  for (const path of HOSTILE) writeSource(source, path, `content of ${path}`);
  for (const path of ['same 1', 'same 2', 'same 3']) writeSource(source, path, 'the same');
  for (const path of ['empty 1', 'empty 2']) writeSource(source, path, '');
  writeSource(source, 'large.bin', noise(40 * 1024 ** 2));
  symlinkSync('/etc/hostname', join(source, 'link'));
});
afterAll(() => folder[Symbol.dispose]());

const run = (...args: string[]) => startQuickStart(['--assembly', sandboxAssembly, ...args]);
const out = (name: string) => join(folder.path, name);

describe('npm start with a folder', () => {
  it('puts every file on disk as it was sent', async () => {
    const sent = await hashesBelow(source);
    const { exitCode, stdout, stderr } = await run(source, '--out', out('one'), '--json').ended;
    expect(stderr).not.toContain('\u001b');
    expect(stderr).toContain('symbolic link');
    expect(lastLine(stdout)).toEqual({
      files: sent.size,
      bytesIn: expect.any(Number),
      bundles: expect.any(Number),
      bytesOut: expect.any(Number),
      duplicates: 0,
      quarantined: 0,
      missing: 0,
      mismatched: 0,
      seconds: expect.any(Number),
    });
    expect(exitCode).toBe(0);
    expect(await filesByKey(out('one'))).toEqual(sent);
  });

  it('lists skipped files, with control characters in their names escaped', async () => {
    const hostile = 'a\u001b[2J\u009b2J\u202egnp\n  3 files came out\r';
    writeSource(folder.path, `hostile/${hostile}`, 'sent like any other');
    symlinkSync('/etc/hostname', join(folder.path, 'hostile', `${hostile} link`));
    const { exitCode, stdout } = await run(join(folder.path, 'hostile'), '--out', out('from hostile')).ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /Left out: 1\n.*a\\u001b\[2J\\u009b2J\\u202egnp\\n {2}3 files came out\\r link": symbolic link/,
    );
    expect(stdout.split('\n').filter((line) => /\p{Cc}|[\u202a-\u202e]/u.test(line))).toEqual([]);
  });

  it('can run twice concurrently with the same output folder', async () => {
    writeSource(folder.path, 'small/a/b.txt', 'b');
    const runs = [1, 2].map(() => run(join(folder.path, 'small'), '--out', out('both'), '--json').ended);
    for (const { exitCode, stdout } of await Promise.all(runs)) {
      expect(lastLine(stdout)).toMatchObject({ files: 1, bundles: 1, missing: 0, mismatched: 0 });
      expect(exitCode).toBe(0);
    }
    expect(readdirSync(out('both'))).toHaveLength(2);
  });

  it('stops everything that it started on Ctrl-C', async () => {
    const temporary = join(folder.path, 'temporary');
    mkdirSync(temporary);
    const { child, ended } = startQuickStart(
      [source, '--assembly', sandboxAssembly, '--out', out('stopped')],
      { TMPDIR: temporary },
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes('bundling')) child.kill('SIGINT');
    });
    const { exitCode, stderr } = await ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'Ended by SIGINT.\n' });
    expect(readdirSync(temporary)).toEqual([]);
    expect(groupLives(child)).toBe(false);
  });

  it.each([
    ['is not there', () => [join(folder.path, 'none')], /^There is no folder .*none\.\n$/],
    ['is a file', () => [join(source, 'large.bin')], /^.*large\.bin is not a folder\.\n$/],
    [
      'is empty',
      () => {
        mkdirSync(join(folder.path, 'empty'), { recursive: true });
        return [join(folder.path, 'empty')];
      },
      /^There is no file in .*empty\.\n$/,
    ],
  ])('reports in one sentence that its folder %s, and starts nothing', async (_, args, sentence) => {
    const { exitCode, stdout, stderr } = await run(...args(), '--out', out('untouched')).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(existsSync(out('untouched'))).toBe(false);
  });

  it('reports in one sentence that the output folder is not writable', async () => {
    writeSource(folder.path, 'file', '');
    const { exitCode, stderr } = await run(source, '--out', join(folder.path, 'file', 'out')).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^Files cannot be written to .*: ENOTDIR.*\.\n$/);
  });
});
