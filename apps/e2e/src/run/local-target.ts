import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '@data-aggregator/local-cloud';
import { consumerRole, watchQueues } from '@data-aggregator/pipeline-client';
import { startPipeline } from '@data-aggregator/pipeline-client/embedded';
import { withoutNotifications } from '../testing/sandbox.ts';
import { assemblyOf } from '../workspace.ts';
import { invoker, versionRemover } from './calls.ts';
import { startInbox } from './consumer.ts';
import { startProducer } from './producer.ts';
import type { RunProgress } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Inside, Target } from './target.ts';

/**
 * An embedded cloud for one scenario, from the templates of `dev`: production limits (300 s, 512 MB, batches of 2,000), but a batch
 * window of 5 s instead of 60 s. The 10 s timeout of `sandbox` is too short for large files.
 *
 * @param folder the consumer's target folder
 */
export async function localTarget(
  scenario: Scenario,
  folder: string,
  { detail, update }: Pick<RunProgress, 'detail' | 'update'>,
): Promise<Target> {
  await using starting = new AsyncDisposableStack();
  const pipeline = starting.use(
    await startPipeline({
      assembly: assemblyOf('dev'),
      logger: detail,
      // A direct invocation must be the only cause of deliveries.
      ...(scenario.test_type === 'direct_invoke' && { transformTemplate: withoutNotifications }),
    }),
  );
  const { cloud, services } = pipeline;
  starting.use(watchQueues(cloud, (queued) => update({ queued })));
  const invoke = starting.use(invoker(cloud.clientConfig(), 'aggregator'));
  const admin = cloud.clientConfig();
  const bucket = services.landing.bucket;
  const producer = starting.use(startProducer({ bucket, client: admin }));
  const inbox = starting.use(
    startInbox({
      buckets: cloud.buckets,
      queues: Object.fromEntries(Object.entries(cloud.queues).map(([name, { url }]) => [name, { url }])),
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
    async take(signal) {
      // Starting the consumer to find nothing would cost more than this request.
      const waiting = await services.consumer.list();
      return waiting.length === 0 ? [] : inbox.call(undefined, signal);
    },
    deadMessages: services.deadMessages,
    remove: versionRemover(services.s3),
    invoke: invoke.call,
    processed: (_accounted, signal) => pipeline.processed(signal),
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
