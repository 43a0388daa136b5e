import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { OpsError } from '@data-aggregator/operations/errors';

/**
 * Invokes a function and waits for its response.
 *
 * @throws OpsError with the function's error message if it fails
 */
export async function invoke(lambda: LambdaClient, name: string, event: unknown): Promise<unknown> {
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await lambda.send(command).catch((cause: Error) => {
    throw new OpsError(`Invoking ${name} failed: ${cause.message}`, undefined, { cause });
  });
  const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
  if (FunctionError === undefined) return answer;
  const { errorMessage = 'no error message' } = (answer ?? {}) as { errorMessage?: string };
  throw new OpsError(`${name} failed: ${errorMessage}`);
}

/**
 * Invokes a function until it is done. The response of an unfinished invocation contains the request to send next.
 *
 * @param parse validates a response
 * @param onAnswer called with each response, including the last one
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
