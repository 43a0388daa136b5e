import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { hashesBelow } from '@data-aggregator/pipeline-client/testing';

const receipt = v.object({ files: v.array(v.object({ key: v.string(), path: v.string() })) });

/**
 * Reads the files of all runs below an `--out` folder, and the consumer's receipts as plain JSON: independent of the code that checks the
 * files, so that each checks the other.
 *
 * @returns SHA-256, hex, of the files by their original keys
 */
export async function filesByKey(out: string): Promise<Map<string, string>> {
  const byKey = new Map<string, string>();
  for (const run of readdirSync(out)) {
    const hashes = await hashesBelow(join(out, run));
    const receipts = [...hashes.keys()].filter((path) => path.startsWith('.consumer/receipts/'));
    for (const path of receipts) {
      const { files } = v.parse(receipt, JSON.parse(readFileSync(join(out, run, path), 'utf8')));
      for (const { key, path: file } of files) {
        if (byKey.has(key)) throw new Error(`${key} is on disk twice`);
        byKey.set(key, hashes.get(file) ?? 'not on disk');
      }
    }
  }
  return byKey;
}
