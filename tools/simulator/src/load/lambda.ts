import type { BatchResponse } from '@data-aggregator/shared-processing/sqs';
import type { Random } from '@data-aggregator/shared-processing/testing';
import { type FunctionOptions, runFunction, type OwnQueue } from './function.ts';
import type { Received } from './queue.ts';
import type { Services } from './services.ts';
import type { Tally } from './tally.ts';

export type InvocationResult = { kind: 'response'; failed: ReadonlySet<string> } | { kind: 'error' };

export interface LambdaOptions extends Omit<FunctionOptions, 'services'> {
  services: Services;
  tally: Tally;
  random: Random;
  /** Share of invocations whose process dies. */
  deaths: number;
}

/** An invocation that dies does so within this time. */
const DEATH_WITHIN_MS = 5_000;
/** Back-off of a mapping whose invocation is throttled or fails, as the embedded cloud's. AWS publishes no figures. */
export const BACKOFF = { firstMs: 250, mostMs: 10_000 };

/** Lambda with the account's concurrency. Runs the function once for each batch. */
export class Lambda {
  readonly #options: LambdaOptions;
  /** Execution environments that are idle and warm. */
  #warm = 0;
  running = 0;
  maxRunning = 0;

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  async invoke(batch: readonly Received[], queue: OwnQueue): Promise<InvocationResult> {
    const { time, settings, tally, times } = this.#options;
    for (let waitMs = BACKOFF.firstMs; this.running >= settings.accountConcurrency; waitMs *= 2) {
      tally.throttled.lambda++;
      await time.sleep(Math.min(BACKOFF.mostMs, waitMs));
    }
    this.running++;
    this.maxRunning = Math.max(this.maxRunning, this.running);
    tally.requests.lambdaInvocations++;
    const start = time.now();
    if (this.#warm > 0) this.#warm--;
    else await time.sleep(times.coldStartMs);
    const result = await this.#run(batch, queue);
    tally.lambdaMs += time.now() - start;
    this.running--;
    if (result.kind === 'response') this.#warm++;
    return result;
  }

  #run(batch: readonly Received[], queue: OwnQueue): Promise<InvocationResult> {
    const { time, settings, random, deaths, tally, files } = this.#options;
    const deadline = time.now() + settings.timeoutSeconds * 1000;
    const dies = random.chance(deaths) ? time.now() + random.below(DEATH_WITHIN_MS) : deadline;
    const mortal = this.#mortal();
    const messages = batch.map(({ file, receives, receiptHandle }) => ({
      messageId: receiptHandle,
      receiptHandle,
      body: files.notification(file),
      attributes: { ApproximateReceiveCount: String(receives) },
    }));
    return new Promise((resolve) => {
      time.at(dies, () => {
        if (mortal.isOver) return;
        mortal.end();
        tally.ended.killed++;
        resolve({ kind: 'error' });
      });
      runFunction(messages, deadline, queue, { ...this.#options, services: mortal.services }).then(
        (response) => {
          if (mortal.isOver) return;
          mortal.end();
          resolve({ kind: 'response', failed: failuresIn(response) });
        },
        () => {
          if (mortal.isOver) return;
          mortal.end();
          tally.ended.errors++;
          resolve({ kind: 'error' });
        },
      );
    });
  }

  /** The services as a process calls them that may die: then nothing it waits for ever arrives. */
  #mortal() {
    const { store, table } = this.#options.services;
    let isOver = false;
    const never = new Promise<never>(() => undefined);
    const guard =
      <A extends readonly unknown[], T>(call: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        if (isOver) return never;
        try {
          const result = await call(...args);
          return isOver ? never : result;
        } catch (error) {
          if (isOver) return never;
          throw error;
        }
      };
    const services = {
      store: { get: guard(store.get), put: guard(store.put), head: guard(store.head) },
      table: { get: guard(table.get), put: guard(table.put), delete: guard(table.delete) },
      expect: this.#options.services.expect.bind(this.#options.services),
    };
    return {
      services,
      get isOver() {
        return isOver;
      },
      end: () => void (isOver = true),
    };
  }
}

function failuresIn({ batchItemFailures }: BatchResponse): Set<string> {
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
