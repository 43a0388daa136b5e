import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, serializeManifest } from '@data-aggregator/shared-processing/manifest';
import { temporaryFolder, writeSource } from '../testing/files.ts';
import { checkBundle } from './bundle.ts';
import { findTar } from './extract.ts';

const KEY = 'bundles/x.tar.gz';
const contents: Record<string, string> = { 'a.txt': 'a', 'deep/b ä.txt': 'b', empty: '' };
let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'x.tar.gz');
  for (const [name, content] of Object.entries(contents)) writeSource(join(folder.path, 'in'), name, content);
});
afterEach(() => folder[Symbol.dispose]());

/** Makes the bundle with tar itself. */
function pack(...names: string[]) {
  execFileSync('tar', ['-czf', file, '-C', join(folder.path, 'in'), ...names]);
}

function pulled(problem?: string) {
  const bytes = readFileSync(file);
  return { key: KEY, file, size: bytes.length, sha256: hash('sha256', bytes), crc64nvme: '0', problem };
}

function manifest(changes: Partial<Manifest['bundle']> = {}): string {
  const { size, sha256 } = pulled();
  return serializeManifest({
    bundle: { bucket: 'd', key: KEY, size, sha256, format: 'tar.gz', createdAt: 0, ...changes },
    members: Object.entries(contents).map(([name, content]) => ({
      bucket: 'landing',
      key: name,
      version: { kind: 'id', versionId: 'v' },
      etag: 'e',
      name,
      size: content.length,
      sha256: hash('sha256', content),
      lastModified: 0,
      landedAt: 0,
    })),
  });
}

async function check(manifestText: string | undefined, problem?: string) {
  const scratch = join(folder.path, 'scratch');
  const checked = await checkBundle(pulled(problem), manifestText, { tar: await findTar(), scratch });
  expect(existsSync(scratch)).toBe(false);
  const members = checked.members.flatMap(({ name, problem: its }) => (its ? [`${name}: ${its}`] : []));
  return { ...checked, members };
}

describe('a bundle', () => {
  it('with the members of its manifest is good', async () => {
    pack(...Object.keys(contents));
    expect(await check(manifest())).toEqual({ key: KEY, size: pulled().size, members: [], problems: [] });
  });

  it.each<[string, () => unknown, string[], string[]]>([
    [
      'lacks a member',
      () => pack('a.txt', 'empty'),
      ['it has 2 entries, but its manifest has 3 members', '2 files were extracted from 3 members'],
      ['deep/b ä.txt: the tar has no file "deep/b ä.txt"'],
    ],
    [
      'has a member too many',
      () => {
        writeSource(join(folder.path, 'in'), 'more', 'more');
        pack(...Object.keys(contents), 'more');
      },
      ['it has 4 entries, but its manifest has 3 members', '4 files were extracted from 3 members'],
      [],
    ],
    [
      'has a member twice',
      () => pack(...Object.keys(contents), '--hard-dereference', 'a.txt'),
      ['it has 4 entries, but its manifest has 3 members'],
      [],
    ],
    [
      'has other bytes in a member',
      () => {
        writeSource(join(folder.path, 'in'), 'a.txt', 'A');
        pack(...Object.keys(contents));
      },
      [],
      ['a.txt: "a.txt" in the tar does not match the manifest'],
    ],
    [
      'has a link for a member',
      () => {
        execFileSync('rm', [join(folder.path, 'in', 'a.txt')]);
        symlinkSync('empty', join(folder.path, 'in', 'a.txt'));
        pack(...Object.keys(contents));
      },
      [],
      ['a.txt: the tar has no file "a.txt"'],
    ],
  ])('that %s is reported', async (_, make, problems, members) => {
    make();
    expect(await check(manifest())).toMatchObject({ problems, members });
  });

  it('that is truncated is reported', async () => {
    pack(...Object.keys(contents));
    const text = manifest();
    writeFileSync(file, readFileSync(file).subarray(0, -20));
    const { problems } = await check(text);
    expect(problems).toEqual([
      expect.stringMatching(/^it has \d+ bytes, but its manifest says \d+$/),
      expect.stringMatching(/^its SHA-256 is [0-9a-f]{64}; the manifest says/),
      expect.stringContaining('it cannot be read: unexpected end of file'),
      expect.stringContaining('it cannot be extracted: '),
    ]);
  });

  it.each<[string, () => string | undefined, string]>([
    ['without a manifest', () => undefined, 'it has no manifest manifests/bundles/x.tar.gz.json'],
    ['with a manifest that is none', () => '{', 'manifests/bundles/x.tar.gz.json is not JSON'],
    [
      'with the manifest of another',
      () => manifest({ key: 'bundles/y' }),
      'its manifest belongs to bundles/y',
    ],
  ])('%s is reported', async (_, text, problem) => {
    pack(...Object.keys(contents));
    expect(await check(text())).toMatchObject({ problems: [problem] });
  });

  it('keeps the problem of its pull', async () => {
    pack(...Object.keys(contents));
    expect(await check(manifest(), 'no marker')).toMatchObject({ problems: ['no marker'] });
  });
});
