import { hash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import type { Manifest } from '@data-aggregator/shared-processing/manifest';
import { gzipSync } from 'node:zlib';
import {
  bundleOf,
  described,
  keyOf,
  NINE,
  tarOf,
  type TestBundle,
  type TestFile,
} from '../testing/bundles.ts';
import { machineDisk } from '../inbox/disk.ts';
import { inFolder } from '../testing/folder.ts';
import { DamagedBundle, type DamageReason } from './damaged-bundle.ts';
import { expectedContent } from './expected.ts';
import { extractBundle } from './extract.ts';

const KEY = keyOf(1);
const LARGE = Buffer.alloc(700_000, 'large ');
const FILES: TestFile[] = [
  { name: 'a/b.txt', content: 'b' },
  { name: 'a/large', content: LARGE },
  { name: 'empty', content: '' },
];
const { signal } = new AbortController();

/** Extracts a bundle and returns a reader of its files. */
async function extracted({ key, body, manifest }: TestBundle, folder: string, change = (it: Manifest) => it) {
  const file = join(folder, 'bundle');
  writeFileSync(file, body);
  await extractBundle(
    file,
    change(expectedContent(key, manifest)),
    join(folder, 'files'),
    signal,
    machineDisk,
  );
  return (name: string) => readFileSync(join(folder, 'files', name));
}

async function reasonOf(bundle: TestBundle, change?: (it: Manifest) => Manifest): Promise<DamageReason> {
  return inFolder(async (folder) => {
    const error: unknown = await extracted(bundle, folder, change).catch((thrown: unknown) => thrown);
    if (!(error instanceof DamagedBundle)) throw error;
    return error.reason;
  });
}

it.each(['.tar.gz', '.tar.zst'])('extracts every file of a %s, with the time of its object', (extension) =>
  inFolder(async (folder) => {
    const read = await extracted(await bundleOf(keyOf(1, extension), FILES), folder);
    for (const { name, content } of FILES) expect(read(name).equals(Buffer.from(content))).toBe(true);
    for (const { name } of FILES) expect(statSync(join(folder, 'files', name)).mtimeMs).toBe(NINE);
  }),
);

it.each(['with', 'without'])('extracts many files, %s a program that syncs file systems', (how) =>
  inFolder(async (folder) => {
    const { PATH = '' } = process.env;
    if (how === 'without') process.env['PATH'] = '/nowhere';
    try {
      const many = Array.from({ length: 100 }, (_, index) => ({
        name: `${index % 9}/${index}`,
        content: `${index}`,
      }));
      const read = await extracted(await bundleOf(KEY, [...many, ...FILES]), folder);
      for (const { name, content } of many) expect(read(name).toString()).toBe(content);
    } finally {
      process.env['PATH'] = PATH;
    }
  }),
);

it('extracts a plain tar whose manifest has CRC-64/NVME instead of SHA-256', () =>
  inFolder(async (folder) => {
    const tar = await tarOf(FILES);
    const crc = await Promise.all(FILES.map(({ content }) => checksumOf('crc64nvme', Buffer.from(content))));
    const whole = await checksumOf('crc64nvme', tar);
    const copied = ({ bundle, members }: Manifest) =>
      ({
        bundle: { ...bundle, format: 'tar', sha256: undefined, crc64nvme: whole },
        members: members.map((member, index) => ({ ...member, sha256: undefined, crc64nvme: crc[index] })),
      }) as unknown as Manifest;
    const read = await extracted(described(KEY, tar, FILES), folder, copied);
    expect(read('a/large').equals(LARGE)).toBe(true);
    crc[0] = '0'.repeat(16);
    expect(await reasonOf(described(KEY, tar, FILES), copied)).toBe('members-differ');
  }));

it('leaves no file open, and reports the reason, if it is aborted', () =>
  inFolder(async (folder) => {
    const { key, body, manifest } = await bundleOf(KEY, FILES);
    const file = join(folder, 'bundle');
    writeFileSync(file, body);
    const aborting = new AbortController();
    const open = new Set<string>();
    const disk = {
      ...machineDisk,
      async open(path: string, flags: string) {
        const handle = await machineDisk.open(path, flags);
        open.add(path);
        if (path.endsWith('large')) aborting.abort(new Error('stopped'));
        const close = handle.close.bind(handle);
        return Object.assign(handle, {
          close: () => {
            open.delete(path);
            return close();
          },
        });
      },
    };
    const expected = expectedContent(key, manifest);
    const extracting = extractBundle(file, expected, join(folder, 'files'), aborting.signal, disk);
    await expect(extracting).rejects.toThrow('stopped');
    expect([...open]).toEqual([]);
  }));

describe('a damaged bundle', () => {
  it.each<[DamageReason, string, () => TestBundle | Promise<TestBundle>]>([
    ['not-a-bundle', 'is no gzip', () => described(KEY, Buffer.from('hello'), FILES)],
    [
      'not-a-bundle',
      'is truncated',
      async () => described(KEY, (await bundleOf(KEY, FILES)).body.subarray(0, -9), FILES),
    ],
    ['not-a-bundle', 'is no tar', () => described(KEY, gzipSync(Buffer.alloc(2_000, 'x')), FILES)],
    [
      'members-differ',
      'lacks a file',
      async () => described(KEY, gzipSync(await tarOf(FILES.slice(0, 2))), FILES),
    ],
    [
      'members-differ',
      'has a file more',
      async () => described(KEY, gzipSync(await tarOf(FILES)), FILES.slice(0, 2)),
    ],
    [
      'members-differ',
      'has another order',
      async () => described(KEY, gzipSync(await tarOf(FILES.toReversed())), FILES),
    ],
    [
      'members-differ',
      'has other bytes in a small file',
      async () =>
        described(KEY, gzipSync(await tarOf([{ name: 'a', content: 'x' }])), [{ name: 'a', content: 'y' }]),
    ],
    [
      'members-differ',
      'has other bytes in a large file',
      async () =>
        described(KEY, gzipSync(await tarOf([{ name: 'a', content: Buffer.alloc(700_000) }])), [
          { name: 'a', content: LARGE.subarray(0, 700_000) },
        ]),
    ],
    [
      'members-differ',
      'has a file of another size',
      async () =>
        described(KEY, gzipSync(await tarOf([{ name: 'a', content: 'xx' }])), [{ name: 'a', content: 'x' }]),
    ],
    [
      'not-a-bundle',
      'has every file, but no end',
      async () => described(KEY, gzipSync((await tarOf(FILES)).subarray(0, -1024)), FILES),
    ],
  ])('is %s if it %s', async (reason, _, make) => {
    expect(await reasonOf(await make())).toBe(reason);
  });

  it('is bundle-differs if only its own checksum is wrong', async () => {
    const wrong = ({ bundle, members }: Manifest) => ({
      bundle: { ...bundle, sha256: hash('sha256', 'x') },
      members,
    });
    expect(await reasonOf(await bundleOf(KEY, FILES), wrong)).toBe('bundle-differs');
  });

  it('is bundle-differs if only its own size is wrong', async () => {
    const wrong = ({ bundle, members }: Manifest) => ({
      bundle: { ...bundle, size: bundle.size + 1 },
      members,
    });
    expect(await reasonOf(await bundleOf(KEY, FILES), wrong)).toBe('bundle-differs');
  });

  it('is format-unsupported if this version does not know its format', async () => {
    const wrong = ({ bundle, members }: Manifest) =>
      ({ bundle: { ...bundle, format: 'tar.br' }, members }) as unknown as Manifest;
    expect(await reasonOf(await bundleOf(KEY, FILES), wrong)).toBe('format-unsupported');
  });

  it('writes nothing outside its folder', () =>
    inFolder(async (folder) => {
      const evil = [{ name: '../evil', content: 'x' }];
      const bundle = described(KEY, gzipSync(await tarOf(evil)), [{ name: 'evil', content: 'x' }]);
      await expect(extracted(bundle, folder)).rejects.toThrow(DamagedBundle);
      expect(existsSync(join(folder, 'evil'))).toBe(false);
    }));
});

describe('a manifest', () => {
  it.each<[DamageReason, string | undefined]>([
    ['manifest-missing', undefined],
    ['manifest-invalid', '{'],
    ['names-unsafe', described(KEY, Buffer.from('x'), [{ name: '../evil', content: '' }]).manifest],
    [
      'names-unsafe',
      described(KEY, Buffer.from('x'), [
        { name: 'A', content: '' },
        { name: 'a', content: '' },
      ]).manifest,
    ],
    ['manifest-invalid', described(keyOf(2), Buffer.from('x'), FILES).manifest],
  ])('is refused as %s', (reason, text) => {
    const read = () => expectedContent(KEY, text);
    expect(read).toThrow(DamagedBundle);
    expect(read).toThrow(expect.objectContaining({ reason }));
  });

  it('of a replay is that of its bundle', () => {
    const { manifest } = described(KEY, Buffer.from('x'), FILES);
    for (const prefix of ['replays/r1/', 'replays/_groups/bundles/r1/']) {
      expect(expectedContent(`${prefix}${KEY}`, manifest).members).toHaveLength(FILES.length);
    }
  });
});
