import { hash } from 'node:crypto';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Cloud, type CloudOptions, startCloud } from '@data-aggregator/local-cloud';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { formatS3Record, type S3EventRecord } from '@data-aggregator/shared-processing/s3-event';
import { type CheckedBundle, checkBundle } from '../check/bundle.ts';
import { checkDelivery, type Delivery } from '../check/delivery.ts';
import { findTar } from '../check/extract.ts';
import { type DeadMessage, quarantinedObjects } from '../pipeline/dead-letters.ts';
import { pull } from '../pipeline/pull.ts';
import type { SentObject } from '../pipeline/sent-object.ts';
import { connect, type Services } from '../pipeline/services.ts';
import { sandboxAssembly } from '../workspace.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The pipeline in a cloud of its own, with short waiting times. */
export interface Pipeline extends AsyncDisposable {
  cloud: Cloud;
  services: Services;
  /** Puts an object into landing. */
  put: (key: string, body?: string | Uint8Array) => Promise<SentObject>;
  /** Sends the aggregator's queue a message. */
  send: (body: string) => Promise<void>;
  /** Waits until every notification is processed, then takes and checks the waiting bundles. */
  end: () => Promise<End>;
}

/** Where everything has ended that was put so far. */
export interface End {
  delivery: Delivery;
  /** All that were ever pulled. */
  bundles: readonly CheckedBundle[];
  dead: readonly DeadMessage[];
}

export type PipelineOptions = Pick<CloudOptions, 'transformTemplate'>;

export async function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  // What is started is put on the stack; a start that fails half-way ends what it had started.
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(temporaryFolder());
  const cloud = await startCloud({ assembly: sandboxAssembly, ...options });
  cleanup.defer(cloud.stop);
  const services = cleanup.use(connect(cloud));
  const tar = await findTar();
  const signal = new AbortController().signal;
  const sent: SentObject[] = [];
  const bundles: CheckedBundle[] = [];
  const dead: DeadMessage[] = [];
  const running = cleanup.move();

  return {
    cloud,
    services,
    async put(key, body = `content of ${key}`) {
      const bytes = Buffer.from(body);
      const [size, sha256] = [bytes.length, hash('sha256', bytes)];
      const versionId = await services.landing.put({ key, body: bytes, size, sha256 });
      const { bucket } = services.landing;
      const object: SentObject = { bucket, key, version: { kind: 'id', versionId }, size, sha256 };
      sent.push(object);
      return object;
    },
    async send(body) {
      const name = Object.keys(cloud.queues).find((queue) => queue.endsWith('-aggregator'));
      await services.sqs.send(
        new SendMessageCommand({ QueueUrl: cloud.queues[name ?? '']?.url, MessageBody: body }),
      );
    },
    async end() {
      await cloud.idle(signal);
      for (const bundle of await pull(services.consumer, folder.path, { signal })) {
        const manifest = await services.archived(manifestKey(bundle.key));
        bundles.push(await checkBundle(bundle, manifest, { tar, scratch: join(folder.path, 'scratch') }));
      }
      dead.push(...(await services.deadMessages()));
      return { delivery: checkDelivery(sent, bundles, quarantinedObjects(dead)), bundles, dead };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The record of S3's notification for an object. */
export function recordOf(object: SentObject): S3EventRecord {
  return formatS3Record({ ...object, etag: 'not-looked-at-where-there-is-a-version', landedAt: Date.now() });
}

/** A notification with the given records. */
export function notificationOf(...records: unknown[]): string {
  return JSON.stringify({ Records: records });
}

/** Turns landing's notifications off; the scenario sends its own. */
export const withoutNotifications: NonNullable<CloudOptions['transformTemplate']> = (template) => {
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    if (!id.toLowerCase().includes('landing') || resource.Type !== 'AWS::S3::Bucket') return [id, resource];
    const { NotificationConfiguration: _, ...Properties } = resource.Properties ?? {};
    return [id, { ...resource, Properties }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
};
