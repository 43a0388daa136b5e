import { parentPort } from 'node:worker_threads';
import { Failure } from '../../pipeline/failure.ts';

/** What a thread is sent. */
export interface Task<Input> {
  id: number;
  input: Input;
}

/** What it sends back. An error crosses without its class, so that of a Failure is told. */
export type Answer<Output> = { id: number } & (
  { kind: 'done'; output: Output } | { kind: 'failed'; error: Error; isFailure: boolean }
);

/** Makes this thread do a kind of work, for as long as it lives. */
export function serve<Input, Output>(work: (input: Input) => Promise<Output>): void {
  if (!parentPort) throw new Error('this is no thread of another');
  const port = parentPort;
  const answer = (message: Answer<Output>) => port.postMessage(message);
  port.on('message', ({ id, input }: Task<Input>) => {
    work(input).then(
      (output) => answer({ id, kind: 'done', output }),
      (error: Error) => answer({ id, kind: 'failed', error, isFailure: error instanceof Failure }),
    );
  });
}
