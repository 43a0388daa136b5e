import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { connect, DEAD_LETTERS, Failure, type Services } from '@data-aggregator/pipeline-client';
import { wait } from './produce.ts';
import { invoker, versionRemover } from './calls.ts';
import { startRawBundles } from './consumer.ts';
import { startProducer } from './producer.ts';
import type { Scenario } from './scenario.ts';
import type { Target } from './target.ts';

/** Time to wait for a second delivery after everything was seen once, in ms. */
const LAST_LOOK_MS = 5_000;
const POLL_MS = 1_000;
/** Bundles checked concurrently: while tar extracts one, another is hashed. */
const AT_ONCE = 2;

/**
 * The pipeline as deployed in an account, found by the SDK's default chain. A run creates only its own files, under its prefix,
 * and removes them unless `keep_files` is set. Bundles that also contain other files are read and left in place.
 *
 * @param prefix of this run's keys
 * @param folder for bundles
 * @throws Failure if the scenario does not set a name
 */
export async function awsTarget(scenario: Scenario, prefix: string, folder: string): Promise<Target> {
  const landing = given(scenario, 'landing_bucket');
  const distribution = given(scenario, 'distribution_bucket');
  const functionName = given(scenario, 'lambda_function_name');
  const archive = distribution.replace('distribution', 'archive');
  if (archive === distribution) {
    throw new Failure(
      `The archive's name is derived by replacing "distribution" with "archive", but "${distribution}" has no "distribution".`,
    );
  }
  await using cleanup = new AsyncDisposableStack();
  const services = cleanup.use(
    connect({
      buckets: { landing, distribution, archive },
      queues: { [DEAD_LETTERS]: { url: await queueUrl(`${functionName}-dead-letters`) } },
      credentials: { perRole: {} },
      clientConfig: () => ({}),
    }),
  );
  const invoke = cleanup.use(invoker({}, functionName));
  const { s3, deadMessages } = services;
  const bundles = ownBundles(services, prefix);
  const sent = new Set<string>();
  // Runs after the producer has ended, which may still upload a file.
  cleanup.defer(async () => {
    if (scenario.keep_files) return;
    await mapConcurrently([...sent], 16, (Key) => s3.send(new DeleteObjectCommand({ Bucket: landing, Key })));
  });
  const client = {}; // The SDK's default chain provides the rest.
  const producer = cleanup.use(startProducer({ bucket: landing, client }));
  const raw = cleanup.use(
    startRawBundles({
      distribution,
      archive,
      consumer: client,
      admin: client,
      folder,
      keepFiles: scenario.keep_files,
    }),
  );
  const moved = cleanup.move();
  return {
    landing: {
      bucket: landing,
      send(file, signal) {
        sent.add(file.key);
        return producer.call(file, signal);
      },
    },
    take: async (signal) =>
      mapConcurrently(await bundles.list(), AT_ONCE, (key) => {
        bundles.done(key);
        return raw.call({ key, leave: bundles.isShared(key) }, signal);
      }),
    deadMessages,
    remove: versionRemover(s3),
    invoke: invoke.call,
    async processed(accounted, signal) {
      while (!accounted()) await wait(POLL_MS, signal);
      await wait(LAST_LOOK_MS, signal);
    },
    inside: undefined,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** The bundles with files of this run. */
function ownBundles({ consumer, archived }: Pick<Services, 'consumer' | 'archived'>, prefix: string) {
  const done = new Set<string>();
  const mixed = new Set<string>();
  return {
    async list(): Promise<string[]> {
      const own: string[] = [];
      for (const key of await consumer.list()) {
        if (done.has(key) || !key.startsWith(BUNDLE_PREFIX)) continue;
        const text = await archived(manifestKey(key));
        if (text === undefined) continue;
        const members = parseManifest(text, manifestKey(key)).members;
        const ours = members.filter((member) => member.key.startsWith(prefix)).length;
        if (ours === 0) done.add(key);
        else own.push(key);
        if (ours < members.length) mixed.add(key);
      }
      return own;
    },
    /** Removes a bundle from the list. */
    done: (key: string) => void done.add(key),
    /** Whether it also contains other files, and must stay. */
    isShared: (key: string) => mixed.has(key),
  };
}

function given(scenario: Scenario, key: 'landing_bucket' | 'distribution_bucket' | 'lambda_function_name') {
  const value = scenario[key];
  if (typeof value === 'string') return value;
  throw new Failure(`With --target aws the scenario must have the key "${key}".`);
}

async function queueUrl(QueueName: string): Promise<string> {
  const sqs = new SQSClient({});
  try {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl;
  } catch (cause) {
    throw new Failure(`The queue ${QueueName} cannot be reached: ${(cause as Error).message}.`, { cause });
  } finally {
    sqs.destroy();
  }
}
