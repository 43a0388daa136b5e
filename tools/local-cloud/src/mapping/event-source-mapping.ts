import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { ApiError } from '../apis/api.ts';
import type { MappingModel, QueueModel } from '../assembly/model.ts';
import type { FunctionRunner } from '../lambda/function-runner.ts';
import type { Sqs } from '../services/sqs.ts';
import { collectBatch, type BatchItem } from './collect.ts';
import { batchOutcome } from './outcome.ts';
import { receiveAnswer, recordOf } from './sqs-event.ts';

export interface MappingStats {
  readonly functionName: string;
  readonly queueName: string;
  /** Batches passed to the function. */
  readonly invocations: number;
  /** Invocations that failed as a whole, so that none of their messages was acknowledged. */
  readonly errors: number;
  /** Messages that the function reported as failed. */
  readonly itemFailures: number;
  /** Invocations under way. */
  readonly running: number;
}

/** `Updating`: new settings apply from the next batch. Disabling ends with the last invocation under way. */
export type MappingState = 'Enabling' | 'Enabled' | 'Updating' | 'Disabling' | 'Disabled';

/** The settings that UpdateEventSourceMapping can change. */
export type MappingSettings = Pick<MappingModel, 'batchSize' | 'windowSeconds' | 'maxConcurrency'>;

/** A mapping as the API describes it. */
export interface MappingDescription extends MappingModel {
  readonly state: MappingState;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

/** Feeds a function from a queue. */
export interface EventSourceMapping {
  readonly stats: () => MappingStats;
  readonly describe: () => MappingDescription;
  /** Pauses or resumes polling, and changes settings from the next batch on. Meanwhile messages stay in the queue. */
  readonly update: (change: { readonly enabled?: boolean } & Partial<MappingSettings>) => void;
  /**
   * Makes messages visible that ended invocations left hidden, and returns how many. SQS has no such operation; use it
   * only in tests that are not about time.
   */
  readonly releaseHidden: () => Promise<number>;
  /** Stops receiving; resolves once all invocations have ended. */
  readonly stop: () => Promise<void>;
}

export interface MappingOptions {
  readonly mapping: MappingModel;
  readonly queue: QueueModel;
  readonly runner: FunctionRunner;
  readonly sqs: Sqs;
  readonly region: string;
  /** Maximum concurrent invocations, in addition to the mapping's own limit. */
  readonly maxProcesses: number;
  /** Called for each batch that is not acknowledged at all. */
  readonly onFailure: (reason: string) => void;
}

const maxEventBytes = 6 * 1024 * 1024;
const firstBackoffMs = 250;
const longestBackoffMs = 10_000;

/** How long a mapping waits after an error, in milliseconds. @param before the previous wait; 0 after a success */
export function nextBackoff(before: number): number {
  return Math.min(longestBackoffMs, before === 0 ? firstBackoffMs : before * 2);
}

/**
 * Starts polling. It collects one batch at a time while earlier ones run, so a backlog raises concurrency up to the
 * limit.
 */
export function startMapping(options: MappingOptions): EventSourceMapping {
  const { mapping, queue, runner, sqs, region, onFailure } = options;
  let settings: MappingSettings = mapping;
  let enabled = mapping.enabled;
  let state: MappingState = enabled ? 'Enabling' : 'Disabled';
  let lastModified = Date.now();
  /** Wakes the loop of a disabled mapping. */
  let wake: (() => void) | undefined;
  const limit = () => Math.max(1, Math.min(settings.maxConcurrency ?? Infinity, options.maxProcesses));
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  /** Messages of ended invocations that were not acknowledged: id → receipt handle. */
  const hidden = new Map<string, string>();
  const counts = { invocations: 0, errors: 0, itemFailures: 0 };
  let backoffMs = 0;

  async function receive(count: number, waitMs: number): Promise<BatchItem[]> {
    const answer = await sqs
      .perform('ReceiveMessage', {
        QueueUrl: queue.url,
        MaxNumberOfMessages: count,
        WaitTimeSeconds: Math.min(20, waitMs / 1000),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      })
      .catch((error: unknown) => {
        // Lambda uses long polls, which return nothing at the limit of messages in flight. Ours may be a short poll, which fails.
        if (error instanceof ApiError && error.code === 'OverLimit') return {};
        throw error;
      });
    const receivedAt = Date.now();
    return v.parse(receiveAnswer, answer).Messages.map((message) => {
      hidden.delete(message.MessageId);
      return { message, receivedAt, record: recordOf(message, queue.arn, region) };
    });
  }

  async function acknowledge(items: readonly BatchItem[]): Promise<void> {
    for (let start = 0; start < items.length; start += 10) {
      const Entries = items
        .slice(start, start + 10)
        .map(({ message }, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle }));
      await sqs.perform('DeleteMessageBatch', { QueueUrl: queue.url, Entries });
    }
  }

