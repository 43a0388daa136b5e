import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { UsageError } from '../commands/usage-error.ts';
import type { Answer } from './answer.ts';

/**
 * Invokes a deployed function and waits for its answer, with the credentials and the region of the environment.
 *
 * @param functionName its name on AWS
 * @throws UsageError where AWS cannot be reached or does not let it happen
 */
export async function invokeOnAws(
  functionName: string,
  event: unknown,
  { client = new LambdaClient({}), onLog }: { client?: LambdaClient; onLog: (line: string) => void },
): Promise<Answer> {
  const command = new InvokeCommand({
    FunctionName: functionName,
    Payload: JSON.stringify(event),
    LogType: 'Tail',
  });
  const { FunctionError, LogResult, Payload } = await client.send(command).catch((cause: Error) => {
    throw new UsageError(`${functionName} cannot be invoked on AWS: ${cause.message} (${cause.name}).`, {
      cause,
    });
  });
  if (LogResult !== undefined) onLog(Buffer.from(LogResult, 'base64').toString('utf8').trimEnd());
  return { isError: FunctionError !== undefined, payload: Payload?.transformToString() ?? '' };
}
