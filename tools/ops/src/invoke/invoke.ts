import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { OpsError } from '../exit.ts';

/**
 * Invokes a function and waits for its answer.
 *
 * @throws OpsError with what the function says, where it fails
 */
export async function invoke(lambda: LambdaClient, name: string, event: unknown): Promise<unknown> {
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await lambda.send(command).catch((cause: Error) => {
    throw new OpsError(`${name} cannot be invoked: ${cause.message}`, undefined, { cause });
  });
  const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
  if (FunctionError === undefined) return answer;
  const { errorMessage = 'it does not say why' } = (answer ?? {}) as { errorMessage?: string };
  throw new OpsError(`${name} failed: ${errorMessage}`);
}

/**
 * Invokes a function until it is done: each answer that breaks off holds the request that goes on.
 *
 * @param parse checks an answer
 * @param onAnswer told of each answer, the last one included
 */
export async function invokeUntilDone<A extends { continuation?: unknown }>(
  send: (event: unknown) => Promise<unknown>,
  event: unknown,
  parse: (answer: unknown) => A,
  onAnswer: (answer: A) => void,
): Promise<void> {
  let next: unknown = event;
  while (next !== undefined) {
    const answer = parse(await send(next));
    onAnswer(answer);
    next = answer.continuation;
  }
}
