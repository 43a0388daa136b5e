import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { Failure } from '../pipeline/failure.ts';
import { connect, DEAD_LETTERS, type Services } from '../pipeline/services.ts';
import { wait } from '../pipeline/wait.ts';
import { invoker, versionRemover } from './calls.ts';
import { startTaker } from './consumer.ts';
import { startProducer } from './producer.ts';
import type { Scenario } from './scenario.ts';
import type { Target } from './target.ts';

/** How long a second delivery is waited for after all has been seen once, in ms. */
const LAST_LOOK_MS = 5_000;
const LOOK_EVERY_MS = 1_000;

/**
 * The pipeline as it is deployed in an account, which the SDK's default chain finds. Nothing is made there but the files
 * that the scenario sends, under a prefix of their own, and they are removed unless they are to be kept. Bundles with
 * files of others are read, and left where they are.
 *
 * @param prefix what the keys of this run begin with
 * @param folder for bundles
 * @throws Failure for names that the scenario does not give
 */
export async function awsTarget(scenario: Scenario, prefix: string, folder: string): Promise<Target> {
  const landing = given(scenario, 'landing_bucket');
  const distribution = given(scenario, 'distribution_bucket');
  const functionName = given(scenario, 'lambda_function_name');
  const archive = distribution.replace('distribution', 'archive');
  if (archive === distribution) {
    throw new Failure(
      `The archive's name is that of the distribution bucket with "archive" in it, and "${distribution}" has no "distribution".`,
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
  // Once the producer has ended: what it is about to send would stay.
  cleanup.defer(async () => {
    if (scenario.keep_files) return;
    await mapConcurrently([...sent], 16, (Key) => s3.send(new DeleteObjectCommand({ Bucket: landing, Key })));
  });
  const client = {}; // The SDK's default chain finds the rest.
  const producer = cleanup.use(startProducer({ bucket: landing, client }));
  const taker = cleanup.use(
    startTaker({
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
    bundles: {
      list: bundles.list,
      take(key, signal) {
        bundles.done(key);
        return taker.call({ key, leave: bundles.isShared(key) }, signal);
      },
    },
    deadMessages,
    remove: versionRemover(s3),
    invoke: invoke.call,
    async settled(accounted, signal) {
      while (!accounted()) await wait(LOOK_EVERY_MS, signal);
      await wait(LAST_LOOK_MS, signal);
    },
    inside: undefined,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** The bundles that files of this run are in. */
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
    /** Is not listed any more. */
    done: (key: string) => void done.add(key),
    /** Whether it has files of others too, for whom it stays. */
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
