import { hash, randomBytes } from 'node:crypto';
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
import { type Disk, machineDisk } from '../inbox/disk.ts';
import { inFolder } from '../testing/folder.ts';
import { diskWith, watchedDisk } from '../testing/watched-disk.ts';
import { DamagedBundle, type DamageReason } from './damaged-bundle.ts';
import { expectedContent } from './expected.ts';
import { extractBundle } from './extract.ts';

const KEY = keyOf(1);
const TAR = keyOf(1, '.tar');
const LARGE = Buffer.alloc(700_000, 'large ');
const FILES: TestFile[] = [
  { name: 'a/b.txt', content: 'b' },
  { name: 'a/large', content: LARGE },
  { name: 'empty', content: '' },
];

interface Options {
  change?: ((manifest: Manifest) => Manifest) | undefined;
  disk?: Disk;
  signal?: AbortSignal;
}

/** Extracts a bundle and returns a reader of its files. */
async function extracted(
  { key, body, manifest }: TestBundle,
  folder: string,
  { change = (it) => it, disk = machineDisk, signal = new AbortController().signal }: Options = {},
) {
  const file = join(folder, 'bundle');
  writeFileSync(file, body);
  await extractBundle(file, change(expectedContent(key, manifest)), join(folder, 'files'), signal, disk);
  return (name: string) => readFileSync(join(folder, 'files', name));
}

async function reasonOf(bundle: TestBundle, change?: Options['change']): Promise<DamageReason> {
  return inFolder(async (folder) => {
    const error: unknown = await extracted(bundle, folder, { change }).catch((thrown: unknown) => thrown);
    if (!(error instanceof DamagedBundle)) throw error;
    return error.reason;
  });
}

it.each(['.tar', '.tar.gz', '.tar.zst'])(
  'extracts every file of a %s, with the time of its object',
  (extension) =>
    inFolder(async (folder) => {
      const read = await extracted(await bundleOf(keyOf(1, extension), FILES), folder);
      for (const { name } of FILES) {
        const { atimeMs, mtimeMs } = statSync(join(folder, 'files', name));
        expect([atimeMs, mtimeMs]).toEqual([NINE, NINE]);
      }
      for (const { name, content } of FILES) expect(read(name).equals(Buffer.from(content))).toBe(true);
    }),
);

it.each(['.tar', '.tar.gz', '.tar.zst'])(
  'extracts a %s from a disk that reads few bytes at a time',
  (extension) =>
    inFolder(async (folder) => {
      const disk = diskWith((file) => {
        const read = file.read.bind(file);
        return { read: (buffer, offset, length) => read(buffer, offset, Math.min(length, 7_000)) };
      });
      const files = [100, 9_000, 20_000, 300_000].map((size) => ({
        name: `${size}`,
        content: randomBytes(size),
      }));
      const read = await extracted(await bundleOf(keyOf(1, extension), files), folder, { disk });
      for (const { name, content } of files) expect(read(name).equals(content)).toBe(true);
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
        bundle: { ...bundle, sha256: undefined, crc64nvme: whole },
        members: members.map((member, index) => ({ ...member, sha256: undefined, crc64nvme: crc[index] })),
      }) as unknown as Manifest;
    const read = await extracted(described(TAR, tar, FILES), folder, { change: copied });
    expect(read('a/large').equals(LARGE)).toBe(true);
    crc[0] = '0'.repeat(16);
    expect(await reasonOf(described(TAR, tar, FILES), copied)).toBe('members-differ');
  }));

describe('syncs', () => {
  const files = ['files/a/b.txt', 'files/a/large', 'files/empty'];
  const folders = ['.', 'files', 'files/a'];

  it.each<[string, Partial<Disk>, string[]]>([
    ['each file and folder', { manyFiles: 4 }, [...files, ...folders]],
    ['the file system for many files', { manyFiles: 3, syncFileSystem: async () => true }, ['files/a/large']],
    [
      'each of many files if it cannot sync the file system',
      { manyFiles: 3, syncFileSystem: async () => false },
      [...files, ...folders],
    ],
  ])('%s', (_, changes, synced) =>
    inFolder(async (folder) => {
      const { disk, calls } = watchedDisk(folder, { ...machineDisk, ...changes });
      await extracted(await bundleOf(KEY, FILES), folder, { disk });
      expect(new Set(calls.sync)).toEqual(new Set(synced));
    }),
  );
});

