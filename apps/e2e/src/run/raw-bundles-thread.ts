import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { consumerOf, findTar, receive, textOf } from '@data-aggregator/pipeline-client';
import { publicationTime, type RawBundle, type RawSettings, type TakenBundle } from './consumer.ts';
import { serve } from './thread/serve.ts';

const settings = workerData as RawSettings;
const { distribution, archive, folder } = settings;
const admin = new S3Client(settings.admin);
const consumer = consumerOf(new S3Client(settings.consumer), distribution);
const archived = (key: string) => textOf(admin, archive, key);
const keep = () => Promise.resolve({ leftMarker: true });
const { signal } = new AbortController();
/** Searched for once; without a tar program, every bundle reports it. */
let tar: ReturnType<typeof findTar> | undefined;
let count = 0;

serve(async ({ key, leave }: RawBundle): Promise<TakenBundle> => {
  const { LastModified } = await admin.send(new HeadObjectCommand({ Bucket: distribution, Key: key }));
  const publishedAt = publicationTime(key, LastModified);
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
