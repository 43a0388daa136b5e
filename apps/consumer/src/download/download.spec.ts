import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { systemClock } from '@data-aggregator/shared-processing/retry';
import type { Distribution } from '../aws/buckets.ts';
import { machineDisk } from '../inbox/disk.ts';
import { inFolder } from '../testing/folder.ts';
import { memoryBuckets } from '../testing/memory-buckets.ts';
import { diskWith, watchedDisk } from '../testing/watched-disk.ts';
import { downloadBundle } from './download.ts';
import { RANGE_BYTES } from './ranges.ts';

const KEY = 'bundles/a.tar.gz';
/** Three ranges, the last of which is not full. */
const LARGE = Buffer.alloc(2 * RANGE_BYTES + 1_000, 'a bundle. ');
const SMALL = Buffer.from('a bundle');

type Get = Distribution['get'];
type Options = Parameters<typeof downloadBundle>[2];

/** A bucket with one bundle, and the ranges that were requested of it. */
function bucketWith(body: Buffer, before: (from: number, request: number) => void = () => undefined) {
  const { distribution, bundles } = memoryBuckets();
  bundles.set(KEY, body);
  const requests: { from: number; to: number; ifMatch?: string | undefined }[] = [];
  const get: Get = async (key, range, signal) => {
    requests.push(range);
    before(range.from, requests.length);
    return distribution.get(key, range, signal);
  };
  return { get, bundles, requests };
}

function download(folder: string, get: Get, changes: Partial<Options> = {}) {
  return downloadBundle(KEY, folder, {
    ...{ distribution: { get }, signal: new AbortController().signal, onBytes: () => undefined },
    ...{ disk: machineDisk, clock: systemClock, random: () => 0, attempts: 1 },
    ...changes,
  });
}

const lost = () => new CallError('GET', { outcome: 'unknown', code: 'ECONNRESET' });

/** A download that ended when a range, by default the last of three, and all after it failed. */
async function interrupted(folder: string, firstLost = 2): Promise<void> {
  const { get } = bucketWith(LARGE, (from) => {
    if (from >= firstLost * RANGE_BYTES) throw lost();
  });
  await expect(download(folder, get)).rejects.toMatchObject({ code: 'ECONNRESET' });
}

