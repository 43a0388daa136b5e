import { parentPort } from 'node:worker_threads';
import { Failure } from '@data-aggregator/pipeline-client';

/** A message to a thread. */
export interface Task<Input> {
  id: number;
  input: Input;
}

/** Its response. Errors lose their class between threads, so `isFailure` restores that of a Failure. */
export type Answer<Output> = { id: number } & (
  | { kind: 'done'; output: Output }
  | { kind: 'failed'; error: Error; isFailure: boolean }
);

/** Answers the calls of the parent thread with `work`. */
export function serve<Input, Output>(work: (input: Input) => Promise<Output>): void {
  if (!parentPort) throw new Error('this is not a worker thread');
  const port = parentPort;
  const answer = (message: Answer<Output>) => port.postMessage(message);
  port.on('message', ({ id, input }: Task<Input>) => {
    work(input).then(
      (output) => answer({ id, kind: 'done', output }),
      (error: Error) => answer({ id, kind: 'failed', error, isFailure: error instanceof Failure }),
    );
  });
}
