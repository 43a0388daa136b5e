import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  BUNDLE_PREFIX,
  isBundleFile,
  isConsumedKey,
  REPLAY_PREFIX,
} from '@data-aggregator/shared-processing/bundle-key';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { withRetries } from '@data-aggregator/shared-processing/retry';
import type { Connection } from '../connection/connect.ts';
import { exit, OpsError } from '../errors/index.ts';
import type { OpenBundle } from './verify-bundle.ts';

/** A bundle to verify. */
export interface BundleSource {
  /** Its path or key, for display. */
  place: string;
  open: OpenBundle;
}

type CloudSource = Pick<Connection, 'store' | 'resources' | 'clock' | 'random'>;

/**
 * The bundles that a path or key names: a file, every bundle in a folder, or an object in distribution, or in the archive
 * if the consumer has taken it.
 *
 * @throws OpsError if there is none
 */
export async function sourcesOf(
  place: string,
  connection: () => Promise<CloudSource>,
): Promise<BundleSource[]> {
  if (existsSync(place)) {
    if (statSync(place).isFile()) return [fileSource(place)];
    const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter(isBundleFile).sort();
    if (files.length === 0) throw new OpsError(`There is no bundle in the folder ${place}.`, exit.usage);
    return files.map((file) => fileSource(join(place, file)));
  }
  if (!isConsumedKey(place)) {
    throw new OpsError(
      `There is no file or folder ${place}. Keys start with "${BUNDLE_PREFIX}" or "${REPLAY_PREFIX}".`,
      exit.usage,
    );
  }
  return [await objectSource(place, await connection())];
}

function fileSource(file: string): BundleSource {
  return { place: file, open: async () => createReadStream(file) };
}

async function objectSource(key: string, cloud: CloudSource): Promise<BundleSource> {
  const { store, resources } = cloud;
  const { distribution, archive } = resources.buckets;
  const state = await withRetries(() => store.head(distribution, key), cloud);
  let bucket = state.kind === 'present' ? distribution : archive;
  if (bucket === archive && (await withRetries(() => store.head(archive, key), cloud)).kind !== 'present') {
    throw new OpsError(`${key} is neither in ${distribution} nor in ${archive}.`, exit.findings);
  }
  const open = async (): Promise<AsyncIterable<Uint8Array>> => {
    try {
      return (await withRetries(() => store.get({ bucket, key }), cloud)).body;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.code === 'NoSuchKey' && bucket === distribution) {
        // The consumer has taken it in the meantime.
        bucket = archive;
        return open();
      }
      if (error.code !== 'InvalidObjectState') throw error;
      throw new OpsError(`${bucket}/${key} is in Glacier. Replay it first.`, exit.later);
    }
  };
  return { place: `${bucket}/${key}`, open };
}
