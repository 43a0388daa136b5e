import { workerData } from 'node:worker_threads';
import { S3Client } from '@aws-sdk/client-s3';
import { landingOf } from '@data-aggregator/pipeline-client';
import { outgoing, type OutgoingFile } from './content.ts';
import type { LandedFile, ProducerSettings } from './producer.ts';
import { serve } from './thread/serve.ts';

const { bucket, client } = workerData as ProducerSettings;
const landing = landingOf(new S3Client(client), bucket);

serve(async (file: OutgoingFile): Promise<LandedFile> => {
  const object = await landing.put(outgoing(file));
  return { object, landedAt: Date.now() };
});
