import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { hashesBelow } from '@data-aggregator/pipeline-client/testing';

const manifest = v.object({ members: v.array(v.object({ key: v.string(), name: v.string() })) });

/**
 * Extracts all bundles of an `--out` folder with plain tar and reads their manifests as plain JSON: independent of the code that
 * checks bundles, so that each checks the other.
 *
 * @returns SHA-256, hex, of the extracted files by their original keys
 */
export async function unpackAll(out: string, scratch: string): Promise<Map<string, string>> {
  const byKey = new Map<string, string>();
  for (const bundle of readdirSync(out).filter((file) => file.endsWith('.tar.gz'))) {
    const folder = join(scratch, bundle);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xzf', join(out, bundle), '-C', folder], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    const hashes = await hashesBelow(folder);
    const { members } = v.parse(
      manifest,
      JSON.parse(readFileSync(join(out, `${bundle}.manifest.json`), 'utf8')),
    );
    for (const { key, name } of members) {
      if (byKey.has(key)) throw new Error(`${key} is in two bundles`);
      byKey.set(key, hashes.get(name) ?? 'not extracted');
    }
  }
  return byKey;
}
