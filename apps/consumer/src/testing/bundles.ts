import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { serializeManifest } from '@data-aggregator/shared-processing/manifest';
import { pack } from 'tar-stream';

export const NINE = Date.UTC(2026, 10, 22, 9);

/** A key as the aggregator makes it. @param number distinguishes keys, in order */
export const keyOf = (number: number, extension = '.tar.gz'): string =>
  bundleKey(NINE + number * 1000, number.toString(16).padStart(16, '0'), extension);

export interface TestFile {
  name: string;
  content: string | Buffer;
  versionId?: string;
  /** Original key; the name by default. */
  key?: string;
}

export interface TestBundle {
  key: string;
  body: Buffer;
  manifest: string;
}

/** The bytes of a tar of these files. */
export async function tarOf(files: readonly TestFile[]): Promise<Buffer> {
  const tar = pack();
  const whole = buffer(tar);
  for (const { name, content } of files) tar.entry({ name }, content);
  tar.finalize();
  return whole;
}

/** A bundle with its manifest. */
export async function bundleOf(key: string, files: readonly TestFile[]): Promise<TestBundle> {
  return described(key, compressed(key, await tarOf(files)), files);
}

function compressed(key: string, tar: Buffer): Buffer {
  if (key.endsWith('.gz')) return gzipSync(tar);
  return key.endsWith('.zst') ? zstdCompressSync(tar) : tar;
}

/** A bundle of any bytes whose manifest lists these files. */
export function described(key: string, body: Buffer, files: readonly TestFile[]): TestBundle {
  const manifest = serializeManifest({
    bundle: {
      ...{ bucket: 'd', key, size: body.length, sha256: hash('sha256', body), createdAt: NINE },
      format: key.endsWith('.tar') ? 'tar' : key.endsWith('.zst') ? 'tar.zst' : 'tar.gz',
    },
    members: files.map(({ name, content, versionId = 'v1', key: original = name }) => ({
      ...{ bucket: 'landing', key: original, version: { kind: 'id', versionId }, etag: 'e', name },
      ...{ size: Buffer.byteLength(content), sha256: hash('sha256', content) },
      ...{ lastModified: NINE, landedAt: NINE - 60_000 },
    })),
  });
  return { key, body, manifest };
}
