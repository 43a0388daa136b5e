import { randomUUID } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { bundleId, claimId, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { receiptKey, serializeReceipt } from '@data-aggregator/shared-processing/receipt';
import {
  bucketOf,
  connect,
  type DeadMessage,
  objectOf,
  type SentObject,
} from '@data-aggregator/pipeline-client';
import { recordOf } from '../testing/sandbox.ts';
import { sandboxAssembly } from '../workspace.ts';
import { type Variant, withVariants } from './variants.ts';

/** A cloud with a function and its variants, and the actions that proofs prepare their cases with, which have all permissions. */
export interface Stage extends AsyncDisposable {
  cloud: Cloud;
  /** Log lines about denied calls. */
  denials: readonly string[];
  /** Puts an object into landing without a notification. */
  put(body?: string): Promise<SentObject>;
  /** Delivers an object through the aggregator with all its permissions. @returns the bundle's key */
  deliver(object: SentObject): Promise<string>;
  /** Claims an object for a dead builder, whose bundle is never published. */
  claimInVain(object: SentObject): Promise<void>;
  /** The same for a dead builder that began to upload its bundle in parts. @returns whether the upload still exists */
  uploadInVain(object: SentObject): Promise<() => Promise<boolean>>;
  /** Begins an upload to a key of distribution, and records it. @returns whether the upload still exists */
  uploadTo(key: string): Promise<() => Promise<boolean>>;
  /** Makes an archived bundle one of which the manifest has only a CRC-64/NVME. */
  copiedByS3(bundle: string): Promise<void>;
  /** Deletes a bundle's record from the ledger. */
  loseRecord(bundle: string): Promise<void>;
  loseManifest(bundle: string): Promise<void>;
  /** Deletes a bundle as the consumer, after it was replicated to the archive. */
  take(bundle: string): Promise<void>;
  /** Stores the receipt of a bundle, as the consumer does. */
  acknowledge(bundle: string): Promise<void>;
  loseReceipt(bundle: string): Promise<void>;
  /** Moves an archived bundle to Deep Archive. */
  freeze(bundle: string): Promise<void>;
  /** Deletes an item of the ledger. */
  forget(id: string): Promise<void>;
  /** Deletes a version from landing permanently. */
  erase(object: SentObject): Promise<void>;
  /** Sends a message to a function's queue and receives it, as the event source mapping would. */
  receive(name: string, body: string): Promise<Received>;
  /** Receives the visible dead letters. */
  deadLetters(): Promise<readonly DeadMessage[]>;
  /** Invokes a function. @returns its response, or the type of its error */
  invoke(functionName: string, event: unknown): Promise<Answer>;
}

export interface Received {
  /** The message as an event source mapping passes it to the function. */
  message: { body: string; receiptHandle: string };
  /** Whether the message becomes visible again within this time. */
  returnsWithin(seconds: number): Promise<boolean>;
}

export type Answer = { kind: 'answer'; value: unknown } | { kind: 'error'; type: string };

/** When an item of the ledger expires, in seconds since the epoch. */
const inAnHour = () => Math.ceil(Date.now() / 1000) + 3600;

/** Boots the cloud. */
export async function startStage(functionName: string, variants: readonly Variant[]): Promise<Stage> {
  const cleanup = new AsyncDisposableStack();
  const denials: string[] = [];
  const cloud = await startCloud({
    assembly: sandboxAssembly,
    transformTemplate: withVariants(functionName, variants),
    logger: (line) => {
      if (line.startsWith('access.denied')) denials.push(line);
    },
  });
  cleanup.defer(cloud.stop);
  const services = cleanup.use(connect(cloud));
  const ledger = DynamoDBDocumentClient.from(new DynamoDBClient(cloud.clientConfig()));
  cleanup.defer(() => ledger.destroy());
  const [TableName] = cloud.tables;
  const { s3, landing } = services;
  const archive = bucketOf(cloud, 'archive');
  const distribution = bucketOf(cloud, 'distribution');

  const invoke: Stage['invoke'] = async (name, event) => {
    const { kind, payload } = await cloud.invoke(name, event);
    const value = JSON.parse(payload) as unknown;
    return kind === 'success'
      ? { kind: 'answer', value }
      : { kind, type: String((value as { errorType?: unknown }).errorType) };
  };
  const forget = async (id: string) => {
    await ledger.send(new DeleteCommand({ TableName, Key: { id } }));
  };

  const claimFor = async (bundle: string, object: SentObject) => {
    const claim = { id: claimId(objectIdOf(object)), bundle, until: Date.now() - 1, expires: inAnHour() };
    await ledger.send(new PutCommand({ TableName, Item: claim }));
  };

  const uploadTo = async (key: string) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: distribution, Key: key }));
    await ledger.send(
      new PutCommand({ TableName, Item: { id: bundleId(key), upload: UploadId, expires: inAnHour() } }),
    );
    return async () => {
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: distribution }));
      return Uploads.some((upload) => upload.UploadId === UploadId);
    };
  };

  return {
    cloud,
    denials,
    invoke,
    forget,
    put: (body = 'some bytes') => landing.put(objectOf(`file ${randomUUID()}`, Buffer.from(body))),
    async deliver(object) {
      const name = Object.keys(cloud.functions).find((fn) => fn.endsWith('-aggregator')) ?? '';
      const { kind, payload } = await cloud.invoke(name, { Records: [recordOf(object)] });
      const { bundles = [] } = JSON.parse(payload) as { bundles?: string[] };
      const [bundle] = bundles;
      if (kind === 'error' || bundle === undefined) throw new Error(`the aggregator failed: ${payload}`);
      return bundle;
    },
    async claimInVain(object) {
      await claimFor(bundleKey(Date.now(), randomUUID(), '.tar.gz'), object);
    },
    async uploadInVain(object) {
      const key = bundleKey(Date.now(), randomUUID(), '.tar.gz');
      await claimFor(key, object);
      return uploadTo(key);
    },
    uploadTo,
    async copiedByS3(bundle) {
      const key = manifestKey(bundle);
      const text = (await services.archived(key)) ?? '';
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: archive, Key: bundle }));
      const crc64nvme = await checksumOf(
        'crc64nvme',
        (await Body?.transformToByteArray()) ?? new Uint8Array(),
      );
      const copied = text.replace(/"sha256":"\w+"/, `"crc64nvme":"${crc64nvme}"`);
      await s3.send(new DeleteObjectCommand({ Bucket: archive, Key: key }));
      await s3.send(new PutObjectCommand({ Bucket: archive, Key: key, Body: copied, IfNoneMatch: '*' }));
    },
    loseRecord: (bundle) => forget(bundleId(bundle)),
    async loseManifest(bundle) {
      await s3.send(new DeleteObjectCommand({ Bucket: archive, Key: manifestKey(bundle) }));
    },
    async take(bundle) {
      await cloud.idle();
      await services.consumer.remove(bundle);
    },
    async acknowledge(bundle) {
      const now = Date.now();
      const times = { firstLandedAt: now, lastLandedAt: now, startedAt: now, finishedAt: now };
      const Body = serializeReceipt({
        bundle: { key: bundle, size: 1, crc64nvme: '0'.repeat(16) },
        ...{ consumer: 'inbox', layout: 'bundle', members: 1 },
        ...times,
      });
      const place = { Bucket: archive, Key: receiptKey(bundle) };
      await s3.send(new PutObjectCommand({ ...place, Body, IfNoneMatch: '*' }));
    },
    async loseReceipt(bundle) {
      await s3.send(new DeleteObjectCommand({ Bucket: archive, Key: receiptKey(bundle) }));
    },
    async freeze(bundle) {
      const place = { Bucket: archive, Key: bundle };
      const { Body } = await s3.send(new GetObjectCommand(place));
      if (Body === undefined) throw new Error(`${bundle} is not in the archive`);
      const bytes = await Body.transformToByteArray();
      await s3.send(new PutObjectCommand({ ...place, Body: bytes, StorageClass: 'DEEP_ARCHIVE' }));
    },
    async erase({ bucket: Bucket, key: Key, version }) {
      const VersionId = version.kind === 'id' ? version.versionId : undefined;
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    },
    async receive(name, body) {
      const queue = Object.keys(cloud.queues).find((each) => each.endsWith(`-${name}`)) ?? '';
      const QueueUrl = cloud.queues[queue]?.url;
      const { MessageId } = await services.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
      const receive = async (seconds: number) => {
        const until = Date.now() + seconds * 1000;
        while (Date.now() < until) {
          const { Messages = [] } = await services.sqs.send(
            new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
          );
          // Other proofs leave messages in the queue.
          const found = Messages.find((message) => message.MessageId === MessageId);
          if (found) return found;
        }
        return undefined;
      };
      const message = await receive(5);
      return {
        message: { body, receiptHandle: message?.ReceiptHandle ?? '' },
        returnsWithin: async (seconds) => (await receive(seconds)) !== undefined,
      };
    },
    deadLetters: services.deadMessages,
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}
