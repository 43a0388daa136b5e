import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import {
  bucketOf,
  connect,
  createTally,
  objectOf,
  type Progress,
  pull,
  type PulledBundle,
  quarantinedObjects,
  type SentObject,
  type Services,
  tarEntries,
  watchQueues,
} from '@data-aggregator/pipeline-client';
import { type Manifest, manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { identityOf, type ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import type { Random } from '@data-aggregator/shared-processing/testing';
import { judge, type ReadBundle, type Verdict } from '../chaos/verdict.ts';
import { setLargeObjects } from '../testing/set-large-objects.ts';
import { compare } from './compare.ts';
import { bytesOf, createContent } from './content.ts';
import { killBuilders } from './kills.ts';

export type Route = 'stream' | 'copy';

export interface LargeRun {
  /** Of the huge object, in bytes. */
  size: number;
  /** How many of its bytes are random; the others are zeros. */
  incompressible: number;
  route: Route;
  /** How many builders of the huge object to kill. */
  kills: number;
  /** Number of small files next to it. */
  files: number;
  /** Timeout of the function for large objects, in seconds. */
  timeoutSeconds: number;
  /** Folder of templates with short waiting times. */
  assembly: string;
  random: Random;
  signal: AbortSignal;
  progress: Progress;
}

export interface LargeOutcome {
  bytes: number;
  /** As the bundle's manifest shows it; undefined if there is no bundle. */
  route: Route | undefined;
  /** From the landing of the huge object until nothing is left to do. */
  seconds: number;
  /** Most memory that the function for large objects has used, in MB. */
  peakRssMb: number;
  /** In which the bundle was uploaded. */
  parts: number;
  kills: number;
  /** Why the huge object and its bundle are not identical; empty if they are. */
  problems: string[];
  /** Of the huge object and the small files. */
  verdict: Verdict;
  /** Multipart uploads that killed builders have left; a lifecycle rule removes them. */
  uploadsLeft: number;
}

const KEY = 'large/huge +%2F.bin';
const SMALL_BYTES = 5_000;
/** From the first read to publishing, a build takes about this part of the timeout. */
const BUILD_SHARE = 0.4;
/** Any size allowed by S3, so that everything is streamed; or just more than what a copy needs. */
const COPY_ABOVE: Record<Route, string> = { stream: '53TB', copy: '16MiB' };

/**
 * Lands one huge object among small files, kills its builders, lets everything end, and compares every byte.
 *
 * @throws the signal's reason
 */
export async function runLarge(run: LargeRun): Promise<LargeOutcome> {
  const { signal, progress, random, files } = run;
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'data-aggregator-large-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  progress.phase('starting the cloud');
  const cloud = await startCloud({
    assembly: run.assembly,
    dataDir: join(folder, 'objects'),
    transformTemplate: setLargeObjects({
      timeoutSeconds: run.timeoutSeconds,
      copyAboveBytes: COPY_ABOVE[run.route],
    }),
    logger: progress.note,
  });
  cleanup.defer(cloud.stop);
  const services = cleanup.use(connect(cloud));
  const memory = watchMemory(cloud);
  const { tally, add } = createTally();
  cloud.onLog((line) => {
    add(line);
    progress.update({ bundled: tally.bundled });
  });
  cleanup.use(watchQueues(cloud, (queued) => progress.update({ queued })));

  progress.phase('writing the huge object');
  const content = createContent(run.size, run.incompressible, random);
  const small = await landSmall(services, 'before', Math.ceil(files / 2));
  const killer = killBuilders(cloud, {
    kills: run.kills,
    key: KEY,
    buildMs: run.timeoutSeconds * 1000 * BUILD_SHARE,
    random,
    onKill: (count) => progress.note(`killed the builder, ${count} of ${run.kills}`),
  });
  cleanup.defer(() => killer.stop());
  const bucket = bucketOf(cloud, 'landing');
  const { versionId } = await cloud.putSparse({
    bucket,
    key: KEY,
    size: run.size,
    stretches: content.stretches.map((range) => ({ offset: range.start, bytes: bytesOf(content, range) })),
  });
  const landedAt = performance.now();
  if (versionId === undefined) throw new Error(`${bucket} keeps no versions`);
  const huge: ObjectVersion = { bucket, key: KEY, version: { kind: 'id', versionId } };
  small.push(...(await landSmall(services, 'after', Math.floor(files / 2))));
  progress.update({ uploaded: files + 1 });

  progress.phase('bundling');
  await cloud.idle(signal);
  const seconds = (performance.now() - landedAt) / 1000;
  killer.stop();

  progress.phase('comparing');
  const manifests = await manifestsOf(services);
  const isHuge = ({ members }: Manifest) => members.some((member) => identityOf(member) === identityOf(huge));
  const hugeBundles = manifests.filter(isHuge);
  const smallBundles = manifests.filter((manifest) => !isHuge(manifest));
  const quarantined = quarantinedObjects(await services.deadMessages());
  const verdict = judge(small, await readSmall(services, smallBundles, folder, signal), quarantined);
  if (hugeBundles.length > 1) verdict.duplicated.push(KEY);
  const [first] = hugeBundles;
  if (first === undefined) {
    const why = quarantined.get(identityOf(huge));
    if (why) verdict.quarantined.push(`${KEY}: ${why.reason}, ${why.detail}`);
    else verdict.lost.push(KEY);
  }
  const { parts, problems } =
    first === undefined
      ? { parts: 0, problems: ['the huge object is in no bundle'] }
      : await compare(services.s3, first, content, random);
  return {
    bytes: run.size,
    route: first && (first.bundle.format === 'tar' ? 'copy' : 'stream'),
    seconds,
    peakRssMb: memory.peak,
    parts,
    kills: killer.count,
    problems,
    verdict,
    uploadsLeft: await countUploads(cloud, services),
  };
}

async function landSmall({ landing }: Services, prefix: string, count: number): Promise<SentObject[]> {
  const sent: SentObject[] = [];
  for (let number = 0; number < count; number++) {
    const key = `small/${prefix}/${number}.txt`;
    sent.push(await landing.put(objectOf(key, Buffer.alloc(SMALL_BYTES, `${key} `))));
  }
  return sent;
}

/** The manifests of all bundles in the distribution bucket. */
async function manifestsOf(services: Services) {
  const keys = await services.consumer.list();
  return Promise.all(
    keys.map(async (key) => {
      const text = await services.archived(manifestKey(key));
      if (text === undefined) throw new Error(`${key} has no manifest`);
      return parseManifest(text, manifestKey(key));
    }),
  );
}

async function readSmall(
  services: Services,
  manifests: readonly Manifest[],
  folder: string,
  signal: AbortSignal,
): Promise<ReadBundle[]> {
  const keys = manifests.map(({ bundle }) => bundle.key);
  // Not by the consumer, which would download the huge one too.
  const pulled = await pull({ ...services.consumer, list: () => Promise.resolve(keys) }, folder, { signal });
  return Promise.all(pulled.map((bundle) => readBundle(bundle, services)));
}

/** A pulled bundle with its manifest from the archive. */
async function readBundle({ key, file }: PulledBundle, services: Services): Promise<ReadBundle> {
  const text = await services.archived(manifestKey(key));
  if (text === undefined) throw new Error(`${key} has no manifest`);
  const manifest = parseManifest(text, manifestKey(key));
  return { key, manifest, entries: await tarEntries(file, manifest.bundle.format) };
}

/** The most memory in MB that the reports of the function for large objects state. */
function watchMemory(cloud: Cloud): { readonly peak: number } {
  let peak = 0;
  cloud.onLog(({ source, functionName, text }) => {
    if (source !== 'platform' || !functionName.endsWith('-large-objects')) return;
    const [, used] = /Max Memory Used: (\d+) MB/.exec(text) ?? [];
    peak = Math.max(peak, Number(used ?? 0));
  });
  return {
    get peak() {
      return peak;
    },
  };
}

async function countUploads(cloud: Cloud, { s3 }: Services): Promise<number> {
  const Bucket = bucketOf(cloud, 'distribution');
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  return Uploads.length;
}
