import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Failure } from '@data-aggregator/pipeline-client';
import type { Answer, Task } from './serve.ts';

/** A worker thread for one kind of work. */
export interface Thread<Input, Output> extends AsyncDisposable {
  /**
   * Runs a piece of work; calls may overlap.
   *
   * @throws the error of the work; the signal's reason, at once
   */
  readonly call: (input: Input, signal: AbortSignal) => Promise<Output>;
}

/** Time for pending calls to complete when the thread is ended, in ms. */
const LAST_WORK_MS = 5_000;

/**
 * Starts a worker thread, which ends with this process.
 *
 * @param entry a module that calls `serve`
 * @param settings its `workerData`
 */
export function startThread<Input, Output>(entry: URL, settings: unknown): Thread<Input, Output> {
  const worker = new Worker(entry, { workerData: settings });
  const underWay = new Map<number, PromiseWithResolvers<Output>>();
  let count = 0;
  let end: Error | undefined;

  worker.on('message', ({ id, ...answer }: Answer<Output>) => {
    const asked = underWay.get(id);
    underWay.delete(id);
    if (answer.kind === 'done') asked?.resolve(answer.output);
    else asked?.reject(answer.isFailure ? new Failure(answer.error.message) : answer.error);
  });
  const ended = (error: Error) => {
    end ??= error;
    for (const { reject } of underWay.values()) reject(end);
    underWay.clear();
  };
  worker.on('error', ended);
  worker.on('exit', () => ended(new Error('the thread has ended')));

  return {
    async call(input, signal) {
      signal.throwIfAborted();
      if (end) throw end;
      const answer = Promise.withResolvers<Output>();
      const id = ++count;
      underWay.set(id, answer);
      worker.postMessage({ id, input } satisfies Task<Input>);
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason as Error);
      signal.addEventListener('abort', abort);
      try {
        return await Promise.race([answer.promise, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    async [Symbol.asyncDispose]() {
      const last = Promise.allSettled([...underWay.values()].map(({ promise }) => promise));
      const waiting = new AbortController();
      await Promise.race([last, sleep(LAST_WORK_MS, undefined, waiting).catch(() => undefined)]);
      waiting.abort();
      await worker.terminate();
    },
  };
}
