import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { bucketOf, checkedInbox, textOf } from '@data-aggregator/pipeline-client';
import { type InboxSettings, publicationTime, type TakenBundle } from './consumer.ts';
import { serve } from './thread/serve.ts';

const settings = workerData as InboxSettings;
const { buckets, queues, folder } = settings;
const admin = new S3Client(settings.admin);
const surroundings = { buckets, queues, credentials: { perRole: {} }, clientConfig: () => settings.consumer };
const archive = bucketOf(surroundings, 'archive');
const inbox = checkedInbox(surroundings, (key) => textOf(admin, archive, key), folder);
const { signal } = new AbortController();

serve(async (): Promise<TakenBundle[]> => {
  const taken: TakenBundle[] = [];
  for (const bundle of await inbox.receive(signal)) {
    taken.push({ ...bundle, publishedAt: await publishedAt(bundle.key) });
  }
  // The files of a large run would fill the disk.
  if (!settings.keepFiles) await removeFiles();
  return taken;
});

/** The consumer has deleted the bundle, but its version is still there. */
async function publishedAt(key: string): Promise<number> {
  const Bucket = bucketOf(surroundings, 'distribution');
  const { Versions = [] } = await admin.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }));
  return publicationTime(key, Versions[0]?.LastModified);
}

async function removeFiles(): Promise<void> {
  for (const name of await readdir(folder)) {
    // The consumer's own folder has the receipts.
    if (name !== '.consumer') await rm(join(folder, name), { recursive: true });
  }
}
