import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createSharedReads, readBody, Sha256 } from '@data-aggregator/shared-processing/aws-http';
import { manifestText } from '@data-aggregator/shared-processing/manifest';
import { createSignedS3 } from '@data-aggregator/shared-processing/s3';
import type { ClientConfig, Cloud } from '@data-aggregator/local-cloud';
import type { DeadMessage } from './dead-letters.ts';
import { BUNDLING_FUNCTIONS } from './queues.ts';
import type { Consumer } from './pull.ts';
import type { Landing, OutgoingObject } from './upload.ts';

/** The calls that the external party, the consumer and an operator make, through the SDK. */
export interface Services extends Disposable {
  landing: Landing;
  consumer: Consumer;
  /** The text of an object in the archive; undefined if there is none. */
  archived(key: string): Promise<string | undefined>;
  /** Visible messages of the bundling functions' dead-letter queues; each is returned once. */
  deadMessages(): Promise<DeadMessage[]>;
  /** As the administrator. */
  s3: S3Client;
  /** As the administrator. */
  sqs: SQSClient;
}

/** Names and client configuration of the embedded cloud or of an account. */
export interface Surroundings extends Pick<Cloud, 'buckets'> {
  readonly queues: Readonly<Record<string, { readonly url: string }>>;
  readonly credentials: { readonly perRole: Cloud['credentials']['perRole'] };
  readonly clientConfig: (role?: string) => Partial<ClientConfig>;
}

/** The suffix of the name of the aggregator's dead-letter queue. */
export const DEAD_LETTERS = 'aggregator-dead-letters';

/** Creates the clients. The consumer uses its own role if the templates define one. */
export function connect(cloud: Surroundings): Services {
  const s3 = new S3Client({ ...cloud.clientConfig(), sha256: Sha256 });
  const sqs = new SQSClient(cloud.clientConfig());
  const consumerS3 = new S3Client(cloud.clientConfig(consumerRole(cloud)));
  return {
    s3,
    sqs,
    landing: landingOf(s3, bucketOf(cloud, 'landing')),
    consumer: consumerOf(consumerS3, bucketOf(cloud, 'distribution')),
    archived: (key) => textOf(s3, bucketOf(cloud, 'archive'), key),
    deadMessages: async () => {
      const queues = Object.entries(cloud.queues).filter(([name]) =>
        BUNDLING_FUNCTIONS.some((fn) => name.endsWith(`${fn}-dead-letters`)),
      );
      return (await Promise.all(queues.map(([, { url }]) => receiveAll(sqs, url)))).flat();
    },
    [Symbol.dispose]() {
      s3.destroy();
      consumerS3.destroy();
      sqs.destroy();
    },
  };
}

/** The consumer's role, if the templates define one. */
export function consumerRole({ credentials }: Pick<Surroundings, 'credentials'>): string | undefined {
  return Object.keys(credentials.perRole).find((name) => name.endsWith('-consumer'));
}

/** @throws Error if the templates have no such bucket */
export function bucketOf({ buckets }: Pick<Cloud, 'buckets'>, name: string): string {
  const bucket = buckets[name];
  if (bucket === undefined) throw new Error(`the templates have no bucket ${name}`);
  return bucket;
}

/** Of one attempt to upload a small file. */
const CONNECTIONS = { maxSockets: 50, connectionTimeoutMs: 10_000, stalledAfterMs: 60_000 };

/**
 * The landing bucket. The first attempt at a small file uses only the SDK's signer, because the rest of the SDK takes several times the
 * CPU time of the request. If it fails, the SDK tries again, with its own retries and errors.
 */
export function landingOf(s3: S3Client, bucket: string): Landing {
  const signed = createSignedS3(s3, { ...CONNECTIONS, sharedReads: createSharedReads('auto') });

  /** Undefined if S3 keeps no versions. @throws CallError */
  async function putOnce(
    { key, size, sha256 }: OutgoingObject,
    body: Uint8Array,
  ): Promise<string | undefined> {
    const response = await signed(`PUT ${bucket}/${key}`, {
      bucket,
      key,
      method: 'PUT',
      headers: {
        'content-length': String(size),
        'content-type': 'application/octet-stream',
        'x-amz-content-sha256': sha256,
        'x-amz-checksum-sha256': base64(sha256),
      },
      body,
    });
    // Empty, but it has to be read to free the connection.
    await readBody(response.body);
    const versionId = response.headers['x-amz-version-id'];
    return typeof versionId === 'string' ? versionId : undefined;
  }

  async function putThroughSdk({ key, body, size, sha256 }: OutgoingObject): Promise<string | undefined> {
    const { VersionId } = await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentLength: size,
        ChecksumSHA256: base64(sha256),
      }),
    );
    return VersionId;
  }

  return {
    bucket,
    async put(object) {
      const { body } = object;
      const versionId =
        body instanceof Uint8Array
          ? await putOnce(object, body).catch(() => putThroughSdk(object))
          : await putThroughSdk(object);
      if (versionId === undefined) throw new Error(`${bucket} keeps no versions`);
      const { key, size, sha256 } = object;
      return { bucket, key, version: { kind: 'id', versionId }, size, sha256 };
    },
  };
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

export function consumerOf(s3: S3Client, bucket: string): Consumer {
  return {
    async list() {
      const keys: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
        keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
      }
      return keys;
    },
    async get(key) {
      const command = new GetObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
      const { Body, Metadata, ChecksumCRC64NVME: crc } = await s3.send(command);
      return {
        body: Body as Readable,
        sha256: Metadata?.['sha256'],
        crc64nvme: crc === undefined ? undefined : Buffer.from(crc, 'base64').toString('hex'),
      };
    },
    async remove(key) {
      const { DeleteMarker } = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      return { leftMarker: DeleteMarker === true };
    },
  };
}

/** The text of an object, which may be compressed like a manifest; undefined if there is none. */
export async function textOf(s3: S3Client, bucket: string, key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = await Body?.transformToByteArray();
    return bytes && manifestText(bytes);
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}

async function receiveAll(sqs: SQSClient, QueueUrl: string): Promise<DeadMessage[]> {
  const all: DeadMessage[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 0,
        VisibilityTimeout: 3600,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return all;
    for (const { Body = '', MessageAttributes = {} } of Messages) {
      all.push({
        body: Body,
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
        ),
      });
    }
  }
}
