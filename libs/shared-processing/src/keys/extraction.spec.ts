import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { nameMembers } from './index.ts';

/** Keys that, as file names, would clash, be hidden, leave the folder or be invalid. */
const KEYS = [
  ...['a', 'a/b', 'a/b/c', 'A', 'a//b', '/a', './a', 'a/', 'folder/', 'folder/x', 'folder//'],
  ...['a b.txt', 'a+b.txt', 'a%20b.txt', 'CON.txt', 'con.txt', 'aux', '-rf', '--checkpoint-action=exec=sh'],
  ...[
    '/etc/passwd',
    'C:\\x',
    '..\\x',
    '...',
    '.',
    'new\nline',
    'nul\0',
    '\\',
    '$(id)',
    '`id`',
    "it's",
    '*',
    '?',
  ],
  ...['e\u0301/A\u030a\u0323', '\u212b.txt', 'か\u3099'],
  ...['ä', 'a\u0308', 'ß', 'ss', '👨‍👩‍👧.png', '\u202etxt.exe', '._a', '..namedfork/rsrc', '././@LongLink'],
  ...['x'.repeat(1024), `${'x'.repeat(255)}/y`, 'd/'.repeat(512), '/'.repeat(1024), '€'.repeat(341)],
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function tarOf(members: Iterable<[name: string, content: string]>): Promise<Buffer> {
  const tar = pack();
  const bytes = buffer(tar);
  for (const [name, content] of members) tar.entry({ name, mode: 0o644 }, content);
  tar.finalize();
  return bytes;
}

/** Extractors: GNU tar, and bsdtar if it is installed. In a UTF-8 locale, bsdtar composes names. */
const PROGRAMS = ['tar', 'bsdtar'].filter(
  (program) => program === 'tar' || !spawnSync(program, ['--version']).error,
);

/** Extracts a bundle with these names, and returns each file's path and content. */
async function extracted(
  members: Iterable<[name: string, content: string]>,
  program = 'tar',
): Promise<Map<string, string>> {
  const archive = join(folder, 'bundle.tar');
  const target = join(folder, 'target');
  writeFileSync(archive, await tarOf(members));
  mkdirSync(target);
  execFileSync(program, ['-xf', archive, '-C', target], {
    stdio: 'pipe',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  const files = readdirSync(target, { recursive: true, withFileTypes: true }).filter(
    (it) => !it.isDirectory(),
  );
  expect(files.every((it) => it.isFile())).toBe(true);
  return new Map(
    files.map((it) => {
      const path = join(it.parentPath, it.name);
      return [path.slice(target.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

describe('a bundle of hostile keys, extracted by tar', () => {
  it.each(PROGRAMS)(
    'creates a separate file for each member, inside the folder and under its name: %s',
    async (program) => {
      const names = nameMembers(KEYS.map((key) => ({ key, identity: key })));
      const content = new Map(KEYS.map((key) => [names.get(key) as string, `content of ${key}`]));
      expect(content.size).toBe(KEYS.length);
      expect(await extracted(content, program)).toEqual(content);
      expect(readdirSync(folder).sort()).toEqual(['bundle.tar', 'target']);
    },
  );

  it.each([
    ['overwrites', ['a//b', 'a/b', './a/b']],
    ['puts a file where a folder must be', ['a', 'a/b']],
    ['reads content as headers', ['folder/', 'folder/x']],
  ])('would lose files if keys were used unchanged: tar %s', async (_, keys) => {
    const lost = extracted(keys.map((key) => [key, `content of ${key}`])).then(
      (files) => files.size < keys.length,
      () => true,
    );
    expect(await lost).toBe(true);
  });
});
