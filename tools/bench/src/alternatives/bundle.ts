import { createGzip } from 'node:zlib';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { pack } from 'tar-stream';

/** The parts of an SQS event that both alternatives read. */
export interface SqsEvent {
  Records: { body: string }[];
}

/** A file that has landed, as an S3 notification names it. */
export interface LandedObject {
  /** Its key in the ledger. */
  id: string;
  Bucket: string;
  Key: string;
  VersionId: string;
}

interface S3Notification {
  Records: { s3: { bucket: { name: string }; object: { key: string; versionId: string } } }[];
}

export function landedObjects({ Records }: SqsEvent): LandedObject[] {
  return Records.flatMap(({ body }) =>
    (JSON.parse(body) as S3Notification).Records.map(({ s3: { bucket, object } }) => {
      const Key = decodeURIComponent(object.key.replaceAll('+', ' '));
      return {
        id: `${bucket.name}/${Key}#${object.versionId}`,
        Bucket: bucket.name,
        Key,
        VersionId: object.versionId,
      };
    }),
  );
}

/** Whether a conditional write was refused because the item exists. */
export function isTaken(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}

/** Starts a compressed tar in memory. `add` waits until the tar has taken the content. */
export function startBundle(level: number) {
  const tar = pack();
  const zipped = tar.pipe(createGzip({ level })).toArray();
  return {
    add(name: string, content: Uint8Array, mtime: Date | undefined): Promise<void> {
      const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
      return new Promise((resolve, reject) =>
        tar.entry({ name, ...(mtime && { mtime }) }, bytes, (error) => (error ? reject(error) : resolve())),
      );
    },
    async end(): Promise<Buffer> {
      tar.finalize();
      return Buffer.concat(await zipped);
    },
  };
}
