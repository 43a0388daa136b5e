import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { startCloud } from '@data-aggregator/local-cloud';
import { type CheckedBundle, checkBundle } from '../check/bundle.ts';
import { checkDelivery } from '../check/delivery.ts';
import { findTar } from '../check/extract.ts';
import { quarantinedObjects } from '../pipeline/dead-letters.ts';
import { pull } from '../pipeline/pull.ts';
import { watchQueues } from '../pipeline/queues.ts';
import { connect } from '../pipeline/services.ts';
import { upload } from '../pipeline/upload.ts';
import type { Collection } from './collect.ts';
import type { Progress } from './progress.ts';
import type { Outcome } from './report.ts';
import { createTally } from './tally.ts';

export interface Run {
  input: Collection;
  /** Absolute path of a folder that can be written to. */
  out: string;
  /** Folder of the templates. */
  assembly: string;
  signal: AbortSignal;
  progress: Progress;
}

/**
 * Sends files through the pipeline in a cloud of their own, takes the bundles, and checks them.
 *
 * @throws Failure; the signal's reason
 */
export async function runFolder({ input, out, assembly, signal, progress }: Run): Promise<Outcome> {
  await using cleanup = new AsyncDisposableStack();
  const tar = await findTar();
  const scratch = await mkdtemp(join(tmpdir(), 'data-aggregator-check-'));
  cleanup.defer(() => rm(scratch, { recursive: true, force: true }));
  progress.phase('starting the cloud');
  const cloud = await startCloud({
    assembly,
    logger(text) {
      // What fails while everything is being stopped fails because of that.
      if (!signal.aborted) progress.note(text);
    },
  });
  cleanup.defer(cloud.stop);
  const services = cleanup.use(connect(cloud));
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
  let uploaded = 0;
  const sent = await upload(input.files, services.landing, {
    signal,
    onUploaded: () => progress.update({ uploaded: ++uploaded }),
  });

  progress.phase('bundling');
  await cloud.idle(signal);
  const seconds = (performance.now() - started) / 1000;
  watching[Symbol.dispose]();
  progress.update({ queued: 0 });

  progress.phase('pulling and checking');
  const pulled = await pull(services.consumer, out, { signal });
  const bundles: CheckedBundle[] = [];
  for (const [index, bundle] of pulled.entries()) {
    signal.throwIfAborted();
    const manifest = await services.archived(manifestKey(bundle.key));
    if (manifest !== undefined) await writeFile(`${bundle.file}.manifest.json`, manifest);
    bundles.push(await checkBundle(bundle, manifest, { tar, scratch: join(scratch, String(index)) }));
  }
  const quarantined = quarantinedObjects(await services.deadMessages());
  return {
    files: sent.length,
    bytesIn: sent.reduce((sum, { size }) => sum + size, 0),
    bundles: pulled.length,
    bytesOut: pulled.reduce((sum, { size }) => sum + size, 0),
    duplicates: tally.duplicates,
    delivery: checkDelivery(sent, bundles, quarantined),
    leftOut: input.leftOut,
    seconds,
    out,
    tar: tar.version,
  };
}
