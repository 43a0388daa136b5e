import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { type Manifest, manifestKey, serializeManifest } from '@data-aggregator/shared-processing/manifest';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { manualClock, memoryStore } from '@data-aggregator/shared-processing/testing';
import { pack } from 'tar-stream';
import { exit } from '../errors/index.ts';
import { manifestsInArchive, manifestsInFolder } from './manifests.ts';
import { type BundleSource, sourcesOf } from './sources.ts';
import { verify } from './verify.ts';
import { verifyBundle } from './verify-bundle.ts';
import { namedResources } from '../testing/index.ts';

const KEY = 'bundles/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.tar.gz';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function tarOf(files: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A bundle of files, and its manifest. */
async function bundleOf(files: Record<string, string>, format: Manifest['bundle']['format'] = 'tar.gz') {
  const tar = await tarOf(files);
  const bytes = { 'tar.gz': gzipSync, 'tar.zst': zstdCompressSync, tar: (it: Buffer) => it }[format](tar);
  const manifest: Manifest = {
    bundle: { bucket: 'd', key: KEY, size: bytes.length, sha256: sha256(bytes), format, createdAt: 0 },
    members: Object.entries(files).map(([name, content]) => ({
      bucket: 'landing',
      key: name,
      version: { kind: 'id', versionId: 'v1' },
      etag: 'e',
      name,
      size: content.length,
      sha256: sha256(Buffer.from(content)),
      lastModified: 0,
      landedAt: 0,
    })),
  };
  return { bytes, manifest };
}

const opening = (bytes: Uint8Array) => async () =>
  (async function* () {
    for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
  })();

describe('verifyBundle', () => {
  it.each(['tar.gz', 'tar.zst', 'tar'] as const)('finds no problem in an intact %s', async (format) => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha', 'b/c': '' }, format);
    await expect(verifyBundle(opening(bytes), manifest)).resolves.toEqual([]);
  });

  it('compares a bundle that S3 copied by its CRC-64/NVME', async () => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha' }, 'tar');
    const crc64nvme = await checksumOf('crc64nvme', bytes);
    const { sha256: _, ...bundle } = manifest.bundle;
    const members = await Promise.all(
      manifest.members.map(async ({ sha256: __, ...member }) => ({
        ...member,
        crc64nvme: await checksumOf('crc64nvme', Buffer.from('alpha')),
      })),
    );
    const copied: Manifest = { bundle: { ...bundle, crc64nvme }, members };
    await expect(verifyBundle(opening(bytes), copied)).resolves.toEqual([]);
    bytes[514] = (bytes[514] ?? 0) ^ 1;
    await expect(verifyBundle(opening(bytes), copied)).resolves.toEqual([
      expect.stringMatching(/^CRC-64\/NVME is [0-9a-f]{16}; the manifest says/),
      expect.stringMatching(/^a: CRC-64\/NVME is/),
    ]);
  });

  it('finds a flipped bit', async () => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha'.repeat(100) });
    bytes[bytes.length - 12] = (bytes[bytes.length - 12] ?? 0) ^ 1;
    const problems = await verifyBundle(opening(bytes), manifest);
    expect(problems[0]).toMatch(/^SHA-256 is [0-9a-f]{64}; the manifest says/);
    expect(problems[1]).toMatch(/^it cannot be unpacked: /);
  });

  it('finds a truncated bundle', async () => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha'.repeat(100) });
    const problems = await verifyBundle(opening(bytes.subarray(0, -20)), manifest);
    expect(problems[0]).toBe(`size is ${bytes.length - 20} bytes; the manifest says ${bytes.length}`);
    expect(problems.at(-1)).toMatch(/^it cannot be unpacked: /);
  });

  it.each([
    ['other content', { a: 'alphA', b: 'beta' }, /^a: SHA-256 is/],
    ['another size', { a: 'alpha!', b: 'beta' }, /^a has 6 bytes; the manifest says 5$/],
    ['another name', { A: 'alpha', b: 'beta' }, /^file 1 is A; the manifest says a$/],
    ['a missing file', { a: 'alpha' }, /^it contains 1 files; the manifest says 2$/],
    ['one file too many', { a: 'alpha', b: 'beta', c: '' }, /^it contains 3 files; the manifest says 2$/],
  ])('finds %s', async (_, files, problem) => {
    const { manifest } = await bundleOf({ a: 'alpha', b: 'beta' });
    const other = await bundleOf(files as Record<string, string>);
    const problems = await verifyBundle(opening(other.bytes), { ...manifest, bundle: other.manifest.bundle });
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  it('does not call a bundle damaged that it cannot read to its end', async () => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha'.repeat(100) });
    let opened = 0;
    const breaking = async () => {
      const isBroken = ++opened === 2;
      return (async function* () {
        yield bytes.subarray(0, 20);
        if (isBroken) throw new Error('the connection is lost');
        yield bytes.subarray(20);
      })();
    };
    await expect(verifyBundle(breaking, manifest)).rejects.toThrow('the connection is lost');
  });

  it('reports only the first of many problems', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `f${n}`);
    const { manifest } = await bundleOf(Object.fromEntries(names.map((name) => [name, 'x'])));
    const other = await bundleOf(Object.fromEntries(names.map((name) => [name, 'y'])));
    const problems = await verifyBundle(opening(other.bytes), { ...manifest, bundle: other.manifest.bundle });
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 10 more');
  });
});

