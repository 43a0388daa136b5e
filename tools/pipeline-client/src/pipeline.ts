import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { AssemblyError, type Cloud, type CloudOptions, startCloud } from '@data-aggregator/local-cloud';
import { type DeadMessage, quarantinedObjects } from './dead-letters.ts';
import { Failure } from './program.ts';
import { receive, type ReceiveOptions } from './receive.ts';
import { connect, type Services } from './services.ts';
import { objectOf, type Landing, type SentObject } from './upload.ts';
import type { CheckedBundle } from './verify/bundle.ts';
import { checkDelivery, type Delivery } from './verify/delivery.ts';
import { findTar } from './verify/extract.ts';

/** The pipeline in its own embedded cloud, with a record of everything sent and received. */
export interface Pipeline extends AsyncDisposable {
  cloud: Cloud;
  services: Services;
  /** The landing bucket; remembers what it is sent. */
  landing: Landing;
  /** Version line of the tar program that extracts bundles. */
  tar: string;
  /** Puts an object into landing. */
  put: (key: string, body?: string | Uint8Array) => Promise<SentObject>;
  /** Sends a message to the aggregator's queue. */
  send: (body: string) => Promise<void>;
  /** Waits until every notification is processed. @throws the signal's reason */
  processed: (signal?: AbortSignal) => Promise<void>;
  /** Pulls and checks the waiting bundles, reads the dead letters, and judges everything sent so far. */
  receive: (options?: Partial<Omit<ReceiveOptions, 'tar' | 'scratch'>>) => Promise<End>;
  /** `processed`, then `receive`. */
  end: () => Promise<End>;
}

/** How everything sent so far has ended. */
export interface End {
  delivery: Delivery;
  /** All bundles pulled so far. */
  bundles: readonly CheckedBundle[];
  dead: readonly DeadMessage[];
}

export type PipelineOptions = Pick<CloudOptions, 'assembly' | 'transformTemplate' | 'logger'>;

/**
 * Boots the pipeline.
 *
 * @throws Failure if there is no tar program, or the templates are unusable
 */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  // If a later step fails, the stack stops what has been started.
  await using starting = new AsyncDisposableStack();
  const tar = await findTar();
  const temporary = await mkdtemp(join(tmpdir(), 'data-aggregator-pipeline-'));
  starting.defer(() => rm(temporary, { recursive: true, force: true }));
  const cloud = await startCloud(options).catch((error: unknown) => {
    throw error instanceof AssemblyError ? new Failure(error.message, { cause: error }) : error;
  });
  starting.defer(cloud.stop);
  const services = starting.use(connect(cloud));
  const never = new AbortController().signal;
  const sent: SentObject[] = [];
  const bundles: CheckedBundle[] = [];
  const dead: DeadMessage[] = [];
  const landing: Landing = {
    bucket: services.landing.bucket,
    async put(object) {
      const put = await services.landing.put(object);
      sent.push(put);
      return put;
    },
  };
  const running = starting.move();

  const pipeline: Pipeline = {
    cloud,
    services,
    landing,
    tar: tar.version,
    put: (key, body = `content of ${key}`) => landing.put(objectOf(key, Buffer.from(body))),
    async send(body) {
      const name = Object.keys(cloud.queues).find((queue) => queue.endsWith('-aggregator'));
      await services.sqs.send(
        new SendMessageCommand({ QueueUrl: cloud.queues[name ?? '']?.url, MessageBody: body }),
      );
    },
    processed: (signal) => cloud.idle(signal),
    async receive(options) {
      const scratch = join(temporary, 'scratch');
      const settings = { folder: temporary, signal: never, ...options, tar, scratch };
      bundles.push(...(await receive(services.consumer, services.archived, settings)));
      dead.push(...(await services.deadMessages()));
      return { delivery: checkDelivery(sent, bundles, quarantinedObjects(dead)), bundles, dead };
    },
    async end() {
      await pipeline.processed();
      return pipeline.receive();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  return pipeline;
}
