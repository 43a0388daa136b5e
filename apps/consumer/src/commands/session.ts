import { systemClock } from '@data-aggregator/shared-processing/retry';
import type { Terminal } from '@data-aggregator/terminal';
import { createArchive, createDistribution } from '../aws/buckets.ts';
import { createClients } from '../aws/clients.ts';
import { proxyOf, supportsProxy } from '../aws/proxy.ts';
import { createReadyQueue } from '../aws/ready-queue.ts';
import { runHook, runPendingHooks } from '../bundle/hook.ts';
import { inboxAt } from '../inbox/inbox.ts';
import type { LocalReceipt } from '../inbox/local-receipt.ts';
import { takeLock } from '../inbox/lock.ts';
import { serveMetrics } from '../report/metrics.ts';
import { createReport, type Figures, type Report } from '../report/report.ts';
import { createConsumer } from '../source/consume.ts';
import { exit, UsageError } from './exit.ts';
import type { Settings } from './settings.ts';

/** Connections for ranges of several bundles, with a few to spare. */
const SOCKETS_PER_BUNDLE = 8;
/** AWS tells its time in whole seconds, so a smaller difference says little; SigV4 accepts five minutes. */
const NOTABLE_SKEW_MS = 60_000;

export interface SessionOptions {
  settings: Settings;
  output: Terminal;
  json: boolean;
  signal: AbortSignal;
  isReplay: boolean;
}

/** The clients of a session. */
export function connect({ region, roleArn, externalId, parallel, ...names }: Settings) {
  const maxSockets = parallel * SOCKETS_PER_BUNDLE + 4;
  const { s3, sqs } = createClients({ region, roleArn, externalId, maxSockets });
  const { distribution, archive, queueUrl, prefixes } = names;
  const [first, ...others] = prefixes;
  return {
    /** By how much this machine's clock is slow, in ms, as far as the SDK has noticed; 0 if it is right. */
    skewMs: () => (Math.abs(s3.config.systemClockOffset) < NOTABLE_SKEW_MS ? 0 : s3.config.systemClockOffset),
    distributions: [
      createDistribution(s3, distribution, first),
      ...others.map((prefix) => createDistribution(s3, distribution, prefix)),
    ] as const,
    archive: createArchive(s3, archive),
    queue: queueUrl === undefined ? undefined : createReadyQueue(sqs, queueUrl, distribution),
  };
}

/**
 * Opens the inbox, takes its lock and creates a consumer. Disposing of the session releases the lock.
 *
 * @throws InboxLocked; UsageError; errors of the disk
 */
export async function openSession(options: SessionOptions) {
  /** What to undo at the end, in reverse order. (Node 22 has no AsyncDisposableStack.) */
  const undo: (() => void | Promise<void>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await open(options, undo)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(options: SessionOptions, undo: (() => void | Promise<void>)[]) {
  const { settings, output, json } = options;
  const connection = connect(settings);
  const clock = { ...systemClock, now: () => Date.now() + connection.skewMs() };
  const report = createReport(output, clock.now, json || !output.isTTY);
  undo.push(() => report.stop());
  const inbox = inboxAt(settings.to);
  const consumer = await inbox.open();
  const lock = await takeLock(inbox.state);
  undo.push(() => lock.release().catch((error: Error) => lockUnreleased(error, report)));
  const signal = AbortSignal.any([options.signal, lock.lost]);
  if (settings.metricsPort !== undefined) {
    const metrics = await metricsAt(settings.metricsPort, report.figures);
    undo.push(metrics.close);
    report.event('info', 'metrics.served', { url: `http://127.0.0.1:${metrics.port}/metrics` });
  }
  undo.push(watchClock(connection.skewMs, report));
  if (proxyOf(process.env) !== undefined && !supportsProxy(process.versions.node)) {
    const advice =
      'This version of Node ignores the proxy of the environment. Use Node 22.21, 24.5 or newer.';
    report.event('warn', 'proxy.unsupported', { node: process.versions.node, advice });
  }
  const { exec } = settings;

  async function hook(command: string, receipt: Pick<LocalReceipt, 'bundle' | 'folder'>): Promise<void> {
    const { key } = receipt.bundle;
    const failure = await runHook(command, receipt, inbox, settings.execTimeoutMs, signal);
    signal.throwIfAborted();
    if (failure === undefined) await inbox.hookDone(key);
    else report.event('error', 'hook.failed', { bundle: key, detail: failure });
  }

  const consuming = createConsumer({
    ...settings,
    ...connection,
    ...{ inbox, consumer, clock, report, signal },
    random: Math.random,
    isReplay: options.isReplay,
    isOurs: (key) => settings.prefixes.some((prefix) => key.startsWith(prefix)),
    hook: exec === undefined ? undefined : (receipt) => hook(exec, receipt),
    onBytes: (bytes) => report.update({ received: report.figures.received + bytes }),
    async retryHooks(isInProgress) {
      if (exec === undefined) {
        const keys = await inbox.pendingHooks();
        if (keys.length > 0)
          report.event('warn', 'hook.pending', { bundles: keys.length, advice: 'Start with --exec.' });
        return keys.length;
      }
      return runPendingHooks(inbox, isInProgress, (receipt) => hook(exec, receipt));
    },
  });
  report.event('info', 'consumer.started', {
    to: inbox.root,
    consumer,
    layout: settings.layout,
    source: settings.queueUrl === undefined ? 'listing' : 'queue and listing',
  });
  return { inbox, report, consuming, signal };
}

/** A full disk must not change the result of the work. */
function lockUnreleased({ message }: Error, report: Report): void {
  const advice = 'The lock counts as released once this process has ended.';
  report.event('warn', 'lock.unreleased', { detail: message, advice });
}

/** @throws UsageError */
async function metricsAt(port: number, figures: Figures) {
  try {
    return await serveMetrics(port, figures);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // The other program may end.
    const exitCode = code === 'EADDRINUSE' ? exit.later : exit.usage;
    throw new UsageError(`Metrics cannot be served on port ${port}: ${message}.`, exitCode, { cause });
  }
}

/** Reports once that the clock is wrong. Work goes on, because the SDK corrects its signatures. */
function watchClock(skewMs: () => number, report: Report): () => void {
  const watching = setInterval(() => {
    if (skewMs() === 0) return;
    clearInterval(watching);
    report.event('warn', 'clock.wrong', {
      seconds: Math.round(skewMs() / 1000),
      advice: 'AWS’s time is used instead. Synchronise the clock of this machine.',
    });
  }, 500);
  watching.unref();
  return () => clearInterval(watching);
}
