import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { checksumOf, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import type { Manifest } from '@data-aggregator/shared-processing/manifest';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { pack } from 'tar-stream';
import { compare } from './compare.ts';
import { bytesOf, type Content, crc64Of, createContent } from './content.ts';

const random = createRandom(1);
const huge = createContent(5e12 + 1, 160_000, random);
const small = createContent(3_000_001, 160_000, random);

/** The header of a tar with one entry, by tar-stream. */
async function headerOf(name: string, size: number): Promise<Buffer> {
  const packer = pack();
  const chunks: Buffer[] = [];
  packer.entry({ name, size });
  for await (const chunk of packer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    break;
  }
  return Buffer.concat(chunks);
}

interface Bundle {
  s3: S3Client;
  manifest: Manifest;
}

/** An uncompressed bundle in an S3 that computes its bytes. `change` modifies them, as it were on the disk. */
async function bundleOf(
  content: Content,
  change: (bytes: Buffer, start: number) => void = () => undefined,
): Promise<Bundle> {
  const head = await headerOf('huge.bin', content.size);
  const tail = Buffer.alloc(((512 - (content.size % 512)) % 512) + 1024);
  const size = head.length + content.size + tail.length;
  const member = await crc64Of(content);
  const { crc64nvme } = joinCrc64([
    { size: head.length, crc64nvme: await checksumOf('crc64nvme', head) },
    { size: content.size, crc64nvme: member },
    { size: tail.length, crc64nvme: await checksumOf('crc64nvme', tail) },
  ]);
  function* chunks(start: number, end: number): Generator<Buffer> {
    const inContent = (at: number) => Math.min(Math.max(at - head.length, 0), content.size);
    const inTail = (at: number) => Math.max(0, at - head.length - content.size);
    let at = start;
    for (const piece of [
      head.subarray(start, end),
      ...bytesOf(content, { start: inContent(start), end: inContent(end) }),
      tail.subarray(inTail(start), inTail(end)),
    ]) {
      const copy = Buffer.from(piece);
      change(copy, at - head.length);
      at += piece.length;
      yield copy;
    }
  }
  const send = (command: unknown) => {
    if (command instanceof HeadObjectCommand) {
      return Promise.resolve({
        ContentLength: size,
        ChecksumCRC64NVME: Buffer.from(crc64nvme, 'hex').toString('base64'),
        ...(command.input.PartNumber === 1 ? { PartsCount: 7 } : {}),
      });
    }
    if (!(command instanceof GetObjectCommand)) throw new Error('unexpected command');
    const [, first = '0', last = String(size - 1)] =
      /^bytes=(\d+)-(\d+)$/.exec(command.input.Range ?? '') ?? [];
    return Promise.resolve({ Body: Readable.from(chunks(Number(first), Number(last) + 1)) });
  };
  const bundle = { bucket: 'b', key: 'bundles/k.tar', size, crc64nvme, format: 'tar' as const, createdAt: 0 };
  const about = { bucket: 'l', key: 'k', version: { kind: 'id' as const, versionId: 'v' }, etag: 'e' };
  const members = [
    { ...about, name: 'huge.bin', size: content.size, crc64nvme: member, lastModified: 0, landedAt: 0 },
  ];
  return { s3: { send } as unknown as S3Client, manifest: { bundle, members } };
}

/** Flips a bit of the byte at a position in the content. */
const flipping = (position: number) => (bytes: Buffer, start: number) => {
  const at = position - start;
  if (at >= 0 && at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
};

describe.each([
  ['read whole', small],
  ['read by stretches', huge],
])('a bundle that is %s', (_, content) => {
  it('is identical to its object', async () => {
    const { s3, manifest } = await bundleOf(content);
    expect(await compare(s3, manifest, content, random)).toEqual({ parts: 7, problems: [] });
  });

  it.each<[string, () => number]>([
    ['its first byte', () => 0],
    ['a random byte', () => (content.stretches[7]?.start ?? 0) + 5_000],
    ['a zero next to random bytes', () => (content.stretches[7]?.start ?? 0) - 1],
    ['its last byte', () => content.size - 1],
  ])('is reported if it differs in %s', async (_what, position) => {
    const { s3, manifest } = await bundleOf(content, flipping(position()));
    expect((await compare(s3, manifest, content, random)).problems).toContain(
      `it differs from the object at ${position()}`,
    );
  });

  it('is reported if its manifest has another checksum', async () => {
    const { s3, manifest } = await bundleOf(content);
    const wrong = { ...manifest, bundle: { ...manifest.bundle, crc64nvme: '0'.repeat(16) } } as Manifest;
    expect((await compare(s3, wrong, content, random)).problems).toEqual([
      expect.stringContaining("the manifest's CRC of the bundle is 0000000000000000 instead of"),
    ]);
  });
});

it('a huge bundle is reported if only a byte that is not read differs, by the checksum of the whole', async () => {
  const other = { ...huge, stretches: [...huge.stretches, { start: 4.99e12, end: 4.99e12 + 1 }] };
  other.stretches.sort((a, b) => a.start - b.start);
  const { s3, manifest } = await bundleOf(other);
  const { problems } = await compare(s3, manifest, huge, random);
  expect(problems).toEqual([
    expect.stringContaining("the manifest's CRC of the object is"),
    expect.stringContaining("S3's CRC of the bundle is"),
  ]);
});
