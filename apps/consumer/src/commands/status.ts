import { isBundle } from '../inbox/bundle-id.ts';
import { inboxAt } from '../inbox/inbox.ts';
import { currentHolder } from '../inbox/lock.ts';
import { exit, type ExitCode, UsageError } from './exit.ts';
import type { CommandContext } from './run.ts';
import { connect } from './session.ts';

const DAY_MS = 86_400_000;

/** `status`: what was done, what is waiting, how far behind. It reads only, and needs no lock. */
export async function status({ settings, output, json, signal }: CommandContext): Promise<ExitCode> {
  const inbox = inboxAt(settings.to);
  if (!inbox.exists()) throw new UsageError(`${inbox.root} is not an inbox of a consumer.`);
  const connection = connect(settings);
  const waiting = await waitingIn(connection, signal);
  // The clock of this machine may be wrong. Receipts have AWS's time, which the responses have told.
  const now = Date.now() + connection.skewMs();
  const delivered = { bundles: 0, files: 0, bytes: 0, bundlesLastDay: 0, filesLastDay: 0 };
  let last: { bundle: string; at: string; landingToDiskSeconds: number } | undefined;
  let lastAt = -Infinity;
  let damagedReceipts = 0;
  const receipts = inbox.receipts(() => damagedReceipts++);
  for await (const { bundle, files, firstLandedAt, finishedAt } of receipts) {
    signal.throwIfAborted();
    delivered.bundles++;
    delivered.files += files.length;
    delivered.bytes += files.reduce((sum, { size }) => sum + size, 0);
    if (now - finishedAt < DAY_MS) {
      delivered.bundlesLastDay++;
      delivered.filesLastDay += files.length;
    }
    if (finishedAt > lastAt) {
      lastAt = finishedAt;
      const landingToDiskSeconds = Math.round((finishedAt - firstLandedAt) / 100) / 10;
      last = { bundle: bundle.key, at: new Date(finishedAt).toISOString(), landingToDiskSeconds };
    }
  }
  const holder = await currentHolder(inbox.state);
  const setAside = await inbox.quarantine();
  const result = {
    inbox: inbox.root,
    running: holder ? { pid: holder.pid, host: holder.host } : null,
    delivered,
    last: last ?? null,
    waiting: { bundles: waiting.bundles, oldestSeconds: ageSeconds(waiting.oldest, now) },
    interrupted: (await inbox.plans()).length,
    pendingHooks: (await inbox.pendingHooks()).length,
    setAside,
    damagedReceipts,
    freeBytes: await inbox.freeBytes(),
  };
  output.write(json ? `${JSON.stringify(result)}\n` : text(result));
  return setAside.length + damagedReceipts > 0 ? exit.findings : exit.success;
}

/** Counts the bundles in the bucket: one request for each thousand. */
async function waitingIn({ distributions }: ReturnType<typeof connect>, signal: AbortSignal) {
  let bundles = 0;
  let oldest: number | undefined;
  for (const distribution of distributions) {
    let after: string | undefined;
    do {
      const page = await distribution.list(after, signal);
      for (const { key, lastModified } of page.objects) {
        if (!isBundle(key)) continue;
        bundles++;
        oldest = Math.min(oldest ?? lastModified, lastModified);
      }
      after = page.next;
    } while (after !== undefined);
  }
  return { bundles, oldest };
}

function ageSeconds(since: number | undefined, now: number): number {
  return since === undefined ? 0 : Math.max(0, Math.round((now - since) / 1000));
}

function text(result: {
  inbox: string;
  running: { pid: number; host: string } | null;
  delivered: { bundles: number; files: number; bytes: number; bundlesLastDay: number; filesLastDay: number };
  last: { bundle: string; at: string; landingToDiskSeconds: number } | null;
  waiting: { bundles: number; oldestSeconds: number };
  interrupted: number;
  pendingHooks: number;
  setAside: readonly { key: string; reason: string; detail: string; at: string }[];
  damagedReceipts: number;
  freeBytes: number;
}): string {
  const { running, delivered, last, waiting: queue, setAside } = result;
  const whole = (value: number) => value.toLocaleString('en-US');
  const rows: [string, string][] = [
    ['inbox', result.inbox],
    ['running', running ? `process ${running.pid} on ${running.host}` : 'no'],
    [
      'delivered',
      `${whole(delivered.bundles)} bundles, ${whole(delivered.files)} files, ${whole(delivered.bytes)} bytes`,
    ],
    ['in the last day', `${whole(delivered.bundlesLastDay)} bundles, ${whole(delivered.filesLastDay)} files`],
    ['last', last ? `${last.at}, ${last.landingToDiskSeconds} s after landing: ${last.bundle}` : 'none'],
    ['waiting', `${whole(queue.bundles)} bundles, the oldest for ${whole(queue.oldestSeconds)} s`],
    ['interrupted', whole(result.interrupted)],
    ['pending hooks', whole(result.pendingHooks)],
    ['free', `${whole(result.freeBytes)} bytes`],
    ['bad receipts', whole(result.damagedReceipts)],
    ['set aside', whole(setAside.length)],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(16)}${value}`);
  const damaged = setAside.map(({ key, reason, detail, at }) => `  ${key}: ${reason} at ${at}: ${detail}`);
  return `${[...lines, ...damaged].join('\n')}\n`;
}