  function leaveHidden(items: readonly BatchItem[]): void {
    for (const { message } of items) hidden.set(message.MessageId, message.ReceiptHandle);
  }

  function failed(batch: readonly BatchItem[], reason: string): void {
    counts.errors++;
    leaveHidden(batch);
    backoffMs = nextBackoff(backoffMs);
    onFailure(reason);
  }

  /**
   * Waits while the function has no capacity. Returns whether it gets some before the first message of the batch
   * becomes visible again. Source: "Handling errors for an SQS event source in Lambda" (Lambda Developer Guide), throttling.
   */
  async function hasCapacity(batch: readonly BatchItem[]): Promise<boolean> {
    const { reservedConcurrency = Infinity } = runner.model;
    const visibilityMs = Number(queue.attributes['VisibilityTimeout'] ?? 30) * 1000;
    const reappears = Math.min(...batch.map(({ receivedAt }) => receivedAt)) + visibilityMs;
    for (let waitMs = 0; runner.running() >= reservedConcurrency;) {
      waitMs = nextBackoff(waitMs);
      if (Date.now() + waitMs >= reappears || stopping.signal.aborted) return false;
      // `stop` wakes it; the loop then checks the signal.
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    return true;
  }

  async function process(batch: readonly BatchItem[]): Promise<void> {
    if (!(await hasCapacity(batch))) {
      leaveHidden(batch);
      backoffMs = nextBackoff(backoffMs);
      return onFailure('throttled: the messages return to the queue');
    }
    counts.invocations++;
    const result = await runner.invoke(`{"Records":[${batch.map(({ record }) => record).join(',')}]}`);
    if (result.kind === 'error') return failed(batch, result.payload);
    const ids = new Set(batch.map(({ message }) => message.MessageId));
    const outcome = mapping.reportsItemFailures
      ? batchOutcome(ids, result.payload)
      : { kind: 'settled' as const, failed: new Set<string>() };
    if (outcome.kind === 'rejected') return failed(batch, outcome.reason);
    backoffMs = 0;
    counts.itemFailures += outcome.failed.size;
    leaveHidden(batch.filter(({ message }) => outcome.failed.has(message.MessageId)));
    await acknowledge(batch.filter(({ message }) => !outcome.failed.has(message.MessageId)));
  }

  /** Resolves once the mapping is enabled again or stopped. */
  async function paused(): Promise<void> {
    await Promise.all(running);
    if (enabled || stopping.signal.aborted) return;
    state = 'Disabled';
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }

  async function feed(): Promise<void> {
    let rest: BatchItem[] = [];
    while (!stopping.signal.aborted) {
      // Process messages that are already received: returning them would waste a receive.
      if (!enabled && rest.length === 0) {
        await paused();
        continue;
      }
      if (enabled) state = 'Enabled';
      while (running.size >= limit()) await Promise.race(running);
      // `stop` wakes it; the loop then checks the signal.
      if (backoffMs > 0)
        await sleep(backoffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      const collected = await collectBatch(rest, {
        size: settings.batchSize,
        windowMs: settings.windowSeconds * 1000,
        maxBytes: maxEventBytes,
        receive,
        // If the mapping is disabled or its settings change, the batch closes with the messages it has.
        stopped: () => stopping.signal.aborted || state !== 'Enabled',
        now: Date.now,
      });
      rest = collected.rest;
      if (collected.batch.length === 0 || stopping.signal.aborted) continue;
      const run = process(collected.batch).finally(() => running.delete(run));
      running.add(run);
    }
  }

  const feeding = feed();
  // `stop` awaits it; until then it must not end the process as an unhandled rejection.
  feeding.catch((error: unknown) => onFailure(`the mapping has ended: ${String(error)}`));

  return {
    stats: () => ({
      functionName: mapping.functionName,
      queueName: queue.name,
      ...counts,
      running: running.size,
    }),
    describe: () => ({ ...mapping, ...settings, enabled, state, lastModified }),
    update: ({ enabled: wanted = enabled, ...changes }) => {
      settings = { ...settings, ...changes };
      lastModified = Date.now();
      if (wanted !== enabled) state = wanted ? 'Enabling' : 'Disabling';
      else if (enabled) state = 'Updating';
      enabled = wanted;
      if (enabled) wake?.();
    },
    releaseHidden: async () => {
      const handles = [...hidden.values()];
      hidden.clear();
      let released = 0;
      for (const ReceiptHandle of handles) {
        const { status } = await sqs.call(
          'ChangeMessageVisibility',
          JSON.stringify({ QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout: 0 }),
        );
        // Refused if the message is visible again already, or deleted.
        if (status === 200) released++;
      }
      return released;
    },
    stop: async () => {
      stopping.abort();
      wake?.();
      await Promise.allSettled([feeding, ...running]);
    },
  };
}