describe('a download', () => {
  it('of a small bundle takes one request', () =>
    inFolder(async (folder) => {
      const { get, requests } = bucketWith(SMALL);
      const file = join(folder, 'bundle');
      await expect(download(folder, get)).resolves.toEqual({ file, versionId: 'v1', resumed: false });
      expect(readFileSync(file)).toEqual(SMALL);
      expect(requests).toHaveLength(1);
    }));

  it('of a large bundle takes one request for each range, all of the same object', () =>
    inFolder(async (folder) => {
      const { get, requests } = bucketWith(LARGE);
      let bytes = 0;
      await download(folder, get, { onBytes: (more) => (bytes += more) });
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(bytes).toBe(LARGE.length);
      const etag = String(LARGE.length);
      expect(requests).toEqual([
        { from: 0, to: RANGE_BYTES - 1, ifMatch: undefined },
        { from: RANGE_BYTES, to: 2 * RANGE_BYTES - 1, ifMatch: etag },
        { from: 2 * RANGE_BYTES, to: LARGE.length - 1, ifMatch: etag },
      ]);
    }));

  it.each(['NoSuchKey', 'NotFound', 'MethodNotAllowed'])('of a bundle that is not there ends: %s', (code) =>
    inFolder(async (folder) => {
      const gone: Get = () => Promise.reject(new CallError('GET', { outcome: 'refused', code, status: 404 }));
      await expect(download(folder, gone)).resolves.toBeUndefined();
    }),
  );

  it('writes about a megabyte at a time, and closes its file', () =>
    inFolder(async (folder) => {
      const sizes: number[] = [];
      const { disk, openFiles } = watchedDisk(
        folder,
        diskWith((file) => {
          const writev = file.writev.bind(file);
          return {
            writev(parts, position) {
              sizes.push(parts.reduce((sum, { length }) => sum + length, 0));
              return writev(parts, position);
            },
          };
        }),
      );
      await download(folder, bucketWith(LARGE.subarray(0, 10_000_000)).get, { disk });
      expect(sizes).toEqual([...Array.from({ length: 8 }, () => 1_200_000), 400_000]);
      expect(openFiles()).toEqual([]);
    }));

  it('repeats the range of a body that ended early', () =>
    inFolder(async (folder) => {
      const { get, requests } = bucketWith(SMALL);
      const short: Get = async (...args) => {
        const response = await get(...args);
        const body = requests.length === 1 ? only(SMALL.subarray(0, 3)) : response.body;
        return { ...response, body };
      };
      await download(folder, short, { attempts: 2 });
      expect(readFileSync(join(folder, 'bundle'))).toEqual(SMALL);
      requests.length = 0;
      rmSync(folder, { recursive: true });
      const failing = download(folder, short);
      await expect(failing).rejects.toMatchObject({ outcome: 'unknown', code: 'Truncated' });
      await expect(failing).rejects.toThrow('3 of 8 bytes');
    }));

  it('repeats the range of a body that broke', () =>
    inFolder(async (folder) => {
      const { get, requests } = bucketWith(LARGE);
      const broken: Get = async (...args) => {
        const isSecond = requests.length === 1;
        const response = await get(...args);
        return isSecond ? { ...response, body: brokenAfter(Buffer.alloc(10)) } : response;
      };
      await download(folder, broken, { attempts: 2 });
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(requests).toHaveLength(4);
    }));

  it('writes everything although the disk takes less at a time', () =>
    inFolder(async (folder) => {
      const disk = diskWith((file) => {
        const write = file.write.bind(file);
        return {
          writev: ([first = SMALL], position) => write(first, 0, 1, position),
          write: (bytes, offset, length, position) =>
            write(bytes, offset, Math.min(2, length ?? 0), position),
        };
      });
      const { get } = bucketWith(SMALL);
      const pieces: Get = async (...args) => ({ ...(await get(...args)), body: piecesOf(SMALL, 3) });
      await download(folder, pieces, { disk });
      expect(readFileSync(join(folder, 'bundle'))).toEqual(SMALL);
    }));

  it('fails with the reason if the disk is full', () =>
    inFolder(async (folder) => {
      const full = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
      const disk = diskWith(() => ({ writev: full }));
      const watched = watchedDisk(folder, disk);
      await expect(download(folder, bucketWith(LARGE).get, { disk: watched.disk })).rejects.toThrow(
        'no space',
      );
      expect(watched.openFiles()).toEqual([]);
    }));

  it('ends with the reason for which it is stopped', () =>
    inFolder(async (folder) => {
      const stopping = new AbortController();
      const { get } = bucketWith(LARGE, (_from, request) => {
        if (request === 2) stopping.abort(new Error('stopped by the user'));
      });
      const { signal } = stopping;
      await expect(download(folder, get, { signal })).rejects.toThrow('stopped by the user');
    }));

  it('ends with that reason although the bundle is gone too', () =>
    inFolder(async (folder) => {
      const stopping = new AbortController();
      const { get, bundles } = bucketWith(SMALL, () => stopping.abort(new Error('stopped by the user')));
      bundles.clear();
      const { signal } = stopping;
      await expect(download(folder, get, { signal })).rejects.toThrow('stopped by the user');
    }));
});

