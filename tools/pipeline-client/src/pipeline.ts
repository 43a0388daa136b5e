import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { AssemblyError, type Cloud, type CloudOptions, startCloud } from '@data-aggregator/local-cloud';
import { checkedInbox } from './consume.ts';
import { type DeadMessage, quarantinedObjects } from './dead-letters.ts';
import { Failure } from './program.ts';
import { connect, type Services } from './services.ts';
import { objectOf, type Landing, type SentObject } from './upload.ts';
import type { CheckedBundle } from './verify/bundle.ts';
import { checkDelivery, type Delivery } from './verify/delivery.ts';

/** The pipeline in its own embedded cloud, with a record of everything sent and received. */
export interface Pipeline extends AsyncDisposable {
  cloud: Cloud;
  services: Services;
  /** The landing bucket; remembers what it is sent. */
  landing: Landing;
  /** Puts an object into landing. */
  put: (key: string, body?: string | Uint8Array) => Promise<SentObject>;
  /** Sends a message to the aggregator's queue. */
  send: (body: string) => Promise<void>;
  /** Waits until every notification is processed. @throws the signal's reason */
  processed: (signal?: AbortSignal) => Promise<void>;
  /** Lets the consumer put the waiting bundles on disk, reads the dead letters, and judges everything sent so far. */
  receive: (signal?: AbortSignal) => Promise<End>;
  /** `processed`, then `receive`. */
  end: () => Promise<End>;
}

/** How everything sent so far has ended. */
export interface End {
  delivery: Delivery;
  /** All bundles that the consumer has processed so far. */
  bundles: readonly CheckedBundle[];
  dead: readonly DeadMessage[];
}

export interface PipelineOptions extends Pick<CloudOptions, 'assembly' | 'transformTemplate' | 'logger'> {
  /** The consumer's target folder; default: a temporary one, which is removed at the end. */
  inbox?: string;
}

/**
 * Boots the pipeline.
 *
 * @throws Failure if the templates are unusable
 */
export async function startPipeline({ inbox, ...cloudOptions }: PipelineOptions): Promise<Pipeline> {
  // If a later step fails, the stack stops what has been started.
  await using starting = new AsyncDisposableStack();
  const temporary = await mkdtemp(join(tmpdir(), 'data-aggregator-pipeline-'));
  starting.defer(() => rm(temporary, { recursive: true, force: true }));
  const cloud = await startCloud(cloudOptions).catch((error: unknown) => {
    throw error instanceof AssemblyError ? new Failure(error.message, { cause: error }) : error;
  });
  starting.defer(cloud.stop);
  const services = starting.use(connect(cloud));
  const consumer = checkedInbox(cloud, services.archived, inbox ?? join(temporary, 'inbox'));
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
    put: (key, body = `content of ${key}`) => landing.put(objectOf(key, Buffer.from(body))),
    async send(body) {
      const name = Object.keys(cloud.queues).find((queue) => queue.endsWith('-aggregator'));
      await services.sqs.send(
        new SendMessageCommand({ QueueUrl: cloud.queues[name ?? '']?.url, MessageBody: body }),
      );
    },
    processed: (signal) => cloud.idle(signal),
    async receive(signal = never) {
      bundles.push(...(await consumer.receive(signal)));
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