describe('aborted', () => {
  /** Extracts a bundle and aborts when the disk opens a file for writing. */
  async function aborted(folder: string, key: string, files: TestFile[]) {
    const bundle = await bundleOf(key, files);
    const aborting = new AbortController();
    const abort = <T>(file: T) => {
      aborting.abort(new Error('stopped'));
      return file;
    };
    const watched = watchedDisk(folder, {
      ...machineDisk,
      open: async (path, flags) =>
        flags === 'wx' ? abort(await machineDisk.open(path, flags)) : machineDisk.open(path, flags),
      openSync: (path, flags) => abort(machineDisk.openSync(path, flags)),
    });
    const extracting = extracted(bundle, folder, { disk: watched.disk, signal: aborting.signal });
    await expect(extracting).rejects.toThrow('stopped');
    expect(watched.openFiles()).toEqual([]);
    return watched;
  }

  it.each(['.tar', '.tar.gz'])('stops in the middle of a large file of a %s, and closes it', (extension) =>
    inFolder(async (folder) => {
      const files = [{ name: 'large', content: Buffer.alloc(2_000_000, 'large ') }];
      const { sizes } = await aborted(folder, keyOf(1, extension), files);
      expect(sizes.write).toHaveLength(1);
    }),
  );

  it.each(['.tar', '.tar.gz'])('is reported although a %s was read to its end', (extension) =>
    inFolder(async (folder) => {
      await aborted(folder, keyOf(1, extension), [{ name: 'small', content: 'small' }]);
    }),
  );
});

describe('leaves no file open', () => {
  it.each<[string, Disk]>([
    ['small', { ...machineDisk, fsync: () => Promise.reject(new Error('broken')) }],
    [
      'large',
      diskWith((_, path) =>
        path.endsWith('large') ? { sync: () => Promise.reject(new Error('broken')) } : {},
      ),
    ],
  ])('if the disk fails to sync a %s file', (_, failing) =>
    inFolder(async (folder) => {
      const { disk, openFiles } = watchedDisk(folder, failing);
      const extracting = extracted(await bundleOf(KEY, FILES), folder, { disk });
      await expect(extracting).rejects.toThrow('broken');
      expect(openFiles()).toEqual([]);
    }),
  );
});

it.each([
  ['.tar', 1, 4 * 1024, 0],
  ['.tar', 99_000, 512 + 99_328 + 1024, 0],
  ['.tar', 700_000, 512 * 1024, 512 * 1024 - 512],
  ['.tar.gz', 300_000, 4 * 1024, 300_000],
  ['.tar.gz', 700_000, 4 * 1024, 512 * 1024 - 512],
])('works through a %s with %s bytes in as few chunks as 512 KiB allow', (extension, size, read, written) =>
  inFolder(async (folder) => {
    const { disk, sizes } = watchedDisk(folder);
    const files = [{ name: 'file', content: Buffer.alloc(size, 'content ') }];
    await extracted(await bundleOf(keyOf(1, extension), files), folder, { disk });
    expect(new Set(sizes.read)).toEqual(new Set([read]));
    expect(Math.max(0, ...sizes.write)).toBe(written);
  }),
);

it('writes files over 256 KiB while it reads them, and smaller ones as a whole', () =>
  inFolder(async (folder) => {
    const { disk, calls } = watchedDisk(folder);
    const files = [256 * 1024, 256 * 1024 + 1].map((size) => ({
      name: `${size}`,
      content: Buffer.alloc(size),
    }));
    await extracted(await bundleOf(KEY, files), folder, { disk });
    expect(calls.openSync).toEqual(['files/262144']);
  }));

it('creates a folder once, not for each of its files', () =>
  inFolder(async (folder) => {
    const { disk, calls } = watchedDisk(folder);
    await extracted(await bundleOf(KEY, FILES), folder, { disk });
    // The first attempt finds no parent.
    expect(calls.mkdir).toEqual(['files/a', 'files', 'files/a']);
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

  it('writes nothing of a file that is larger than the manifest says', () =>
    inFolder(async (folder) => {
      const bundle = described(KEY, gzipSync(await tarOf([{ name: 'a', content: LARGE }])), [
        { name: 'a', content: 'x' },
      ]);
      await expect(extracted(bundle, folder)).rejects.toThrow(DamagedBundle);
      expect(existsSync(join(folder, 'files', 'a'))).toBe(false);
    }));

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
