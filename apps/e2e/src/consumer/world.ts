import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { bucketOf, consumerEnvironment, spawnConsumer } from '@data-aggregator/pipeline-client';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { sandboxAssembly } from '../workspace.ts';
import type { MadeBundle } from './bundles.ts';
import type { SmallDisk } from './disk.ts';

/** A consumer process. */
export interface RunningConsumer {
  child: ChildProcess;
  /** Events so far. */
  events: readonly ConsumerEvent[];
  /** Resolves when the process has ended. */
  ended: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
}

export interface ConsumerEvent {
  event?: string;
  bundle?: string;
  [field: string]: unknown;
}

/** An embedded cloud whose consumer is the built program, in its own processes. */
export interface World extends AsyncDisposable {
  cloud: Cloud;
  distribution: string;
  archive: string;
  /** Folder for inboxes. */
  folder: string;
  s3: S3Client;
  /** Environment of a consumer process, with the consumer's role. */
  environment: Readonly<Record<string, string>>;
  /** Requests with the consumer's role so far. */
  readonly requests: number;
  /** Stores manifest and bundle. */
  publish: (bundle: MadeBundle) => Promise<void>;
  /** @param disk on which its inbox is */
  start: (
    words: readonly string[],
    env?: Readonly<Record<string, string>>,
    disk?: SmallDisk,
  ) => RunningConsumer;
  /** Kills every consumer that still runs. */
  killAll: () => void;
}

/** Starts the embedded cloud from the templates of `sandbox`. */
export async function startWorld(): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'data-aggregator-consumer-'));
  starting.defer(() => rmSync(folder, { recursive: true, force: true }));
  const cloud = await startCloud({ assembly: sandboxAssembly });
  starting.defer(cloud.stop);
  const environment = consumerEnvironment(cloud);
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const s3 = new S3Client(cloud.clientConfig());
  starting.defer(() => s3.destroy());
  const distribution = bucketOf(cloud, 'distribution');
  const archive = bucketOf(cloud, 'archive');
  let requests = 0;
  cloud.faults.s3 = ({ accessKeyId: caller }) => {
    if (caller === accessKeyId) requests++;
    return undefined;
  };
  const running = new Set<ChildProcess>();
  const killAll = () => {
    for (const child of running) child.kill('SIGKILL');
  };
  starting.defer(killAll);
  const cleanup = starting.move();
  return {
    ...{ cloud, distribution, archive, folder, s3, environment, killAll },
    get requests() {
      return requests;
    },
    async publish({ key, body, sha256, manifest }) {
      await s3.send(new PutObjectCommand({ Bucket: archive, Key: manifestKey(key), Body: manifest }));
      await s3.send(
        new PutObjectCommand({
          Bucket: distribution,
          Key: key,
          Body: body,
          Metadata: { sha256 },
          IfNoneMatch: '*',
        }),
      );
    },
    start(words, env = {}, disk = undefined) {
      const consumer = observed(spawnConsumer(words, { ...environment, ...env }, disk?.through));
      running.add(consumer.child);
      void consumer.ended.then(() => running.delete(consumer.child));
      return consumer;
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

function observed(child: ChildProcess): RunningConsumer {
  const events: ConsumerEvent[] = [];
  let [stdout, stderr, rest] = ['', '', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line) as ConsumerEvent);
  });
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>(
    (resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    },
  );
  return { child, events, ended };
}

/** A new empty target folder. */
export function newInbox(world: World, name: string): string {
  const inbox = join(world.folder, name);
  mkdirSync(inbox, { recursive: true });
  return inbox;
}
