import { setTimeout as sleep } from 'node:timers/promises';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { watchQueues } from '../pipeline/queues.ts';
import { bucketOf, connect, consumerRole } from '../pipeline/services.ts';
import { withoutNotifications } from '../testing/pipeline.ts';
import { assemblyOf } from '../workspace.ts';
import { invoker, versionRemover } from './calls.ts';
import { startTaker } from './consumer.ts';
import { startProducer } from './producer.ts';
import type { RunProgress } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Inside, Target } from './target.ts';

/**
 * An embedded cloud of its own for one scenario, from the templates of `dev`: its limits are those of production (300 s,
 * 512 MB, batches of 2,000), with a batch window of 5 s instead of 60 s. Sandbox would kill large files at its 10 s.
 *
 * @param folder for bundles
 */
export async function localTarget(
  scenario: Scenario,
  folder: string,
  { detail, update }: Pick<RunProgress, 'detail' | 'update'>,
): Promise<Target> {
  await using starting = new AsyncDisposableStack();
  const cloud = await startCloud({
    assembly: assemblyOf('dev'),
    logger: detail,
    // What is invoked directly must come from the invocation alone.
    ...(scenario.test_type === 'direct_invoke' && { transformTemplate: withoutNotifications }),
  });
  starting.defer(cloud.stop);
  starting.use(watchQueues(cloud, (queued) => update({ queued })));
  const services = starting.use(connect(cloud));
  const invoke = starting.use(invoker(cloud.clientConfig(), 'aggregator'));
  const admin = cloud.clientConfig();
  const bucket = bucketOf(cloud, 'landing');
  const producer = starting.use(startProducer({ bucket, client: admin }));
  const taker = starting.use(
    startTaker({
      distribution: bucketOf(cloud, 'distribution'),
      archive: bucketOf(cloud, 'archive'),
      consumer: cloud.clientConfig(consumerRole(cloud)),
      admin,
      folder,
      keepFiles: scenario.keep_files,
    }),
  );
  const ending = new AbortController();
  starting.defer(() => ending.abort());
  const cleanup = starting.move();
  return {
    landing: { bucket, send: producer.call },
    bundles: {
      list: services.consumer.list,
      take: (key, signal) => taker.call({ key, leave: false }, signal),
    },
    deadMessages: services.deadMessages,
    remove: versionRemover(services.s3),
    invoke: invoke.call,
    settled: (_accounted, signal) => cloud.idle(signal),
    inside: insideOf(cloud, ending.signal),
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

function insideOf(cloud: Cloud, ending: AbortSignal): Inside {
  const sum = async (what: 'errors' | 'itemFailures') =>
    (await cloud.stats()).mappings.reduce((total, mapping) => total + mapping[what], 0);
  return {
    refuseReads(keys) {
      const refused = new Set(keys);
      cloud.faults.s3 = ({ operation, key }) =>
        operation === 'GetObject' && key !== undefined && refused.has(key)
          ? { status: 503, code: 'SlowDown' }
          : undefined;
      void (async () => {
        while (!ending.aborted && (await sum('itemFailures')) === 0) await sleep(100);
        cloud.faults.s3 = undefined;
      })();
    },
    itemFailures: () => sum('itemFailures'),
    failedInvocations: () => sum('errors'),
  };
}