describe('a download that was interrupted', () => {
  it('continues with the missing ranges of the same object', () =>
    inFolder(async (folder) => {
      await interrupted(folder);
      const { get, requests } = bucketWith(LARGE);
      await expect(download(folder, get)).resolves.toMatchObject({ resumed: true, versionId: 'v1' });
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(requests).toEqual([
        { from: 2 * RANGE_BYTES, to: LARGE.length - 1, ifMatch: String(LARGE.length) },
      ]);
    }));

  it('does not trust the number of a range that is cut off', () =>
    inFolder(async (folder) => {
      await interrupted(folder);
      // Of range 20, say, the first digit was written.
      appendFileSync(join(folder, 'ranges'), '2');
      const { get, requests } = bucketWith(LARGE);
      await download(folder, get);
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(requests).toHaveLength(1);
    }));

  it('trusts whole lines with a number only', () =>
    inFolder(async (folder) => {
      await interrupted(folder);
      writeFileSync(join(folder, 'ranges'), '0\n12\n\n1x\nx1\n');
      const { get, requests } = bucketWith(LARGE);
      await download(folder, get);
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(requests.map(({ from }) => from)).toEqual([RANGE_BYTES, 2 * RANGE_BYTES]);
    }));

  it('has forgotten the ranges of the attempt before, once it has begun again', () =>
    inFolder(async (folder) => {
      await interrupted(folder);
      rmSync(join(folder, 'object'));
      await interrupted(folder, 1);
      const { get, requests } = bucketWith(LARGE);
      await download(folder, get);
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(requests.map(({ from }) => from)).toEqual([RANGE_BYTES, 2 * RANGE_BYTES]);
    }));

  it('has nothing to continue with if only the number of its first range was begun', () =>
    inFolder(async (folder) => {
      await interrupted(folder);
      writeFileSync(join(folder, 'ranges'), '0');
      const { get, requests } = bucketWith(LARGE);
      await expect(download(folder, get)).resolves.toMatchObject({ resumed: false });
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(requests).toHaveLength(3);
    }));

  it.each<[string, (folder: string) => void]>([
    ['the description of its object is half-written', (folder) => cutOff(join(folder, 'object'))],
    ['the description of its object is missing', (folder) => rmSync(join(folder, 'object'))],
    ['the list of its ranges is missing', (folder) => rmSync(join(folder, 'ranges'))],
    ['its bytes are missing', (folder) => rmSync(join(folder, 'bundle'))],
  ])('begins again if %s', (_what, damage) =>
    inFolder(async (folder) => {
      await interrupted(folder);
      damage(folder);
      const { get, requests } = bucketWith(LARGE);
      await expect(download(folder, get)).resolves.toMatchObject({ resumed: false });
      expect(readFileSync(join(folder, 'bundle')).equals(LARGE)).toBe(true);
      expect(requests.map(({ from }) => from)).toEqual([0, RANGE_BYTES, 2 * RANGE_BYTES]);
    }),
  );

  it('forgets its parts if another object has the key', () =>
    inFolder(async (folder) => {
      await interrupted(folder);
      const other = Buffer.alloc(LARGE.length - 1, 'another bundle');
      const { get, requests } = bucketWith(other);
      await expect(download(folder, get)).rejects.toMatchObject({ code: 'PreconditionFailed' });
      expect(existsSync(folder)).toBe(false);
      requests.length = 0;
      await expect(download(folder, get)).resolves.toMatchObject({ resumed: false });
      expect(readFileSync(join(folder, 'bundle')).equals(other)).toBe(true);
    }));

  it('keeps its parts if the rest fails again', () =>
    inFolder(async (folder) => {
      await interrupted(folder);
      await interrupted(folder);
      const { get, requests } = bucketWith(LARGE);
      await download(folder, get);
      expect(requests).toHaveLength(1);
    }));
});

it('parts of another bundle in the folder do not get into a shorter one', () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'bundle'), LARGE);
    await download(folder, bucketWith(SMALL).get);
    expect(readFileSync(join(folder, 'bundle'))).toEqual(SMALL);
  }));

function cutOff(path: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -1));
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function* piecesOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* brokenAfter(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
  throw lost();
}
