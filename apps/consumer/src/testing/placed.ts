import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleId } from '../inbox/bundle-id.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { LocalReceipt } from '../inbox/local-receipt.ts';
import { NINE } from './bundles.ts';

/** The plan of a bundle with these files, in a folder of its own. */
function planOf(
  key: string,
  files: Readonly<Record<string, string>>,
  finishedAt = NINE + 2_000,
): LocalReceipt {
  const folder = bundleId(key);
  return {
    bundle: { key, size: 10, sha256: 'a'.repeat(64) },
    ...{ consumer: 'host/id', layout: 'bundle', folder },
    ...{ firstLandedAt: NINE, lastLandedAt: NINE, startedAt: NINE + 1_000, finishedAt },
    files: Object.entries(files).map(([name, content]) => ({
      ...{ name, path: `${folder}/${name}`, key: name },
      ...{ size: Buffer.byteLength(content), sha256: hash('sha256', content) },
    })),
  };
}

/** Writes the plan of a bundle, as before its files are in place. */
export async function plan(
  inbox: Inbox,
  key: string,
  files: Readonly<Record<string, string>>,
  finishedAt?: number,
): Promise<void> {
  mkdirSync(inbox.paths.work(key), { recursive: true });
  await inbox.writePlan(planOf(key, files, finishedAt));
}

/** Puts the files of a bundle in place, and writes its receipt. @returns their paths */
export async function place(
  inbox: Inbox,
  key: string,
  files: Readonly<Record<string, string>>,
  finishedAt?: number,
): Promise<string[]> {
  await plan(inbox, key, files, finishedAt);
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(inbox.root, bundleId(key), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  });
  await inbox.finish(key);
  return paths;
}
