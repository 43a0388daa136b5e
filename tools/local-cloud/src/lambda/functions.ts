import { setTimeout as sleep } from 'node:timers/promises';
import { nameOfFunction } from '../assembly/interpret-functions.ts';
import type { FunctionRunner } from './function-runner.ts';
import type { InvocationResult } from './invocation.ts';

/** All functions of the cloud, and their asynchronous invocations. */
export interface Functions {
  readonly all: () => readonly FunctionRunner[];
  /**
   * Finds a function by name, ARN, or a unique end of its name after a hyphen: `aggregator` for
   * `data-aggregator-dev-aggregator`.
   */
  readonly find: (reference: string) => FunctionRunner | undefined;
  /** Invokes asynchronously. A failed event is retried, then sent to the failure queue, if there is one. */
  readonly invokeAsync: (runner: FunctionRunner, payload: string) => void;
  /** Number of asynchronous events still being processed or retried. */
  readonly pending: () => number;
  readonly stop: () => Promise<void>;
}

/** Lambda waits one minute, then two; here it is seconds. */
const retryDelayMs = 1000;

/** @param sendFailure sends an event to a queue once its retries are used up */
export function createFunctions(
  runners: readonly FunctionRunner[],
  sendFailure: (queueArn: string, body: string) => Promise<void>,
): Functions {
  const stopping = new AbortController();
  const pending = new Set<Promise<void>>();

  async function settle(runner: FunctionRunner, payload: string): Promise<void> {
    const { asyncRetries, asyncFailureQueueArn } = runner.model;
    let result: InvocationResult | undefined;
    for (let attempt = 0; attempt <= asyncRetries && !stopping.signal.aborted; attempt++) {
      // `stop` wakes it; the check below notices.
      if (attempt > 0)
        await sleep(attempt * retryDelayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      result = await runner.invoke(payload);
      if (result.kind === 'success') return;
    }
    if (result && asyncFailureQueueArn !== undefined) await sendFailure(asyncFailureQueueArn, payload);
  }

  return {
    all: () => runners,
    find: (reference) => {
      const name = nameOfFunction(reference);
      const exact = runners.find(({ model }) => model.name === name);
      if (exact) return exact;
      const ending = runners.filter(({ model }) => model.name.endsWith(`-${name}`));
      return ending.length === 1 ? ending[0] : undefined;
    },
    invokeAsync: (runner, payload) => {
      const settled = settle(runner, payload).finally(() => pending.delete(settled));
      pending.add(settled);
    },
    pending: () => pending.size,
    stop: async () => {
      stopping.abort();
      await Promise.all(runners.map((runner) => runner.stop()));
      await Promise.allSettled(pending);
    },
  };
}