describe('a key', () => {
  it('is read from distribution, and from the archive once the consumer has taken it', async () => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha' });
    const clock = manualClock();
    const store = memoryStore(clock.now);
    const cloud = { store, resources: namedResources, clock, random: () => 0.5 };
    const connection = async () => cloud;
    await expect(sourcesOf(KEY, connection)).rejects.toMatchObject({ code: exit.findings });
    store.upload('distribution', KEY, bytes);
    store.upload('archive', manifestKey(KEY), Buffer.from(serializeManifest(manifest)));
    const [source] = await sourcesOf(KEY, connection);
    expect(source?.place).toBe(`distribution/${KEY}`);

    store.upload('archive', KEY, bytes);
    store.addDeleteMarker('distribution', KEY);
    const [replica] = await sourcesOf(KEY, connection);
    expect(replica?.place).toBe(`archive/${KEY}`);
    for (const one of [source, replica] as BundleSource[]) {
      await expect(verify(one, manifestsInArchive(connection))).resolves.toMatchObject({ problems: [] });
    }
  });

  it('is not read from Glacier', async () => {
    const frozen = new CallError('GET', { outcome: 'refused', code: 'InvalidObjectState', status: 403 });
    const clock = manualClock();
    const store = { ...memoryStore(clock.now), get: () => Promise.reject(frozen) };
    store.upload('archive', KEY, Buffer.from('x'));
    const [source] = await sourcesOf(KEY, async () => ({
      store,
      resources: namedResources,
      clock,
      random: () => 0.5,
    }));
    await expect(source?.open()).rejects.toMatchObject({ code: exit.later });
  });
});

describe('a folder', () => {
  let folder: string;
  const noCloud = () => Promise.reject(new Error('unexpected connection'));
  const name = KEY.split('/').at(-1) ?? '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'verify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is verified recursively against manifests on disk, without a connection', async () => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha' });
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', name), bytes);
    writeFileSync(join(folder, 'deep', name.replace('9abcdef', '9abcdee')), bytes);
    writeFileSync(join(folder, 'readme.txt'), 'x');
    writeFileSync(join(folder, `${name}.json`), serializeManifest(manifest));
    const sources = await sourcesOf(folder, noCloud);
    const verdicts = await Promise.all(sources.map((source) => verify(source, manifestsInFolder(folder))));
    expect(verdicts.map(({ problems }) => problems)).toEqual([
      [`there is no manifest for ${KEY.replace('9abcdef', '9abcdee')}`],
      [],
    ]);
    expect(verdicts[1]?.files).toBe(1);
  });

  it('is verified with groups: the name of a file leads to its manifest, which must name the same group', async () => {
    const { bytes, manifest } = await bundleOf({ a: 'alpha' });
    const files = [
      ['acme', 'acme'],
      ['other', 'ACME'],
      ['_ungrouped', undefined],
    ] as const;
    mkdirSync(join(folder, 'manifests'));
    for (const [group, text] of files) {
      const key = bundleKey(0, '0123456789abcdef', '.tar.gz', group);
      const bundle = { ...manifest.bundle, key, ...(text !== undefined && { group: text }) };
      writeFileSync(join(folder, key.split('/').at(-1) ?? ''), bytes);
      mkdirSync(dirname(join(folder, manifestKey(key))), { recursive: true });
      writeFileSync(join(folder, manifestKey(key)), serializeManifest({ ...manifest, bundle }));
    }
    const sources = await sourcesOf(folder, noCloud);
    const verdicts = await Promise.all(sources.map((source) => verify(source, manifestsInFolder(folder))));
    expect(verdicts.flatMap(({ problems }) => problems)).toEqual([
      expect.stringMatching(/^its group is other; the manifest says acme---[0-9a-f]{32}$/),
    ]);
    expect(verdicts).toHaveLength(3);
  });

  it('is refused if it contains no bundle or does not exist', async () => {
    await expect(sourcesOf(folder, noCloud)).rejects.toThrow('There is no bundle in the folder');
    await expect(sourcesOf(join(folder, 'x'), noCloud)).rejects.toThrow('There is no file or folder');
  });
});
