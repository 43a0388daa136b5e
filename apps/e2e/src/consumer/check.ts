import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import type { MadeBundle } from './bundles.ts';

/** What is wrong on the disks. Empty lists are what everybody wants. */
export interface DiskVerdict {
  /** Files of a published bundle that are on no disk. */
  missing: string[];
  /** Files with other bytes than they must have, or that nobody published. */
  partial: string[];
  /** Files that are on disk more than once. */
  duplicated: string[];
}

const receipt = v.object({
  bundle: v.object({ key: v.string() }),
  files: v.array(v.object({ name: v.string(), path: v.string() })),
});

/**
 * Compares what is visible in the inboxes with what was published. It reads the receipts as plain JSON, so it does not share code with
 * the consumer.
 */
export async function checkDisks(
  inboxes: readonly string[],
  published: readonly MadeBundle[],
): Promise<DiskVerdict> {
  const verdict: DiskVerdict = { missing: [], partial: [], duplicated: [] };
  const seen = new Map<string, number>();
  const byKey = new Map(published.map((bundle) => [bundle.key, bundle]));
  for (const inbox of inboxes) {
    const visible = new Set(filesBelow(inbox).filter((path) => !path.startsWith('.consumer/')));
    for (const { bundle, files } of receiptsOf(inbox)) {
      const made = byKey.get(bundle.key);
      for (const { name, path } of files) {
        const expected = made?.files.get(name);
        const id = `${bundle.key} ${name}`;
        if (!visible.delete(path)) continue;
        seen.set(id, (seen.get(id) ?? 0) + 1);
        const file = join(inbox, path);
        const isWhole = expected?.size === statSync(file).size && expected.sha256 === (await sha256Of(file));
        if (!isWhole) verdict.partial.push(`${path} in ${inbox}`);
      }
    }
    // Visible, but in no receipt: a second copy, or something that must not be visible yet.
    for (const path of visible) verdict.duplicated.push(`${path} in ${inbox}`);
  }
  for (const { key, files } of published) {
    for (const name of files.keys()) {
      const count = seen.get(`${key} ${name}`) ?? 0;
      if (count === 0) verdict.missing.push(`${name} of ${key}`);
      if (count > 1) verdict.duplicated.push(`${name} of ${key}`);
    }
  }
  return verdict;
}

function receiptsOf(inbox: string) {
  const folder = join(inbox, '.consumer/receipts');
  return filesBelow(folder)
    .filter((path) => path.endsWith('.json'))
    .map((path) => v.parse(receipt, JSON.parse(readFileSync(join(folder, path), 'utf8'))));
}

/** Paths with `/`, relative to the folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

async function sha256Of(file: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(file), digest);
  return digest.digest('hex');
}
