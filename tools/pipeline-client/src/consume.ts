import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { originalKey } from '@data-aggregator/shared-processing/bundle-key';
import {
  checksumDifference,
  type Manifest,
  ManifestError,
  type ManifestMember,
  manifestKey,
  parseManifest,
} from '@data-aggregator/shared-processing/manifest';
import * as v from 'valibot';
import { Failure } from './program.ts';
import { bucketOf, consumerRole, type Surroundings } from './services.ts';
import type { CheckedBundle, CheckedMember } from './verify/bundle.ts';
import { measureFile } from './verify/measure-file.ts';

/** The built consumer, which `nx build consumer` writes. */
export const CONSUMER_PROGRAM = join(import.meta.dirname, '../../../apps/consumer/dist/program/consumer.mjs');

/** Environment variables for a consumer of these surroundings, with the permissions of its role. */
export function consumerEnvironment(surroundings: Surroundings): Record<string, string> {
  const { endpoint = '', region = '', credentials } = surroundings.clientConfig(consumerRole(surroundings));
  if (credentials === undefined) throw new Error('the consumer has no credentials');
  const { accessKeyId, secretAccessKey } = credentials;
  const queue = Object.entries(surroundings.queues).find(([name]) => name.endsWith('-ready'))?.[1];
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    DISTRIBUTION_BUCKET: bucketOf(surroundings, 'distribution'),
    ARCHIVE_BUCKET: bucketOf(surroundings, 'archive'),
    ...(queue && { READY_QUEUE_URL: queue.url }),
  };
}

/**
 * Starts a consumer process that knows nothing of this machine's own AWS settings.
 *
 * @param through the words of a program that starts it, such as `nsenter`
 */
export function spawnConsumer(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  through: readonly string[] = [],
): ChildProcess {
  if (!existsSync(CONSUMER_PROGRAM)) {
    throw new Failure('The consumer is not built: run `npx nx build consumer`.');
  }
  const [program = '', ...args] = [...through, process.execPath, CONSUMER_PROGRAM, ...words];
  return spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment },
  });
}

/** An inbox whose files are checked as they arrive. */
export interface CheckedInbox {
  /**
   * Lets the consumer process the waiting bundles, and checks what it has put on disk since the last call.
   *
   * @throws Failure if it cannot work; the signal's reason
   */
  receive(signal: AbortSignal): Promise<CheckedBundle[]>;
}

const setAsideSchema = v.object({ key: v.string(), reason: v.string(), detail: v.string() });

/** Exit codes of the consumer that leave something to check: success, and bundles set aside. */
const CHECKABLE = new Set([0, 3]);

/**
 * @param archived returns the text of an object in the archive
 * @param folder the target folder of the consumer
 */
export function checkedInbox(
  surroundings: Surroundings,
  archived: (key: string) => Promise<string | undefined>,
  folder: string,
): CheckedInbox {
  const seen = new Set<string>();
  return {
    async receive(signal) {
      await consumeOnce(surroundings, folder, signal);
      const checked: CheckedBundle[] = [];
      for (const { key, paths } of await receiptsIn(folder)) {
        if (seen.has(key)) continue;
        seen.add(key);
        checked.push(await checkOnDisk(key, await archived(manifestKey(originalKey(key))), paths));
      }
      for (const text of await jsonFilesIn(join(folder, '.consumer/quarantine'))) {
        const { key, reason, detail } = v.parse(setAsideSchema, JSON.parse(text));
        if (seen.has(key)) continue;
        seen.add(key);
        checked.push({
          key,
          size: 0,
          members: [],
          problems: [`the consumer set it aside: ${reason}: ${detail}`],
        });
      }
      return checked;
    },
  };
}

/**
 * Lets the consumer process the waiting bundles.
 *
 * @param folder its target folder
 * @throws Failure if it cannot work; the signal's reason
 */
export async function consumeOnce(
  surroundings: Surroundings,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const child = spawnConsumer(['once', '--to', folder], consumerEnvironment(surroundings));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  }
  // It may be killed at any moment.
  const kill = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => signal.removeEventListener('abort', kill));
  signal.throwIfAborted();
  if (code === null || !CHECKABLE.has(code)) throw new Failure(`The consumer ended with ${code}: ${output}`);
}

/** A bundle that the consumer has put on disk. */
export interface PlacedBundle {
  key: string;
  /** Paths of its files, by name in the bundle. */
  paths: ReadonlyMap<string, string>;
}

const receiptSchema = v.object({
  bundle: v.object({ key: v.string() }),
  files: v.array(v.object({ name: v.string(), path: v.string() })),
});

/** The bundles that the consumer has put into its target folder, according to its receipts. */
export async function receiptsIn(folder: string): Promise<PlacedBundle[]> {
  const texts = await jsonFilesIn(join(folder, '.consumer/receipts'));
  return texts.map((text) => {
    const { bundle, files } = v.parse(receiptSchema, JSON.parse(text));
    return { key: bundle.key, paths: new Map(files.map(({ name, path }) => [name, join(folder, path)])) };
  });
}

/** The contents of the JSON files below a folder, in order of their paths. */
async function jsonFilesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.sort().map((path) => readFile(path, 'utf8')));
}

/** Compares the files of a bundle with its manifest, by the bytes on disk. @param paths by name in the bundle */
async function checkOnDisk(
  key: string,
  text: string | undefined,
  paths: ReadonlyMap<string, string>,
): Promise<CheckedBundle> {
  let manifest: Manifest;
  try {
    if (text === undefined) throw new ManifestError(`it has no manifest ${manifestKey(key)}`);
    manifest = parseManifest(text, manifestKey(key));
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { key, size: 0, members: [], problems: [error.message] };
  }
  const { bundle, members } = manifest;
  const problems =
    paths.size === members.length ? [] : [`${paths.size} files are on disk, of ${members.length} members`];
  const checked: CheckedBundle['members'] = [];
  for (const member of members) {
    checked.push({ ...member, ...(await checkFile(member, paths.get(member.name))) });
    // Small files are read synchronously: let timers, signals and other work take their turns.
    if (checked.length % 100 === 0) await setImmediate();
  }
  return { key, size: bundle.size, members: checked, problems };
}

async function checkFile(
  member: ManifestMember,
  path: string | undefined,
): Promise<Pick<CheckedMember, 'problem' | 'extractedSha256'>> {
  const found = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === undefined || found === undefined) return { problem: `"${member.name}" is not on disk` };
  if (!found.isFile()) return { problem: `"${member.name}" is not a file` };
  if (found.size !== member.size) {
    return { problem: `"${member.name}" has ${found.size} bytes instead of ${member.size}` };
  }
  const measured = await measureFile(path);
  const isSame = checksumDifference(measured, member) === undefined;
  return {
    extractedSha256: measured.sha256,
    problem: isSame ? undefined : `"${member.name}" has other bytes on disk`,
  };
}
