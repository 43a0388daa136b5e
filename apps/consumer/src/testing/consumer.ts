import { CallError } from '@data-aggregator/shared-processing/errors';
import type { Clock } from '@data-aggregator/shared-processing/retry';
import type { ReadyMessage, ReadyQueue } from '../aws/ready-queue.ts';
import { inboxAt } from '../inbox/inbox.ts';
import { type Consuming, createConsumer } from '../source/consume.ts';
import type { memoryBuckets } from './memory-buckets.ts';
import { reportEvents } from './report-events.ts';

/** A clock that starts at 0 and on which sleeping takes no time. Only sleep between renewals of visibility timeouts lasts. */
export interface ConsumerClock extends Clock {
  advance(ms: number): void;
  /** Waits for the sleep before the next renewal, and ends it. */
  renew(): Promise<void>;
}

/** @param signal that of the consumer: it tells its sleep from that between renewals, which ends with the work on messages */
export function consumerClock(signal: AbortSignal): ConsumerClock {
  let time = 0;
  let wake: (() => void) | undefined;
  const renewal = (worked: AbortSignal) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      worked.addEventListener('abort', () => resolve());
    });
  return {
    now: () => time,
    advance: (ms) => void (time += ms),
    async sleep(ms, until = signal) {
      if (until.aborted) return;
      await (until === signal ? new Promise(setImmediate) : renewal(until));
      if (!until.aborted) time += ms;
    },
    signalAt: () => signal,
    async renew() {
      while (wake === undefined) await new Promise(setImmediate);
      wake();
      wake = undefined;
    },
  };
}

/** A consumer of buckets in memory with an inbox in `folder`. */
export async function consumerOf(
  folder: string,
  buckets: ReturnType<typeof memoryBuckets>,
  changes: Partial<Consuming> = {},
) {
  const inbox = inboxAt(folder);
  const { report, events } = reportEvents();
  const { signal = new AbortController().signal } = changes;
  const clock = consumerClock(signal);
  const consumer = createConsumer({
    ...{ inbox, report, signal, clock, layout: 'bundle', archive: buckets.archive },
    ...{ consumer: await inbox.open(), distributions: [buckets.distribution], queue: undefined },
    ...{ random: () => 0, isOurs: () => true, parallel: 1, listEveryMs: 1_000, lostAfterMs: 0 },
    ...{ reserveBytes: 0, isReplay: false, hook: undefined, onBytes: () => undefined },
    retryHooks: () => Promise.resolve(0),
    ...changes,
  });
  return { ...consumer, inbox, clock, events, figures: report.figures };
}

/** A queue in memory. */
export function memoryQueue() {
  /** Visible messages. */
  const waiting: ReadyMessage[] = [];
  const acknowledged: string[] = [];
  /** The receipt handles in each call of `hide`, with its seconds. */
  const hidden: [string[], number][] = [];
  const handles = (messages: readonly ReadyMessage[]) => messages.map(({ receiptHandle }) => receiptHandle);
  const queue: ReadyQueue = {
    receive: async () => waiting.splice(0, 10),
    acknowledge: async (messages) => void acknowledged.push(...handles(messages)),
    hide: async (messages, seconds) => void hidden.push([handles(messages), seconds]),
  };
  return {
    ...{ queue, waiting, acknowledged, hidden },
    /** Sends a message about bundles. Its receipt handle is the first key. */
    send(...keys: string[]): void {
      waiting.push({ receiptHandle: keys[0] ?? 'empty', keys, receives: 1 });
    },
  };
}

/** A call that AWS refuses, whoever repeats it. */
export const refused = (): CallError =>
  new CallError('call', { outcome: 'refused', code: 'AccessDenied', status: 403 });
