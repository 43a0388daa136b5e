import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { checksumOf, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import type { Manifest } from '@data-aggregator/shared-processing/manifest';
import type { Random } from '@data-aggregator/shared-processing/testing';
import { extract } from 'tar-stream';
import { type Content, crc64Of, firstDifference, type Range } from './content.ts';

export interface Comparison {
  /** Number of parts in which the bundle was uploaded. */
  parts: number;
  /** Differences between bundle, manifest and content; none if they are identical. */
  problems: string[];
}

/** Larger bundles are compared by stretches. Reading this much takes some minutes. */
const MAX_WHOLE_BYTES = 64e9;

/**
 * Compares a bundle byte for byte with what it was made from, and with its manifest. An uncompressed bundle too large to
 * be read is compared by stretches: all random bytes, their surroundings, samples of the zeros, header and end; and S3's
 * CRC-64/NVME of the whole with the one computed from the content.
 */
export async function compare(
  s3: S3Client,
  manifest: Manifest,
  content: Content,
  random: Random,
): Promise<Comparison> {
  const [member, ...others] = manifest.members;
  if (member === undefined || others.length > 0)
    return { parts: 0, problems: ['it has not exactly one member'] };
  const object = { Bucket: manifest.bundle.bucket, Key: manifest.bundle.key };
  const head = await s3.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
  const { PartsCount = 1 } = await s3.send(new HeadObjectCommand({ ...object, PartNumber: 1 }));
  const problems: string[] = [];
  const expect = (what: string, actual: unknown, expected: unknown) => {
    if (actual !== expected) problems.push(`${what} is ${String(actual)} instead of ${String(expected)}`);
  };
  const size = head.ContentLength ?? 0;
  expect("the manifest's size of the bundle", manifest.bundle.size, size);
  expect("the manifest's size of the object", member.size, content.size);
  const crc = Buffer.from(head.ChecksumCRC64NVME ?? '', 'base64').toString('hex');
  if (manifest.bundle.crc64nvme !== undefined)
    expect("the manifest's CRC of the bundle", manifest.bundle.crc64nvme, crc);
  const contentCrc = await crc64Of(content);
  if (member.crc64nvme !== undefined)
    expect("the manifest's CRC of the object", member.crc64nvme, contentCrc);

  const read = async (range?: Range): Promise<Readable> => {
    const Range = range && `bytes=${range.start}-${range.end - 1}`;
    const { Body } = await s3.send(new GetObjectCommand({ ...object, Range }));
    return Body as Readable;
  };
  if (manifest.bundle.format !== 'tar' || size <= MAX_WHOLE_BYTES) {
    const found = await readWhole(await read(), manifest, content);
    expect('the name in the tar', found.name, member.name);
    if (found.difference !== undefined) problems.push(`it differs from the object at ${found.difference}`);
    expect('the number of entries', found.entries, 1);
    if (member.sha256 !== undefined)
      expect("the manifest's SHA-256 of the object", member.sha256, found.sha256);
    if (manifest.bundle.sha256 !== undefined)
      expect("the manifest's SHA-256 of the bundle", manifest.bundle.sha256, found.bundleSha256);
  } else {
    const frame = await readFrame(read, size, content);
    expect('the name in the tar', frame.name, member.name);
    expect('the size in the tar', frame.size, content.size);
    const whole = joinCrc64([
      { size: frame.head.length, crc64nvme: await checksumOf('crc64nvme', frame.head) },
      { size: content.size, crc64nvme: contentCrc },
      { size: frame.tail.length, crc64nvme: await checksumOf('crc64nvme', frame.tail) },
    ]);
    expect("S3's CRC of the bundle", crc, whole.crc64nvme);
    expect('the end of the tar', frame.tail.equals(Buffer.alloc(frame.tail.length)), true);
    for (const range of samples(content, random)) {
      const shift = frame.head.length;
      const body = await read({ start: range.start + shift, end: range.end + shift });
      const difference = await differenceIn(body, content, range.start);
      if (difference !== undefined) problems.push(`it differs from the object at ${difference}`);
    }
  }
  return { parts: PartsCount, problems };
}

/** Reads a whole bundle, and compares its first entry with the content. */
async function readWhole(body: Readable, { bundle: { format } }: Manifest, content: Content) {
  const bundleSha256 = createHash('sha256');
  const sha256 = createHash('sha256');
  async function* hashed(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bundleSha256.update(chunk);
      yield chunk;
    }
  }
  const reader = extract();
  const reading =
    format === 'tar'
      ? pipeline(body, hashed, reader)
      : pipeline(body, hashed, format === 'tar.gz' ? createGunzip() : createZstdDecompress(), reader);
  reading.catch(() => undefined); // Awaited below; until then, the reader reports its failure.
  let entries = 0;
  let name: string | undefined;
  let difference: number | undefined;
  for await (const entry of reader) {
    entries++;
    name ??= entry.header.name;
    let at = 0;
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      sha256.update(chunk);
      difference ??= firstDifference(content, at, chunk);
      at += chunk.length;
    }
    if (at !== content.size) difference ??= at;
  }
  await reading;
  return {
    entries,
    name,
    difference,
    sha256: sha256.digest('hex'),
    bundleSha256: bundleSha256.digest('hex'),
  };
}

/** Header and end of a tar with one entry. */
async function readFrame(read: (range?: Range) => Promise<Readable>, bundleSize: number, content: Content) {
  // The end is the padding to a multiple of 512 bytes and two empty blocks.
  const padding = (512 - (content.size % 512)) % 512;
  const tailSize = padding + 1024;
  const headSize = bundleSize - content.size - tailSize;
  const head = await collect(await read({ start: 0, end: headSize }));
  const tail = await collect(await read({ start: bundleSize - tailSize, end: bundleSize }));
  const reader = extract();
  const header = new Promise<{ name: string; size: number | undefined }>((resolve, reject) => {
    reader.on('entry', ({ name, size }) => resolve({ name, size }));
    reader.on('error', reject);
  });
  reader.write(head);
  const { name, size } = await header;
  reader.destroy();
  return { head, tail, name, size };
}

const AROUND = 64 * 1024;
const SAMPLES = 32;
const SAMPLE_BYTES = 1024 ** 2;

/** All stretches with their surroundings, and samples of everything. */
function samples({ size, stretches }: Content, random: Random): Range[] {
  const around = stretches.map(({ start, end }) => ({
    start: Math.max(0, start - AROUND),
    end: Math.min(size, end + AROUND),
  }));
  const anywhere = Array.from({ length: SAMPLES }, () => {
    const start = Math.floor(random.next() * Math.max(0, size - SAMPLE_BYTES));
    return { start, end: Math.min(size, start + SAMPLE_BYTES) };
  });
  return [...around, ...anywhere];
}

async function differenceIn(body: Readable, content: Content, start: number): Promise<number | undefined> {
  let at = start;
  let difference: number | undefined;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    difference ??= firstDifference(content, at, chunk);
    at += chunk.length;
  }
  return difference;
}

async function collect(body: Readable): Promise<Buffer> {
  return Buffer.concat(await body.toArray());
}
