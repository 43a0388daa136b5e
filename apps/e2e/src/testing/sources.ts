import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Writes a file and the folders above it. */
export function writeSource(folder: string, path: string, content: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Bytes that do not compress. */
export function noise(bytes: number): Uint8Array {
  return randomBytes(bytes);
}

/** SHA-256, hex, of every file below a folder, by path. */
export async function hashesBelow(folder: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const digest = createHash('sha256');
    await pipeline(createReadStream(file), digest);
    hashes.set(relative(folder, file), digest.digest('hex'));
  }
  return hashes;
}
