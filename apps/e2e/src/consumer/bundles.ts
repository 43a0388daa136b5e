import { createCipheriv, createHash, hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { type Manifest, serializeManifest } from '@data-aggregator/shared-processing/manifest';
import type { Random } from '@data-aggregator/shared-processing/testing';
import { pack } from 'tar-stream';

/** A bundle to publish, with the files that must end on disk. */
export interface MadeBundle {
  key: string;
  body: Buffer;
  sha256: string;
  manifest: string;
  /** By name in the bundle. */
  files: ReadonlyMap<string, { size: number; sha256: string }>;
}

export interface BundleShape {
  files: number;
  /** Maximum size of a file. */
  maxBytes: number;
  format?: 'tar.gz' | 'tar.zst';
  /** Whether the content does not compress. */
  noise?: boolean;
  /** Folder of the names. */
  folder?: string;
  /** When the bundle was begun, ms since the epoch. */
  at?: number;
}

/** Makes a bundle as the aggregator would, for any number of random files. */
export async function makeBundle(random: Random, bucket: string, shape: BundleShape): Promise<MadeBundle> {
  const { format = 'tar.gz', folder = 'in', at = Date.now() } = shape;
  const id = Array.from({ length: 16 }, () => random.below(16).toString(16)).join('');
  const key = bundleKey(at, id, `.${format}`);
  const tar = pack();
  const whole = buffer(tar);
  const files = new Map<string, { size: number; sha256: string }>();
  const members: Manifest['members'] = [];
  for (let index = 0; index < shape.files; index++) {
    const name = `${folder}/${index % 7}/file ${index} ä.txt`;
    const size = index === 0 ? shape.maxBytes : random.below(shape.maxBytes);
    const content = contentOf(random, size, `${id}/${index} `, shape.noise ?? false);
    const sha256 = hash('sha256', content);
    tar.entry({ name, size, mtime: new Date(at) }, content);
    files.set(name, { size, sha256 });
    members.push({
      ...{ bucket: 'landing', key: name, version: { kind: 'id', versionId: `${id}-${index}` }, etag: 'e' },
      ...{ name, size, sha256, lastModified: at, landedAt: at - 1_000 },
    });
  }
  tar.finalize();
  const body = format === 'tar.gz' ? gzipSync(await whole, { level: 1 }) : zstdCompressSync(await whole);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const manifest = serializeManifest({
    bundle: { bucket, key, size: body.length, sha256, format, createdAt: at },
    members,
  });
  return { key, body, sha256, manifest, files };
}

/** Begins with random bytes, so that all files differ. */
function contentOf(random: Random, size: number, text: string, noise: boolean): Buffer {
  const key = Buffer.from(Array.from({ length: 64 }, () => random.below(256)));
  if (noise) {
    const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16, 32));
    return cipher.update(Buffer.alloc(size));
  }
  const content = Buffer.alloc(size, text);
  key.copy(content);
  return content;
}
