import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Progress,
  type SentObject,
  createTally,
  upload,
  watchQueues,
} from '@data-aggregator/pipeline-client';
import { startPipeline } from '@data-aggregator/pipeline-client/embedded';
import type { Collection } from './collect.ts';
import type { Outcome } from './report.ts';

export interface FolderRun {
  input: Collection;
  /** Absolute path of a writable folder. */
  out: string;
  /** Folder of the templates. */
  assembly: string;
  signal: AbortSignal;
  progress: Progress;
}

/**
 * Sends files through the pipeline in an embedded cloud of its own, lets the consumer put them on disk, and checks them.
 *
 * @throws Failure; the signal's reason
 */
export async function sendFolder({ input, out, assembly, signal, progress }: FolderRun): Promise<Outcome> {
  await using cleanup = new AsyncDisposableStack();
  progress.phase('starting the cloud');
  // Each run has its own inbox, so that several can have one output folder.
  const inbox = await mkdtemp(
    join(out, `run-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-`),
  );
  const pipeline = cleanup.use(
    await startPipeline({
      assembly,
      inbox,
      logger(text) {
        // After an abort, errors are a consequence of stopping.
        if (!signal.aborted) progress.note(text);
      },
    }),
  );
  const { cloud } = pipeline;
  const { tally, add } = createTally();
  cloud.onLog((line) => {
    const { lastRetry } = tally;
    add(line);
    if (lastRetry === undefined && tally.lastRetry) progress.note(`retrying: ${tally.lastRetry}`);
    progress.update({ bundled: tally.bundled });
  });
  signal.throwIfAborted();

  progress.phase('uploading');
  const watching = cleanup.use(watchQueues(cloud, (queued) => progress.update({ queued })));
  const started = performance.now();
  let [uploaded, bytes] = [0, 0];
  const sent: readonly SentObject[] = await upload(input.files, pipeline.landing, {
    signal,
    onUploaded: () => progress.update({ uploaded: ++uploaded }),
    onBytes: (count) => progress.update({ bytes: (bytes += count) }),
  });

  progress.phase('bundling');
  await pipeline.processed(signal);
  const seconds = (performance.now() - started) / 1000;
  watching[Symbol.dispose]();
  progress.update({ queued: 0 });

  progress.phase('consuming and checking');
  const { delivery, bundles } = await pipeline.receive(signal);
  return {
    files: sent.length,
    bytesIn: sent.reduce((sum, { size }) => sum + size, 0),
    bundles: bundles.length,
    bytesOut: bundles.reduce((sum, { size }) => sum + size, 0),
    duplicates: tally.duplicates,
    delivery,
    leftOut: input.leftOut,
    seconds,
    inbox,
  };
}
