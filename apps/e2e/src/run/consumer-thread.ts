import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { S3Client } from '@aws-sdk/client-s3';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { checkBundle } from '../check/bundle.ts';
import { findTar } from '../check/extract.ts';
import { pull } from '../pipeline/pull.ts';
import { consumerOf, textOf } from '../pipeline/services.ts';
import { publicationTime } from './calls.ts';
import type { BundleToTake, ConsumerSettings, TakenBundle } from './consumer.ts';
import { serve } from './thread/serve.ts';

const settings = workerData as ConsumerSettings;
const { distribution, archive, folder } = settings;
const admin = new S3Client(settings.admin);
const consumer = consumerOf(new S3Client(settings.consumer), distribution);
const publishedAt = publicationTime(admin, distribution);
const leftThere = () => Promise.resolve({ leftMarker: true });
/** For whoever asks first; where there is no tar, each bundle says so. */
let tar: ReturnType<typeof findTar> | undefined;
let count = 0;

serve(async ({ key, leave }: BundleToTake): Promise<TakenBundle> => {
  const published = await publishedAt(key);
  const one = { ...consumer, list: () => Promise.resolve([key]), ...(leave && { remove: leftThere }) };
  const [pulled] = await pull(one, folder, { signal: new AbortController().signal });
  if (!pulled) throw new Error(`${key} was not pulled`);
  const manifest = await textOf(admin, archive, manifestKey(key));
  const scratch = join(folder, `scratch-${++count}`);
  const checked = await checkBundle(pulled, manifest, { tar: await (tar ??= findTar()), scratch });
  // A run may have more bundles than there is room for.
  if (!settings.keepFiles) await rm(pulled.file);
  return { ...checked, publishedAt: published };
});
