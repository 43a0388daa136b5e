import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { consumerOf, findTar, receive, textOf } from '@data-aggregator/pipeline-client';
import type { BundleToTake, ConsumerSettings, TakenBundle } from './consumer.ts';
import { serve } from './thread/serve.ts';

const settings = workerData as ConsumerSettings;
const { distribution, archive, folder } = settings;
const admin = new S3Client(settings.admin);
const consumer = consumerOf(new S3Client(settings.consumer), distribution);
const archived = (key: string) => textOf(admin, archive, key);
const keep = () => Promise.resolve({ leftMarker: true });
const { signal } = new AbortController();
/** Searched for once; without a tar program, every bundle reports it. */
let tar: ReturnType<typeof findTar> | undefined;
let count = 0;

serve(async ({ key, leave }: BundleToTake): Promise<TakenBundle> => {
  const publishedAt = await publicationTime(key);
  const one = { ...consumer, list: () => Promise.resolve([key]), ...(leave && { remove: keep }) };
  const files: string[] = [];
  const [checked] = await receive(one, archived, {
    folder,
    signal,
    onPulled: ({ file }) => files.push(file),
    tar: await (tar ??= findTar()),
    scratch: join(folder, `scratch-${++count}`),
  });
  if (!checked) throw new Error(`${key} was not pulled`);
  // The bundles of a large run would fill the disk.
  if (!settings.keepFiles) for (const file of files) await rm(file);
  return { ...checked, publishedAt };
});

/** When a bundle was stored, in ms since the epoch. S3 truncates to seconds: one second more is never too early. */
async function publicationTime(Key: string): Promise<number> {
  const { LastModified } = await admin.send(new HeadObjectCommand({ Bucket: distribution, Key }));
  if (!LastModified) throw new Error(`S3 does not tell when ${Key} was stored`);
  return LastModified.getTime() + 1_000;
}
